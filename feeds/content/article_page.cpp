#include "feeds/content/article_page.h"

#include <gumbo.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

#include "feeds/content/text.h"

namespace riverd::feeds::content {
namespace {

struct TagName {
  std::string_view name;
  Tag tag;
};

constexpr TagName kTags[] = {
    {"a", Tag::a}, {"abbr", Tag::abbr}, {"address", Tag::address}, {"article", Tag::article}, {"aside", Tag::aside},
    {"audio", Tag::audio}, {"b", Tag::b}, {"base", Tag::base}, {"blockquote", Tag::blockquote}, {"body", Tag::body},
    {"br", Tag::br}, {"button", Tag::button}, {"canvas", Tag::canvas}, {"caption", Tag::caption}, {"center", Tag::center},
    {"cite", Tag::cite}, {"code", Tag::code}, {"dd", Tag::dd}, {"del", Tag::del}, {"details", Tag::details},
    {"dialog", Tag::dialog}, {"div", Tag::div}, {"dl", Tag::dl}, {"dt", Tag::dt}, {"em", Tag::em}, {"embed", Tag::embed},
    {"fieldset", Tag::fieldset}, {"figcaption", Tag::figcaption}, {"figure", Tag::figure}, {"font", Tag::font},
    {"footer", Tag::footer}, {"form", Tag::form}, {"h1", Tag::h1}, {"h2", Tag::h2}, {"h3", Tag::h3}, {"h4", Tag::h4},
    {"h5", Tag::h5}, {"h6", Tag::h6}, {"head", Tag::head}, {"header", Tag::header}, {"hr", Tag::hr}, {"html", Tag::html},
    {"i", Tag::i}, {"iframe", Tag::iframe}, {"img", Tag::img}, {"input", Tag::input}, {"ins", Tag::ins}, {"kbd", Tag::kbd},
    {"label", Tag::label}, {"li", Tag::li}, {"link", Tag::link}, {"main", Tag::main}, {"map", Tag::map}, {"mark", Tag::mark},
    {"math", Tag::math}, {"meta", Tag::meta}, {"nav", Tag::nav}, {"noscript", Tag::noscript}, {"object", Tag::object},
    {"ol", Tag::ol}, {"option", Tag::option}, {"p", Tag::p}, {"picture", Tag::picture}, {"pre", Tag::pre}, {"q", Tag::q},
    {"s", Tag::s}, {"samp", Tag::samp}, {"script", Tag::script}, {"section", Tag::section}, {"select", Tag::select},
    {"small", Tag::small}, {"source", Tag::source}, {"span", Tag::span}, {"strong", Tag::strong}, {"style", Tag::style},
    {"sub", Tag::sub}, {"summary", Tag::summary}, {"sup", Tag::sup}, {"svg", Tag::svg}, {"table", Tag::table},
    {"tbody", Tag::tbody}, {"td", Tag::td}, {"template", Tag::template_}, {"textarea", Tag::textarea}, {"tfoot", Tag::tfoot},
    {"th", Tag::th}, {"thead", Tag::thead}, {"time", Tag::time}, {"title", Tag::title}, {"tr", Tag::tr}, {"track", Tag::track},
    {"tt", Tag::tt}, {"u", Tag::u}, {"ul", Tag::ul}, {"video", Tag::video}, {"wbr", Tag::wbr},
};

// Gumbo's own tag numbers, looked up once.
const std::array<Tag, GUMBO_TAG_LAST + 1>& tag_table() {
  static const auto table = [] {
    std::array<Tag, GUMBO_TAG_LAST + 1> out{};
    out.fill(Tag::other);
    for (const TagName& t : kTags) {
      const GumboTag number = gumbo_tagn_enum(t.name.data(), static_cast<unsigned>(t.name.size()));
      out[static_cast<std::size_t>(number)] = t.tag;
    }
    out[GUMBO_TAG_UNKNOWN] = Tag::other;
    return out;
  }();
  return table;
}

Tag tag_of(const GumboElement& element) {
  if (element.tag_namespace == GUMBO_NAMESPACE_SVG) return Tag::svg;
  if (element.tag_namespace == GUMBO_NAMESPACE_MATHML) return Tag::math;
  return tag_table()[static_cast<std::size_t>(element.tag)];
}

}  // namespace

/// Memory of one parse: taken in large pieces, given back at once.
struct Page::Arena {
  static constexpr std::size_t kPiece = 256 * 1024;
  std::vector<std::unique_ptr<std::byte[]>> pieces;
  std::byte* free = nullptr;
  std::size_t left = 0;

  void* take(std::size_t size) {
    size = (size + 15) & ~std::size_t{15};
    if (size > kPiece / 4) return fresh(size);
    if (size > left) {
      free = fresh(kPiece);
      left = kPiece;
    }
    void* out = free;
    free += size;
    left -= size;
    return out;
  }

  std::byte* fresh(std::size_t size) {
    pieces.push_back(std::unique_ptr<std::byte[]>(new std::byte[size]));
    return pieces.back().get();
  }
};

class Page::Builder {
 public:
  Builder(Page& page, std::string_view html) : page_(page) {
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = [](void* arena, std::size_t size) { return static_cast<Arena*>(arena)->take(size); };
    options.deallocator = [](void*, void*) {};
    options.userdata = page.arena_.get();
    options.max_errors = 0;
    const GumboOutput* output = gumbo_parse_with_options(&options, html.data(), html.size());
    walk(output->root);
  }

 private:
  // Explicit stack: what is open, and which of its children comes next.
  struct Open {
    const GumboNode* node;
    unsigned next;
    std::uint32_t index;
  };

  void walk(const GumboNode* root) {
    std::vector<Open> open;
    open.push_back({root, 0, add(root, 0)});
    while (!open.empty()) {
      Open& top = open.back();
      const GumboVector* children = children_of(top.node);
      if (children == nullptr || top.next == children->length) {
        page_.nodes_[top.index].end = static_cast<std::uint32_t>(page_.nodes_.size());
        open.pop_back();
        continue;
      }
      const auto* child = static_cast<const GumboNode*>(children->data[top.next++]);
      if (child->type == GUMBO_NODE_COMMENT) continue;
      open.push_back({child, 0, add(child, top.index)});
    }
  }

  static const GumboVector* children_of(const GumboNode* node) {
    const bool element = node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
    return element ? &node->v.element.children : nullptr;
  }

  std::uint32_t add(const GumboNode* node, std::uint32_t parent) {
    PageNode out;
    out.parent = parent;
    if (children_of(node) == nullptr) {
      out.tag = Tag::text;
      out.text = node->v.text.text;
    } else {
      const GumboElement& element = node->v.element;
      out.tag = tag_of(element);
      out.text = gumbo_normalized_tagname(element.tag);
      out.attributes = static_cast<std::uint32_t>(page_.attributes_.size());
      out.attribute_count = element.attributes.length;
      for (unsigned i = 0; i < element.attributes.length; ++i) {
        const auto* a = static_cast<const GumboAttribute*>(element.attributes.data[i]);
        page_.attributes_.push_back({a->name, a->value});
      }
    }
    page_.nodes_.push_back(out);
    return static_cast<std::uint32_t>(page_.nodes_.size() - 1);
  }

  Page& page_;
};

Page::Page(std::string_view html) : arena_(std::make_unique<Arena>()) { Builder(*this, html); }
Page::~Page() = default;

std::string_view Page::attribute(std::size_t node, std::string_view name) const {
  for (const PageAttribute& a : attributes(node))
    if (a.name == name) return a.value;
  return {};
}

bool Page::has_attribute(std::size_t node, std::string_view name) const {
  return std::ranges::any_of(attributes(node), [name](const PageAttribute& a) { return a.name == name; });
}

std::string Page::text_of(std::size_t node) const {
  std::string out;
  for (std::size_t i = node; i < nodes_[node].end; ++i) {
    const PageNode& n = nodes_[i];
    if (n.tag == Tag::text) {
      out += n.text;
    } else if (n.tag == Tag::script || n.tag == Tag::style || n.tag == Tag::noscript || n.tag == Tag::svg) {
      i = n.end - 1;
    } else if (is_block(n.tag) || n.tag == Tag::br) {
      out += ' ';
    }
  }
  return fold_space(out);
}

}  // namespace riverd::feeds::content
