#pragma once
/// Bytes to characters: which charset a document is really in, and its text as UTF-8.

#include <string>
#include <string_view>

#include "feeds/read/warnings.h"

namespace riverd::feeds::read {

/// A document's characters: a view into the body where that is UTF-8 already, which is then not copied.
struct Decoded {
  std::string_view body;  ///< the part of the body that is the text, unless `stored`
  std::string storage;
  bool stored = false;
  std::string encoding;   ///< the charset really used: IANA name, lower case

  /// Valid UTF-8 without byte order mark, NUL and control characters. Lives as long as this and the body do.
  [[nodiscard]] std::string_view text() const { return stored ? std::string_view(storage) : body; }
};

/// Decodes a document. In RFC 7303's order: a byte order mark, the transport's charset, the XML declaration (or an HTML
/// meta), else UTF-8. Lies that are common are seen through, with a warning:
///   - text that is valid, non-ASCII UTF-8 is UTF-8, whatever single-byte charset is claimed; for a multi-byte one it takes
///     three such characters, or that the other claim is UTF-8
///   - latin-1 and ASCII are windows-1252, gb2312 and gbk are gb18030, ks_c_5601 is windows-949, and so on
///   - "utf-8" that is not: the other claim, else windows-1252 where no character was UTF-8, else U+FFFD for what is not
///   - UTF-8 that was taken for latin-1 and encoded again is read as it was before
///   - "utf-16" of single bytes is not; UTF-16, UTF-32 and EBCDIC without a mark are known by their first '<'
/// Bytes that no charset explains become U+FFFD.
///   body          as received; the result may view it
///   http_charset  the charset parameter of Content-Type, or empty
[[nodiscard]] Decoded decode(std::string_view body, std::string_view http_charset, Warnings& warnings);

/// The encoding an XML declaration or HTML meta near the start names, in lower case; empty where none.
[[nodiscard]] std::string declared_encoding(std::string_view text);

}  // namespace riverd::feeds::read
