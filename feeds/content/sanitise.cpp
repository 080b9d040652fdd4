#include <vector>

#include "feeds/content/attributes.h"
#include "feeds/content/html.h"
#include "feeds/content/images.h"
#include "feeds/content/kept_attributes.h"
#include "feeds/content/output.h"
#include "feeds/content/policy.h"
#include "feeds/content/text.h"
#include "feeds/content/tree.h"
#include "feeds/content/url.h"
#include "feeds/content/utf8.h"
#include "feeds/content/video.h"

namespace riverd::feeds::content {
namespace {

/// Walks a tree and writes what may stay of it.
class Sanitiser {
 public:
  Sanitiser(const Tree& tree, std::string_view base, std::size_t size)
      : tree_(tree), base_(base), output_(size) {}

  Sanitised run();

 private:
  /// An element whose content is being walked.
  struct Frame {
    Node node;
    Output::Handle handle = 0;
    bool apart = false;
    bool noscript = false;
  };

  bool enter(Node node);
  bool enter_foreign(Node node);
  void leave();
  void descend(Node node, Output::Handle handle, bool apart = false);
  void text(Node node);
  void keep(Node node, Tag tag);
  void image(Node node);
  void link(Node node);
  void media(Node node, Tag tag);
  void source(Node node, Tag tag);
  void embed(Node node);
  void area(Node node);
  void write_link(const std::string& url, std::string_view text);
  [[nodiscard]] bool has_source(Node media) const;

  const Tree& tree_;
  std::string_view base_;
  Output output_;
  std::vector<Frame> frames_;
  std::string scratch_;
  std::string attributes_;
  std::string last_image_;
  std::string last_frame_;
  unsigned noscripts_ = 0;
  std::optional<std::string> first_image_;
};

Sanitised Sanitiser::run() {
  const Node root = tree_.root();
  Node node = root.first_child();
  while (node) {
    bool inside = false;
    if (node.is_text()) {
      text(node);
    } else {
      inside = enter(node);
    }
    if (inside && node.first_child()) {
      node = node.first_child();
      continue;
    }
    if (inside) leave();
    while (!node.next_sibling() && !frames_.empty()) {
      node = frames_.back().node;
      leave();
    }
    node = node.next_sibling();
  }
  return {output_.finish(), std::move(first_image_)};
}

void Sanitiser::descend(Node node, Output::Handle handle, bool apart) {
  Frame frame{node, handle, apart, node.tag() == Tag::noscript};
  if (frame.noscript) ++noscripts_;
  frames_.push_back(frame);
}

void Sanitiser::leave() {
  const Frame frame = frames_.back();
  frames_.pop_back();
  if (frame.noscript) --noscripts_;
  if (frame.apart) output_.space();
  output_.close(frame.handle);
}

void Sanitiser::text(Node node) {
  if (const auto text = node.verbatim_text()) {
    output_.text(*text);
    return;
  }
  scratch_.clear();
  node.append_text(scratch_);
  output_.text(scratch_);
}

/// Writes the start of an element; true where its content is walked, for which a frame is there then.
bool Sanitiser::enter(Node node) {
  if (node.name_space() != Namespace::html) return enter_foreign(node);
  const Policy fate = policy(node.tag());
  switch (fate.fate) {
    case Fate::drop:
      return false;
    case Fate::unwrap:
      descend(node, 0);
      return true;
    case Fate::apart:
      output_.space();
      descend(node, 0, true);
      return true;
    case Fate::keep:
      if (has(fate.tag, kVoid)) {
        output_.add_void(fate.tag, "");
        return false;
      }
      keep(node, fate.tag);
      return true;
    case Fate::image:
      image(node);
      return false;
    case Fate::link:
      link(node);
      return true;
    case Fate::media:
      media(node, fate.tag);
      return true;
    case Fate::source:
      source(node, fate.tag);
      return false;
    case Fate::area:
      area(node);
      return false;
    case Fate::embed:
      break;
  }
  embed(node);
  if (node.tag() != Tag::object) return false;
  descend(node, 0);
  return true;
}

/// Of SVG and MathML the words stay, apart from those that are not drawn.
bool Sanitiser::enter_foreign(Node node) {
  switch (node.tag()) {
    case Tag::script:
    case Tag::style:
    case Tag::title:
    case Tag::desc:
    case Tag::metadata:
    case Tag::annotation_xml:
      return false;
    default:
      break;
  }
  if (node.tag() == Tag::unknown && (node.name() == "annotation" || node.name() == "defs")) return false;
  const bool apart = node.tag() == Tag::text;
  if (apart) output_.space();
  descend(node, 0, apart);
  return true;
}

void Sanitiser::keep(Node node, Tag tag) {
  const AttributeScanner scanner = node.attributes();
  attributes_.clear();
  if (tag == Tag::pre || tag == Tag::code) {
    const Attributes attributes(scanner);
    append_code_language(attributes_, node, attributes);
    append_global_attributes(attributes_, attributes);
  } else if (node.has_attributes()) {
    append_kept_attributes(attributes_, tag, Attributes(scanner), base_);
  }
  const bool pointless = tag == Tag::span && attributes_.empty();
  descend(node, pointless ? 0 : output_.open(tag, attributes_));
}

void Sanitiser::link(Node node) {
  const Attributes attributes(node.attributes());
  const auto url =
      attributes.has(Name::href) ? resolve_link(attributes.view(Name::href, scratch_), base_) : std::nullopt;
  if (!url) {
    descend(node, 0);
    return;
  }
  attributes_.clear();
  append_html_attribute(attributes_, "href", *url);
  append_global_attributes(attributes_, attributes);
  descend(node, output_.open(Tag::a, attributes_));
}

void Sanitiser::image(Node node) {
  const Attributes attributes(node.attributes());
  const auto url = image_url(attributes, base_);
  if (!url) {
    const std::string alt =
        fold_space(attributes.value(Name::alt));  // what a browser shows where there is no image
    if (!alt.empty()) output_.text(alt);
    return;
  }
  if (is_tracking_pixel(attributes, *url) || (noscripts_ > 0 && *url == last_image_)) return;
  attributes_.clear();
  append_html_attribute(attributes_, "src", *url);
  if (const std::string srcset = image_srcset(attributes, base_); !srcset.empty()) {
    append_html_attribute(attributes_, "srcset", srcset);
    append_image_sizes(attributes_, attributes);
  }
  append_alternative(attributes_, attributes);
  append_global_attributes(attributes_, attributes);
  append_size(attributes_, attributes);
  output_.add_void(Tag::img, attributes_);
  last_image_ = *url;
  if (!first_image_ && !url->starts_with("data:")) first_image_ = *url;
}

bool Sanitiser::has_source(Node media) const {
  for (Node child = media.first_child(); child; child = child.next_sibling()) {
    if (child.tag() != Tag::source) continue;
    const auto src = child.attribute("src");
    if (src && resolve(*src, base_)) return true;
  }
  return false;
}

void Sanitiser::media(Node node, Tag tag) {
  const Attributes attributes(node.attributes());
  attributes_.clear();
  append_url(attributes_, "src", Name::src, attributes, base_);
  if (attributes_.empty() && !has_source(node)) {
    descend(node, 0);
    return;
  }
  if (tag == Tag::video) append_url(attributes_, "poster", Name::poster, attributes, base_);
  append_html_attribute(attributes_, "controls", "");
  append_global_attributes(attributes_, attributes);
  if (tag == Tag::video) append_size(attributes_, attributes);
  descend(node, output_.open(tag, attributes_));
}

void Sanitiser::source(Node node, Tag tag) {
  const Tag parent = output_.current();
  const bool picture = parent == Tag::picture && tag == Tag::source;
  if (!picture && parent != Tag::audio && parent != Tag::video) return;
  const Attributes attributes(node.attributes());
  attributes_.clear();
  if (picture) {
    const std::string srcset = image_srcset(attributes, base_);
    if (!srcset.empty()) append_html_attribute(attributes_, "srcset", srcset);
  } else {
    append_url(attributes_, "src", Name::src, attributes, base_);
  }
  if (attributes_.empty()) return;
  append_source_attributes(attributes_, tag, attributes);
  output_.add_void(tag, attributes_);
}

/// Frames and players are never shown: a well-known video becomes a link to its page, any other frame a link to what it
/// would show, so that a reader loses nothing. An object or embed that is no video is a program.
void Sanitiser::embed(Node node) {
  const Attributes attributes(node.attributes());
  for (const Name name : {Name::src, Name::data_src, Name::data_lazy_src, Name::data}) {
    if (!attributes.has(name)) continue;
    const auto address = resolve(attributes.value(name), base_);
    if (!address) continue;
    auto page = video_page(*address);
    if (!page && (node.tag() != Tag::iframe || is_tracking_pixel(attributes, *address))) continue;
    if (!page) page = address;
    if (*page == last_frame_) return;
    last_frame_ = *page;
    output_.space();
    write_link(*page, attributes.value(Name::title));
    return;
  }
}

/// An image map's areas are links too; there is no map without its script-like geometry.
void Sanitiser::area(Node node) {
  const Attributes attributes(node.attributes());
  if (!attributes.has(Name::href)) return;
  const auto url = resolve_link(attributes.value(Name::href), base_);
  if (!url) return;
  output_.space();
  write_link(*url, attributes.value(attributes.has(Name::alt) ? Name::alt : Name::title));
}

void Sanitiser::write_link(const std::string& url, std::string_view text) {
  const std::string shown = fold_space(text);
  attributes_.clear();
  append_html_attribute(attributes_, "href", url);
  const Output::Handle handle = output_.open(Tag::a, attributes_);
  if (handle != 0) output_.text(shown.empty() ? url : shown);
  output_.close(handle);
}

constexpr std::size_t kKeptNodes = 100'000;  // a tree as large gives its memory back

}  // namespace

Sanitised sanitise(std::string_view html, std::string_view base) {
  std::string repaired;
  if (!is_valid_utf8(html)) {
    repaired = valid_utf8(html);
    html = repaired;
  }
  thread_local Tree tree;
  tree.parse(html);
  Sanitised result = Sanitiser(tree, base, html.size()).run();
  if (tree.capacity() > kKeptNodes) tree = Tree();
  return result;
}

}  // namespace riverd::feeds::content
