#include "feeds/content/article_prune.h"

#include <algorithm>
#include <string>

#include "feeds/content/article_patterns.h"

namespace riverd::feeds::content::extract {
namespace {

bool is_list(Tag tag) { return tag == Tag::ul || tag == Tag::ol || tag == Tag::dl; }

// Left to the sanitiser, which makes pictures and links of them.
bool is_embed(Tag tag) {
  return tag == Tag::iframe || tag == Tag::video || tag == Tag::audio || tag == Tag::noscript || tag == Tag::object || tag == Tag::embed;
}

class Pruner {
 public:
  Pruner(const Page& page, const std::vector<Measure>& measures, const Selection& selection, std::string_view title, bool careful)
      : page_(page), m_(measures), root_(selection.root), title_(title), careful_(careful), drop_(page.size()), whole_(measures[root_].good) {
    leads_ = selection.leads;
    for (const std::uint32_t i : selection.beside) drop(i);
  }

  std::vector<char> run() {
    measure_guide();
    count_address_fields();
    for (const std::uint32_t lead : leads_) judge_all(lead);
    judge_all(root_);
    drop_by_headings();
    drop_edges();
    return std::move(drop_);
  }

 private:
  // The structured data's body decides what stands before its last words in the page. What stands behind them may be
  // what it was cut short of, unless nearly all that was found is in it.
  void measure_guide() {
    std::uint32_t matched = 0;
    for (std::uint32_t i = root_; i < page_[root_].end; ++i) {
      if (m_[i].guide < 0.5F || m_[i].own < 20) continue;
      matched += m_[i].own;
      last_guided_ = i;
    }
    guided_ = matched >= 250 && matched >= 0.5 * whole_;
    guide_is_whole_ = matched >= 0.85 * whole_;
  }

  void count_address_fields() {
    address_fields_.resize(page_.size() + 1);
    for (std::uint32_t i = 0; i < page_.size(); ++i) {
      const bool field = page_[i].tag == Tag::form || (page_[i].tag == Tag::input && page_.attribute(i, "type") == "email");
      address_fields_[i + 1] = address_fields_[i] + (field ? 1 : 0);
    }
  }

  void judge_all(std::uint32_t top) {
    std::uint32_t header_end = 0;
    for (std::uint32_t i = top + 1; i < page_[top].end; ++i) {
      if (page_[i].tag == Tag::text) continue;
      if (drop_[i] != 0) {
        i = page_[i].end - 1;
        continue;
      }
      if (page_[i].tag == Tag::header && m_[i].good < 0.5 * whole_) header_end = std::max(header_end, page_[i].end);
      if (judge(i, i < header_end)) drop(i);
      if (drop_[i] != 0 || is_embed(page_[i].tag)) i = page_[i].end - 1;
    }
  }

  void drop(std::uint32_t i) { drop_[i] = 1; }

  bool judge(std::uint32_t i, bool in_header) const {
    const PageNode& node = page_[i];
    const Measure& m = m_[i];
    if (is_embed(node.tag)) return (m.names & (kNameJunk | kNameComments)) != 0;
    if (m.off || node.tag == Tag::link || node.tag == Tag::meta) return true;
    if (m.guide >= 0.6F) return false;
    if (careful_ && is_junk(node, m, whole_)) return true;
    if (is_byline_element(i) || is_lone_time(i)) return true;
    if (!is_block(node.tag) && node.tag != Tag::unknown) return false;
    if (in_header && m.own > 0 && m.good == 0 && (m.names & kNameLead) == 0) return true;
    if (is_heading(node.tag)) return is_title(i);
    if (m.text == 0) return false;
    return is_unguided(i) || is_links(i) || is_line(i) || asks_for_address(i);
  }

  bool is_title(std::uint32_t i) const {
    if (m_[i].text > 300 || title_.empty()) return page_[i].tag == Tag::h1;
    return page_[i].tag == Tag::h1 || same_words(page_.text_of(i), title_);
  }

  // Author boxes, dates; a credit only in a caption: inside a sentence such a name may mean anything.
  bool is_byline_element(std::uint32_t i) const {
    const Measure& m = m_[i];
    if ((m.names & kNameByline) == 0 || !careful_ || page_[i].tag == Tag::figure || page_[i].tag == Tag::article) return false;
    if (m.good >= 0.2 * whole_ && m.good > 0) return false;
    if (is_block(page_[i].tag)) return m.text < 600;
    const Tag above = page_[page_[i].parent].tag;
    return m.text < 120 && above != Tag::p && above != Tag::li && above != Tag::td;
  }

  // The time of a post or of an entry of a live blog, outside any sentence.
  bool is_lone_time(std::uint32_t i) const {
    if (page_[i].tag != Tag::time || m_[i].text > 60) return false;
    const Tag above = page_[page_[i].parent].tag;
    return above != Tag::p && above != Tag::li && above != Tag::td && above != Tag::span && above != Tag::a && above != Tag::strong;
  }

  // A block of words that the structured data's body does not have.
  bool is_unguided(std::uint32_t i) const {
    const Measure& m = m_[i];
    if (!guided_ || m.guide < 0 || m.guide > 0.1F || m.own < 40 || m.text != m.own) return false;
    if (page_[i].tag != Tag::p && page_[i].tag != Tag::div && page_[i].tag != Tag::section) return false;
    return i < last_guided_ || guide_is_whole_ || page_[i].parent != page_[last_guided_].parent;
  }

  bool is_links(std::uint32_t i) const {
    const PageNode& node = page_[i];
    const Measure& m = m_[i];
    if (node.tag == Tag::figure || node.tag == Tag::figcaption || node.tag == Tag::td || node.tag == Tag::th || node.tag == Tag::tr ||
        node.tag == Tag::tbody || node.tag == Tag::thead || node.tag == Tag::li || node.tag == Tag::dd || node.tag == Tag::dt)
      return false;
    if (is_list(node.tag)) return m.density() > 0.6F && m.good < 0.2 * whole_ && !is_announced(i);
    if (node.tag == Tag::p) return m.own_density() > 0.85F && m.own >= 25 && m.images == 0;
    if (node.tag == Tag::blockquote || m.text < 10) return false;
    const bool box = node.tag != Tag::table && m.density() > 0.33F && m.good < 0.3 * whole_ && m.own < 40;
    return box || (m.good == 0 && m.density() > 0.5F);
  }

  // A list of links belongs to the article where a line that ends in a colon, or a heading of its own, announces it and
  // the article goes on behind it.
  bool is_announced(std::uint32_t i) const {
    const std::uint32_t before = previous_block(i);
    if (before == 0 || m_[before].text > 600 || m_[before].density() > 0.5F) return false;
    const std::string text = page_.text_of(before);
    if (is_junk_heading(text) || is_junk_line(text)) return false;
    const bool colon = text.ends_with(':') || text.ends_with("：");
    const bool goes_on = m_[root_].good > 0 && good_behind(page_[i].end);
    return colon || (is_heading(page_[before].tag) && goes_on);
  }

  // The element sibling in front, by the last node that ends where `i` begins.
  std::uint32_t previous_block(std::uint32_t i) const {
    unsigned steps = 0;
    for (std::uint32_t k = i; k-- > page_[i].parent + 1 && ++steps < 16;) {
      std::uint32_t top = k;
      while (page_[top].parent != page_[i].parent) top = page_[top].parent;
      if (page_[top].tag != Tag::text && m_[top].text > 0) return top;
      if (m_[top].text > 0) return 0;
      k = top;
    }
    return 0;
  }

  bool good_behind(std::uint32_t at) const {
    const std::uint32_t limit = std::min<std::uint32_t>(page_[root_].end, at + 400);
    for (std::uint32_t k = at; k < limit; ++k)
      if (page_[k].tag != Tag::text && is_good(page_[k], m_[k])) return true;
    return false;
  }

  // A box with a field for a mail address is there for that, whatever else it says.
  bool asks_for_address(std::uint32_t i) const {
    if (m_[i].text > 700 || m_[i].good >= 0.3 * whole_ || page_[i].tag == Tag::p || page_[i].tag == Tag::li) return false;
    return address_fields_[page_[i].end] > address_fields_[i + 1];
  }

  // One short line of words known to be nobody's.
  bool is_line(std::uint32_t i) const {
    const Measure& m = m_[i];
    if (m.text != m.own || m.own > 260 || page_[i].tag == Tag::figcaption || page_[i].tag == Tag::td || page_[i].tag == Tag::th) return false;
    const std::string text = page_.text_of(i);
    if (is_junk_line(text)) return m.own < 60 || m.own_density() > 0.3F || (m.own < 120 && m.punctuation < 4);
    return page_[i].tag != Tag::li && m.own < 110 && is_byline(text);
  }

  // "Related articles" takes what stands behind it along, up to the next heading or to prose.
  void drop_by_headings() {
    for (std::uint32_t i = root_ + 1; i < page_[root_].end; ++i) {
      if (drop_[i] != 0) {
        i = page_[i].end - 1;
        continue;
      }
      const bool heading = is_heading(page_[i].tag);
      const bool line = (page_[i].tag == Tag::p || page_[i].tag == Tag::div || page_[i].tag == Tag::span) && m_[i].own < 60;
      if ((!heading && !line) || m_[i].text != m_[i].own || m_[i].text == 0 || m_[i].text > 90) continue;
      if (page_[i].tag == Tag::span && is_inline_text(i)) continue;
      if (!is_junk_heading(page_.text_of(i))) continue;
      drop(i);
      drop_followers(i, heading);
      i = page_[i].end - 1;
    }
  }

  bool is_inline_text(std::uint32_t span) const { return m_[page_[span].parent].own > m_[span].text; }

  void drop_followers(std::uint32_t i, bool heading) {
    const std::uint32_t end = page_[page_[i].parent].end;
    for (std::uint32_t k = page_[i].end; k < end; k = page_[k].end) {
      const Measure& m = m_[k];
      if (page_[k].tag == Tag::text ? m.text > 60 : m.text > 0) {
        if (is_heading(page_[k].tag) && page_[k].tag <= page_[i].tag) return;
        const bool prose = m.good >= 150 && m.density() < 0.3F && !is_list(page_[k].tag);
        if (prose || m.guide >= 0.6F) return;
        if (!heading && !is_list(page_[k].tag) && m.density() < 0.5F) return;
      }
      drop(k);
      if (!heading && m.text > 0) return;
    }
  }

  // Short remains before the first and behind the last paragraph.
  void drop_edges() {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    for (std::uint32_t i = root_; i < page_[root_].end; ++i) {
      if (drop_[i] != 0) {
        i = page_[i].end - 1;
        continue;
      }
      if (page_[i].tag == Tag::text || !is_good(page_[i], m_[i])) continue;
      if (first == 0) first = i;
      last = i;
    }
    if (last == 0) return;
    for (std::uint32_t i = root_ + 1; i < page_[root_].end; ++i) {
      if (drop_[i] != 0 || page_[i].tag == Tag::text) continue;
      if (i < first && is_leading_scrap(i)) drop(i);
      if (i > last && page_[i].parent != last && is_trailing_scrap(i)) drop(i);
    }
  }

  bool is_scrap_tag(Tag tag) const { return tag == Tag::p || tag == Tag::div || tag == Tag::section || tag == Tag::center || tag == Tag::address; }

  bool is_leading_scrap(std::uint32_t i) const {
    const Measure& m = m_[i];
    return is_scrap_tag(page_[i].tag) && m.text > 0 && m.text == m.own && m.own < 50 && m.punctuation == 0 && (m.names & kNameLead) == 0;
  }

  bool is_trailing_scrap(std::uint32_t i) const {
    const Measure& m = m_[i];
    if (is_heading(page_[i].tag)) return !text_behind(page_[i].end);
    if (is_list(page_[i].tag)) return m.density() > 0.5F;
    return is_scrap_tag(page_[i].tag) && m.text > 0 && m.text == m.own && m.own < 100 && (m.punctuation == 0 || m.own_density() > 0.4F);
  }

  bool text_behind(std::uint32_t at) const {
    for (std::uint32_t i = at; i < page_[root_].end; ++i) {
      if (drop_[i] != 0) {
        i = page_[i].end - 1;
        continue;
      }
      if (page_[i].tag == Tag::text && m_[i].text > 0) return true;
    }
    return false;
  }

  const Page& page_;
  const std::vector<Measure>& m_;
  std::uint32_t root_;
  std::string_view title_;
  bool careful_;
  std::vector<char> drop_;
  std::uint32_t whole_;
  bool guided_ = false;
  bool guide_is_whole_ = false;
  std::uint32_t last_guided_ = 0;
  std::vector<std::uint32_t> leads_;
  std::vector<std::uint32_t> address_fields_;  // forms and fields for a mail address before a node
};

}  // namespace

std::vector<char> prune(const Page& page, const std::vector<Measure>& measures, const Selection& selection,
                        std::string_view title, bool careful) {
  return Pruner(page, measures, selection, title, careful).run();
}

}  // namespace riverd::feeds::content::extract
