#include "feeds/read/doctype.h"

namespace riverd::feeds::read {
namespace {

constexpr std::size_t kMostEntities = 256;
constexpr std::size_t kLongestValue = 1024;
constexpr auto npos = std::string_view::npos;

/// Takes characters off the front of a view, one grammar piece at a time.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
  [[nodiscard]] std::size_t position() const { return at_; }
  void skip(std::size_t count = 1) { at_ += count; }
  void skip_space() {
    while (!done() && is_space(text_[at_])) ++at_;
  }
  bool skip_if(std::string_view word) {
    if (!equals_ignoring_case(text_.substr(at_, word.size()), word)) return false;
    at_ += word.size();
    return true;
  }
  std::string_view word() {
    const std::size_t start = at_;
    while (!done() && !is_space(text_[at_]) && text_[at_] != '>' && text_[at_] != '[') ++at_;
    return text_.substr(start, at_ - start);
  }
  /// A quoted literal without its quotes; `ok` is false when its end is missing.
  std::string_view literal(bool& ok) {
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    ok = end != npos;
    if (!ok) return {};
    const auto value = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return value;
  }
  bool skip_past(std::string_view mark) {
    const std::size_t found = text_.find(mark, at_);
    if (found == npos) return false;
    at_ = found + mark.size();
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// A value may hold character references and the five entities of XML, nothing that expands further.
bool expands_to_itself(std::string_view value) {
  for (std::size_t amp = value.find('&'); amp != npos; amp = value.find('&', amp + 1)) {
    const auto rest = value.substr(amp + 1);
    if (rest.substr(0, 1) == "#") continue;
    bool builtin = false;
    for (const std::string_view name : {"amp;", "lt;", "gt;", "quot;", "apos;"}) builtin |= rest.substr(0, name.size()) == name;
    if (!builtin) return false;
  }
  return true;
}

void declare(XmlTree& tree, std::string_view name, std::string_view value) {
  if (name.empty() || name.size() > 40 || value.size() > kLongestValue || !expands_to_itself(value)) return;
  if (tree.entities.size() >= kMostEntities || tree.entities.find(name) != tree.entities.end()) return;
  std::string decoded;
  append_decoded(decoded, value, tree);
  tree.entities.emplace(std::string(name), std::move(decoded));
}

/// `<!ENTITY name "value">` after its keyword; leaves the scanner somewhere before the closing '>'.
bool read_entity(Scanner& scan, XmlTree& tree) {
  scan.skip_space();
  if (scan.peek() == '%') return true;
  const auto name = scan.word();
  scan.skip_space();
  if (scan.peek() != '"' && scan.peek() != '\'') return true;  // SYSTEM, PUBLIC
  bool ok = true;
  const auto value = scan.literal(ok);
  if (ok) declare(tree, name, value);
  return ok;
}

/// Up to and including the '>' that ends a declaration, past literals.
bool skip_declaration(Scanner& scan) {
  while (!scan.done() && scan.peek() != '>') {
    bool ok = true;
    if (scan.peek() == '"' || scan.peek() == '\'') scan.literal(ok);
    else scan.skip();
    if (!ok) return false;
  }
  if (scan.done()) return false;
  scan.skip();
  return true;
}

bool read_internal_subset(Scanner& scan, XmlTree& tree) {
  while (!scan.done()) {
    if (scan.peek() == ']') {
      scan.skip();
      return true;
    }
    bool ok = true;
    if (scan.skip_if("<!--")) ok = scan.skip_past("-->");
    else if (scan.skip_if("<?")) ok = scan.skip_past("?>");
    else if (scan.skip_if("<!ENTITY")) ok = read_entity(scan, tree) && skip_declaration(scan);
    else if (scan.skip_if("<!")) ok = skip_declaration(scan);
    else scan.skip();
    if (!ok) return false;
  }
  return false;
}

}  // namespace

std::size_t read_doctype(std::string_view text, XmlTree& tree) {
  Scanner scan(text);
  scan.skip(9);  // <!DOCTYPE
  while (!scan.done()) {
    const char c = scan.peek();
    bool ok = true;
    if (c == '>') return scan.position() + 1;
    if (c == '[') {
      scan.skip();
      ok = read_internal_subset(scan, tree);
    } else if (c == '"' || c == '\'') {
      scan.literal(ok);
    } else {
      scan.skip();
    }
    if (!ok) return npos;
  }
  return npos;
}

}  // namespace riverd::feeds::read
