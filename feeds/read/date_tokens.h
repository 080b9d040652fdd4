#pragma once
/// The pieces a written date is made of. Private to date.cpp.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace riverd::feeds::read {

/// How many bytes of a text are looked at: no date is longer.
inline constexpr std::size_t kDateBytes = 200;

struct DateToken {
  enum class Kind : std::uint8_t {
    number,  ///< a run of digits of any script
    word,    ///< a run of letters, folded: lower case, without accents
    unit,    ///< a CJK or Hangul counter behind a number: `mark` is one of Y M D h m s
    mark,    ///< one ASCII sign: `mark` says which; others are left out
  };
  Kind kind = Kind::mark;
  bool spaced = false;       ///< white space stands before it
  bool upper = false;        ///< a word of ASCII capitals only
  char mark = 0;
  std::uint8_t digits = 0;   ///< how many, leading zeros counted
  std::int64_t value = 0;    ///< of a number; saturated where more than 18 digits
  std::string_view text = {};  ///< of a word
};

/// Cuts a text into tokens without allocating. Full-width, Arabic-Indic and Han numerals are numbers too.
class DateTokens {
 public:
  explicit DateTokens(std::string_view text);
  DateTokens(const DateTokens&) = delete;
  DateTokens& operator=(const DateTokens&) = delete;

  [[nodiscard]] std::size_t size() const { return size_; }
  /// The token at an index; past the end a mark 0.
  [[nodiscard]] const DateToken& operator[](std::size_t i) const { return i < size_ ? tokens_[i] : end_; }

  [[nodiscard]] bool is_number(std::size_t i) const { return (*this)[i].kind == DateToken::Kind::number && i < size_; }
  [[nodiscard]] bool is_word(std::size_t i) const { return (*this)[i].kind == DateToken::Kind::word && i < size_; }
  [[nodiscard]] bool is_mark(std::size_t i, char c) const {
    return i < size_ && tokens_[i].kind == DateToken::Kind::mark && tokens_[i].mark == c;
  }
  [[nodiscard]] bool is_unit(std::size_t i, char c) const {
    return i < size_ && tokens_[i].kind == DateToken::Kind::unit && tokens_[i].mark == c;
  }
  /// Hangul counters were used: the writer's clock is Korea's.
  [[nodiscard]] bool korean() const { return korean_; }

 private:
  class Cutter;
  DateToken end_;
  std::array<DateToken, 80> tokens_;
  std::size_t size_ = 0;
  std::array<char, kDateBytes + 8> folded_;  // what the words' views point into
  bool korean_ = false;
};

}  // namespace riverd::feeds::read
