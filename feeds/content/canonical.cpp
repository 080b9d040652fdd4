// The form of a link that identity compares (url.h: canonical_link).
#include <algorithm>
#include <array>

#include "feeds/content/url.h"

namespace riverd::feeds::content {
namespace {

/// Parameters that say how a reader came, not what is read. Lower case; a '*' at the end stands for any
/// ending.
constexpr std::array<std::string_view, 57> kTracking = {
    "utm_*",       "fbclid",    "gclid",         "gclsrc",     "dclid",       "gbraid",      "wbraid",
    "msclkid",     "yclid",     "ysclid",        "twclid",     "ttclid",      "igshid",      "igsh",
    "mc_cid",      "mc_eid",    "_ga",           "_gl",        "_hsenc",      "_hsmi",       "__hstc",
    "__hssc",      "__hsfp",    "hsctatracking", "mkt_tok",    "oly_anon_id", "oly_enc_id",  "vero_id",
    "vero_conv",   "wickedid",  "li_fat_id",     "rb_clickid", "s_cid",       "s_kwcid",     "ftag",
    "xtor",        "at_medium", "at_campaign",   "at_custom*", "at_link*",    "at_ptr_name", "at_format",
    "wt.mc_id",    "wt.rss_*",  "wt_mc",         "wt_zmc",     "ns_campaign", "ns_mchannel", "ns_source",
    "ns_linkname", "ns_fee",    "pk_campaign",   "pk_kwd",     "mtm_*",       "guccounter",  "guce_referrer*",
    "srsltid"};

/// Parameters that are tracking only with this value.
constexpr std::array<std::string_view, 4> kTrackingPairs = {"partner=rss", "emc=rss", "source=rss",
                                                            "from=rss"};

std::string lower_case_head(std::string_view parameter) {
  std::string text(parameter.substr(0, 64));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

bool is_tracking(std::string_view parameter) {
  const std::string text = lower_case_head(parameter);
  if (std::find(kTrackingPairs.begin(), kTrackingPairs.end(), text) != kTrackingPairs.end()) return true;
  const std::string_view name = std::string_view(text).substr(0, text.find('='));
  return std::any_of(kTracking.begin(), kTracking.end(), [&](std::string_view pattern) {
    return pattern.back() == '*' ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
  });
}

void append_query(std::string& out, std::string_view query) {
  char separator = '?';
  for (;;) {
    const std::size_t end = query.find('&');
    const std::string_view parameter = query.substr(0, end);
    if (!parameter.empty() && !is_tracking(parameter)) {
      out += separator;
      out += parameter;
      separator = '&';
    }
    if (end == std::string_view::npos) return;
    query.remove_prefix(end + 1);
  }
}

/// Of a fragment that is there for the publisher's counts, or for the browser: `#ref=rss`, `#tk.rss_all`, AddThis's `#.Uxyz`,
/// `#sthash.x`, Echobox's `#Echobox=1`, and text fragments (`#:~:text=`).
bool is_noise(std::string_view part) {
  const std::string text = lower_case_head(part);
  const std::string_view name = text;
  return text.empty() || is_tracking(part) || text.find("rss") != std::string::npos || name.starts_with('.') ||
         name.starts_with("sthash") || name.starts_with("echobox=") || name.starts_with(":~:");
}

}  // namespace

std::string_view telling_fragment(std::string_view link) {
  const std::size_t hash = link.find('#');
  if (hash == std::string_view::npos) return {};
  const std::string_view fragment = link.substr(hash + 1);
  for (std::string_view rest = fragment;;) {
    const std::size_t end = rest.find('&');
    if (is_noise(rest.substr(0, end))) return {};
    if (end == std::string_view::npos) return fragment;
    rest.remove_prefix(end + 1);
  }
}

bool is_front_page(std::string_view url) {
  const std::size_t host = url.find("://");
  const std::size_t path = url.find_first_of("/?#", host == std::string_view::npos ? 0 : host + 3);
  return path == std::string_view::npos || (path + 1 == url.size() && url[path] == '/');
}

std::string canonical_link(std::string_view link, bool keep_fragment) {
  const std::optional<std::string> serialised = resolve(link, {});
  if (!serialised) return std::string(link);
  std::string_view rest = *serialised;
  rest.remove_prefix(rest.find("://") + 3);
  std::string_view fragment;
  if (const std::size_t hash = rest.find('#'); hash != std::string_view::npos) {
    fragment = rest.substr(hash);
    rest = rest.substr(0, hash);
  }
  const std::size_t question = rest.find('?');
  const std::string_view place = rest.substr(0, question);
  std::string out = "https://";
  const std::size_t host_end = std::min(place.find('/'), place.size());
  std::string_view host = place.substr(0, host_end);
  if (host.ends_with(":443")) host.remove_suffix(4);  // of http once, of https now the default
  out.append(host).append(place.substr(host_end));
  if (place.find('/') == std::string_view::npos) out += '/';
  if (question != std::string_view::npos) append_query(out, rest.substr(question + 1));
  if (keep_fragment) out += fragment;
  return out;
}

}  // namespace riverd::feeds::content
