#pragma once
/// The parts that the pages share. Internal to the page.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "daemon/http/page/view.h"

namespace riverd::http::page {

/// Text escaped for HTML content and quoted attributes.
[[nodiscard]] std::string escaped(std::string_view text);

/// Which way of the head is the one the reader is on.
enum class Way : std::uint8_t {
  river,
  sources,
  none,
  door,  ///< the sign-in page: nothing to search or to go to yet
};

/// Everything up to and into the <body>; `filter` fills the search field and the feed links.
[[nodiscard]] std::string page_head(const Site& site, std::string_view title, Way way, const Filter& filter);
[[nodiscard]] std::string page_foot(const Site& site, Way way);

/// How a time is told. The script puts it into the reader's own time zone and keeps the form.
enum class TimeForm : std::uint8_t {
  clock,     ///< 18:37, under its day
  date,      ///< 18 Sep 2024, 18:37
  relative,  ///< 5 min ago
};
/// `<time datetime="...">text</time>`
[[nodiscard]] std::string time_element(Time time, std::string_view text, TimeForm form);

/// `18 Sep 2024, 18:37` in UTC.
[[nodiscard]] std::string long_date(Time time);
/// `18:37` in UTC.
[[nodiscard]] std::string clock_time(Time time);
/// `5 min ago`, `in 2 h`, `3 d ago`.
[[nodiscard]] std::string relative(Time time, Time now);

/// The class that gives a source its hue: the same name, the same hue.
[[nodiscard]] std::string hue(std::string_view source);

/// A source's title for people: its own, else its name.
[[nodiscard]] std::string_view label(const feeds::write::SourceRef& source);

}  // namespace riverd::http::page
