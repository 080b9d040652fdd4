// Cursors come back from anybody, and searches are typed by anybody: both are read here as a server would read them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "storage/cursor.h"
#include "storage/search_query.h"
#include "storage/words.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const riverd::storage::PostQuery query;
  if (const auto position = riverd::storage::read_cursor(query, text)) {
    if (riverd::storage::make_cursor(query, *position) != text) std::abort();  // one text a position
  }
  const auto search = riverd::storage::parse_search(text);
  std::size_t quotes = 0;
  for (const char c : search.wanted + search.unwanted) quotes += c == '"';
  if (quotes % 2 != 0) std::abort();  // a term broke out of its quotes
  std::string words;
  riverd::storage::append_words_of_html(words, text);
  return 0;
}
