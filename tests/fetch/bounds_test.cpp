#include <zlib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <set>

#include "tests/fetch/origin.h"
#include "tests/fetch/run.h"

using namespace riverd;
using namespace std::chrono_literals;
using test::Asked;
using test::Origin;

namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Origin::Script always(std::string bytes, bool keep = false) {
  return [bytes = std::move(bytes), keep](Origin::tcp::socket& socket, const Asked&) { return Origin::write(socket, bytes) && keep; };
}

}  // namespace

TEST_CASE("a gzip body is decoded", "[fetch]") {
  Origin origin(always(Origin::answer(gzip("hello hello hello"), "Content-Encoding: gzip\r\n"), true));
  const auto response = test::fetch_one(test::get(origin.url("/")));
  REQUIRE(response.has_value());
  CHECK(response->body == "hello hello hello");
}

TEST_CASE("what Accept-Encoding names is decoded: br and zstd too", "[fetch]") {
  using namespace std::string_literals;
  const std::string brotli = "\x0b\x02\x80hello\x03"s;
  const std::string zstd = "\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello"s;  // one raw block
  const auto [body, encoding] = GENERATE_COPY(table<std::string, std::string>(
      {{brotli, "br"}, {zstd, "zstd"}, {gzip("hello"), "x-gzip"}, {"hello", "identity"}}));
  CAPTURE(encoding);
  Origin origin(always(Origin::answer(body, "Content-Encoding: " + encoding + "\r\n")));
  const auto response = test::fetch_one(test::get(origin.url("/")));
  REQUIRE(response.has_value());
  CHECK(response->body == "hello");
}

TEST_CASE("a transfer that comes to a halt is given up before the timeout", "[fetch]") {
  Origin origin([](auto& socket, const Asked&) {
    Origin::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort");
    char byte = 0;
    boost::system::error_code error;
    socket.read_some(boost::asio::buffer(&byte, 1), error);  // until the client leaves
    return false;
  });
  auto options = test::loopback_options();
  options.timeout = 20s;
  options.low_speed_time = 1s;
  const auto start = std::chrono::steady_clock::now();
  const auto response = test::fetch_one(test::get(origin.url("/")), options);
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().code() == Errc::timeout);
  CHECK_THAT(response.error().message(), Catch::Contains("too slow"));
  CHECK(std::chrono::steady_clock::now() - start < 10s);
}

TEST_CASE("a body or an encoding that was cut short is an error", "[fetch]") {
  const std::string packed = gzip(std::string(5000, 'x') + "end");
  const std::string half = packed.substr(0, packed.size() / 2);
  const auto [bytes, message] = GENERATE_COPY(table<std::string, std::string>({
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "closed before the whole body"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", "closed before the whole body"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nshort\r\n", "fetch"},
      {Origin::answer(half, "Content-Encoding: gzip\r\n"), "broken or cut short"},
      {Origin::answer("plain", "Content-Encoding: gzip\r\n"), "broken or cut short"},
      {Origin::answer("plain", "Content-Encoding: br\r\n"), "broken or cut short"},
      {Origin::answer("plain", "Content-Encoding: zstd\r\n"), "broken or cut short"},
      {"", "closed without an answer"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "no HTTP"},
  }));
  CAPTURE(bytes);
  Origin origin(always(bytes));
  const auto response = test::fetch_one(test::get(origin.url("/")));
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().code() == Errc::network);
  CHECK_THAT(response.error().message(), Catch::Contains(message));
}

TEST_CASE("a body may be as large as max_body, and no larger, packed or not", "[fetch]") {
  auto options = test::loopback_options();
  options.max_body = 1U << 20U;
  const std::string fits(1U << 20U, 'x');
  const auto fetch = [&](const std::string& body, bool packed) {
    Origin origin(always(packed ? Origin::answer(gzip(body), "Content-Encoding: gzip\r\n") : Origin::answer(body)));
    return test::fetch_one(test::get(origin.url("/")), options);
  };
  const bool packed = GENERATE(false, true);
  const auto good = fetch(fits, packed);
  REQUIRE(good.has_value());
  CHECK(good->body.size() == fits.size());
  const auto bad = fetch(fits + "x", packed);
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().code() == Errc::too_large);
  CHECK_THAT(bad.error().message(), Catch::Contains("larger than 1 MiB"));
}

TEST_CASE("a bomb is given up at the bound, and an announced size before its first byte", "[fetch]") {
  auto options = test::loopback_options();
  options.max_body = 100'000;
  const std::string bomb = gzip(std::string(50'000'000, '\0'));
  Origin origin([&](auto& socket, const Asked& asked) {
    if (asked.path() == "/bomb") return Origin::write(socket, Origin::answer(bomb, "Content-Encoding: gzip\r\n"));
    return Origin::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
  });
  for (const auto* path : {"/bomb", "/announced"}) {
    const auto response = test::fetch_one(test::get(origin.url(path)), options);
    REQUIRE_FALSE(response.has_value());
    CHECK(response.error().code() == Errc::too_large);
  }
}

TEST_CASE("the header is bounded in number and size, interim answers included", "[fetch]") {
  const auto endless = GENERATE(0, 1, 2);
  Origin origin([&](auto& socket, const Asked&) {
    Origin::write(socket, endless == 2 ? "" : "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100'000; ++i) {
      const std::string more = endless == 0   ? "X-" + std::to_string(i) + ": y\r\n"
                               : endless == 1 ? std::string(1000, 'x')
                                              : std::string("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n");
      if (!Origin::write(socket, more)) break;
    }
    return false;
  });
  const auto response = test::fetch_one(test::get(origin.url("/")));
  REQUIRE_FALSE(response.has_value());
}

TEST_CASE("the timeout is for the whole, however busily a body dribbles", "[fetch]") {
  auto options = test::loopback_options();
  options.timeout = 600ms;
  Origin* self = nullptr;
  Origin origin([&](auto& socket, const Asked&) {
    Origin::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (!self->stopping() && Origin::write(socket, "x")) std::this_thread::sleep_for(20ms);
    return false;
  });
  self = &origin;
  const auto start = std::chrono::steady_clock::now();
  const auto response = test::fetch_one(test::get(origin.url("/")), options);
  CHECK(std::chrono::steady_clock::now() - start < 3s);
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().code() == Errc::timeout);
  CHECK(response.error().message() == "read " + origin.url("/") + ": timed out after 600 ms");
}

TEST_CASE("a server that never answers is named with the time it was given", "[fetch]") {
  auto options = test::loopback_options();
  options.timeout = 400ms;
  Origin* self = nullptr;
  Origin origin([&](auto&, const Asked&) {
    while (!self->stopping()) std::this_thread::sleep_for(10ms);
    return false;
  });
  self = &origin;
  const auto response = test::fetch_one(test::get(origin.url("/")), options);
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().message() == "fetch " + origin.url("/") + ": no answer after 400 ms");
}

TEST_CASE("an error page without an end is still an answer", "[fetch]") {
  Origin origin([](auto& socket, const Asked&) {
    Origin::write(socket, "HTTP/1.1 404 Not Found\r\n\r\n");
    while (Origin::write(socket, std::string(10'000, 'x'))) {
    }
    return false;
  });
  const auto response = test::fetch_one(test::get(origin.url("/")));
  REQUIRE(response.has_value());
  CHECK(response->status == 404);
  CHECK(response->body.empty());
}

TEST_CASE("private addresses are refused in every spelling, also as a redirect's target", "[fetch]") {
  auto options = test::loopback_options();
  options.allow_private_networks = false;
  const auto* host = GENERATE("127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]",
                              "[::ffff:7f00:1]", "0.0.0.0", "[::]", "10.0.0.1", "192.168.1.1", "169.254.169.254",
                              "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "100.64.0.1", "198.18.0.1", "224.0.0.1");
  CAPTURE(host);
  const auto response = test::fetch_one(test::get(std::string("http://") + host + ":9/"), options);
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().code() == Errc::forbidden);
}

TEST_CASE("no more than per_host run at once to a host, nor than concurrency over all, and nobody is forgotten", "[fetch]") {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  const auto script = [&](auto& socket, const Asked&) {
    most = std::max<int>(most, ++running);
    std::this_thread::sleep_for(20ms);
    --running;
    return Origin::write(socket, Origin::answer("x"));
  };
  Origin one(script);
  auto options = test::loopback_options();
  const auto [concurrency, per_host, expected] = GENERATE(table<unsigned, unsigned, int>({{100, 3, 3}, {2, 50, 2}}));
  options.concurrency = concurrency;
  options.per_host = per_host;
  std::vector<fetch::Request> requests;
  for (int i = 0; i < 20; ++i) requests.push_back(test::get(one.url("/" + std::to_string(i))));
  for (const auto& response : test::fetch_all(options, std::move(requests))) CHECK(response.has_value());
  CHECK(most == expected);
}

TEST_CASE("starts to one host are spaced, other hosts go on meanwhile", "[fetch]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("x")); });
  auto options = test::loopback_options();
  options.spacing = [](std::string_view host) { return host == "127.0.0.1" ? 150ms : 0ms; };
  std::vector<fetch::Request> requests;
  for (int i = 0; i < 3; ++i) requests.push_back(test::get(origin.url("/spaced")));
  for (int i = 0; i < 3; ++i) requests.push_back(test::get(origin.url("/free", "localhost")));
  const auto start = std::chrono::steady_clock::now();
  for (const auto& response : test::fetch_all(options, std::move(requests))) CHECK(response.has_value());
  CHECK(std::chrono::steady_clock::now() - start >= 300ms);
  std::vector<std::chrono::steady_clock::time_point> spaced;
  for (const auto& asked : origin.asked()) {
    if (asked.path() == "/spaced") spaced.push_back(asked.at);
  }
  REQUIRE(spaced.size() == 3);
  CHECK(spaced[2] - spaced[1] > 100ms);
}

TEST_CASE("large bodies share a budget, and all of them arrive", "[fetch]") {
  const std::string body(1'500'000, 'x');
  Origin origin([&](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer(body)); });
  auto options = test::loopback_options();
  options.per_host = 10;
  options.buffered = 1'000'000;
  boost::asio::io_context context(1);
  fetch::Fetcher fetcher(context.get_executor(), options);
  int left = 8;
  for (int i = 0; i < 8; ++i) {
    // Each body is let go when its answer is: what a poll does after it was recorded.
    boost::asio::co_spawn(context, fetcher.fetch(test::get(origin.url("/"))),
                          [&](const std::exception_ptr&, Result<fetch::Response> response) {
                            CHECK(response.has_value());
                            if (response) CHECK(response->body.size() == body.size());
                            if (--left == 0) context.stop();
                          });
  }
  context.run();
}

TEST_CASE("a body that waits for room does not fail because another one hangs", "[fetch]") {
  const std::string body(2'000'000, 'x');
  Origin* self = nullptr;
  std::atomic<bool> hanging{false};
  Origin origin([&](auto& socket, const Asked& asked) {
    if (asked.path() == "/whole") {
      while (!hanging && !self->stopping()) std::this_thread::sleep_for(1ms);
      return Origin::write(socket, Origin::answer(body));
    }
    Origin::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + body);
    hanging = true;
    while (!self->stopping()) std::this_thread::sleep_for(5ms);
    return false;
  });
  self = &origin;
  auto options = test::loopback_options();
  options.timeout = 800ms;
  options.buffered = 1'000'000;
  const auto answers = test::fetch_all(options, {test::get(origin.url("/hangs")), test::get(origin.url("/whole"))});
  CHECK_FALSE(answers[0].has_value());
  REQUIRE(answers[1].has_value());
  CHECK(answers[1]->body.size() == body.size());
}

TEST_CASE("small bodies that nobody takes hold back new transfers until somebody does", "[fetch]") {
  Origin origin(always(Origin::answer(std::string(100'000, 'x')), true));
  auto options = test::loopback_options();
  options.concurrency = options.per_host = 8;
  boost::asio::io_context context(1);
  fetch::Fetcher fetcher(context.get_executor(), options);
  std::vector<Result<fetch::Response>> held;
  std::size_t answered = 0;
  constexpr std::size_t kAll = 300;
  for (std::size_t i = 0; i < kAll; ++i) {
    boost::asio::co_spawn(context, fetcher.fetch(test::get(origin.url("/" + std::to_string(i)))),
                          [&](const std::exception_ptr&, Result<fetch::Response> answer) {
                            ++answered;
                            held.push_back(std::move(answer));
                          });
  }
  while (answered < kAll && (answered == 0 || fetcher.active() > 0)) context.run_one();
  CHECK(answered >= fetch::Budget::kSmall / 101'000);
  CHECK(answered < fetch::Budget::kSmall / 100'000 + 10);
  while (answered < kAll) {
    held.clear();
    context.run_one();
  }
  CHECK(origin.asked().size() == kAll);
}

TEST_CASE("stopping ends transfers under way and those that wait", "[fetch]") {
  Origin* self = nullptr;
  Origin origin([&](auto&, const Asked&) {
    while (!self->stopping()) std::this_thread::sleep_for(5ms);
    return false;
  });
  self = &origin;
  boost::asio::io_context context(1);
  auto options = test::loopback_options();
  options.per_host = 1;
  fetch::Fetcher fetcher(context.get_executor(), options);
  int ended = 0;
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(context, fetcher.fetch(test::get(origin.url("/"))),
                          [&](const std::exception_ptr&, Result<fetch::Response> response) {
                            REQUIRE_FALSE(response.has_value());
                            CHECK(response.error().code() == Errc::interrupted);
                            if (++ended == 3) context.stop();
                          });
  }
  boost::asio::steady_timer later(context, 100ms);
  later.async_wait([&](auto) {
    CHECK(fetcher.active() == 1);
    CHECK(fetcher.waiting() == 2);
    fetcher.stop();
  });
  context.run_for(5s);
  CHECK(ended == 3);
}
