#include "feeds/read/title_markup.h"

#include <algorithm>
#include <set>
#include <vector>

#include "feeds/content/text.h"
#include "feeds/read/markup.h"

namespace riverd::feeds::read {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kLongestTitle = 64 * 1024;  // longer ones are not looked at tag by tag
constexpr std::size_t kLongestImage = 1024;       // bytes of a tag

/// What a '<' begins: a tag of an element of HTML, or a comment that ends.
struct Mark {
  std::size_t at = 0;
  HtmlTag tag;             ///< of no name: a comment
  bool matched = false;    ///< a start tag with an end tag behind it, an end tag with a start tag before it, or a comment
};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Elements whose text content::plain_text() leaves out.
bool hides(const HtmlTag& tag) {
  return is_one_of(tag.name, {"script", "style", "template", "iframe", "noembed", "noframes"});
}

void match(std::vector<Mark>& marks) {
  std::set<std::string_view> begun;
  std::set<std::string_view> ended;
  for (Mark& mark : marks) {
    if (mark.tag.is_end) mark.matched = begun.count(mark.tag.name) != 0;
    else begun.insert(mark.tag.name);
  }
  for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) {
    if (mark->tag.is_end) ended.insert(mark->tag.name);
    else if (ended.count(mark->tag.name) != 0) mark->matched = true;
  }
}

std::vector<Mark> marks_of(std::string_view text) {
  std::vector<Mark> marks;
  const std::size_t last_gt = text.rfind('>');
  const std::size_t last_comment_end = text.rfind("-->");
  if (last_gt == npos) return marks;
  for (std::size_t lt = text.find('<'); lt < last_gt; lt = text.find('<', lt + 1)) {
    const bool is_comment = text.compare(lt, 4, "<!--") == 0 && last_comment_end != npos && last_comment_end >= lt + 4;
    if (is_comment) marks.push_back({lt, {}, true});
    else if (const auto tag = html_tag(text.substr(lt))) marks.push_back({lt, *tag, false});
  }
  match(marks);
  return marks;
}

/// Tags that need no end tag in a title. A bare <img> shows nothing: it is spoken of.
bool stands_alone(std::string_view text, const Mark& mark) {
  if (mark.tag.name != "img") return is_one_of(mark.tag.name, {"br", "wbr"});
  const auto tag = text.substr(mark.at, kLongestImage);
  return tag.substr(0, tag.find('>')).find('=') != npos;
}

/// Escapes each '<' that is none of `markup`, which are in order.
std::string escape_others(std::string_view text, const std::vector<Mark>& markup) {
  std::string out;
  auto next = markup.begin();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool meant = next != markup.end() && next->at == i;
    if (meant) ++next;
    if (text[i] == '<' && !meant) out += "&lt;";
    else out += text[i];
  }
  return out;
}

}  // namespace

std::optional<std::string> title_as_html(std::string_view text) {
  if (text.size() > kLongestTitle) return looks_like_markup(text) ? std::optional(std::string(text)) : std::nullopt;
  auto marks = marks_of(text);
  const bool has_references = !marks.empty() && text.find('&') != npos && content::decode_entities(text) != text;
  const auto is_text = [&](const Mark& mark) {
    return !mark.matched && !stands_alone(text, mark) && (!has_references || hides(mark.tag));
  };
  marks.erase(std::remove_if(marks.begin(), marks.end(), is_text), marks.end());
  if (marks.empty()) return std::nullopt;
  return escape_others(text, marks);
}

std::string without_hiding_tags(std::string_view html) {
  if (html.size() > kLongestTitle) return std::string(html);
  std::string out;
  std::size_t done = 0;
  for (const Mark& mark : marks_of(html)) {
    if (mark.matched || !hides(mark.tag)) continue;
    out.append(html, done, mark.at - done).append("&lt;");
    done = mark.at + 1;
  }
  return out.append(html, done);
}

}  // namespace riverd::feeds::read
