#include "feeds/content/article_select.h"

#include <algorithm>

#include "feeds/content/article_patterns.h"

namespace riverd::feeds::content::extract {
namespace {

bool junk_tag(Tag tag) {
  return tag == Tag::nav || tag == Tag::aside || tag == Tag::footer || tag == Tag::form || tag == Tag::fieldset || tag == Tag::label;
}

constexpr std::uint32_t kLargestCard = 450;
constexpr std::uint32_t kLook = 64;  // nodes looked at for what should be near

class Selector {
 public:
  Selector(const Page& page, const std::vector<Measure>& measures, std::string_view title, bool careful)
      : page_(page), m_(measures), title_(title), careful_(careful), junk_(page.size()), worth_(page.size()), prose_(page.size()) {}

  Selection run() {
    find_headline();
    find_home();
    find_listings();
    find_comments();
    weigh();
    std::uint32_t best = heaviest(0);
    if (prose_[best] <= 0) return {};
    best = one_of_several(near_headline(best));
    const std::uint32_t body = narrow(best);
    Selection out{.found = true, .root = body, .leads = {}, .beside = {}};
    find_leads(best, body, out.leads);
    find_beside(body, out.beside);
    return out;
  }

 private:
  // The heading that is the page's title, else its only h1.
  void find_headline() {
    std::uint32_t only = 0;
    unsigned count = 0;
    for (std::uint32_t i = 1; i < page_.size(); ++i) {
      if (!is_heading(page_[i].tag) || m_[i].off || m_[i].text == 0 || m_[i].text > 300 || page_[i].tag > Tag::h3) continue;
      if (page_[i].tag == Tag::h1 && ++count == 1) only = i;
      if (title_.empty() || !same_words(page_.text_of(i), title_)) continue;
      headline_ = i;
      return;
    }
    if (count == 1) headline_ = only;
    else find_plain_headline();
  }

  // The page's title in an element that is no heading.
  void find_plain_headline() {
    const std::uint32_t length = reading_length(title_);
    if (length < 15) return;
    for (std::uint32_t i = 1; i < page_.size(); ++i) {
      const Measure& m = m_[i];
      const bool leaf = page_[i].tag != Tag::text && is_block(page_[i].tag) && !m.off && m.own == m.text && m.own_link == 0;
      if (!leaf || m.text + 3 < length || m.text > length + 3 || !same_words(page_.text_of(i), title_)) continue;
      headline_ = i;
      return;
    }
  }

  // The smallest surroundings of the headline that hold prose: what stands elsewhere has to be more than it looks like.
  void find_home() {
    if (headline_ == 0) return;
    std::vector<std::uint32_t> good(page_.size() + 1);
    for (std::size_t i = 0; i < page_.size(); ++i)
      good[i + 1] = good[i] + (page_[i].tag != Tag::text && m_[i].good > 0 && is_good(page_[i], m_[i]) ? 1 : 0);
    // One paragraph may be a standfirst, with the story elsewhere.
    const auto too_little = [&](std::uint32_t i) {
      const bool one = good[page_[i].end] - good[i] < 2;
      return m_[i].good < 150 || (one && m_[i].good < 300) || page_[i].tag == Tag::header;
    };
    std::uint32_t i = page_[headline_].parent;
    while (i != 0 && too_little(i)) i = page_[i].parent;
    home_ = i;
  }

  bool is_apart(std::uint32_t i) const {
    return home_ != 0 && (i < home_ ? page_[i].end <= home_ : i >= page_[home_].end);
  }

  // Three or more cards in a row, each a linked heading and a teaser, are a list of other stories.
  void find_listings() {
    std::vector<std::uint16_t> cards(page_.size());
    std::vector<std::uint32_t> card_text(page_.size());
    std::uint32_t last_card = 0;
    for (std::uint32_t i = 1; i < page_.size(); ++i) {
      const Measure& m = m_[i];
      const bool linked_title = page_[i].tag != Tag::text && m.own >= 12 && m.own_link == m.own && page_[i].tag != Tag::li;
      if (!linked_title) continue;
      const bool whole_card = m.text > m.own + 20 && m.text <= kLargestCard;
      if (m.text != m.own && !whole_card) continue;
      const std::uint32_t card = whole_card ? i : card_of(i);
      if (card == 0 || card == last_card) continue;
      last_card = card;
      if (cards[page_[card].parent] < 1000) ++cards[page_[card].parent];
      card_text[page_[card].parent] += m_[card].text;
    }
    listing_.resize(page_.size());
    for (std::uint32_t i = 0; i < page_.size(); ++i) {
      const bool links = (page_[i].tag == Tag::ul || page_[i].tag == Tag::ol) && is_apart(i) && lists_links(i);
      const bool cards_alone = cards[i] >= 3 && is_apart(i) && card_text[i] >= 0.6 * m_[i].text;
      listing_[i] = links || cards_alone || (cards[i] >= 3 && m_[i].good < 0.5 * m_[0].good);
    }
  }

  // What stands under a heading such as "12 Comments" is the readers', wherever the article's own prose is before it.
  void find_comments() {
    std::uint32_t before = 0;
    for (std::uint32_t i = 1; i < page_.size(); ++i) {
      if (m_[i].good > 0 && is_good(page_[i], m_[i])) before += m_[i].own;
      const bool line = is_heading(page_[i].tag) || page_[i].tag == Tag::div || page_[i].tag == Tag::p || page_[i].tag == Tag::summary;
      if (!line || listing_[i] || before < 150 || m_[i].off || m_[i].text == 0 || m_[i].text > 60 || m_[i].text != m_[i].own) continue;
      const bool jump = m_[i].own_link * 2 > m_[i].own && !is_heading(page_[i].tag);
      const bool after_article = home_ != 0 ? is_apart(i) && i > home_ : before >= 0.4 * m_[0].good;
      if (jump || !after_article || !is_comments_heading(page_.text_of(i))) continue;
      hide_comments(i);
    }
  }

  // The rest of the nearest element that has more than the heading.
  void hide_comments(std::uint32_t heading) {
    std::uint32_t i = heading;
    while (page_[i].parent != 0 && m_[page_[i].parent].text <= m_[heading].text + 20) i = page_[i].parent;
    const std::uint32_t parent = page_[i].parent;
    if (is_container(page_[parent].tag) && (headline_ < parent || headline_ >= page_[parent].end) && starts(parent, heading)) {
      listing_[parent] = 1;
      return;
    }
    for (std::uint32_t k = i; k < page_[parent].end; k = page_[k].end) {
      if (listing_[k] && k != i) return;  // marked to the end already
      listing_[k] = page_[k].tag != Tag::text;
    }
  }

  bool starts(std::uint32_t parent, std::uint32_t at) const {
    if (at - parent > kLook) return false;
    for (std::uint32_t k = parent + 1; k < at; ++k)
      if (page_[k].tag == Tag::text && m_[k].text > 0) return false;
    return true;
  }

  // Four or more items that begin with a link.
  bool lists_links(std::uint32_t list) const {
    unsigned items = 0;
    unsigned linked = 0;
    for (std::uint32_t i = list + 1; i < page_[list].end; i = page_[i].end) {
      if (page_[i].tag != Tag::li || m_[i].text == 0) continue;
      ++items;
      const std::uint32_t limit = std::min(page_[i].end, i + kLook);
      for (std::uint32_t k = i + 1; k < limit; ++k) {
        if (page_[k].tag != Tag::text || m_[k].text == 0) continue;
        linked += m_[k].link > 0 ? 1 : 0;
        break;
      }
    }
    return items >= 4 && linked * 5 >= items * 4;
  }

  // The element around a linked title that adds a teaser to it; 0 where there is none, or more than a teaser.
  std::uint32_t card_of(std::uint32_t title) const {
    std::uint32_t i = title;
    for (unsigned up = 0; up < 5 && i != 0; ++up) {
      const std::uint32_t above = page_[i].parent;
      if (m_[above].text > kLargestCard) return m_[i].text > m_[title].text + 20 ? i : 0;
      i = above;
    }
    return 0;
  }

  // Where the headline's own surroundings hold a fair part of the prose, the article is there and not elsewhere.
  std::uint32_t near_headline(std::uint32_t best) const {
    if (headline_ == 0 || (headline_ > best && headline_ < page_[best].end)) return best;
    std::uint32_t around = headline_;
    while (around != 0 && prose_[around] < 100) around = page_[around].parent;
    const bool inside = best >= around && best < page_[around].end;
    if (inside || around == 0 || prose_[around] < 0.12 * prose_[best]) return best;
    return heaviest(around);
  }

  // Prose counts for an element, links and what stands in its junk against it.
  void weigh() {
    headlines_.resize(page_.size() + 1);
    for (std::size_t i = 0; i < page_.size(); ++i) headlines_[i + 1] = headlines_[i] + (page_[i].tag == Tag::h1 ? 1 : 0);
    const std::uint32_t whole = m_[0].good;
    for (std::size_t i = 0; i < page_.size(); ++i) {
      const Measure& m = m_[i];
      const bool below = junk_[page_[i].parent];
      junk_[i] = below || (page_[i].tag != Tag::text && !m.off && left_out(i, whole));
      if (page_[i].tag == Tag::text || m.own == 0) continue;
      const bool good = m.good > 0 && is_good(page_[i], m);
      if (junk_[i]) {
        worth_[i] -= 0.15 * m.own + 0.35 * m.own_link;
      } else if (good) {
        prose_[i] = m.own - m.own_link;
        worth_[i] += prose_[i] * guided(m);
      } else {
        worth_[i] += 0.1 * (m.own - m.own_link) - 0.6 * m.own_link;
      }
    }
    for (std::size_t i = page_.size(); i-- > 1;) {
      worth_[page_[i].parent] += worth_[i];
      prose_[page_[i].parent] += prose_[i];
    }
  }

  bool left_out(std::size_t i, std::uint32_t whole) const {
    if (listing_[i]) return true;
    if (careful_) return is_junk(page_[i], m_[i], is_apart(static_cast<std::uint32_t>(i)) ? 2 * whole : whole);
    return page_[i].tag == Tag::nav;
  }

  // Prose that the structured data's body repeats counts twice; other prose beside such, little.
  static double guided(const Measure& m) {
    if (m.guide >= 0.5F) return 2.0;
    return m.guide >= 0 && m.guide < 0.1F ? 0.4 : 1.0;
  }

  std::uint32_t heaviest(std::uint32_t within) const {
    std::uint32_t best = within;
    double most = 0;
    for (std::uint32_t i = within; i < page_[within].end; ++i) {
      if (page_[i].tag == Tag::text || !is_block_or_other(page_[i].tag) || junk_[i] || worth_[i] <= 0) continue;
      if (worth_[i] >= most) {
        most = worth_[i];
        best = i;
      }
    }
    return leaf_parent(best);
  }

  static bool is_block_or_other(Tag tag) { return is_block(tag) || tag == Tag::unknown || tag == Tag::span || tag == Tag::font; }

  // A paragraph is no article: what holds it is.
  std::uint32_t leaf_parent(std::uint32_t i) const {
    while (i != 0 && (page_[i].tag == Tag::p || is_heading(page_[i].tag) || page_[i].tag == Tag::blockquote || page_[i].tag == Tag::tr ||
                      page_[i].tag == Tag::tbody || page_[i].tag == Tag::li || page_[i].tag == Tag::span))
      i = page_[i].parent;
    return i;
  }

  // Endless pages carry the next articles below the first: the one with the page's title, else the first, is meant.
  std::uint32_t one_of_several(std::uint32_t best) const {
    if (const std::uint32_t own = own_of_siblings(best); own != 0) return own;
    std::vector<std::uint32_t> articles;
    for (std::uint32_t i = best + 1; i < page_[best].end; ++i) {
      const bool whole = page_[i].tag == Tag::article && !junk_[i] && prose_[i] >= 0.08 * prose_[best] && has_headline(i);
      if (!whole) continue;
      articles.push_back(i);
      i = page_[i].end - 1;
    }
    if (articles.size() < 2) return best;
    double sum = 0;
    for (const std::uint32_t a : articles) sum += prose_[a];
    if (sum < 0.7 * prose_[best]) return best;
    for (const std::uint32_t a : articles)
      if (has_title(a)) return a;
    return articles.front();
  }

  // The element with the headline, where elements made alike stand beside it, each with a headline of its own; else 0.
  std::uint32_t own_of_siblings(std::uint32_t best) const {
    if (headline_ <= best || headline_ >= page_[best].end) return 0;
    for (std::uint32_t i = page_[headline_].parent; i > best; i = page_[i].parent) {
      const Tag tag = page_[i].tag;
      if ((tag != Tag::article && tag != Tag::div && tag != Tag::section) || prose_[i] < 100 || prose_[i] < 0.05 * prose_[best]) continue;
      unsigned alike = 0;
      for (std::uint32_t k = page_[i].end; k < page_[page_[i].parent].end; k = page_[k].end) {
        if (page_[k].tag != tag || prose_[k] < 60 || page_.attribute(k, "class") != page_.attribute(i, "class")) continue;
        alike += tag == Tag::article ? (begins_with_heading(k) ? 1 : 0) : (has_headline(k) && page_[headline_].tag == Tag::h1 ? 1 : 0);
      }
      if (alike > 0) return i;
    }
    return 0;
  }

  bool begins_with_heading(std::uint32_t i) const {
    for (std::uint32_t k = i + 1; k < page_[i].end; ++k) {
      if (page_[k].tag == Tag::h1 || page_[k].tag == Tag::h2) return m_[k].text > 0;
      if (page_[k].tag != Tag::text && m_[k].own > 60) return false;
    }
    return false;
  }

  bool has_headline(std::uint32_t i) const {
    return headlines_[page_[i].end] > headlines_[i];
  }

  bool has_title(std::uint32_t i) const {
    if (title_.empty()) return false;
    for (std::uint32_t k = i + 1; k < page_[i].end; ++k)
      if ((page_[k].tag == Tag::h1 || page_[k].tag == Tag::h2) && same_words(page_.text_of(k), title_)) return true;
    return false;
  }

  // The publisher's own word for the body, if it holds most of what was found; else the article element.
  std::uint32_t narrow(std::uint32_t best) const {
    std::uint32_t body = best;
    std::uint32_t article = best;
    for (std::uint32_t i = best + 1; i < page_[best].end; ++i) {
      if (junk_[i] || page_[i].tag == Tag::text || !is_block_or_other(page_[i].tag)) continue;
      if ((m_[i].names & kNameBody) != 0 && prose_[i] >= 0.72 * prose_[best]) body = i;
      if ((page_[i].tag == Tag::article || page_[i].tag == Tag::main) && prose_[i] >= 0.85 * prose_[best]) article = i;
    }
    if (body == best) body = article;
    return tighten(leaf_parent(body));
  }

  // A wrapper whose one child holds everything gives way to it.
  std::uint32_t tighten(std::uint32_t i) const {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::uint32_t k = i + 1; k < page_[i].end; k = page_[k].end) {
        const bool holds_all = page_[k].tag != Tag::text && is_block(page_[k].tag) && !junk_[k] && prose_[k] > 0 && prose_[k] >= 0.999 * prose_[i] &&
                               leaf_parent(k) == k && page_[k].tag != Tag::ul && page_[k].tag != Tag::ol && page_[k].tag != Tag::table &&
                               page_[k].tag != Tag::pre && page_[k].tag != Tag::dl;
        if (!holds_all) continue;
        i = k;
        moved = true;
        break;
      }
    }
    return i;
  }

  // On the way down to where most of the prose is: boxes of another make behind it, and such without prose before it.
  void find_beside(std::uint32_t body, std::vector<std::uint32_t>& beside) const {
    for (std::uint32_t i = body; i != 0 || body == 0;) {
      const std::uint32_t main = main_child(i);
      if (main == 0) return;
      for (std::uint32_t k = i + 1; k < page_[i].end; k = page_[k].end)
        if (k != main && m_[k].text > 0 && stands_beside(k, main)) beside.push_back(k);
      i = main;
    }
  }

  std::uint32_t main_child(std::uint32_t i) const {
    std::uint32_t main = 0;
    for (std::uint32_t k = i + 1; k < page_[i].end; k = page_[k].end)
      if (is_container(page_[k].tag) && !junk_[k] && prose_[k] >= 0.6 * prose_[i] && prose_[k] > 0) main = k;
    return main;
  }

  static bool is_container(Tag tag) {
    return tag == Tag::div || tag == Tag::section || tag == Tag::article || tag == Tag::main || tag == Tag::td || tag == Tag::center || tag == Tag::unknown ||
           tag == Tag::table || tag == Tag::tbody || tag == Tag::tr;
  }

  bool stands_beside(std::uint32_t k, std::uint32_t main) const {
    const Tag tag = page_[k].tag;
    if (!is_container(tag) && tag != Tag::aside && tag != Tag::footer && tag != Tag::header) return false;
    if (tag == page_[main].tag && page_.attribute(k, "class") == page_.attribute(main, "class")) return false;
    if ((m_[k].names & (kNameLead | kNameBody)) != 0) return false;
    if (k > main) return m_[k].density() > 0.1F || prose_[k] < 60;
    return prose_[k] <= 0;
  }

  // Between the headline and the body: standfirst and opening paragraphs that the publisher kept outside.
  void find_leads(std::uint32_t best, std::uint32_t body, std::vector<std::uint32_t>& leads) const {
    const std::uint32_t outer = enclosing(best, body);
    for (std::uint32_t i = outer + 1; i < body; ++i) {
      if (page_[i].tag == Tag::text) continue;
      if (page_[i].end > body) continue;  // an ancestor of the body
      if (junk_[i] || m_[i].off) {
        i = page_[i].end - 1;
        continue;
      }
      if (!is_lead(i)) continue;
      leads.push_back(i);
      i = page_[i].end - 1;
    }
  }

  std::uint32_t enclosing(std::uint32_t best, std::uint32_t body) const {
    std::uint32_t outer = best;
    for (std::uint32_t i = page_[body].parent; i != 0; i = page_[i].parent)
      if (page_[i].tag == Tag::article || page_[i].tag == Tag::main || i == best) {
        outer = i;
        break;
      }
    return outer;
  }

  bool is_lead(std::uint32_t i) const {
    const Measure& m = m_[i];
    if (page_[i].tag == Tag::h1 || m.text < 25 || m.density() > 0.3F || (m.names & (kNameByline | kNameCaption)) != 0) return false;
    if ((m.names & kNameLead) != 0 && m.text < 900) return true;
    return page_[i].tag == Tag::p && is_good(page_[i], m) && m.own >= 80;
  }

  const Page& page_;
  const std::vector<Measure>& m_;
  std::string_view title_;
  bool careful_;
  std::uint32_t headline_ = 0;
  std::uint32_t home_ = 0;
  std::vector<char> listing_;
  std::vector<char> junk_;
  std::vector<double> worth_;
  std::vector<double> prose_;
  std::vector<std::uint32_t> headlines_;  // h1 elements before a node
};

}  // namespace

bool is_junk(const PageNode& node, const Measure& m, std::uint32_t whole) {
  if (node.tag == Tag::html || node.tag == Tag::body || node.tag == Tag::main) return false;
  const double part = whole == 0 ? 0 : static_cast<double>(m.good) / whole;
  if ((m.names & kNameComments) != 0) return part < 0.85;
  if ((m.names & kNameHidden) != 0) return part < 0.5;
  const bool body = (m.names & kNameBody) != 0 || node.tag == Tag::article;
  if (junk_tag(node.tag) || (m.names & kNameJunk) != 0) return part < (body ? 0.25 : 0.5);
  return (m.names & kNameWeakJunk) != 0 && !body && part < 0.3 && m.text > 0 && (m.density() > 0.5F || m.good == 0) && m.text < 600;
}

Selection select_article(const Page& page, const std::vector<Measure>& measures, std::string_view title, bool careful) {
  return Selector(page, measures, title, careful).run();
}

}  // namespace riverd::feeds::content::extract
