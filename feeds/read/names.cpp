#include "feeds/read/names.h"

#include <algorithm>
#include <array>
#include <string>

#include "feeds/content/name_table.h"

namespace riverd::feeds::read {
namespace {

struct TagName {
  std::string_view name;
  Tag tag;
};

constexpr TagName kTags[] = {
    {"a", Tag::a}, {"abstract", Tag::abstract}, {"alternatename", Tag::alternatename}, {"author", Tag::author},
    {"body", Tag::body}, {"browserfriendly", Tag::browserfriendly}, {"category", Tag::category},
    {"channel", Tag::channel}, {"comments", Tag::comments}, {"content", Tag::content},
    {"contributor", Tag::contributor}, {"copyright", Tag::copyright}, {"cover", Tag::cover},
    {"created", Tag::created}, {"creator", Tag::creator}, {"credit", Tag::credit}, {"date", Tag::date},
    {"description", Tag::description}, {"div", Tag::div}, {"docs", Tag::docs}, {"email", Tag::email},
    {"enclosure", Tag::enclosure}, {"encoded", Tag::encoded}, {"entry", Tag::entry},
    {"expirationdate", Tag::expirationdate}, {"feed", Tag::feed}, {"fullitem", Tag::fullitem},
    {"generator", Tag::generator}, {"generatoragent", Tag::generatoragent}, {"group", Tag::group},
    {"guid", Tag::guid}, {"homepage", Tag::homepage}, {"html", Tag::html}, {"icon", Tag::icon}, {"id", Tag::id},
    {"identifier", Tag::identifier}, {"image", Tag::image}, {"info", Tag::info}, {"issued", Tag::issued},
    {"item", Tag::item}, {"items", Tag::items}, {"keywords", Tag::keywords}, {"language", Tag::language},
    {"lastbuilddate", Tag::lastbuilddate}, {"lastmod", Tag::lastmod}, {"link", Tag::link}, {"logo", Tag::logo},
    {"managingeditor", Tag::managingeditor}, {"modified", Tag::modified}, {"name", Tag::name},
    {"origlink", Tag::origlink}, {"owner", Tag::owner}, {"player", Tag::player}, {"pubdate", Tag::pubdate},
    {"published", Tag::published}, {"publisher", Tag::publisher}, {"rating", Tag::rating}, {"rdf", Tag::rdf},
    {"rights", Tag::rights}, {"rss", Tag::rss}, {"skipdays", Tag::skipdays}, {"skiphours", Tag::skiphours},
    {"day", Tag::day}, {"hour", Tag::hour}, {"source", Tag::source}, {"subject", Tag::subject},
    {"subtitle", Tag::subtitle}, {"summary", Tag::summary}, {"tagline", Tag::tagline}, {"textinput", Tag::textinput},
    {"thumbnail", Tag::thumbnail}, {"title", Tag::title}, {"ttl", Tag::ttl}, {"updated", Tag::updated},
    {"updatefrequency", Tag::updatefrequency}, {"updateperiod", Tag::updateperiod}, {"uri", Tag::uri},
    {"url", Tag::url}, {"webmaster", Tag::webmaster}, {"available", Tag::available}, {"license", Tag::license},
    {"person", Tag::person}, {"transcript", Tag::transcript}, {"self", Tag::self}, {"base", Tag::base},
};
constexpr auto kTagNames = [] {
  std::array<std::string_view, std::size(kTags)> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kTags[i].name;
  return names;
}();
constexpr content::NameTable<kTagNames.size(), 512> kTagsByName(kTagNames);

struct Known {
  std::string_view uri;  // lower case, without scheme, "www.", and trailing '/' or '#'
  Ns ns;
};

// Misspelt and superseded URIs stand beside the right one: each was seen in feeds.
constexpr Known kNamespaces[] = {
    {"w3.org/2005/atom", Ns::atom},
    {"w3.org/2005/10/atom", Ns::atom},
    {"purl.org/atom/ns", Ns::atom03},
    {"purl.org/atom/ns#draft-ietf-atompub-format", Ns::atom03},
    {"purl.org/atom", Ns::atom03},
    {"purl.org/echo", Ns::atom03},
    {"purl.org/pie", Ns::atom03},
    {"uri/of/echo/namespace", Ns::atom03},
    {"example.com/newformat", Ns::atom03},
    {"example.com/necho", Ns::atom03},
    {"purl.org/rss/1.0", Ns::none},
    {"purl.org/rss", Ns::none},
    {"purl.org/net/rss1.1", Ns::none},
    {"purl.org/net/rss1.1/payload", Ns::none},
    {"my.netscape.com/rdf/simple/0.9", Ns::none},
    {"my.netscape.com/publish/formats/rss-0.91.dtd", Ns::none},
    {"channel.netscape.com/rdf/simple/0.9", Ns::none},
    {"backend.userland.com/rss", Ns::none},
    {"backend.userland.com/rss2", Ns::none},
    {"backend.userland.com/rss091", Ns::none},
    {"backend.userland.com/rss092", Ns::none},
    {"blogs.law.harvard.edu/tech/rss", Ns::none},
    {"cyber.law.harvard.edu/rss/rss.html", Ns::none},
    {"cyber.harvard.edu/rss/rss.html", Ns::none},
    {"rssboard.org/rss-specification", Ns::none},
    {"microsoft.com/standards/channels.dtd", Ns::none},
    {"w3.org/1999/02/22-rdf-syntax-ns", Ns::rdf},
    {"purl.org/rss/1.0/modules/content", Ns::content},
    {"purl.org/rss/modules/content", Ns::content},
    {"purl.org/dc/elements/1.1", Ns::dc},
    {"purl.org/dc/elements/1.0", Ns::dc},
    {"purl.org/dc/elements/2.0", Ns::dc},
    {"purl.org/metadata/dublin_core", Ns::dc},
    {"purl.org/dc", Ns::dc},
    {"dublincore.org/documents/dcmi-namespace", Ns::dc},
    {"purl.org/dc/terms", Ns::dcterms},
    {"purl.org/rss/1.0/modules/dcterms", Ns::dcterms},
    {"search.yahoo.com/mrss", Ns::media},
    {"search.yahoo.com/mrss/index.html", Ns::media},
    {"search.yahoo.com/rss", Ns::media},
    {"video.search.yahoo.com/mrss", Ns::media},
    {"tools.search.yahoo.com/mrss", Ns::media},
    {"rssboard.org/media-rss", Ns::media},
    {"itunes.com/dtds/podcast-1.0.dtd", Ns::itunes},
    {"itunes.com/dtds/podcast-1.0", Ns::itunes},
    {"itunes.apple.com/dtds/podcast-1.0.dtd", Ns::itunes},
    {"itunes.com/itunes.dtd", Ns::itunes},
    {"example.com/dtds/podcast-1.0.dtd", Ns::itunes},
    {"purl.org/rss/1.0/modules/slash", Ns::slash},
    {"wellformedweb.org/commentapi", Ns::wfw},
    {"purl.org/rss/1.0/modules/syndication", Ns::sy},
    {"rssnamespace.org/feedburner/ext/1.0", Ns::feedburner},
    {"feedburner.google.com/feedburner/ext/1.0", Ns::feedburner},
    {"georss.org/georss", Ns::georss},
    {"georss.org/georss/10", Ns::georss},
    {"georss.org/georss/11", Ns::georss},
    {"opengis.net/gml", Ns::georss},
    {"w3.org/2003/01/geo/wgs84_pos", Ns::georss},
    {"podcastindex.org/namespace/1.0", Ns::podcast},
    {"github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md", Ns::podcast},
    {"w3.org/1999/xhtml", Ns::xhtml},
    {"w3.org/tr/xhtml1", Ns::xhtml},
    {"w3.org/tr/html4", Ns::xhtml},
    {"w3.org/1999/html", Ns::xhtml},
    {"webns.net/mvcb", Ns::admin},
    {"backend.userland.com/creativecommonsrssmodule", Ns::cc},
    {"cyber.law.harvard.edu/rss/creativecommonsrssmodule.html", Ns::cc},
    {"web.resource.org/cc", Ns::cc},
    {"creativecommons.org/ns", Ns::cc},
    {"purl.org/syndication/thread/1.0", Ns::threading},
    {"google.com/schemas/play-podcasts/1.0", Ns::googleplay},
    {"google.com/schemas/play-podcasts/1.0/play-podcasts.xsd", Ns::googleplay},
    {"webfeeds.org/rss/1.0", Ns::webfeeds},
    {"w3.org/xml/1998/namespace", Ns::xml},
};

constexpr Known kPrefixes[] = {
    {"rdf", Ns::rdf},         {"atom", Ns::atom},         {"atom10", Ns::atom},          {"content", Ns::content},
    {"dc", Ns::dc},           {"dcterms", Ns::dcterms},   {"dcq", Ns::dcterms},          {"media", Ns::media},
    {"itunes", Ns::itunes},   {"slash", Ns::slash},       {"wfw", Ns::wfw},              {"sy", Ns::sy},
    {"syn", Ns::sy},          {"feedburner", Ns::feedburner}, {"georss", Ns::georss},    {"geo", Ns::georss},
    {"gml", Ns::georss},      {"podcast", Ns::podcast},   {"xhtml", Ns::xhtml},          {"admin", Ns::admin},
    {"cc", Ns::cc},           {"creativecommons", Ns::cc}, {"thr", Ns::threading},       {"googleplay", Ns::googleplay},
    {"webfeeds", Ns::webfeeds}, {"xml", Ns::xml},         {"rss", Ns::none},             {"a", Ns::atom},
};

std::string_view without_prefix(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix ? text.substr(prefix.size()) : text;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Tag tag_of(std::string_view local_name) {
  const std::size_t found = kTagsByName.find(local_name);
  return found == kTagNames.size() ? Tag::other : kTags[found].tag;
}

Ns namespace_of(std::string_view uri) {
  if (uri.size() > 200) return Ns::unknown;
  std::string key(trim(uri));
  std::transform(key.begin(), key.end(), key.begin(), lower);
  std::string_view view = key;
  if (view.empty()) return Ns::none;
  view = without_prefix(without_prefix(view, "http://"), "https://");
  view = without_prefix(view, "www.");
  while (!view.empty() && (view.back() == '/' || view.back() == '#')) view.remove_suffix(1);
  for (const Known& known : kNamespaces) {
    if (known.uri == view) return known.ns;
  }
  return Ns::unknown;
}

Ns conventional_namespace(std::string_view prefix) {
  for (const Known& known : kPrefixes) {
    if (equals_ignoring_case(known.uri, prefix)) return known.ns;
  }
  return Ns::unknown;
}

}  // namespace riverd::feeds::read
