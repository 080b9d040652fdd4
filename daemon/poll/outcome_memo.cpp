#include "daemon/poll/outcome_memo.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace riverd::poll {
namespace {

constexpr char kVersion = 'a';

void put(std::string& out, std::uint64_t value, std::size_t bytes) {
  char little[8];
  for (std::size_t i = 0; i < bytes; ++i) little[i] = static_cast<char>(value >> (8 * i) & 0xFFU);
  out.append(little, bytes);
}

std::uint64_t take(std::string_view& in, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{static_cast<unsigned char>(in[i])} << (8 * i);
  in.remove_prefix(bytes);
  return value;
}

/// The fields before the model, in order; one list for both ways.
template <class Memo, class Visit>
void each_field(Memo& m, Visit&& visit) {
  visit(m.validators_of), visit(m.fresh_left), visit(m.fresh_stated), visit(m.ttl), visit(m.skip_hours), visit(m.skip_days);
  visit(m.restless), visit(m.healthy_gap), visit(m.known_next), visit(m.known_count);
  for (auto& entry : m.known) visit(entry);
}

std::size_t fields_size() {
  std::size_t size = 0;
  const Memo memo;
  each_field(memo, [&](const auto& field) { size += sizeof field; });
  return size;
}

}  // namespace

std::string Memo::encode() const {
  std::string out;
  out.reserve(1024);
  out += kVersion;
  each_field(*this, [&](const auto& field) { put(out, field, sizeof field); });
  const std::string_view url = std::string_view(validators_url).substr(0, kLongestUrl);
  put(out, url.size(), 1);
  out += url;
  put(out, XXH64(out.data(), out.size(), 0), 4);
  out += model.encode();
  return out;
}

Memo Memo::decode(std::string_view text, Part part) {
  const std::size_t fixed = 1 + fields_size();
  if (text.size() <= fixed || text[0] != kVersion) return {};
  const std::size_t url_size = static_cast<unsigned char>(text[fixed]);
  const std::size_t head = fixed + 1 + url_size;
  if (text.size() < head + 4) return {};
  std::string_view sum = text.substr(head, 4);
  if (take(sum, 4) != (XXH64(text.data(), head, 0) & 0xFFFF'FFFFU)) return {};
  Memo memo;
  std::string_view fields = text.substr(1);
  each_field(memo, [&](auto& field) { field = static_cast<std::remove_reference_t<decltype(field)>>(take(fields, sizeof field)); });
  memo.known_next = static_cast<std::uint8_t>(memo.known_next % kKnownEntries);
  memo.known_count = std::min<std::uint8_t>(memo.known_count, kKnownEntries);
  memo.validators_url = text.substr(fixed + 1, url_size);
  if (part == Part::all) memo.model = schedule::SourceModel::decode(text.substr(head + 4));
  return memo;
}

bool Memo::learn_entry(std::string_view id) {
  const auto digest = static_cast<std::uint16_t>(XXH64(id.data(), id.size(), 1));
  const auto end = known.begin() + known_count;
  if (std::find(known.begin(), end, digest) != end) return false;
  known[known_next] = digest;
  known_next = static_cast<std::uint8_t>((known_next + 1U) % kKnownEntries);
  known_count = static_cast<std::uint8_t>(std::min<std::size_t>(known_count + 1U, kKnownEntries));
  return true;
}

std::uint64_t url_key(std::string_view url) {
  const std::uint64_t key = XXH64(url.data(), url.size(), 2);
  return key == 0 ? 1 : key;
}

}  // namespace riverd::poll
