#pragma once
/// Expected failures are values: every room returns Result<T>, and nothing of ours throws for bad input.

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace riverd {

/// What kind of failure, for those who must decide (an exit status, an HTTP status); people read Error::message().
enum class Errc : std::uint8_t {
  invalid,     ///< input that breaks its own rules: a parameter, a cursor, a URL
  not_a_feed,  ///< a document that is no RSS, Atom, JSON Feed or CDF
  not_found,   ///< no such file, source, post
  exists,      ///< would repeat what must be unique
  config,      ///< a configuration that cannot be used
  io,          ///< the file system or a socket refused
  network,     ///< name, connection, TLS or transfer failed
  timeout,     ///< a deadline passed
  too_large,   ///< a bound on size or count was reached
  forbidden,   ///< refused by policy: a private address, a missing token
  busy,        ///< somebody else holds it; trying later can work
  lost,        ///< what was held has passed to somebody else; no later try can work
  interrupted, ///< stopped on purpose: shutdown, or a query over its time
  corrupt,     ///< stored data that is not what we wrote
  no_space,    ///< the disk is full
  internal,    ///< a broken invariant of our own
};

/// A failure: its kind, and one sentence that says what was being done, to what, and why it failed.
/// Lower case, no trailing dot: "connect to example.org: timed out after 10 s".
class Error {
 public:
  Error() = default;
  Error(Errc code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] Errc code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  /// The same failure, with what the caller was doing put before it: "read config: " + message.
  [[nodiscard]] Error during(std::string_view action) const {
    return {code_, std::string(action) + ": " + message_};
  }

 private:
  Errc code_ = Errc::internal;
  std::string message_;
};

/// Called by Result::value() on a failure; a broken invariant of the caller, so it throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace riverd
