/// How a transfer failed, in one sentence.

#include <cstring>

#include "daemon/fetch/transfer.h"

namespace riverd::fetch {
namespace {

std::string seconds_text(std::chrono::milliseconds time) {
  const auto count = time.count();
  if (count < 1000) return std::to_string(count) + " ms";
  const auto tenths = (count + 50) / 100;
  return std::to_string(tenths / 10) + (tenths % 10 != 0 ? "." + std::to_string(tenths % 10) : "") + " s";
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes % (1U << 20U) == 0) return std::to_string(bytes >> 20U) + " MiB";
  if (bytes % (1U << 10U) == 0) return std::to_string(bytes >> 10U) + " KiB";
  return std::to_string(bytes) + " bytes";
}

/// libcurl's words as a part of our sentence: lower case, no dot at the end.
std::string sentence(const char* message, CURLcode code) {
  std::string text = *message != '\0' ? message : curl_easy_strerror(code);
  while (!text.empty() && (text.back() == '.' || text.back() == '\n')) text.pop_back();
  const bool acronym = text.size() > 1 && text[1] >= 'A' && text[1] <= 'Z';
  if (!acronym && !text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

curl_off_t when(CURL* easy, CURLINFO info) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, info, &microseconds);
  return microseconds;
}

}  // namespace

std::optional<Error> Transfer::failure() const {
  const std::string reading = "read " + exchange_.url.text + ": ";
  switch (verdict_) {
    case Verdict::stopped:
      return Error(Errc::interrupted, "fetch " + exchange_.url.text + ": interrupted");
    case Verdict::body_too_large:
      return Error(Errc::too_large, reading + "larger than " + bytes_text(exchange_.max_body));
    case Verdict::header_too_large:
      return Error(Errc::too_large, reading + "the answer's header is too large");
    case Verdict::contradictory_length:
      return Error(Errc::network, reading + "the answer states two different lengths");
    case Verdict::broken_encoding:
      return Error(Errc::network, reading + "the " + answer_.content_encoding + " encoding is broken or cut short");
    case Verdict::sent_before:
      return Error(Errc::network, "fetch " + exchange_.url.text + ": the connection was closed without an answer");
    case Verdict::enough:
      return std::nullopt;
    case Verdict::none:
      break;
  }
  if (code_ == CURLE_OK) return std::nullopt;
  // An answer without a body of use was whole at the end of its header.
  if (header_done_ && !wants_body()) return std::nullopt;
  return transport_failure();
}

Error Transfer::timed_out() const {
  const std::string peer = exchange_.url.peer();
  const std::string after = "timed out after ";
  const auto connect_limit = std::min(exchange_.connect_timeout, exchange_.timeout);
  const bool connected = when(easy_, CURLINFO_PRETRANSFER_TIME_T) != 0;
  if (!connected && when(easy_, CURLINFO_NAMELOOKUP_TIME_T) == 0) {
    return {Errc::timeout, "resolve " + exchange_.url.host + ": " + after + seconds_text(connect_limit)};
  }
  if (!connected && !tls_began_) {
    return {Errc::timeout, "connect to " + peer + ": " + after + seconds_text(connect_limit)};
  }
  if (!connected) {
    return {Errc::timeout, "TLS with " + peer + ": " + after + seconds_text(connect_limit)};
  }
  if (std::strstr(message_, "too slow") != nullptr) {
    return {Errc::timeout, "read " + exchange_.url.text + ": too slow"};
  }
  if (!header_done_) {
    return {Errc::timeout, "fetch " + exchange_.url.text + ": no answer after " + seconds_text(exchange_.whole_timeout)};
  }
  return {Errc::timeout, "read " + exchange_.url.text + ": " + after + seconds_text(exchange_.whole_timeout)};
}

Error Transfer::transport_failure() const {
  const Url& url = exchange_.url;
  switch (code_) {
    case CURLE_OPERATION_TIMEDOUT:
      return timed_out();
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Errc::network, "resolve " + url.host + ": no such host, or its name server did not answer"};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Errc::network, "resolve the proxy: no such host, or its name server did not answer"};
    case CURLE_COULDNT_CONNECT: {
      if (!refused_.empty()) {
        return {Errc::forbidden, "connect to " + url.peer() + ": " + refused_ +
                                     " is a private address, and fetch.allow_private_networks is off"};
      }
      long reason = 0;
      curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &reason);
      const std::string why = reason != 0 ? std::strerror(static_cast<int>(reason)) : sentence(message_, code_);
      return {Errc::network, "connect to " + url.peer() + ": " + sentence(why.c_str(), code_)};
    }
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return {Errc::network, "TLS with " + url.peer() + ": " + sentence(message_, code_)};
    case CURLE_GOT_NOTHING:
      return {Errc::network, "fetch " + url.text + ": the connection was closed without an answer"};
    case CURLE_PARTIAL_FILE:
      return {Errc::network, "read " + url.text + ": the connection was closed before the whole body came"};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return {Errc::network, "fetch " + url.text + ": the answer is no HTTP (" + sentence(message_, code_) + ")"};
    default:
      return {Errc::network, "fetch " + url.text + ": " + sentence(message_, code_)};
  }
}

}  // namespace riverd::fetch
