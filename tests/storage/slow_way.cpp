#include "slow_way.h"

#include <algorithm>

namespace riverd::storage::testing {
namespace {

bool any(const std::vector<std::string>& wanted, const std::vector<std::string>& has) {
  return wanted.empty() ||
         std::any_of(wanted.begin(), wanted.end(), [&](const auto& w) { return std::find(has.begin(), has.end(), w) != has.end(); });
}

}  // namespace

bool passes(const PostQuery& query, const StoredPost& stored) {
  std::vector<std::string> sources, authors;
  for (const auto& source : stored.sources) sources.push_back(source.name);
  for (const auto& author : stored.post.authors) authors.push_back(author.name.value_or(""));
  const Time when = stored.post.date.value_or(stored.arrived);
  const bool found = query.q.empty() || stored.post.title.find(query.q) != std::string::npos;
  return any(query.sources, sources) && any(query.categories, stored.post.categories) && any(query.tags, stored.post.tags) &&
         any(query.authors, authors) && (!query.since || when >= *query.since) && (!query.until || when < *query.until) && found;
}

std::vector<std::string> ids(const std::vector<StoredPost>& posts) {
  std::vector<std::string> out;
  for (const auto& post : posts) out.push_back(post.post.id);
  return out;
}

void fill_many(River& river, std::mt19937& random) {
  std::vector<feeds::Post> posts;
  const auto one = [&](int n) {
    const std::string number = std::to_string(n);
    auto post = post_of({"g" + number, "https://x.example/" + number, "post", kNoon - Seconds(random() % 100'000)});
    const auto in = [n](int most) { return std::to_string(n % most); };
    post.categories = {"c" + in(3)};
    post.tags = {"of-20-" + in(20), "of-400-" + in(400), n < kMany / 8 ? "early" : "later"};
    if (n > kMany - 40) post.tags.push_back("late");
    if (n % 97 == 5) {
      for (int i = 0; i < 80; ++i) post.tags.push_back("many-" + std::to_string(i));
    }
    post.authors = {{"author " + in(7), std::nullopt, std::nullopt}};
    post.title = "all w2-" + in(2) + " w30-" + in(30) + " w900-" + in(900) + " post";
    return post;
  };
  for (int n = 0; n < kMany; ++n) {
    posts.push_back(one(n));
    if (posts.size() < 100) continue;
    river.poll_posts("s" + std::to_string(n / 100 % 5), posts);
    posts.clear();
  }
  for (int i = 0; i < 20; ++i) {
    auto changed = one(static_cast<int>(random() % kMany));
    const int n = std::stoi(changed.guid->substr(1));
    changed.summary = "changed";
    river.poll_posts("s" + std::to_string(n / 100 % 5), {changed});
  }
}

void compare_many(River& river, const std::vector<StoredPost>& everything, std::mt19937& random, int queries) {
  const auto one_of = [&random](const std::vector<std::string>& values) { return values[random() % values.size()]; };
  for (int i = 0; i < queries; ++i) {
    PostQuery query;
    query.order = random() % 3 == 0 ? Order::date : Order::arrival;
    if (random() % 3 == 0) query.categories = {"c" + std::to_string(random() % 4)};
    if (random() % 5 == 0) query.categories.push_back("c1");
    if (random() % 2 == 0) query.tags = {one_of({"of-20-3", "of-400-7", "early", "later", "late", "many-3", "many-70", "none"})};
    if (random() % 6 == 0) query.tags.push_back("of-20-9");
    if (random() % 6 == 0) query.authors = {"author " + std::to_string(random() % 8)};
    if (random() % 6 == 0) query.sources = {"s1"};
    if (random() % 6 == 0) query.sources = {"s3", "s1", "nobody"};
    std::vector<std::string> words;
    std::vector<std::string> unwanted;
    if (random() % 2 == 0) words.push_back(one_of({"all", "w2-1", "w30-4", "w900-8", "w900-1000"}));
    if (random() % 6 == 0) unwanted.push_back(one_of({"w2-1", "w30-4", "w900-8", "w900-1000"}));
    for (const auto& word : words) query.q += '"' + word + "\" ";
    for (const auto& word : unwanted) query.q += "-\"" + word + "\" ";
    if (random() % 6 == 0) query.q += random() % 2 ? "pos* " : "pox* ";
    const bool no_prefix = query.q.find("pox*") != std::string::npos;
    if (random() % 4 == 0) query.since = kNoon - Seconds(random() % 100'000);
    if (random() % 4 == 0) query.until = kNoon - Seconds(random() % 100'000);
    if (query.order == Order::arrival && random() % 2 == 0) query.after = static_cast<Seq>(random() % (kMany + 100));
    query.limit = 1 + static_cast<unsigned>(random() % 80);
    CAPTURE(query.q, query.tags, query.categories, query.authors, query.after.value_or(0), query.limit);
    PostQuery but_words = query;
    but_words.q.clear();
    std::vector<StoredPost> expected;
    for (const auto& post : everything) {
      const std::string padded = ' ' + post.post.title + ' ';
      const auto has = [&padded](const std::string& word) { return padded.find(' ' + word + ' ') != std::string::npos; };
      if (passes(but_words, post) && std::all_of(words.begin(), words.end(), has) &&
          std::none_of(unwanted.begin(), unwanted.end(), has) && !no_prefix && (!query.after || post.seq > *query.after)) {
        expected.push_back(post);
      }
    }
    if (query.order == Order::arrival) {
      std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.seq < b.seq; });
    }
    for (std::size_t begin = 0, pages = 0; pages < 3; ++pages) {
      const auto page = river->posts(query);
      REQUIRE(page);
      const std::size_t size = std::min<std::size_t>(query.limit, expected.size() - begin);
      const auto first = expected.begin() + static_cast<std::ptrdiff_t>(begin);
      REQUIRE(ids(page->posts) == ids({first, first + static_cast<std::ptrdiff_t>(size)}));
      begin += size;
      REQUIRE(page->next_cursor.has_value() == (begin < expected.size()));
      if (!page->next_cursor) break;
      query.cursor = *page->next_cursor;
    }
  }
}

}  // namespace riverd::storage::testing
