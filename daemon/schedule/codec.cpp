#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "daemon/schedule/model.h"

namespace riverd::schedule {
namespace {

constexpr char kVersion = 1;

/// Little-endian on every machine, so that a store can move.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  template <class T>
  void operator()(const T& value) {
    if constexpr (std::is_same_v<T, float>) {
      put(std::bit_cast<std::uint32_t>(value), 4);
    } else {
      put(value, sizeof(T));
    }
  }
  template <class T, std::size_t N>
  void operator()(const std::array<T, N>& values) {
    if constexpr (std::endian::native == std::endian::little) {
      out_.append(reinterpret_cast<const char*>(values.data()), sizeof values);
    } else {
      for (const T& value : values) (*this)(value);
    }
  }

 private:
  void put(std::uint32_t value, std::size_t bytes) {
    char little[4];
    for (std::size_t i = 0; i < bytes; ++i) little[i] = static_cast<char>(value >> (8 * i) & 0xFFU);
    out_.append(little, bytes);
  }
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_same_v<T, float>) {
      value = std::bit_cast<float>(get(4));
      ok_ = ok_ && std::isfinite(value) && std::abs(value) < 1e9F;
    } else {
      value = static_cast<T>(get(sizeof(T)));
    }
  }
  template <class T, std::size_t N>
  void operator()(std::array<T, N>& values) {
    if constexpr (std::endian::native == std::endian::little && std::is_integral_v<T>) {
      ok_ = ok_ && in_.size() >= sizeof values;
      if (!ok_) return;
      std::memcpy(values.data(), in_.data(), sizeof values);
      in_.remove_prefix(sizeof values);
    } else {
      for (T& value : values) (*this)(value);
    }
  }
  [[nodiscard]] bool whole() const { return ok_ && in_.empty(); }

 private:
  std::uint32_t get(std::size_t bytes) {
    if (in_.size() < bytes) {
      ok_ = false;
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value |= static_cast<std::uint32_t>(static_cast<unsigned char>(in_[i])) << (8 * i);
    in_.remove_prefix(bytes);
    return value;
  }
  std::string_view in_;
  bool ok_ = true;
};

std::uint32_t checksum(std::string_view bytes) {  // FNV-1a
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash;
}

}  // namespace

struct ModelCodec {
  /// One list of fields for both ways.
  template <class Model, class Visit>
  static void each_field(Model& m, Visit&& visit) {
    visit(m.last_at_), visit(m.since_), visit(m.newest_), visit(m.window_), visit(m.gap_cap_);
    visit(m.fast_), visit(m.slow_), visit(m.gaps_), visit(m.short_gaps_), visit(m.short_expected_);
    visit(m.habit_weights_);
    visit(m.tallies_.unit_at), visit(m.tallies_.day), visit(m.tallies_.minute), visit(m.tallies_.weekday);
    visit(m.tallies_.watched_hour), visit(m.tallies_.watched_weekday);
    visit(m.recent_next_), visit(m.recent_count_), visit(m.recent_);
  }
  static bool sound(const SourceModel& m) {
    return m.recent_next_ < kRecent && m.recent_count_ <= kRecent && m.since_ <= m.last_at_ && m.fast_ >= 0 && m.slow_ >= 0 &&
           m.gaps_ >= 0;
  }
};

std::string SourceModel::encode() const {
  std::string out;
  out.reserve(640);
  out += kVersion;
  Writer write(out);
  ModelCodec::each_field(*this, write);
  write(checksum(out));
  return out;
}

SourceModel SourceModel::decode(std::string_view text) {
  if (text.size() < 6 || text[0] != kVersion) return {};
  std::uint32_t sum = 0;
  Reader{text.substr(text.size() - 4)}(sum);
  text.remove_suffix(4);
  if (checksum(text) != sum) return {};
  SourceModel model;
  Reader read(text.substr(1));
  ModelCodec::each_field(model, read);
  if (!read.whole() || !ModelCodec::sound(model)) return {};
  return model;
}

}  // namespace riverd::schedule
