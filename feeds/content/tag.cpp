#include "feeds/content/tag.h"

#include <array>

#include "feeds/content/name_table.h"

namespace riverd::feeds::content {
namespace {

constexpr std::array<std::string_view, kTags> kTagNames = {
    "",           "a",          "abbr",     "acronym",  "address",    "annotation-xml",
    "applet",     "area",       "article",  "aside",    "audio",      "b",
    "base",       "basefont",   "bdi",      "bdo",      "bgsound",    "big",
    "blockquote", "body",       "br",       "button",   "canvas",     "caption",
    "center",     "cite",       "code",     "col",      "colgroup",   "data",
    "dd",         "del",        "desc",     "details",  "dfn",        "dialog",
    "dir",        "div",        "dl",       "dt",       "em",         "embed",
    "fieldset",   "figcaption", "figure",   "font",     "footer",     "foreignobject",
    "form",       "frame",      "frameset", "h1",       "h2",         "h3",
    "h4",         "h5",         "h6",       "head",     "header",     "hgroup",
    "hr",         "html",       "i",        "iframe",   "image",      "img",
    "input",      "ins",        "kbd",      "keygen",   "label",      "legend",
    "li",         "link",       "listing",  "main",     "malignmark", "map",
    "mark",       "marquee",    "math",     "menu",     "meta",       "metadata",
    "mglyph",     "mi",         "mn",       "mo",       "ms",         "mtext",
    "nav",        "nobr",       "noembed",  "noframes", "noscript",   "object",
    "ol",         "optgroup",   "option",   "p",        "param",      "picture",
    "plaintext",  "pre",        "q",        "rb",       "rp",         "rt",
    "rtc",        "ruby",       "s",        "samp",     "script",     "search",
    "section",    "select",     "small",    "source",   "span",       "strike",
    "strong",     "style",      "sub",      "summary",  "sup",        "svg",
    "table",      "tbody",      "td",       "template", "text",       "textarea",
    "tfoot",      "th",         "thead",    "time",     "title",      "tr",
    "track",      "tt",         "u",        "ul",       "var",        "video",
    "wbr",        "xmp"};

constexpr NameTable<kTags, 512> kByName(kTagNames);

struct Members {
  unsigned trait;
  std::string_view names;  // separated by single spaces
};

constexpr std::array<Members, 11> kMembers = {{
    {kVoid,
     "area base basefont bgsound br col embed frame hr image img input keygen link meta param source track "
     "wbr"},
    {kSpecial,
     "address applet area article aside base basefont bgsound blockquote body br button caption center col "
     "colgroup dd "
     "details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 "
     "head header "
     "hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes "
     "noscript object "
     "ol p param plaintext pre script search section select source style summary table tbody td template "
     "textarea tfoot "
     "th thead title tr track ul wbr xmp"},
    {kScopeEdge, "applet caption html table td th marquee object template"},
    {kFormatting, "a b big code em font i nobr s small strike strong tt u"},
    {kImpliedEnd, "dd dt li optgroup option p rb rp rt rtc"},
    {kHeading, "h1 h2 h3 h4 h5 h6"},
    {kClosesParagraph,
     "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer "
     "header hgroup "
     "main menu nav ol p search section summary ul h1 h2 h3 h4 h5 h6 pre listing form table hr xmp plaintext "
     "li dd dt"},
    {kRawText, "iframe noembed noframes plaintext script style textarea title xmp"},
    {kBreaksOut,
     "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing "
     "menu meta "
     "nobr ol p pre ruby s small span strong strike sub sup table tt u ul var"},
    {kBlock,
     "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset "
     "figcaption figure "
     "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe legend li listing main menu nav ol "
     "optgroup option "
     "p plaintext pre search section select summary table tbody td textarea tfoot th thead tr ul xmp"},
    {kTablePart, "caption col colgroup tbody td tfoot th thead tr"},
}};

constexpr std::array<std::uint16_t, kTags> unpack_traits() {
  std::array<std::uint16_t, kTags> all{};
  for (const Members& members : kMembers) {
    std::string_view names = members.names;
    while (!names.empty()) {
      const std::size_t end = names.find(' ');
      const std::string_view name = names.substr(0, end);
      std::size_t tag = 1;
      while (kTagNames[tag] != name) ++tag;
      all[tag] = static_cast<std::uint16_t>(all[tag] | members.trait);
      names = end == std::string_view::npos ? std::string_view() : names.substr(end + 1);
    }
  }
  return all;
}

}  // namespace

constinit const std::array<std::uint16_t, kTags> kTraits = unpack_traits();

Tag find_tag(std::string_view name) {
  const std::size_t found = kByName.find(name);
  return found == kTags ? Tag::unknown : static_cast<Tag>(found);
}

std::string_view tag_name(Tag tag) {
  return kTagNames[static_cast<std::size_t>(tag)];
}

}  // namespace riverd::feeds::content
