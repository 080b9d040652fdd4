#include "feeds/content/article_measure.h"

#include <algorithm>
#include <string>

namespace riverd::feeds::content::extract {
namespace {

struct TextStats {
  std::uint32_t length = 0;
  std::uint32_t punctuation = 0;
};

bool is_punctuation(char32_t c) {
  switch (c) {
    case '.': case ',': case ';': case '!': case '?': case 0x3002: case 0xFF0C: case 0x3001: case 0xFF1B: case 0xFF01:
    case 0xFF1F: case 0x60C: case 0x61B: case 0x61F: case 0x964: return true;
    default: return false;
  }
}

TextStats stats(std::string_view text) {
  TextStats out;
  bool space = true;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      const bool white = lead == ' ' || (lead >= 9 && lead <= 13);
      if (!white || !space) ++out.length;
      space = white;
      out.punctuation += is_punctuation(lead) ? 1 : 0;
      ++i;
      continue;
    }
    space = false;
    if (lead >= 0xE0 && lead < 0xF0 && i + 2 < text.size()) {
      const char32_t c = (static_cast<char32_t>(lead & 15U) << 12) |
                         (static_cast<char32_t>(static_cast<unsigned char>(text[i + 1]) & 63U) << 6) |
                         (static_cast<unsigned char>(text[i + 2]) & 63U);
      out.length += c >= 0x2E80 ? 2 : 1;
      out.punctuation += is_punctuation(c) ? 1 : 0;
      i += 3;
    } else {
      ++out.length;
      if (lead == 0xD8 && i + 1 < text.size()) out.punctuation += text[i + 1] == '\x8C' ? 1 : 0;  // Arabic comma
      i += lead >= 0xF0 ? 4 : 2;
    }
  }
  return out;
}

bool is_machinery(Tag tag) {
  switch (tag) {
    case Tag::title: case Tag::script: case Tag::style: case Tag::template_: case Tag::svg: case Tag::math: case Tag::select:
    case Tag::textarea: case Tag::noscript: case Tag::canvas: case Tag::object: case Tag::button: case Tag::option:
    case Tag::input: case Tag::dialog: case Tag::iframe: case Tag::audio: case Tag::video: return true;
    default: return false;
  }
}

bool is_media(Tag tag) {
  return tag == Tag::img || tag == Tag::picture || tag == Tag::video || tag == Tag::iframe || tag == Tag::embed || tag == Tag::object;
}

// What a node takes over from the one above it.
struct Inherited {
  std::uint32_t block = 0;
  bool link = false;
};

class Measurer {
 public:
  Measurer(const Page& page, const Guide& guide) : page_(page), guide_(guide), out_(page.size()), above_(page.size()) {}

  std::vector<Measure> run() {
    for (std::size_t i = 0; i < page_.size(); ++i) down(i);
    end_block();
    for (std::size_t i = 0; i < page_.size(); ++i)
      if (is_good(page_[i], out_[i])) out_[i].good = out_[i].own - out_[i].own_link / 2;
    for (std::size_t i = page_.size(); i-- > 1;) up(i);
    return std::move(out_);
  }

 private:
  void down(std::size_t i) {
    const PageNode& node = page_[i];
    Measure& m = out_[i];
    const std::size_t parent = node.parent;
    above_[i] = above_[parent];
    m.off = out_[parent].off || is_machinery(node.tag);
    if (node.tag == Tag::text) {
      if (!m.off) text(i);
      return;
    }
    m.images = is_media(node.tag) ? 1 : 0;
    if (m.off) return;
    m.names = names_.flags(page_, i);
    if (node.tag == Tag::a) above_[i].link = true;
    if (is_block(node.tag)) above_[i].block = static_cast<std::uint32_t>(i);
  }

  void text(std::size_t i) {
    const TextStats s = stats(page_[i].text);
    if (s.length == 0) return;
    out_[i].text = s.length;
    out_[i].link = above_[i].link ? s.length : 0;
    Measure& block = out_[above_[i].block];
    block.own += s.length;
    block.own_link += out_[i].link;
    block.punctuation += s.punctuation;
    if (guide_.empty()) return;
    if (above_[i].block != open_) {
      end_block();
      open_ = above_[i].block;
    }
    run_ += page_[i].text;
  }

  // The guide is asked for one run of inline text at a time; a block with several keeps the best answer.
  void end_block() {
    if (run_.empty()) return;
    Measure& block = out_[open_];
    block.guide = std::max(block.guide, guide_.share(run_));
    run_.clear();
  }

  void up(std::size_t i) {
    Measure& parent = out_[page_[i].parent];
    const Measure& m = out_[i];
    parent.text += m.text;
    parent.link += m.link;
    parent.good += m.good;
    parent.images += m.images;
  }

  const Page& page_;
  const Guide& guide_;
  std::vector<Measure> out_;
  std::vector<Inherited> above_;
  NameReader names_;
  std::uint32_t open_ = 0;
  std::string run_;
};

}  // namespace

bool is_good(const PageNode& node, const Measure& m) {
  if (m.off || m.own == 0) return false;
  if (node.tag == Tag::pre) return m.own >= 20;
  if (is_heading(node.tag) || node.tag == Tag::figcaption || node.tag == Tag::summary) return false;
  if (m.guide >= 0.6F) return true;
  if (m.own_density() > 0.5F) return false;
  if (node.tag == Tag::td || node.tag == Tag::th) return m.own >= 20 && m.punctuation > 0;
  if (m.own >= 120) return true;
  return m.own >= 45 && m.punctuation >= 1;
}

std::uint32_t reading_length(std::string_view text) { return stats(text).length; }

std::vector<Measure> measure(const Page& page, const Guide& guide) { return Measurer(page, guide).run(); }

}  // namespace riverd::feeds::content::extract
