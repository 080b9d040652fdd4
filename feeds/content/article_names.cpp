#include "feeds/content/article_names.h"

#include <algorithm>
#include <array>
#include <string>

namespace riverd::feeds::content::extract {
namespace {

struct Word {
  std::string_view text;
  NameFlags flags;
};

// A name is cut into words at signs and capitals: "articleBody__share-bar" is article, body, share, bar.
constexpr Word kWords[] = {
    // never content
    {"nav", kNameJunk}, {"navbar", kNameJunk}, {"navigation", kNameJunk}, {"subnav", kNameJunk}, {"menu", kNameJunk},
    {"submenu", kNameJunk}, {"breadcrumb", kNameJunk}, {"breadcrumbs", kNameJunk}, {"sidebar", kNameJunk},
    {"rightrail", kNameJunk}, {"footer", kNameJunk}, {"masthead", kNameJunk}, {"share", kNameJunk}, {"sharing", kNameJunk},
    {"shares", kNameJunk}, {"sharebar", kNameJunk}, {"sharer", kNameJunk}, {"sharethis", kNameJunk}, {"sharedaddy", kNameJunk},
    {"sociable", kNameJunk}, {"addthis", kNameJunk}, {"addtoany", kNameJunk}, {"a2a", kNameJunk}, {"social", kNameJunk},
    {"socials", kNameJunk}, {"related", kNameJunk}, {"relateds", kNameJunk}, {"recommended", kNameJunk},
    {"recommendations", kNameJunk}, {"recommendation", kNameJunk}, {"recirc", kNameJunk}, {"recirculation", kNameJunk},
    {"sponsor", kNameJunk}, {"sponsors", kNameJunk}, {"advert", kNameJunk}, {"adverts", kNameJunk}, {"advertisement", kNameJunk},
    {"advertising", kNameJunk}, {"ad", kNameJunk}, {"ads", kNameJunk}, {"adslot", kNameJunk}, {"adsense", kNameJunk},
    {"adsbygoogle", kNameJunk}, {"adbox", kNameJunk}, {"dfp", kNameJunk}, {"gpt", kNameJunk}, {"outbrain", kNameJunk},
    {"taboola", kNameJunk}, {"zergnet", kNameJunk}, {"revcontent", kNameJunk}, {"newsletter", kNameJunk},
    {"newsletters", kNameJunk}, {"signup", kNameJunk}, {"subscribe", kNameJunk}, {"subscription", kNameJunk},
    {"subscribebox", kNameJunk}, {"cookie", kNameJunk}, {"cookies", kNameJunk}, {"gdpr", kNameJunk}, {"consent", kNameJunk},
    {"popup", kNameJunk}, {"modal", kNameJunk}, {"interstitial", kNameJunk}, {"toolbar", kNameJunk}, {"pagination", kNameJunk},
    {"pager", kNameJunk}, {"tagcloud", kNameJunk}, {"taglist", kNameJunk}, {"trending", kNameJunk}, {"mostread", kNameJunk},
    {"mostpopular", kNameJunk}, {"login", kNameJunk}, {"signin", kNameJunk}, {"skip", kNameJunk}, {"copyright", kNameJunk},
    {"jp", kNameJunk}, {"editsection", kNameJunk}, {"noprint", kNameJunk}, {"catlinks", kNameJunk}, {"printfooter", kNameJunk},
    {"navbox", kNameJunk}, {"siteSub", kNameJunk}, {"toc", kNameJunk}, {"tooltip", kNameJunk}, {"teaser", kNameJunk},
    {"teasers", kNameJunk}, {"crosslinks", kNameJunk}, {"morelinks", kNameJunk}, {"readmore", kNameJunk}, {"readnext", kNameJunk},
    {"upnext", kNameJunk}, {"blogroll", kNameJunk}, {"permalink", kNameJunk}, {"dateline", 0}, {"shortlink", kNameJunk},
    {"syndication", kNameJunk}, {"paywall", kNameWeakJunk}, {"shop", kNameJunk}, {"donate", kNameJunk}, {"donation", kNameJunk},
    {"search", kNameJunk}, {"searchbox", kNameJunk}, {"keywords", kNameJunk}, {"tags", kNameJunk}, {"taxonomy", kNameJunk},
    {"fb", kNameJunk}, {"likebox", kNameJunk}, {"followus", kNameJunk}, {"follow", kNameJunk}, {"ticker", kNameJunk},
    // mostly not
    {"aside", kNameWeakJunk}, {"rail", kNameWeakJunk}, {"banner", kNameWeakJunk}, {"promo", kNameWeakJunk},
    {"promos", kNameWeakJunk}, {"promotion", kNameWeakJunk}, {"sponsored", kNameWeakJunk}, {"widget", kNameWeakJunk},
    {"widgets", kNameWeakJunk}, {"tool", kNameWeakJunk}, {"tools", kNameWeakJunk}, {"utility", kNameWeakJunk},
    {"meta", kNameWeakJunk}, {"metadata", kNameWeakJunk}, {"popular", kNameWeakJunk}, {"latest", kNameWeakJunk},
    {"more", kNameWeakJunk}, {"links", kNameWeakJunk}, {"tag", kNameWeakJunk}, {"category", kNameWeakJunk},
    {"categories", kNameWeakJunk}, {"topics", kNameWeakJunk}, {"header", kNameWeakJunk}, {"head", kNameWeakJunk},
    {"foot", kNameWeakJunk}, {"print", kNameWeakJunk}, {"email", kNameWeakJunk}, {"rating", kNameWeakJunk},
    {"ratings", kNameWeakJunk}, {"vote", kNameWeakJunk}, {"votes", kNameWeakJunk}, {"like", kNameWeakJunk},
    {"buttons", kNameWeakJunk}, {"button", kNameWeakJunk}, {"btn", kNameWeakJunk}, {"player", kNameWeakJunk},
    {"carousel", kNameWeakJunk}, {"slideshow", kNameWeakJunk}, {"slider", kNameWeakJunk}, {"swiper", kNameWeakJunk},
    {"card", kNameWeakJunk}, {"cards", kNameWeakJunk}, {"infobox", kNameWeakJunk}, {"disclaimer", kNameWeakJunk},
    {"cta", kNameWeakJunk}, {"callout", kNameWeakJunk}, {"overlay", kNameWeakJunk}, {"lightbox", kNameWeakJunk},
    {"next", kNameWeakJunk}, {"prev", kNameWeakJunk}, {"previous", kNameWeakJunk}, {"profile", kNameWeakJunk},
    {"register", kNameWeakJunk}, {"contact", kNameWeakJunk}, {"about", kNameWeakJunk}, {"extra", kNameWeakJunk},
    {"bottom", kNameWeakJunk}, {"alert", kNameWeakJunk}, {"hatnote", kNameJunk}, {"ambox", kNameJunk}, {"mbox", kNameJunk},
    {"poll", kNameWeakJunk}, {"quiz", kNameWeakJunk}, {"trackback", kNameJunk}, {"pingback", kNameJunk}, {"gigya", kNameJunk},
    {"counter", kNameWeakJunk}, {"jumplinks", kNameJunk}, {"attribution", kNameWeakJunk}, {"correction", 0},
    // readers
    {"comment", kNameComments}, {"comments", kNameComments}, {"commentlist", kNameComments}, {"commenting", kNameComments},
    {"disqus", kNameComments}, {"livefyre", kNameComments}, {"respond", kNameComments}, {"coral", kNameComments},
    {"viafoura", kNameComments}, {"spotim", kNameComments}, {"kommentare", kNameComments}, {"commentaires", kNameComments},
    {"commentaire", kNameComments}, {"comentario", kNameComments}, {"comentarios", kNameComments}, {"kommentar", kNameComments},
    {"commenti", kNameComments}, {"reacties", kNameComments}, {"komentarze", kNameComments}, {"pinglun", kNameComments},
    {"opiniones", kNameComments}, {"talkback", kNameComments},
    // who and when
    {"byline", kNameByline}, {"bylines", kNameByline}, {"author", kNameByline}, {"authors", kNameByline}, {"authorbox", kNameByline},
    {"bio", kNameByline}, {"biography", kNameByline}, {"timestamp", kNameByline}, {"pubdate", kNameByline}, {"postdate", kNameByline},
    {"date", kNameByline}, {"published", kNameByline}, {"credit", kNameByline}, {"credits", kNameByline}, {"contributor", kNameByline},
    {"contributors", kNameByline}, {"vcard", kNameByline}, {"avatar", kNameByline}, {"readtime", kNameByline}, {"time", kNameByline},
    {"datetime", kNameByline}, {"writer", kNameByline},
    // the first paragraph
    {"standfirst", kNameLead}, {"lead", kNameLead}, {"lede", kNameLead}, {"dek", kNameLead}, {"deck", kNameLead},
    {"intro", kNameLead}, {"introduction", kNameLead}, {"chapo", kNameLead}, {"chapeau", kNameLead}, {"vorspann", kNameLead},
    {"subtitle", kNameLead}, {"subhead", kNameLead}, {"subheadline", kNameLead}, {"subheading", kNameLead}, {"teasertext", kNameLead},
    {"sapo", kNameLead}, {"entradilla", kNameLead}, {"bajada", kNameLead}, {"ingress", kNameLead}, {"preamble", kNameLead},
    {"kicker", kNameByline}, {"strapline", kNameLead}, {"summary", kNameLead}, {"excerpt", kNameLead}, {"synopsis", kNameLead},
    // pictures
    {"caption", kNameCaption}, {"captions", kNameCaption}, {"figcaption", kNameCaption}, {"legend", kNameCaption},
    {"cutline", kNameCaption},
    // the headline
    {"headline", kNameTitle}, {"title", kNameTitle}, {"heading", kNameTitle},
    // content
    {"content", kNameLikely}, {"main", kNameLikely}, {"article", kNameLikely}, {"post", kNameLikely}, {"story", kNameLikely},
    {"text", kNameLikely}, {"entry", kNameLikely}, {"body", kNameLikely}, {"blog", kNameLikely}, {"hentry", kNameLikely},
    {"page", kNameLikely}, {"paragraph", kNameLikely}, {"column", kNameLikely},
};

// Words run together, anywhere in one name.
constexpr Word kCompounds[] = {
    {"articlebody", kNameBody}, {"articlecontent", kNameBody}, {"articletext", kNameBody}, {"articlecopy", kNameBody},
    {"articlemaincontent", kNameBody}, {"articlemain", kNameBody}, {"articlestory", kNameBody}, {"articlepost", kNameLikely},
    {"entrycontent", kNameBody}, {"entrybody", kNameBody}, {"entrytext", kNameBody}, {"postcontent", kNameBody},
    {"postbody", kNameBody}, {"posttext", kNameBody}, {"postentry", kNameBody}, {"postarticle", kNameBody},
    {"storybody", kNameBody}, {"storycontent", kNameBody}, {"storytext", kNameBody}, {"storycopy", kNameBody},
    {"newsbody", kNameBody}, {"newstext", kNameBody}, {"newscontent", kNameBody}, {"blogcontent", kNameBody},
    {"blogpostcontent", kNameBody}, {"blogbody", kNameBody}, {"contentbody", kNameBody}, {"bodycontent", kNameBody},
    {"bodycopy", kNameBody}, {"bodytext", kNameBody}, {"textbody", kNameBody}, {"pagecontent", kNameLikely},
    {"markdownbody", kNameBody}, {"mwparseroutput", kNameBody}, {"richtext", kNameLikely}, {"fulltext", kNameBody},
    {"contentarticle", kNameBody}, {"contenttext", kNameBody}, {"contentmain", kNameLikely}, {"contenidonoticia", kNameBody},
    {"cuerponoticia", kNameBody}, {"corps", kNameBody}, {"artikeltext", kNameBody}, {"articlewrapper", kNameLikely},
    {"singlecontent", kNameBody}, {"newsarticle", kNameLikely}, {"detailcontent", kNameBody}, {"articledetail", kNameLikely},
    {"articleentry", kNameBody}, {"zntext", kNameBody}, {"theiastickysidebar", kNameLikely}, {"storyfulltext", kNameBody},
    {"relatedpost", kNameJunk}, {"relatedart", kNameJunk}, {"relatedstor", kNameJunk}, {"relatedlink", kNameJunk},
    {"relatednews", kNameJunk}, {"relatedcontent", kNameJunk}, {"morefrom", kNameJunk}, {"moreon", kNameJunk}, {"morestor", kNameJunk},
    {"mostread", kNameJunk}, {"mostview", kNameJunk}, {"mostpopular", kNameJunk}, {"popularpost", kNameJunk}, {"recentpost", kNameJunk},
    {"latestnews", kNameJunk}, {"readmore", kNameJunk}, {"readalso", kNameJunk}, {"alsoread", kNameJunk}, {"seealso", kNameJunk},
    {"readnext", kNameJunk}, {"nextpost", kNameJunk}, {"prevpost", kNameJunk}, {"nextarticle", kNameJunk}, {"postnav", kNameJunk},
    {"authorbio", kNameJunk}, {"authorbox", kNameJunk}, {"authorinfo", kNameJunk}, {"aboutauthor", kNameJunk}, {"abouttheauthor", kNameJunk},
    {"authorcard", kNameJunk}, {"authorprofile", kNameJunk}, {"postauthor", kNameByline}, {"articletags", kNameJunk}, {"posttags", kNameJunk},
    {"tagsoc", kNameJunk}, {"taggedwith", kNameJunk}, {"postmeta", kNameJunk}, {"entrymeta", kNameJunk}, {"articlemeta", kNameJunk},
    {"entryutility", kNameJunk}, {"entryfooter", kNameJunk}, {"articlefooter", kNameJunk}, {"storyfooter", kNameJunk},
    {"postfooter", kNameJunk}, {"pagetools", kNameJunk}, {"articletools", kNameJunk}, {"storytools", kNameJunk}, {"printonly", kNameJunk},
    {"mailto", kNameJunk}, {"emailsignup", kNameJunk}, {"mailinglist", kNameJunk}, {"mailchimp", kNameJunk}, {"mcembed", kNameJunk},
    {"googlead", kNameJunk}, {"adcontainer", kNameJunk}, {"adwrapper", kNameJunk}, {"dfpad", kNameJunk}, {"sharetools", kNameJunk},
    {"sharebuttons", kNameJunk}, {"sociallinks", kNameJunk}, {"socialbuttons", kNameJunk}, {"shareicons", kNameJunk},
    {"cookiebanner", kNameJunk},
    {"tableofcontents", kNameJunk}, {"commentsection", kNameComments}, {"usercomment", kNameComments}, {"pullquote", kNameJunk},
    {"wpblocklatestposts", kNameJunk}, {"jprelated", kNameJunk}, {"siteheader", kNameJunk}, {"pageheader", kNameWeakJunk},
    {"sitefooter", kNameJunk}, {"factbox", 0}, {"contentad", kNameJunk}, {"inlinead", kNameJunk}, {"storyad", kNameJunk},
};

// Whole names: "hidden-xs" is shown to most.
constexpr std::string_view kHidden[] = {"hidden", "hide", "ishidden", "visuallyhidden", "visuallyhide", "sronly", "screenreadertext", "screenreaderonly",
                                        "displaynone", "dnone", "offscreen", "invisible", "elementinvisible", "uhidden", "accessiblyhidden"};

constexpr std::string_view kNegations[] = {"no", "has", "with", "without", "hide", "hides", "show", "not", "non", "is", "for", "wo", "pre"};

const std::unordered_map<std::string_view, NameFlags>& words() {
  static const auto table = [] {
    std::unordered_map<std::string_view, NameFlags> out;
    for (const Word& w : kWords) out.emplace(w.text, w.flags);
    return out;
  }();
  return table;
}

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }

// One name of a class attribute, read word by word.
class OneName {
 public:
  explicit OneName(std::string_view name) : name_(name.substr(0, 120)) {}

  NameFlags read() {
    for (std::size_t i = 0; i < name_.size(); ++i) {
      const char c = name_[i];
      const bool capital = upper(c) && i > 0 && lower(name_[i - 1]);
      if (capital) end_word();
      if (lower(c)) word_ += c;
      else if (upper(c)) word_ += static_cast<char>(c + 32);
      else if (c >= '0' && c <= '9' && !word_.empty()) word_ += c;
      else end_word();
    }
    end_word();
    for (const Word& w : kCompounds)
      if (joined_.find(w.text) != std::string::npos) flags_ |= w.flags;
    if (std::ranges::find(kHidden, std::string_view(joined_)) != std::end(kHidden)) flags_ |= kNameHidden;
    return flags_;
  }

 private:
  void end_word() {
    if (word_.empty()) return;
    const auto found = words().find(word_);
    if (found != words().end() && !negated_) flags_ |= found->second;
    negated_ = std::ranges::find(kNegations, std::string_view(word_)) != std::end(kNegations);
    joined_ += word_;
    word_.clear();
  }

  std::string_view name_;
  std::string word_;
  std::string joined_;
  NameFlags flags_ = 0;
  bool negated_ = false;
};

NameFlags of_role(std::string_view role) {
  for (const std::string_view junk : {"navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar", "tablist"})
    if (role == junk) return kNameJunk;
  if (role == "complementary" || role == "note") return kNameWeakJunk;
  if (role == "main" || role == "article") return kNameLikely;
  return 0;
}

NameFlags of_itemprop(std::string_view value) {
  if (value.find("articleBody") != std::string_view::npos || value == "reviewBody") return kNameBody;
  if (value == "headline") return kNameTitle;
  if (value == "comment" || value == "interactionStatistic") return kNameComments;
  if (value == "author" || value.starts_with("date") || value == "publisher") return kNameByline;
  return 0;
}

// The value of a publisher's own attribute: data-area="body", name="articleBody".
bool names_body(std::string_view value) {
  for (const std::string_view body : {"body", "articleBody", "article-body", "story-body", "post-body", "article-content", "post-content", "article_body"})
    if (value == body) return true;
  return false;
}

bool invisible(std::string_view style) {
  std::string squeezed;
  for (const char c : style.substr(0, 400))
    if (c != ' ') squeezed += upper(c) ? static_cast<char>(c + 32) : c;
  return squeezed.find("display:none") != std::string::npos || squeezed.find("visibility:hidden") != std::string::npos;
}

}  // namespace

NameFlags NameReader::of_names(std::string_view value) {
  const auto [entry, fresh] = seen_.try_emplace(value, NameFlags{0});
  if (!fresh) return entry->second;
  NameFlags flags = 0;
  std::string_view rest = value.substr(0, 1000);
  while (!rest.empty()) {
    const auto space = std::min(rest.find_first_of(" \t\n\r\f"), rest.size());
    if (space > 0) flags |= OneName(rest.substr(0, space)).read();
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return entry->second = flags;
}

NameFlags NameReader::flags(const Page& page, std::size_t node) {
  NameFlags flags = 0;
  for (const PageAttribute& a : page.attributes(node)) {
    if (a.name == "class" || a.name == "id" || a.name == "data-testid" || a.name == "data-component" || a.name == "data-type")
      flags |= of_names(a.value);
    else if (a.name == "role") flags |= of_role(a.value);
    else if (a.name == "itemprop") flags |= of_itemprop(a.value);
    else if (a.name == "itemtype" && a.value.find("Comment") != std::string_view::npos) flags |= kNameComments;
    else if (a.name == "hidden") flags |= kNameHidden;
    else if (a.name == "aria-hidden" && a.value == "true") flags |= kNameHidden;
    else if (a.name == "style" && invisible(a.value)) flags |= kNameHidden;
    else if (a.name == "rel" && a.value == "author") flags |= kNameByline;
    else if ((a.name == "name" || a.name.starts_with("data-")) && names_body(a.value)) flags |= kNameBody;
  }
  return flags;
}

}  // namespace riverd::feeds::content::extract
