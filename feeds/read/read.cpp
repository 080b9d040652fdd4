#include "feeds/read/read.h"

#include "feeds/read/charset.h"
#include "feeds/read/json_feed.h"
#include "feeds/read/markup.h"
#include "feeds/read/xml_document.h"
#include "feeds/read/xml_parser.h"

namespace riverd::feeds::read {
namespace {

/// A page may leave out <html>: its DOCTYPE says what it is, or an element that only HTML begins with.
bool is_page_of_html(std::string_view text, const XmlTree& tree) {
  const std::string_view head = trim(text.substr(0, 2048));
  if (equals_ignoring_case(head.substr(0, 14), "<!DOCTYPE html")) return true;
  for (const Xml root : Xml(tree, 0).children()) return looks_like_markup("<" + std::string(root.local_name()) + ">");
  return false;
}

Error not_a_feed(std::string_view text, const XmlTree* tree, const std::string& base) {
  if (trim(text).empty()) return {Errc::not_a_feed, "not a feed: the document is empty"};
  if (tree == nullptr) return {Errc::not_a_feed, "not a feed: JSON, but no JSON Feed"};
  if (tree->html_page || is_page_of_html(text, *tree)) {
    std::string message = "not a feed: an HTML page";
    const auto linked = linked_feeds(text, base);
    for (std::size_t i = 0; i < linked.size(); ++i) message += (i == 0 ? "; it links to the feeds " : ", ") + linked[i];
    return {Errc::not_a_feed, message};
  }
  for (const Xml root : Xml(*tree, 0).children()) {
    return {Errc::not_a_feed, "not a feed: a document of <" + std::string(root.local_name().substr(0, 60)) + ">"};
  }
  return {Errc::not_a_feed, "not a feed: neither XML nor JSON"};
}

}  // namespace

Result<Feed> read(std::string_view body, const Hints& hints) {
  Warnings warnings;
  const Decoded decoded = decode(body, hints.charset, warnings);
  const std::string_view text = decoded.text();
  std::optional<Feed> feed;
  if (looks_like_json(text)) {
    feed = read_json_feed(text, hints, warnings);
    if (!feed) return not_a_feed(text, nullptr, hints.base);
  } else {
    const XmlTree tree = parse_xml(text, warnings);
    feed = read_xml_feed(tree, hints, warnings);
    if (!feed) return not_a_feed(text, &tree, hints.base);
    report_references(tree, warnings);
  }
  feed->info.encoding = decoded.encoding;
  feed->warnings = warnings.take();
  return std::move(*feed);
}

}  // namespace riverd::feeds::read
