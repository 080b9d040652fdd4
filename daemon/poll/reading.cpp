#include "daemon/poll/reading.h"

#include <algorithm>
#include <cctype>

#include "feeds/read/read.h"

namespace riverd::poll {

std::string charset_of(std::string_view content_type) {
  std::string lower(content_type);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t at = lower.find("charset=");
  if (at == std::string::npos) return {};
  std::string_view value = std::string_view(content_type).substr(at + 8);
  value = value.substr(0, value.find_first_of(";,"));
  const auto first = value.find_first_not_of(" \t\"'");
  if (first == std::string_view::npos) return {};
  return std::string(value.substr(first, value.find_last_not_of(" \t\"'") + 1 - first));
}

namespace {

storage::FullText full_text_of(const config::Source& source) {
  switch (source.full_text) {
    case config::FullText::on: return storage::FullText::on;
    case config::FullText::wait: return storage::FullText::wait;
    case config::FullText::off: break;
  }
  return storage::FullText::off;
}

}  // namespace

ReadDocument read_document(const Document& document, const storage::Lease& lease, const Catalogue& catalogue,
                           storage::Store& store) {
  ReadDocument out;
  const feeds::read::Hints hints{charset_of(document.content_type), document.url};
  auto feed = feeds::read::read(document.body, hints);
  if (!feed) {
    out.error = feed.error().during("read " + document.url);
    if (feed.error().code() == Errc::not_a_feed) {
      const auto linked = feeds::read::linked_feeds(document.body, document.url);
      if (!linked.empty()) out.linked_feed = linked.front();
    }
    return out;
  }
  using feeds::read::Ending;
  out.breaks_off = feed->ending != Ending::whole;
  if (feed->ending == Ending::breaks_off_in_last_entry) feed->entries.pop_back();
  for (std::size_t i = 0; i < lease.sources.size(); ++i) {
    const config::Source* source = catalogue.find(lease.names[i]);
    if (source == nullptr) continue;
    // Without fingerprints (the store is in trouble) every entry is normalised: more work, the same posts.
    const auto answer = store.fingerprints(lease.sources[i]);
    const std::vector<feeds::Fingerprint> known = answer ? *answer : std::vector<feeds::Fingerprint>();
    const auto is_known = [&known](feeds::Fingerprint one) { return std::binary_search(known.begin(), known.end(), one); };
    const feeds::Settings settings = config::settings_of(catalogue.config(), *source);
    out.documents.push_back({lease.sources[i], feeds::normalise(*feed, settings, is_known), {}, full_text_of(*source)});
  }
  return out;
}

}  // namespace riverd::poll
