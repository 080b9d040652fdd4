#include "feeds/read/xml_parser.h"

#include "feeds/read/doctype.h"
#include "feeds/read/xml_builder.h"

namespace riverd::feeds::read {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view kCdataStart = "<![CDATA[";
constexpr std::string_view kCdataEnd = "]]>";

bool starts_name(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

/// Searches for a mark from ever later places; once there is none left, the text is not searched again, so that a
/// document of nothing but opened comments is read in linear time.
class Finder {
 public:
  Finder(std::string_view text, std::string_view mark) : text_(text), mark_(mark) {}
  std::size_t from(std::size_t at) {
    if (at >= none_from_) return npos;
    const std::size_t found = text_.find(mark_, at);
    if (found == npos) none_from_ = std::min(none_from_, at);
    return found;
  }

 private:
  std::string_view text_;
  std::string_view mark_;
  std::size_t none_from_ = npos;
};

class Parser {
 public:
  Parser(std::string_view text, const XmlLimits& limits, Repairs& repairs)
      : text_(text), limits_(limits), repairs_(repairs), builder_(text, limits, repairs) {}

  XmlTree run() {
    while (at_ < text_.size() && !stopped_) step();
    if (!stopped_) {
      builder_.text(text_start_, text_.size(), XmlNode::Kind::text);
      builder_.end_of_text(broken_tag_);
    }
    builder_.finish();
    return std::move(builder_.tree());
  }

 private:
  /// From at_ to past the next piece of markup. Text before it begins at text_start_.
  void step() {
    const std::size_t lt = text_.find('<', at_);
    if (lt == npos || lt + 1 >= text_.size()) {
      at_ = text_.size();
      return;
    }
    const char next = text_[lt + 1];
    const bool tag = starts_name(next) || (next == '/' && lt + 2 < text_.size() && starts_name(text_[lt + 2]));
    if (!tag && next != '!' && next != '?') {
      repairs_.note(Repair::stray_less_than, lt);
      at_ = lt + 1;
      return;
    }
    builder_.text(text_start_, lt, XmlNode::Kind::text);
    if (next == '/') end_tag(lt);
    else if (next == '?') instruction(lt);
    else if (next == '!') declaration(lt);
    else start_tag(lt);
    text_start_ = at_;
    if (builder_.full()) stop(Repair::too_many_nodes, lt);
    if (limits_.stop_at_html && builder_.tree().html_page) stopped_ = true;
  }

  void stop(Repair repair, std::size_t at) {
    repairs_.note(repair, at);
    stopped_ = true;
  }

  /// Past `end` when found, else past the first '>' (what was meant), else at the end of the document.
  void skip_past(std::size_t found, std::size_t length, std::size_t begin) {
    if (found != npos) {
      at_ = found + length;
      return;
    }
    repairs_.note(Repair::unclosed_comment, begin);
    const std::size_t gt = gt_.from(begin);
    at_ = gt == npos ? text_.size() : gt + 1;
  }

  void instruction(std::size_t lt) {
    if (lt > 0 && equals_ignoring_case(text_.substr(lt, 6), "<?xml ")) repairs_.note(Repair::late_declaration, lt);
    skip_past(instruction_end_.from(lt + 2), 2, lt);
  }

  void declaration(std::size_t lt) {
    if (text_.compare(lt, 4, "<!--") == 0) {
      skip_past(comment_end_.from(lt + 4), 3, lt);
    } else if (equals_ignoring_case(text_.substr(lt, kCdataStart.size()), kCdataStart)) {
      if (text_[lt + 3] != 'C') repairs_.note(Repair::cdata_case, lt);
      cdata(lt);
    } else if (equals_ignoring_case(text_.substr(lt, 9), "<!DOCTYPE")) {
      doctype(lt);
    } else {
      skip_past(gt_.from(lt), 1, lt);
    }
  }

  void doctype(std::size_t lt) {
    std::size_t length = npos;
    if (!saw_doctype_) length = read_doctype(text_.substr(lt), builder_.tree());
    if (!saw_doctype_ && length == npos) repairs_.note(Repair::doctype, lt);
    saw_doctype_ = true;
    skip_past(length == npos ? gt_.from(lt) : lt + length - 1, 1, lt);
  }

  /// True where the element that holds a CDATA section is closed right after it.
  bool element_ends_at(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    const auto name = builder_.open_name();
    return text_.compare(at, 2, "</") == 0 && equals_ignoring_case(text_.substr(at + 2, name.size()), name);
  }

  /// A section ends at the first `]]>` as XML says, unless another one was opened inside it and the element does not
  /// end there: then somebody wrapped CDATA in CDATA, and each inner one has its own end.
  void cdata(std::size_t lt) {
    const std::size_t begin = lt + kCdataStart.size();
    std::size_t end = cdata_end_.from(begin);
    if (end == npos) return unclosed_cdata(begin);
    std::size_t piece = begin;
    std::size_t inner = find_inner(begin, end);
    while (inner != npos && !element_ends_at(end + kCdataEnd.size())) {
      const std::size_t outer_end = cdata_end_.from(end + kCdataEnd.size());
      if (outer_end == npos) break;
      repairs_.note(Repair::cdata_in_cdata, inner);
      builder_.text(piece, inner, XmlNode::Kind::cdata);
      builder_.text(inner + kCdataStart.size(), end, XmlNode::Kind::cdata);
      piece = end + kCdataEnd.size();
      end = outer_end;
      inner = find_inner(piece, end);
      if (inner == npos) break;
    }
    builder_.text(piece, end, XmlNode::Kind::cdata);
    at_ = end + kCdataEnd.size();
  }

  /// Where another section is opened in [from, to).
  std::size_t find_inner(std::size_t from, std::size_t to) const { return find_cdata_start(text_.substr(0, to), from); }

  /// The section ends where its element does, if the document says so; else with the document.
  void unclosed_cdata(std::size_t begin) {
    repairs_.note(Repair::unclosed_cdata, begin);
    const std::string closing = "</" + std::string(builder_.open_name().substr(0, 100)) + ">";
    const std::size_t end = builder_.at_document() || unclosed_cdata_ ? npos : text_.find(closing, begin);
    unclosed_cdata_ = unclosed_cdata_ || end == npos;
    at_ = end == npos ? text_.size() : end;
    if (end == npos) repairs_.note(Repair::truncated, begin);
    builder_.text(begin, at_, XmlNode::Kind::cdata);
  }

  void end_tag(std::size_t lt) {
    std::size_t end = lt + 2;
    while (end < text_.size() && !is_space(text_[end]) && text_[end] != '>' && text_[end] != '<') ++end;
    const auto name = text_.substr(lt + 2, end - lt - 2);
    while (end < text_.size() && text_[end] != '>' && text_[end] != '<') ++end;
    at_ = end < text_.size() && text_[end] == '>' ? end + 1 : end;
    builder_.end(lt, at_, name);
  }

  void start_tag(std::size_t lt) {
    std::size_t end = lt + 1;
    while (end < text_.size() && !is_space(text_[end]) && text_[end] != '>' && text_[end] != '/' && text_[end] != '<' &&
           text_[end] != '=') {
      ++end;
    }
    const auto name = text_.substr(lt + 1, end - lt - 1);
    const std::size_t first_attribute = builder_.attribute_count();
    at_ = end;
    self_closing_ = false;
    if (!attributes(first_attribute)) {
      repairs_.note(Repair::truncated, lt);
      broken_tag_ = true;
      builder_.tree().attributes.resize(first_attribute);
      at_ = text_.size();
      return;
    }
    builder_.start(lt, at_, name, first_attribute, self_closing_);
  }

  /// Reads up to and including '>'. False when the document ends before.
  bool attributes(std::size_t first_attribute) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '>') {
        ++at_;
        return true;
      }
      if (c == '<') {
        repairs_.note(Repair::attribute, at_);
        return true;
      }
      if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '>') self_closing_ = true;
      if (is_space(c) || c == '/' || c == '"' || c == '\'' || c == '=') {
        ++at_;
        continue;
      }
      if (!attribute(first_attribute)) return false;
    }
    return false;
  }

  bool attribute(std::size_t first_attribute) {
    const std::size_t start = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '=' && text_[at_] != '>' && text_[at_] != '/' &&
           text_[at_] != '<') {
      ++at_;
    }
    const auto name = text_.substr(start, at_ - start);
    skip_space();
    if (at_ >= text_.size()) return false;
    if (text_[at_] != '=') {
      repairs_.note(Repair::attribute, start);
      builder_.add_attribute(name, {}, first_attribute);
      return true;
    }
    ++at_;
    skip_space();
    if (at_ >= text_.size()) return false;
    const char quote = text_[at_];
    builder_.add_attribute(name, quote == '"' || quote == '\'' ? quoted(quote) : unquoted(), first_attribute);
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  /// A value in quotes. A '<' in it is kept where the quote is closed as it should be; else the quote was forgotten,
  /// and the value ends with the tag.
  std::string_view quoted(char quote) {
    const std::size_t begin = at_ + 1;
    const std::size_t end = (quote == '"' ? double_quote_ : single_quote_).from(begin);
    if (end != npos) {
      const auto value = text_.substr(begin, end - begin);
      const char after = end + 1 < text_.size() ? text_[end + 1] : '>';
      const bool proper = value.find('<') == npos || is_space(after) || after == '>' || after == '/' || after == '?';
      if (proper) {
        at_ = end + 1;
        return value;
      }
    }
    repairs_.note(Repair::attribute, at_);
    at_ = begin;
    return until_tag_end();
  }

  std::string_view unquoted() {
    repairs_.note(Repair::attribute, at_);
    return until_tag_end();
  }

  std::string_view until_tag_end() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != '>' && text_[at_] != '<') ++at_;
    if (at_ > begin && at_ < text_.size() && text_[at_] == '>' && text_[at_ - 1] == '/') --at_;
    return text_.substr(begin, at_ - begin);
  }

  const std::string_view text_;
  const XmlLimits limits_;
  Repairs& repairs_;
  XmlBuilder builder_;
  Finder gt_{text_, ">"};
  Finder comment_end_{text_, "-->"};
  Finder instruction_end_{text_, "?>"};
  Finder cdata_end_{text_, kCdataEnd};
  Finder double_quote_{text_, "\""};
  Finder single_quote_{text_, "'"};
  std::size_t at_ = 0;
  std::size_t text_start_ = 0;
  bool self_closing_ = false;
  bool saw_doctype_ = false;
  bool unclosed_cdata_ = false;
  bool broken_tag_ = false;
  bool stopped_ = false;
};

}  // namespace

void report_references(const XmlTree& tree, Warnings& warnings) {
  Repairs repairs;
  if (tree.stray_ampersand != kNowhere) repairs.note(Repair::stray_ampersand, tree.stray_ampersand);
  if (tree.undeclared_entity != kNowhere) repairs.note(Repair::undeclared_entity, tree.undeclared_entity);
  repairs.report(tree.text, warnings);
}

XmlTree parse_xml(std::string_view text, Warnings& warnings, const XmlLimits& limits) {
  Repairs repairs;
  constexpr std::size_t kLongest = 0xFFFFFFF0;  // offsets have 32 bits
  if (text.size() > kLongest) repairs.note(Repair::truncated, kLongest);
  text = text.substr(0, kLongest);
  XmlTree tree = Parser(text, limits, repairs).run();
  repairs.report(text, warnings);
  return tree;
}

}  // namespace riverd::feeds::read
