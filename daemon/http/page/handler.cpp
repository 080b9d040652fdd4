#include "daemon/http/page/handler.h"

#include "daemon/http/encoding.h"
#include "daemon/http/page/assets.h"
#include "daemon/http/page/view.h"
#include "daemon/http/problem.h"

namespace riverd::http {
namespace {

constexpr unsigned kPostsAPage = 50;
constexpr std::size_t kSourcesToBrowse = 201;  // one more than the page lists: it says that there are others
constexpr std::size_t kSourcesToShow = 1000;
constexpr std::size_t kTagsToBrowse = 40;
constexpr unsigned kDaysOfActivity = 30;

/// Images of posts come from anywhere and are asked for without a referrer; nothing else leaves this origin.
std::string content_security_policy(bool images) {
  return std::string("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
                     "base-uri 'none'; frame-ancestors 'none'; ") +
         (images ? "img-src 'self' data: http: https:; media-src http: https:" : "img-src 'self'; media-src http: https:");
}

std::vector<std::string> all(const Request& request, std::string_view name) {
  std::vector<std::string> out;
  for (const auto& parameter : request.query)
    if (parameter.name == name && !parameter.value.empty()) out.push_back(parameter.value);
  return out;
}

class Pages {
 public:
  Pages(storage::Store& store, std::function<Time()> clock) : store_(store), clock_(std::move(clock)) {}

  Response operator()(const Request& request) const {
    const page::Site site{request.site->title, request.site->images,
                          request.signed_in && !request.bearer && request.site->has_token, clock_()};
    if (request.path == "/") return river(site, request);
    if (request.path == "/sources") return sources(site, request);
    if (request.path == "/sign-in") return sign_in(site, request);
    if (request.segments.size() == 2 && request.segments[0] == "posts") return post(site, request);
    const bool favicon = request.path == "/favicon.ico";  // asked for by what reads no <link>
    if (const page::Asset* asset = favicon ? &page::icon() : page::find_asset(request.path)) return file(*asset, request);
    return not_found(site, request);
  }

 private:
  static Response sign_in(const page::Site& site, const Request& request) {
    const bool wrong = request.parameter("wrong").has_value();
    Response out = html(site, 200, page::render_sign_in(site, request.parameter("next").value_or("/"), wrong));
    out.last_modified = request.site->since;
    return out;
  }

  static Response html(const page::Site& site, unsigned status, std::string text) {
    Response out(status, "text/html; charset=utf-8", std::move(text));
    out.headers.emplace_back("Content-Security-Policy", content_security_policy(site.images));
    return out;
  }

  /// A page to a browser; to all else what the API would say.
  static Response failure(const page::Site& site, const Request& request, Response said, std::string_view headline,
                          std::string_view words) {
    if (!wants_html(request.header("Accept"))) return said;
    Response out = html(site, said.status, page::render_problem(site, headline, words));
    for (auto& field : said.headers) out.headers.push_back(std::move(field));
    return out;
  }

  static Response not_found(const page::Site& site, const Request& request) {
    return failure(site, request, problem(404, "there is nothing at this path"), "There is nothing here",
                   "The page you asked for does not exist, or its post is no longer kept.");
  }

  static Response failed(const page::Site& site, const Request& request, const Error& error) {
    if (error.code() == Errc::invalid)
      return failure(site, request, problem(400, error.message(), "cursor"), "That link leads nowhere",
                     "It was cut short, or belongs to another selection of posts.");
    return failure(site, request, problem(error), "The river cannot be read now", "Please try again in a moment.");
  }

  static Response file(const page::Asset& asset, const Request& request) {
    Response out(200, asset.type, std::string(asset.bytes));
    out.cache_control = request.path == asset.path ? "public, max-age=31536000, immutable" : "public, max-age=86400";
    out.keep = Keep::until_reload;
    out.last_modified = request.site->since;
    return out;
  }

  Response river(const page::Site& site, const Request& request) const {
    page::River view;
    view.filter = {all(request, "source"), all(request, "category"), all(request, "tag"), all(request, "author"),
                   std::string(request.parameter("q").value_or(""))};
    const auto answer = posts(view, request.parameter("cursor").value_or(""));
    if (!answer) return failed(site, request, answer.error());
    if (const auto browsed = browse(view); !browsed) return failed(site, request, browsed.error());
    Response out = html(site, 200, page::render(site, view));
    out.keep = Keep::second;
    return out;
  }

  Result<void> posts(page::River& view, std::string_view cursor) const {
    storage::PostQuery query;
    query.sources = view.filter.sources;
    query.categories = view.filter.categories;
    query.tags = view.filter.tags;
    query.authors = view.filter.authors;
    query.q = view.filter.q;
    query.cursor = cursor;
    query.limit = kPostsAPage;
    query.with_content = false;
    auto found = store_.posts(query);
    if (!found) return found.error();
    view.posts = std::move(found->posts);
    view.next_cursor = std::move(found->next_cursor);
    view.first_page = cursor.empty();
    view.seq = found->seq;
    return {};
  }

  Result<void> browse(page::River& view) const {
    const auto walked = store_.each_source([&view](storage::SourceView&& source) {
      if (source.configured) view.sources.push_back(std::move(source));
      return view.sources.size() < kSourcesToBrowse;
    });
    if (!walked) return walked.error();
    auto categories = store_.categories();
    if (!categories) return categories.error();
    auto tags = store_.tags(kTagsToBrowse);
    if (!tags) return tags.error();
    view.categories = std::move(*categories);
    view.tags = std::move(*tags);
    return {};
  }

  Response post(const page::Site& site, const Request& request) const {
    const auto found = store_.post(request.segments[1]);
    if (!found) return failed(site, request, found.error());
    if (!*found) return not_found(site, request);
    Response out = html(site, 200, page::render(site, **found));
    out.keep = Keep::second;
    return out;
  }

  Response sources(const page::Site& site, const Request& request) const {
    page::Health view;
    // What needs a look goes before what is well, and a hundred thousand rows would help nobody.
    std::vector<storage::SourceView> well;
    const auto walked = store_.each_source([&](storage::SourceView&& source) {
      if (!source.configured) return true;
      const bool ill = source.state.state == storage::State::failing || source.state.state == storage::State::gone;
      auto& list = ill ? view.sources : well;
      if (list.size() < kSourcesToShow) list.push_back(std::move(source));
      return true;
    });
    if (!walked) return failed(site, request, walked.error());
    auto activity = store_.activity(site.now, kDaysOfActivity);
    if (!activity) return failed(site, request, activity.error());
    const auto totals = store_.totals();
    if (!totals) return failed(site, request, totals.error());
    for (auto& source : well)
      if (view.sources.size() < kSourcesToShow) view.sources.push_back(std::move(source));
    view.activity = std::move(*activity);
    view.days = kDaysOfActivity;
    view.totals = *totals;
    Response out = html(site, 200, page::render(site, view));
    out.keep = Keep::second;
    return out;
  }

  storage::Store& store_;
  std::function<Time()> clock_;
};

}  // namespace

PageHandler make_page_handler(storage::Store& store, std::function<Time()> clock) {
  return Pages(store, std::move(clock));
}

}  // namespace riverd::http
