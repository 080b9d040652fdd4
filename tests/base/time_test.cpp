#include <catch2/catch.hpp>

#include "base/hash.h"
#include "base/time.h"

using namespace riverd;

TEST_CASE("a date is written as RFC 3339 in UTC", "[time]") {
  CHECK(rfc3339(Time{Seconds{0}}) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339(Time{Seconds{1'726'684'636}}) == "2024-09-18T18:37:16Z");
  CHECK(front_matter_date(Time{Seconds{1'726'684'636}}) == "2024-09-18 18:37:16");
  CHECK(http_date(Time{Seconds{784'111'777}}) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("a date past the year 9999 is written as the last second that RFC 3339 has", "[time]") {
  CHECK(rfc3339(Time{Seconds{400'000'000'000}}) == "9999-12-31T23:59:59Z");
}

TEST_CASE("a date before the year 0 is written as the first second that RFC 3339 has", "[time]") {
  for (const auto before : {Seconds{-62'167'219'201}, Seconds{-400'000'000'000}, Seconds::min() / 2}) {
    CHECK(rfc3339(Time{before}) == "0000-01-01T00:00:00Z");
  }
  CHECK(rfc3339(Time{Seconds::max() / 2}) == "9999-12-31T23:59:59Z");
}

TEST_CASE("RFC 3339 is read with any offset and fraction, and nothing else is", "[time]") {
  CHECK(parse_rfc3339("2024-09-18T20:37:16.123+02:00") == Time{Seconds{1'726'684'636}});
  CHECK(parse_rfc3339("2024-09-18t18:37:16z") == Time{Seconds{1'726'684'636}});
  const auto* text = GENERATE("", "2024-09-18", "2024-13-18T18:37:16Z", "2024-09-18T18:37:16", "2024-09-18T18:37:16Zx",
                              "2024-02-30T00:00:00Z", "2024-09-18T18:37:16+99:00", "-024-09-18T18:37:16Z");
  CAPTURE(text);
  CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("the three date forms of HTTP are read, and nothing else is", "[time]") {
  const auto* form = GENERATE("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994");
  CAPTURE(form);
  CHECK(parse_http_date(form) == Time{Seconds{784'111'777}});
  const auto* other = GENERATE("", "0", "-1", "Sun, 06 Nov 1994 08:49:37 +0000", "tomorrow", "Sun, 31 Feb 1994 08:49:37 GMT");
  CAPTURE(other);
  CHECK_FALSE(parse_http_date(other));
}

TEST_CASE("digests and base32 are those of the standards", "[hash]") {
  const auto digest = sha256("abc");
  CHECK(digest[0] == 0xba);
  CHECK(digest[31] == 0xad);
  const std::uint8_t foobar[] = {'f', 'o', 'o', 'b', 'a', 'r'};
  CHECK(base32(foobar, 6) == "mzxw6ytboi");
  CHECK(base32(foobar, 1) == "my");
  CHECK(equal_constant_time("secret", "secret"));
  CHECK_FALSE(equal_constant_time("secret", "secreT"));
  CHECK_FALSE(equal_constant_time("secret", "secre"));
}
