#include "config/document.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace riverd::config {
namespace {

constexpr std::size_t kMaxMistakes = 20;
constexpr std::size_t kMaxReread = 64U << 20U;  // bytes parsed again after mistakes, all rounds together
constexpr std::ptrdiff_t kMaxDots = 500;        // a dotted key nests once a dot, and trees of toml++ end by recursion

constexpr std::string_view kStandInHeader = "[\"broken header of line ";

struct Mistake {
  std::uint32_t line;
  std::uint32_t column;
  std::string message;
};

/// One line of text, as offsets into it, without its end.
struct Line {
  std::size_t begin;
  std::size_t end;
};

std::optional<Line> find_line(std::string_view text, std::uint32_t number) {
  std::size_t begin = 0;
  for (std::uint32_t i = 1; i < number; ++i) {
    const auto newline = text.find('\n', begin);
    if (newline == std::string_view::npos) return std::nullopt;
    begin = newline + 1;
  }
  return Line{begin, std::min(text.find('\n', begin), text.size())};
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

/// What people do most, said in their words; the rest in those of toml++.
std::string cleaned(std::string_view description) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  if (description.find("integer: expected digit, saw '") != std::string_view::npos) {
    return "this is no number; durations, sizes and texts are written in \"quotes\"";
  }
  if (description.find("could not determine value type") != std::string_view::npos) {
    return "no value is written like this; texts are written in \"quotes\"";
  }
  if (description.find("string: unescaped control characters") != std::string_view::npos) {
    return "the string is not closed on its line, or holds a control character";
  }
  if (description.starts_with(kPrefix)) description.remove_prefix(kPrefix.size());
  std::string result;
  for (const char c : description) {
    if (static_cast<unsigned char>(c) >= 0x20) result += c;
  }
  return result;
}

std::optional<Mistake> parse_once(std::string_view text, const std::string& file, toml::table& tree) {
  try {
    tree = toml::parse(text, std::string_view(file));
    return std::nullopt;
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return Mistake{std::max<std::uint32_t>(at.line, 1), std::max<std::uint32_t>(at.column, 1), cleaned(error.description())};
  }
}

bool parses_alone(std::string_view line) {
  toml::table ignored;
  return !parse_once(line, {}, ignored);
}

/// Takes the line to blame out: the one of the mistake unless it is fine by itself and the one above is not (an array that
/// was not closed is noticed one line late). A broken header leaves a stand-in, so that the keys below it do not become
/// those of the table above. Returns false when there is nothing to take out.
bool take_out(std::string& text, std::uint32_t number) {
  const auto here = find_line(text, number);
  if (!here) return false;
  const auto line = [&](const Line& at) { return std::string_view(text).substr(at.begin, at.end - at.begin); };
  auto blamed = *here;
  if (const auto above = number > 1 ? find_line(text, number - 1) : std::nullopt) {
    if (parses_alone(line(*here)) && !parses_alone(line(*above))) blamed = *above;
  }
  const auto old = line(blamed);
  if (is_blank(old) || old.starts_with(kStandInHeader)) return false;
  const bool header = old[old.find_first_not_of(" \t")] == '[';
  const auto replacement = header ? std::string(kStandInHeader) + std::to_string(number) + "\"]" : std::string();
  text.replace(blamed.begin, blamed.end - blamed.begin, replacement);
  return true;
}

void drop_stand_ins(toml::table& tree) {
  constexpr auto name = kStandInHeader.substr(2);
  for (auto it = tree.begin(); it != tree.end();) it = it->first.str().starts_with(name) ? tree.erase(it) : std::next(it);
}

/// Empties lines that would nest too deep, and reports them.
void refuse_deep_keys(std::string& text, const std::string& file, std::vector<Diagnostic>& errors) {
  std::uint32_t number = 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto first = text.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = text.begin() + static_cast<std::ptrdiff_t>(end);
    if (last - first > kMaxDots && std::count(first, last, '.') > kMaxDots) {
      errors.push_back({file, number, 1, "a line with more than 500 dots is not read"});
      std::fill(first, last, ' ');
    }
    begin = end + 1;
  }
}

}  // namespace

toml::table parse_document(std::string_view text, const std::string& file, std::vector<Diagnostic>& errors) {
  std::string current(text);
  refuse_deep_keys(current, file, errors);
  toml::table tree;
  std::size_t reread = 0;
  for (std::size_t round = 0; round < kMaxMistakes; ++round) {
    const auto mistake = parse_once(current, file, tree);
    if (!mistake) {
      drop_stand_ins(tree);
      return tree;
    }
    const bool again = !errors.empty() && errors.back().line == mistake->line && errors.back().column == mistake->column;
    if (!again) errors.push_back({file, mistake->line, mistake->column, mistake->message});
    reread += current.size();
    if (reread > kMaxReread || !take_out(current, mistake->line)) break;
  }
  return {};
}

}  // namespace riverd::config
