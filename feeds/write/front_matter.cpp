#include "feeds/write/front_matter.h"

#include <array>
#include <cstdio>

#include "feeds/content/html.h"
#include "feeds/content/text.h"

namespace riverd::feeds::write {
namespace {

void append_list(std::string& out, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out += key;
  out += ":\n";
  for (const auto& value : values) out += "  - " + yaml_string(value) + "\n";
}

void append_scalar(std::string& out, std::string_view key, const std::optional<std::string>& value) {
  if (value) out += std::string(key) + ": " + yaml_string(*value) + "\n";
}

void append_date(std::string& out, std::string_view key, std::optional<Time> value) {
  if (value) out += std::string(key) + ": " + front_matter_date(*value) + "\n";
}

std::vector<std::string> names(const std::vector<Author>& authors) {
  std::vector<std::string> out;
  for (const auto& author : authors) {
    if (author.name) {
      out.push_back(*author.name);
    } else if (author.email) {
      out.push_back(*author.email);
    }
  }
  return out;
}

bool has_template_marks(std::string_view text) {
  for (const std::string_view mark : {"{{", "{%", "{#"})
    if (text.find(mark) != std::string_view::npos) return true;
  return false;
}

}  // namespace

std::string yaml_string(std::string_view text) {
  const std::string valid = content::valid_utf8(text);
  std::string out = "\"";
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto c = static_cast<unsigned char>(valid[i]);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += valid[i];
    } else if (c < 0x20 || c == 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x", c);
      out += escape.data();
    } else if (valid.compare(i, 2, "\xc2\x85") == 0) {  // YAML 1.1 takes these three for line breaks
      out += "\\N";
      ++i;
    } else if (valid.compare(i, 3, "\xe2\x80\xa8") == 0 || valid.compare(i, 3, "\xe2\x80\xa9") == 0) {
      out += valid[i + 2] == '\xa8' ? "\\L" : "\\P";
      i += 2;
    } else if (c == 0xc2 && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) < 0xa0) {
      std::array<char, 8> escape{};  // the other C1 controls, which YAML does not print
      std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned char>(valid[i + 1]));
      out += escape.data();
      ++i;
    } else if (valid.compare(i, 3, "\xef\xbb\xbf") == 0) {
      out += "\\uFEFF";
      i += 2;
    } else if (valid.compare(i, 3, "\xef\xbf\xbe") == 0 || valid.compare(i, 3, "\xef\xbf\xbf") == 0) {
      out += valid[i + 2] == '\xbe' ? "\\uFFFE" : "\\uFFFF";
      i += 2;
    } else {
      out += valid[i];
    }
  }
  out += '"';
  return out;
}

std::string post_markdown(const Post& post, const std::vector<SourceRef>& sources) {
  const std::optional<std::string> body = post.content ? post.content : markdown(post);
  std::string out = "---\n";
  append_scalar(out, "title", post.title);
  append_date(out, "date", post.date);
  append_date(out, "updated", post.updated);
  append_list(out, "tags", post.tags);
  append_list(out, "categories", post.categories);
  append_scalar(out, "thumbnail", post.thumbnail);
  append_scalar(out, "link", post.link);
  append_list(out, "authors", names(post.authors));
  if (!sources.empty()) append_scalar(out, "source", sources.front().name);
  append_scalar(out, "id", post.id);
  if (has_template_marks(post.title) || (body && has_template_marks(*body))) out += "disableNunjucks: true\n";
  out += "---\n\n## " + content::markdown_heading(content::fold_space(post.title)) + "\n";
  if (body && !body->empty()) {
    out += '\n';
    out += *body;
    if (out.back() != '\n') out += '\n';
  }
  return out;
}

}  // namespace riverd::feeds::write
