#include "storage/sqlite/codec.h"

#include <charconv>

namespace riverd::storage::sqlite {
namespace {

using Field = std::optional<std::string>;

void put_number(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(0x80U | (value & 0x7fU));
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

void put(std::string& out, std::optional<std::string_view> field) {
  if (!field) return put_number(out, 0);
  put_number(out, field->size() + 1);
  out += *field;
}

void put(std::string& out, const std::vector<std::string>& list) {
  put_number(out, list.size());
  for (const auto& text : list) {
    put_number(out, text.size() + 1);
    out += text;
  }
}

/// Reads from the front; after the end, or where a length lies, everything is empty and `more` false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool more() const { return !rest_.empty(); }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    rest_ = {};
    return 0;
  }

  std::optional<std::string_view> view() {
    const std::uint64_t length = number();
    if (length == 0) return std::nullopt;
    if (length - 1 > rest_.size()) {
      rest_ = {};
      return std::nullopt;
    }
    const std::string_view text = rest_.substr(0, length - 1);
    rest_.remove_prefix(length - 1);
    return text;
  }

  Field field() {
    const auto text = view();
    return text ? Field(*text) : std::nullopt;
  }

  template <class Text>
  void list(std::vector<Text>& out) {
    for (std::uint64_t left = number(); left > 0 && more(); --left) out.emplace_back(view().value_or(""));
  }

  std::vector<std::string> list() {
    std::vector<std::string> out;
    list(out);
    return out;
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> to_integer(std::optional<std::string_view> field) {
  if (!field) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace

std::string encode(const ListedPost& post) {
  std::string out;
  put_number(out, static_cast<std::uint64_t>(post.seq));
  put_number(out, static_cast<std::uint64_t>(post.number));
  put(out, post.facets);
  return out;
}

std::optional<ListedPost> view_listed(std::string_view blob) {
  Reader reader(blob);
  ListedPost post;
  post.seq = static_cast<std::int64_t>(reader.number());
  post.number = static_cast<std::int64_t>(reader.number());
  post.facets = reader.view();
  if (post.seq <= 0 || post.number <= 0) return std::nullopt;
  return post;
}

std::string encode(const std::vector<PlacedPost>& posts) {
  std::string out;
  std::int64_t above = 0;  // modulo 2^64: any place is some steps below any other
  for (const auto& post : posts) {
    put_number(out, static_cast<std::uint64_t>(above) - static_cast<std::uint64_t>(post.pos));
    put_number(out, static_cast<std::uint64_t>(post.seq));
    put_number(out, static_cast<std::uint64_t>(post.number));
    above = post.pos;
  }
  return out;
}

std::vector<PlacedPost> decode_placed(std::string_view blob) {
  std::vector<PlacedPost> posts;
  std::uint64_t above = 0;
  for (Reader reader(blob); reader.more();) {
    above -= reader.number();
    PlacedPost post{static_cast<std::int64_t>(above), 0, 0};
    post.seq = static_cast<std::int64_t>(reader.number());
    post.number = static_cast<std::int64_t>(reader.number());
    if (post.seq <= 0 || post.number <= 0 || (!posts.empty() && post.pos >= posts.back().pos)) return {};
    posts.push_back(post);
  }
  return posts;
}

std::string encode(const std::vector<std::string>& list) {
  std::string out;
  if (!list.empty()) put(out, list);
  return out;
}

std::string encode(const std::vector<feeds::Author>& authors) {
  std::string out;
  for (const auto& author : authors) {
    put(out, author.name);
    put(out, author.email);
    put(out, author.url);
  }
  return out;
}

std::string encode(const std::vector<feeds::Enclosure>& enclosures) {
  std::string out;
  for (const auto& enclosure : enclosures) {
    put(out, enclosure.url);
    put(out, enclosure.type);
    put(out, enclosure.length ? Field(std::to_string(*enclosure.length)) : std::nullopt);
  }
  return out;
}

std::string encode(const std::vector<Carrier>& carriers) {
  std::string out;
  for (const auto& carrier : carriers) {
    put_number(out, static_cast<std::uint64_t>(carrier.source));
    put(out, carrier.tags);
    put(out, carrier.categories);
  }
  return out;
}

std::vector<std::string> decode_strings(std::string_view blob) { return Reader(blob).list(); }

std::vector<feeds::Author> decode_authors(std::string_view blob) {
  std::vector<feeds::Author> authors;
  for (Reader reader(blob); reader.more();) {
    feeds::Author author;
    author.name = reader.field();
    author.email = reader.field();
    author.url = reader.field();
    authors.push_back(std::move(author));
  }
  return authors;
}

std::vector<feeds::Enclosure> decode_enclosures(std::string_view blob) {
  std::vector<feeds::Enclosure> enclosures;
  for (Reader reader(blob); reader.more();) {
    feeds::Enclosure enclosure;
    enclosure.url = reader.field().value_or("");
    enclosure.type = reader.field();
    enclosure.length = to_integer(reader.view());
    enclosures.push_back(std::move(enclosure));
  }
  return enclosures;
}

std::vector<Carrier> decode_carriers(std::string_view blob) {
  std::vector<Carrier> carriers;
  for (Reader reader(blob); reader.more();) {
    Carrier carrier;
    carrier.source = static_cast<std::int64_t>(reader.number());
    carrier.tags = reader.list();
    carrier.categories = reader.list();
    carriers.push_back(std::move(carrier));
  }
  return carriers;
}

void view_strings(std::string_view blob, std::vector<std::string_view>& list) {
  list.clear();
  Reader(blob).list(list);
}

void view_authors(std::string_view blob, std::vector<feeds::write::AuthorView>& authors) {
  authors.clear();
  for (Reader reader(blob); reader.more();) {
    auto& author = authors.emplace_back();
    author.name = reader.view();
    author.email = reader.view();
    author.url = reader.view();
  }
}

void view_enclosures(std::string_view blob, std::vector<feeds::write::EnclosureView>& enclosures) {
  enclosures.clear();
  for (Reader reader(blob); reader.more();) {
    auto& enclosure = enclosures.emplace_back();
    enclosure.url = reader.view().value_or("");
    enclosure.type = reader.view();
    enclosure.length = to_integer(reader.view());
  }
}

std::vector<CarrierView> view_carriers(std::string_view blob) {
  std::vector<CarrierView> carriers;
  for (Reader reader(blob); reader.more();) {
    auto& carrier = carriers.emplace_back();
    carrier.source = static_cast<std::int64_t>(reader.number());
    reader.list(carrier.tags);
    reader.list(carrier.categories);
  }
  return carriers;
}

}  // namespace riverd::storage::sqlite
