#pragma once
/// Safe HTML as it grows. Whatever is asked of it, what it holds parses in a browser to the very elements
/// that were opened: an element is opened only where a parser would just put it into the current node, and
/// every element is closed by its own end tag while it is the current node. So nothing is implied, adopted or
/// foster-parented, and parsing what it holds and writing that again changes nothing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/content/tag.h"

namespace riverd::feeds::content {

class Output {
 public:
  /// An element that may still be open; 0 is none.
  using Handle = std::uint32_t;

  explicit Output(std::size_t expected_size) { html_.reserve(expected_size); }

  /// Opens an element; elements in its way (an open paragraph before a block, say) are closed first.
  ///   attributes   as in a tag, each with its leading space, escaped
  /// Returns 0 where it cannot stand: then only its content goes on.
  Handle open(Tag tag, std::string_view attributes);
  /// Closes an element and what is still open in it; nothing where it was closed before.
  void close(Handle handle);
  /// An element without content.
  void add_void(Tag tag, std::string_view attributes);
  void text(std::string_view text);
  /// A space, unless white space ends what is there.
  void space();

  [[nodiscard]] bool is_open(Tag tag) const { return open_count_[static_cast<std::size_t>(tag)] != 0; }
  [[nodiscard]] Tag current() const { return stack_.empty() ? Tag::unknown : stack_.back().tag; }

  /// Closes everything and gives the result away.
  [[nodiscard]] std::string finish();

 private:
  struct Open {
    Tag tag;
    Handle handle;
    std::size_t start;    // where its start tag is
    std::size_t content;  // where its content starts
  };

  bool make_room(Tag& tag);
  bool make_room_in_table(Tag& tag);
  void make_room_for_item(Tag tag);
  void close_paragraph();
  void leave_table();
  void close_top();
  void close_down_to(std::size_t size);
  void write_tag(Tag tag, std::string_view attributes);

  std::string html_;
  std::vector<Open> stack_;
  std::array<std::uint16_t, kTags> open_count_{};
  Handle last_handle_ = 0;
  bool after_pre_ = false;  // right behind <pre>, where a parser drops a line feed
};

/// Appends text escaped as in HTML text (& < >), without the control characters that XML cannot hold.
void append_html_text(std::string& out, std::string_view text);

/// Appends ` name="value"`, escaped likewise (and ").
void append_html_attribute(std::string& out, std::string_view name, std::string_view value);

}  // namespace riverd::feeds::content
