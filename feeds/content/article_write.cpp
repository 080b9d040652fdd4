#include "feeds/content/article_write.h"

#include "feeds/content/text.h"

namespace riverd::feeds::content::extract {
namespace {

bool is_void(const PageNode& node) {
  switch (node.tag) {
    case Tag::br: case Tag::img: case Tag::hr: case Tag::input: case Tag::wbr: case Tag::source: case Tag::track: case Tag::embed:
    case Tag::link: case Tag::meta: case Tag::base: return true;
    default: return node.text == "col" || node.text == "area" || node.text == "param";
  }
}

// Custom elements and the like are wrappers: their words stay.
std::string_view element_name(const PageNode& node) { return node.text.empty() ? std::string_view("div") : node.text; }

void append_start(std::string& out, const Page& page, std::uint32_t i) {
  out += '<';
  out += element_name(page[i]);
  for (const PageAttribute& a : page.attributes(i)) {
    if (a.name == "style" || a.name == "id" || a.name.starts_with("on") || a.name.find_first_of("<>\"'&= /") != std::string_view::npos) continue;
    out += ' ';
    out += a.name;
    out += "=\"";
    append_escaped(out, a.value);
    out += '"';
  }
  out += '>';
  if (page[i].tag == Tag::pre && i + 1 < page[i].end && page[i + 1].text.starts_with('\n')) out += '\n';
}

}  // namespace

void append_kept(std::string& out, const Page& page, const std::vector<char>& dropped, std::uint32_t node, bool itself) {
  std::vector<std::uint32_t> open;
  const auto close_until = [&](std::uint32_t at) {
    while (!open.empty() && page[open.back()].end <= at) {
      out += "</";
      out += element_name(page[open.back()]);
      out += '>';
      open.pop_back();
    }
  };
  for (std::uint32_t i = itself ? node : node + 1; i < page[node].end; ++i) {
    close_until(i);
    if (dropped[i] != 0) {
      i = page[i].end - 1;
    } else if (page[i].tag == Tag::text) {
      append_escaped(out, page[i].text);
    } else {
      append_start(out, page, i);
      if (!is_void(page[i])) open.push_back(i);
    }
  }
  close_until(page[node].end);
}

}  // namespace riverd::feeds::content::extract
