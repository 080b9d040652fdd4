#include "daemon/http/reader.h"

#include <catch2/catch.hpp>

using namespace riverd::http;
using Step = RequestReader::Step;

namespace {

constexpr auto kHead = "GET /a?b HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"1\"\r\n\r\n";

unsigned status_of(const std::string& bytes) {
  RequestReader reader{Limits{}};
  if (reader.read_head(bytes) == Step::refused) return reader.refusal().status;
  std::size_t used = 0;
  if (reader.has_body() && reader.read_body(std::string_view(bytes).substr(reader.head_size()), used) == Step::refused)
    return reader.refusal().status;
  return 0;
}

std::string with(const std::string& fields, const std::string& rest = "") {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + rest;
}

}  // namespace

TEST_CASE("a head is read once it is whole, however it was cut", "[http][reader]") {
  const std::string whole = kHead;
  RequestReader reader{Limits{}};
  for (std::size_t size = 0; size < whole.size(); ++size) REQUIRE(reader.read_head(std::string_view(whole).substr(0, size)) == Step::more);
  const std::string followed = whole + "GET /next";
  REQUIRE(reader.read_head(followed) == Step::ready);
  CHECK(reader.head().method == Method::get);
  CHECK(reader.head().target == "/a?b");
  CHECK(reader.head().host == "x");
  CHECK(reader.head().field("if-none-MATCH") == "\"1\"");
  CHECK(reader.head_size() == whole.size());
  CHECK_FALSE(reader.has_body());
}

TEST_CASE("what two programs could read in two ways is refused", "[http][reader]") {
  const auto bytes = GENERATE(
      as<std::string>(), "GET / HTTP/1.1\nHost: x\n\n", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
      "GET / HTTP/1.1\r\n Host: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nnofield\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nA\x01: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", "GET /\r\nHost: x\r\n\r\n", "G\"T / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTQ/1.1\r\nHost: x\r\n\r\n", "GET / http/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\rHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n");
  CAPTURE(bytes);
  CHECK(status_of(bytes) == 400);
  CHECK(status_of(std::string("GET / HTTP/1.1\r\nHost: x\0\r\n\r\n", 29)) == 400);
}

TEST_CASE("a body whose length is not certain is refused", "[http][reader]") {
  const auto bytes = GENERATE(
      with("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), with("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
      with("Content-Length: 4\r\nContent-Length: 4\r\n", "abcd"), with("Content-Length: 4, 4\r\n", "abcd"), with("Content-Length: 4\r\nContent-Length: 5\r\n", "abcd"),
      with("Content-Length: +4\r\n", "abcd"), with("Content-Length: -4\r\n"), with("Content-Length: 0x4\r\n", "abcd"), with("Content-Length: 4 4\r\n"),
      with("Content-Length: \r\n"), with("Content-Length: 18446744073709551617\r\n"), with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
      with("Transfer-Encoding: chunked\r\n", "zz\r\nabc\r\n0\r\n\r\n"), with("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n"),
      with("Transfer-Encoding: chunked\r\n", "-1\r\nabc\r\n0\r\n\r\n"), with("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n"),
      with("Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\nabc\r\n0\r\n\r\n"));
  CAPTURE(bytes);
  CHECK(status_of(bytes) == 400);
}

TEST_CASE("transfer encodings that are not known here are not guessed at", "[http][reader]") {
  const auto* value = GENERATE("gzip", "gzip, chunked", "chunked, gzip", "identity", "xchunked", "chunked;q=1", "\"chunked\"", "chunked,");
  CAPTURE(value);
  const auto status = status_of(with(std::string("Transfer-Encoding: ") + value + "\r\n", "0\r\n\r\n"));
  CHECK((status == 501 || status == 400));
  CHECK(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
}

TEST_CASE("what is too large is told apart: line, head, fields, body", "[http][reader]") {
  CHECK(status_of("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n") == 414);
  CHECK(status_of("GET /" + std::string(9000, 'a')) == 414);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(40'000, 'a')) == 431);
  std::string many;
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  CHECK(status_of(with(many)) == 431);
  CHECK(status_of(with("Content-Length: 70000\r\n")) == 413);
  CHECK(status_of(with("Transfer-Encoding: chunked\r\n", "20000\r\n" + std::string(70'000, 'a'))) == 413);
}

TEST_CASE("versions that are not spoken here are told so", "[http][reader]") {
  CHECK(status_of("GET / HTTP/2.0\r\nHost: x\r\n\r\n") == 505);
  CHECK(status_of("GET / HTTP/1.2\r\nHost: x\r\n\r\n") == 505);
  CHECK(status_of("GET / HTTP/0.9\r\nHost: x\r\n\r\n") == 505);
}

TEST_CASE("bodies are read by length and by chunks, byte by byte, and what follows is left", "[http][reader]") {
  const auto wire = GENERATE(std::make_pair(with("Content-Length: 5\r\n"), std::string("hello")),
                             std::make_pair(with("Transfer-Encoding: Chunked\r\n"), std::string("2;x=y\r\nhe\r\n003\r\nllo\r\n0\r\nTrailer: 1\r\n\r\n")));
  RequestReader reader{Limits{}};
  REQUIRE(reader.read_head(wire.first) == Step::ready);
  REQUIRE(reader.has_body());
  const std::string bytes = wire.second + "GET / HTTP/1.1\r\n";
  std::string buffer;
  std::size_t taken = 0;
  Step step = Step::more;
  for (std::size_t i = 0; i < bytes.size() && step == Step::more; ++i) {
    buffer += bytes[i];
    std::size_t used = 0;
    step = reader.read_body(buffer, used);
    buffer.erase(0, used);
    taken += used;
  }
  CHECK(step == Step::ready);
  CHECK(taken == wire.second.size());
  CHECK(reader.take_body() == "hello");
}
