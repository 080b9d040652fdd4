#include "daemon/http/api.h"

#include <algorithm>

#include "daemon/http/problem.h"
#include "feeds/write/front_matter.h"
#include "feeds/write/opml.h"
#include "feeds/write/river.h"

namespace riverd::http {
namespace {

using feeds::write::append_json_string;

constexpr unsigned kDefaultLimit = 50;

/// What all answers of one state of the river share.
///   changed   when it became what it is; none where the store does not tell
Response of_the_river(std::string type, std::string body, std::optional<Time> changed, storage::Seq seq) {
  Response out(200, std::move(type), std::move(body));
  out.last_modified = changed;
  out.keep = Keep::until_change;
  out.seq = seq;
  return out;
}

std::string feed_path(FeedFormat format) {
  switch (format) {
    case FeedFormat::atom: return "/feed.atom";
    case FeedFormat::rss: return "/feed.rss";
    case FeedFormat::json: break;
  }
  return "/feed.json";
}

std::string feed_type(FeedFormat format) {
  switch (format) {
    case FeedFormat::atom: return "application/atom+xml; charset=utf-8";
    case FeedFormat::rss: return "application/rss+xml; charset=utf-8";
    case FeedFormat::json: break;
  }
  return "application/feed+json";
}

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query.append(name) += '=';
  append_percent_encoded(query, value);
}

std::string with_query(std::string url, const std::string& query) {
  return query.empty() ? url : std::move(url) + '?' + query;
}

/// The document's own links, made of the configured URL and the parsed filter, never of the request's text.
feeds::write::River describe(const Site& site, const storage::PostQuery& query, const storage::PostPage& page,
                             FeedFormat format) {
  const std::string filter = canonical_query(query);
  std::string bounds;
  if (query.limit != kDefaultLimit) add_parameter(bounds, "limit", std::to_string(query.limit));
  if (query.order == storage::Order::arrival) add_parameter(bounds, "order", "arrival");
  const auto document = [&](const std::string& cursor) {
    std::string whole = filter;
    if (!bounds.empty()) whole += (whole.empty() ? "" : "&") + bounds;
    if (!cursor.empty()) add_parameter(whole, "cursor", cursor);
    else if (query.after) add_parameter(whole, "after", std::to_string(*query.after));
    return with_query(site.base_url + feed_path(format), whole);
  };
  feeds::write::River river;
  river.title = site.title;
  river.home = with_query(site.base_url + "/", filter);
  river.self = document(query.cursor);
  river.first = document({});
  if (page.next_cursor) river.next = document(*page.next_cursor);
  return river;
}

void add_null_or(std::string& out, std::string_view key, std::string_view text) {
  out.append(",\"").append(key).append("\":");
  if (text.empty()) {
    out += "null";
  } else {
    append_json_string(out, text);
  }
}

void add_time(std::string& out, std::string_view key, const std::optional<Time>& time) {
  add_null_or(out, key, time ? rfc3339(*time) : std::string());
}

void add_number(std::string& out, std::string_view key, std::uint64_t number) {
  out.append(",\"").append(key).append("\":").append(std::to_string(number));
}

/// A URL without user and password: they are nobody's business who may read.
std::string without_credentials(std::string url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto authority = scheme + 3;
  const auto at = url.substr(authority, url.find_first_of("/?#", authority) - authority).rfind('@');
  if (at != std::string::npos) url.erase(authority, at + 1);
  return url;
}

/// The posts of a page, written into its body while they are read.
class PostList : public storage::PostSink {
 public:
  PostList(PostJson& json, std::string& body) : json_(json), body_(body) {}
  void begin(storage::Seq named) override { named_ = named; }
  bool take_known(storage::Seq seq) override {
    const std::size_t end = body_.size();
    if (!empty_) body_ += ',';
    const bool known = json_.append_kept(body_, seq, named_);
    if (!known) body_.resize(end);
    empty_ = empty_ && !known;
    return known;
  }
  void take(const feeds::write::PostView& post) override {
    if (!empty_) body_ += ',';
    json_.append(body_, post, named_);
    empty_ = false;
  }

 private:
  PostJson& json_;
  std::string& body_;
  storage::Seq named_ = 0;
  bool empty_ = true;
};

/// About what a page takes: a body that grows by doubling is copied as often as it grows.
std::size_t room_for(unsigned posts) {
  constexpr std::size_t kAround = 3000;
  constexpr std::size_t kMost = 256U << 10U;
  return std::min(kMost, 256 + posts * kAround);
}

}  // namespace

Response problem(const BadParameter& bad) { return problem(400, "parameter " + bad.name + ": " + bad.why, bad.name); }

Response Api::posts(const Request& request) const {
  auto query = parse_filter(request.query);
  if (!query) return problem(query.error());
  const Time changed = freshness_.time();  // before the query: what it shows is at least as new
  std::string body = "{\"posts\":[";
  body.reserve(room_for(query->limit));
  PostList posts(json_, body);
  query->sink = &posts;
  auto page = store_.posts(*query);
  if (!page) {
    const bool cursor = page.error().code() == Errc::invalid && !query->cursor.empty();
    return cursor ? problem(400, page.error().message(), "cursor") : problem(page.error());
  }
  body += "],\"next_cursor\":";
  if (page->next_cursor) {
    append_json_string(body, *page->next_cursor);
  } else {
    body += "null";
  }
  body += "}\n";
  return of_the_river("application/json", std::move(body), changed, page->seq);
}

Response Api::post(const Request& request) const {
  std::string_view id = request.segments.back();
  const bool markdown = id.ends_with(".md");
  if (markdown) id.remove_suffix(3);
  const storage::Seq seq = freshness_.seq.load();
  auto found = store_.post(id);
  if (!found) return problem(found.error());
  if (!*found) return problem(404, "there is no post with this id");
  storage::StoredPost& post = **found;
  // Not dated by its arrival: its publisher may have changed it since, and another source may carry it.
  if (markdown) {
    if (!post.post.content) post.post.content = feeds::markdown(post.post);
    return of_the_river("text/markdown; charset=utf-8", feeds::write::post_markdown(post.post, post.sources),
                        std::nullopt, seq);
  }
  std::string body;
  const auto extra = kept(post);
  feeds::write::append_json(body, post.post, &extra);
  body += '\n';
  return of_the_river("application/json", std::move(body), std::nullopt, seq);
}

Response Api::feed(const Request& request, FeedFormat format) const {
  const auto query = parse_filter(request.query);
  if (!query) return problem(query.error());
  const Time changed = freshness_.time();
  auto page = store_.posts(*query);
  if (!page) {
    const bool cursor = page.error().code() == Errc::invalid && !query->cursor.empty();
    return cursor ? problem(400, page.error().message(), "cursor") : problem(page.error());
  }
  auto river = describe(*request.site, *query, *page, format);
  river.updated = changed;
  river.generator = "riverd " + version_;
  std::vector<feeds::write::Kept> extras;
  extras.reserve(page->posts.size());
  std::vector<feeds::write::RiverPost> posts;
  for (const auto& post : page->posts) {
    extras.push_back(kept(post));
    posts.push_back({&post.post, &extras.back(), post.arrived});
  }
  std::string body = format == FeedFormat::atom  ? feeds::write::atom(river, posts)
                     : format == FeedFormat::rss ? feeds::write::rss(river, posts)
                                                 : feeds::write::json_feed(river, posts);
  Response out = of_the_river(feed_type(format), std::move(body), changed, page->seq);
  out.cache_control = request.site->protect_reads ? "private, max-age=60" : "public, max-age=60";
  return out;
}

namespace {

/// Left out where the source never wanted its stories' pages.
void append_articles(std::string& out, const std::optional<storage::PageCounts>& pages) {
  if (!pages) return;
  out += ",\"articles\":{\"waiting\":" + std::to_string(pages->waiting);
  add_number(out, "complete", pages->complete);
  add_number(out, "failed", pages->failed);
  add_null_or(out, "problem", pages->problem);
  add_time(out, "problem_at", pages->problem_at);
  out += '}';
}

}  // namespace

void append_source_json(std::string& out, const storage::SourceView& source) {
  const storage::PollState& state = source.state;
  out += "{\"name\":";
  append_json_string(out, source.name);
  add_null_or(out, "title", source.title.value_or(""));
  add_null_or(out, "url", without_credentials(source.url));
  add_null_or(out, "effective_url", without_credentials(state.effective_url.empty() ? source.url : state.effective_url));
  add_null_or(out, "site_url", state.site_url);
  add_null_or(out, "state", storage::to_string(state.state));
  add_number(out, "posts", source.posts);
  add_time(out, "last_poll", state.last_poll);
  add_time(out, "last_success", state.last_success);
  add_time(out, "next_poll", state.next_poll);
  const bool first = state.next_poll && state.next_poll_reason.empty();
  add_null_or(out, "next_poll_reason", first ? "its first poll; first polls are spread" : state.next_poll_reason);
  out.append(",\"interval_seconds\":").append(std::to_string(state.interval.count()));
  out.append(",\"http_status\":").append(state.http_status > 0 ? std::to_string(state.http_status) : "null");
  add_null_or(out, "error", state.error);
  add_null_or(out, "etag", state.etag);
  add_null_or(out, "last_modified", state.last_modified);
  add_number(out, "consecutive_failures", state.consecutive_failures);
  add_number(out, "polls", state.polls);
  add_number(out, "not_modified", state.not_modified);
  add_number(out, "bytes", state.bytes);
  append_articles(out, source.pages);
  out += '}';
}

Response Api::sources(const Request&) const {
  std::string body = "{\"sources\":[";
  const auto walked = store_.each_source([&body](storage::SourceView&& source) {
    if (!source.configured) return true;  // only its posts are left
    if (body.back() == '}') body += ',';
    append_source_json(body, source);
    return true;
  });
  if (!walked) return problem(walked.error());
  body += "]}\n";
  Response out(200, "application/json", std::move(body));
  out.keep = Keep::second;
  return out;
}

Response Api::opml(const Request& request) const {
  std::vector<feeds::read::Subscription> list;
  const auto walked = store_.each_source([&list](storage::SourceView&& source) {
    if (!source.configured) return true;
    feeds::read::Subscription subscription;
    subscription.url = without_credentials(source.url);
    subscription.title = source.title.value_or(source.name);
    if (!source.state.site_url.empty()) subscription.site_url = source.state.site_url;
    subscription.categories = std::move(source.categories);
    list.push_back(std::move(subscription));
    return true;
  });
  if (!walked) return problem(walked.error());
  Response out(200, "text/x-opml; charset=utf-8", feeds::write::opml(request.site->title, list));
  out.headers.emplace_back("Content-Disposition", "inline; filename=\"riverd.opml\"");
  out.keep = Keep::second;
  return out;
}

Response Api::poll(const Request& request) const {
  const std::string& name = request.segments[3];
  if (const auto asked = engine_.poll_now(name); !asked) {
    if (asked.error().code() != Errc::busy) return problem(asked.error());
    Response out = problem(409, asked.error().message());
    out.headers.emplace_back("Retry-After", "60");
    return out;
  }
  std::string body = "{\"source\":";
  append_json_string(body, name);
  body += ",\"polling\":true}\n";
  Response out(202, "application/json", std::move(body));
  out.cache_control = "no-store";
  return out;
}

}  // namespace riverd::http
