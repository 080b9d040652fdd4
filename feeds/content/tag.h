#pragma once
/// The elements that HTML parsing, sanitising and Markdown tell apart.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace riverd::feeds::content {

/// Every element with a rule of its own somewhere, in the order of kTagNames; all others are `unknown`.
enum class Tag : std::uint8_t {
  unknown,
  a,
  abbr,
  acronym,
  address,
  annotation_xml,
  applet,
  area,
  article,
  aside,
  audio,
  b,
  base,
  basefont,
  bdi,
  bdo,
  bgsound,
  big,
  blockquote,
  body,
  br,
  button,
  canvas,
  caption,
  center,
  cite,
  code,
  col,
  colgroup,
  data,
  dd,
  del,
  desc,
  details,
  dfn,
  dialog,
  dir,
  div,
  dl,
  dt,
  em,
  embed,
  fieldset,
  figcaption,
  figure,
  font,
  footer,
  foreignobject,
  form,
  frame,
  frameset,
  h1,
  h2,
  h3,
  h4,
  h5,
  h6,
  head,
  header,
  hgroup,
  hr,
  html,
  i,
  iframe,
  image,
  img,
  input,
  ins,
  kbd,
  keygen,
  label,
  legend,
  li,
  link,
  listing,
  main,
  malignmark,
  map,
  mark,
  marquee,
  math,
  menu,
  meta,
  metadata,
  mglyph,
  mi,
  mn,
  mo,
  ms,
  mtext,
  nav,
  nobr,
  noembed,
  noframes,
  noscript,
  object,
  ol,
  optgroup,
  option,
  p,
  param,
  picture,
  plaintext,
  pre,
  q,
  rb,
  rp,
  rt,
  rtc,
  ruby,
  s,
  samp,
  script,
  search,
  section,
  select,
  small,
  source,
  span,
  strike,
  strong,
  style,
  sub,
  summary,
  sup,
  svg,
  table,
  tbody,
  td,
  template_,
  text,
  textarea,
  tfoot,
  th,
  thead,
  time,
  title,
  tr,
  track,
  tt,
  u,
  ul,
  var,
  video,
  wbr,
  xmp,
};
inline constexpr std::size_t kTags = static_cast<std::size_t>(Tag::xmp) + 1;

/// The tag of a name in any case; Tag::unknown where it has none.
[[nodiscard]] Tag find_tag(std::string_view name);

/// The name in lower case; empty for Tag::unknown.
[[nodiscard]] std::string_view tag_name(Tag tag);

/// Traits of elements, by WHATWG HTML 13.1.2, 13.2.4.2, 13.2.6 and 15.3.
enum Trait : std::uint16_t {
  kVoid = 1,              ///< has no content and no end tag
  kSpecial = 2,           ///< end tags of other elements do not reach beyond it
  kScopeEdge = 4,         ///< "has an element in scope" looks no further
  kFormatting = 8,        ///< goes into the list of active formatting elements
  kImpliedEnd = 16,       ///< its end tag is generated where it is missing
  kHeading = 32,          ///< h1 to h6
  kClosesParagraph = 64,  ///< its start tag ends an open p
  kRawText = 128,         ///< its content is text, whatever it looks like
  kBreaksOut = 256,       ///< its start tag ends SVG and MathML
  kBlock = 512,           ///< rendered on lines of its own, so that words before and after it are apart
  kTablePart = 1024,      ///< only inside a table
};

extern const std::array<std::uint16_t, kTags> kTraits;
[[nodiscard]] inline bool has(Tag tag, unsigned wanted) {
  return (kTraits[static_cast<std::size_t>(tag)] & wanted) != 0;
}

}  // namespace riverd::feeds::content
