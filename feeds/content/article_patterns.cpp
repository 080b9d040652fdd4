#include "feeds/content/article_patterns.h"

#include <algorithm>
#include <string>

#include "feeds/read/date.h"

namespace riverd::feeds::content::extract {
namespace {

// Lower-cases ASCII and the two-byte letters of Latin-1, Greek and Cyrillic that differ by a fixed step.
std::string lower(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto c = static_cast<unsigned char>(out[i]);
    if (c >= 'A' && c <= 'Z') {
      out[i] = static_cast<char>(c + 32);
    } else if (c == 0xC3 && i + 1 < out.size()) {
      const auto next = static_cast<unsigned char>(out[++i]);
      if (next >= 0x80 && next <= 0x9E && next != 0x97) out[i] = static_cast<char>(next + 0x20);
    } else if (c == 0xD0 && i + 1 < out.size()) {
      const auto next = static_cast<unsigned char>(out[++i]);
      if (next >= 0x90 && next <= 0x9F) out[i] = static_cast<char>(next + 0x20);
      else if (next >= 0xA0 && next <= 0xAF) out[i - 1] = '\xD1', out[i] = static_cast<char>(next - 0x20);
    }
  }
  return out;
}

bool is_sign(char c) {
  return static_cast<unsigned char>(c) < 0x80 && !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
}

std::string_view trim_signs(std::string_view text) {
  while (!text.empty() && is_sign(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_sign(text.back())) text.remove_suffix(1);
  return text;
}

// Whole headings, without signs at their ends.
constexpr std::string_view kHeadings[] = {
    "related", "related articles", "related stories", "related posts", "related news", "related content", "related links",
    "related topics", "related coverage", "related reading", "related video", "related videos", "more related", "more stories",
    "more news", "more articles", "more", "read more", "read next", "read also", "also read", "up next", "what to read next",
    "you may also like", "you might also like", "you may like", "you might like", "recommended", "recommended for you",
    "recommended reading", "recommended stories", "recommended articles", "most read", "most popular", "popular", "popular posts", "popular now",
    "trending", "trending now", "trending stories", "latest", "latest news", "latest stories", "latest posts", "recent posts", "recent articles",
    "editor's picks", "editors' picks", "editor’s picks", "top stories", "in this section", "from the web", "around the web", "sponsored",
    "sponsored content", "promoted stories", "advertisement", "share", "share this", "share this article", "share this story", "share this post",
    "share on", "share via", "like this", "follow us", "follow", "connect with us", "stay connected", "tags", "topics", "filed under", "categories",
    "about the author", "about the authors", "about author", "author", "written by", "comments", "comment", "leave a comment", "leave a reply",
    "post a comment", "join the conversation", "join the discussion", "discussion", "reader comments", "view comments", "show comments",
    "responses", "newsletter", "subscribe", "sign up", "sign up for our newsletter", "subscribe to our newsletter", "get our newsletter",
    "stay up to date", "navigation menu", "site navigation", "post navigation", "contents", "table of contents", "search", "menu", "print", "email",
    "contact us", "see also from us", "next article", "previous article", "next post", "previous post", "more like this", "keep reading", "continue reading",
    "more from us", "more on this story", "more on this topic", "more on this", "explore more", "follow topics", "external links to shop",
    // German, French, Spanish, Italian, Portuguese, Dutch, Russian, Chinese, Japanese, Korean
    "mehr zum thema", "lesen sie auch", "auch interessant", "das könnte sie auch interessieren", "weitere artikel", "verwandte artikel", "kommentare",
    "kommentieren", "schlagworte", "teilen", "artikel teilen", "zum thema", "meistgelesen", "über den autor", "newsletter abonnieren", "ähnliche artikel",
    "à lire aussi", "lire aussi", "articles liés", "sur le même sujet", "partager", "commentaires", "les plus lus", "voir aussi", "à propos de l'auteur",
    "à propos de l’auteur", "mots-clés", "relacionados", "noticias relacionadas", "artículos relacionados", "te puede interesar", "también te puede interesar",
    "lo más leído", "comentarios", "compartir", "etiquetas", "más noticias", "más información", "sobre el autor", "leggi anche", "articoli correlati",
    "potrebbe interessarti", "commenti", "condividi", "i più letti", "leia também", "leia mais", "notícias relacionadas", "comentários", "compartilhe",
    "veja também", "mais lidas", "lees ook", "lees meer", "gerelateerd", "reacties", "delen", "meer over", "meest gelezen", "читайте также",
    "похожие статьи", "комментарии", "по теме", "поделиться", "материалы по теме", "相关阅读", "相关新闻", "相关文章", "推荐阅读", "延伸阅读", "热门文章",
    "评论", "网友评论", "分享", "相關新聞", "相關文章", "推薦閱讀", "延伸閱讀", "関連記事", "関連リンク", "あわせて読みたい", "おすすめ記事", "人気記事", "コメント",
    "ランキング", "관련기사", "관련 기사", "댓글", "인기기사", "مواضيع ذات صلة", "اقرأ أيضا", "اقرأ أيضًا", "التعليقات", "אולי יעניין אותך", "תגובות", "כתבות נוספות",
};

// Beginnings of headings that go on with a name: "More from The Verge".
constexpr std::string_view kHeadingStarts[] = {
    "more from ", "more on ", "more in ", "related to this", "about the author", "recommended by", "share this ", "comments (", "tags:", "related:",
    "leave a ", "sign up for", "subscribe to", "most popular in", "latest from", "read more about", "read more on", "mehr von ", "mehr aus ",
    "plus d'articles", "follow us", "you may also", "you might also", "popular in", "trending in", "get the latest", "posted in", "filed under",
};

// Whole headings over what readers wrote, without their number.
constexpr std::string_view kCommentHeadings[] = {
    "comments", "comment", "reader comments", "user comments", "responses", "replies", "leave a comment", "leave a reply", "post a comment", "add a comment",
    "add comment", "add your comment", "join the conversation", "comments on this article", "what do you think", "have your say", "your comments", "top comments",
    "all comments", "recent comments", "kommentare", "leserkommentare", "kommentar schreiben", "commentaires", "vos commentaires", "réagir", "réactions", "laisser un commentaire",
    "comentarios", "deja un comentario", "deja una respuesta", "comentários", "deixe um comentário", "deixe uma resposta", "commenti", "lascia un commento", "reacties",
    "komentarze", "комментарии", "отзывы", "评论", "網友評論", "网友评论", "コメント", "댓글", "التعليقات", "תגובות", "yorumlar",
};

// What follows the number.
constexpr std::string_view kCommentStarts[] = {"comments ", "comment ", "responses to", "response to", "replies to", "reply to", "thoughts on", "thought on", "reviews for", "kommentare zu"};

// Whole short lines.
constexpr std::string_view kLines[] = {
    "advertisement", "advertising", "ad", "ads", "sponsored", "article continues below", "story continues below", "story continues below advertisement",
    "article continues below advertisement", "continue reading below", "continue reading the main story", "scroll to continue", "loading", "print",
    "email", "share", "tweet", "save", "like", "comments", "comment", "reply", "back to top", "top", "next", "previous", "read more", "more", "close",
    "click here", "log in", "sign in", "sign up", "subscribe", "subscribe now", "follow", "edit", "permalink", "read full story", "view gallery",
    "view comments", "show more", "see more", "load more", "image", "photo", "video", "play video", "this video cannot be played", "media caption",
    "image caption", "image source", "view image in fullscreen", "listen to this article", "share this", "share this article", "copy link", "pin it", "getty images",
    "anzeige", "werbung", "publicité", "publicidad", "pubblicità", "publicidade", "advertentie", "реклама", "广告", "廣告", "広告", "광고", "إعلان",
    "teilen", "drucken", "partager", "imprimer", "compartir", "imprimir", "condividi", "stampa", "weiterlesen", "lire la suite", "leer más",
};

// Beginnings of short lines that point elsewhere.
constexpr std::string_view kLineStarts[] = {
    "read more:", "read more about", "read also:", "read also ", "also read:", "also read |", "also see:", "see also:", "read next:", "related:", "related story", "related article",
    "related stories:", "more:", "more on this", "more from ", "watch:", "also:", "must read:", "must-read:", "don't miss:", "don’t miss:", "recommended:", "sign up for",
    "sign up to", "subscribe to ", "subscribe for", "get our free", "get the latest", "follow us on", "follow us", "follow me on", "follow him on", "follow her on",
    "like us on", "share this", "click here to", "© ", "©", "copyright ©", "copyright 20", "(c) 20", "all rights reserved", "photo credit", "image credit", "credit:",
    "posted in ", "filed under", "tagged ", "tags:", "tagged with", "tagged in", "categories:", "category:", "topics:", "keywords:", "download our app", "download the app",
    "image source,", "image caption,", "a version of this article appears in print", "a version of this article appeared in print", "this article was originally published", "was this page helpful", "was this article helpful", "did you find this", "this story was originally published", "support our journalism", "already a subscriber", "to continue reading",
    "lesen sie auch", "lesen sie mehr", "mehr zum thema", "auch interessant:", "zum thema:", "à lire aussi", "lire aussi", "à lire :", "voir aussi", "lea también", "lee también",
    "lea además", "te puede interesar", "leggi anche", "leia também", "leia mais", "veja também", "lees ook", "читайте также", "читайте:", "相关阅读", "推荐阅读", "延伸閱讀",
    "延伸阅读", "関連記事", "責任編輯", "责任编辑", "编辑：", "关键词", "标签", "اقرأ أيضا", "اقرأ أيضًا", "קראו גם", "بیشتر بخوانید", "관련기사", "▶ 관련",
};

constexpr std::string_view kBylineStarts[] = {
    "by ", "by:", "written by", "posted by", "posted on", "posted at", "published ", "published:", "published on", "updated ", "updated:", "last updated",
    "last modified", "first published", "von ", "veröffentlicht", "aktualisiert", "stand:", "par ", "publié", "mis à jour", "por ", "publicado", "actualizado",
    "di ", "pubblicato", "door ", "gepubliceerd", "автор:", "опубликовано", "来源：", "来源:", "作者：", "作者:", "發佈時間", "发布时间", "更新日",
};

template <std::size_t N>
bool one_of(std::string_view text, const std::string_view (&list)[N]) {
  return std::ranges::find(list, text) != std::end(list);
}

template <std::size_t N>
bool starts_as(std::string_view text, const std::string_view (&list)[N]) {
  return std::ranges::any_of(list, [text](std::string_view s) { return text.starts_with(s); });
}

bool has_digit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool is_junk_heading(std::string_view text) {
  if (text.empty() || text.size() > 90) return false;
  const std::string small = lower(text);
  return one_of(trim_signs(small), kHeadings) || starts_as(small, kHeadingStarts);
}

bool is_comments_heading(std::string_view text) {
  if (text.empty() || text.size() > 90) return false;
  const std::string small = lower(text);
  std::string_view core = trim_signs(small);
  const std::size_t number = core.find_first_not_of("0123456789.,");
  if (number == std::string_view::npos) return false;
  const bool counted = number > 0;
  core = trim_signs(core.substr(number));
  while (!core.empty() && core.back() >= '0' && core.back() <= '9') core.remove_suffix(1);
  core = trim_signs(core);
  if (one_of(core, kCommentHeadings)) return true;
  return counted && (starts_as(core, kCommentStarts));
}

bool is_junk_line(std::string_view text) {
  if (text.empty() || text.size() > 400) return false;
  const std::string small = lower(text);
  const std::string_view core = trim_signs(small);
  if (core.empty()) return small.size() < 12;
  if (one_of(core, kLines)) return true;
  return text.size() <= 260 && starts_as(small, kLineStarts);
}

bool is_byline(std::string_view text) {
  if (text.empty() || text.size() > 160) return false;
  const std::string small = lower(text);
  if (text.size() < 60 && has_digit(text) && read::parse_date(text)) return true;
  const bool reading_time = text.size() < 40 && has_digit(text) &&
                            (small.find("min read") != std::string::npos || small.find("minute read") != std::string::npos ||
                             small.find("min. read") != std::string::npos || small.find(" ago") != std::string::npos);
  if (reading_time) return true;
  const bool sentence = text.size() > 90 || text.find(". ") != std::string_view::npos;
  return !sentence && starts_as(small, kBylineStarts);
}

bool same_words(std::string_view a, std::string_view b) {
  return trim_signs(lower(trim_signs(a))) == trim_signs(lower(trim_signs(b)));
}

}  // namespace riverd::feeds::content::extract
