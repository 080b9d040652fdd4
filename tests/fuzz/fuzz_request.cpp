// Whole requests, at once and byte by byte: both ways give the same outcome.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/http/reader.h"

using namespace riverd::http;
using Step = RequestReader::Step;

namespace {

/// What came of a request, in one line; the body fed in pieces of `piece` bytes.
std::string outcome(std::string_view bytes, std::size_t piece) {
  RequestReader reader{Limits{}};
  Step step = Step::more;
  std::size_t size = 0;
  while (step == Step::more && size < bytes.size()) {
    size = std::min(bytes.size(), size + piece);
    step = reader.read_head(bytes.substr(0, size));
  }
  if (step == Step::more) return "more";
  if (step == Step::refused) return "refused";
  std::string text = std::string(reader.head().target) + '|' + std::string(reader.head().host);
  if (!reader.has_body()) return text;
  std::string_view rest = bytes.substr(reader.head_size());
  std::string buffer;
  step = Step::more;
  while (step == Step::more && !rest.empty()) {
    const std::size_t n = std::min(piece, rest.size());
    buffer.append(rest.substr(0, n));
    rest.remove_prefix(n);
    std::size_t used = 0;
    step = reader.read_body(buffer, used);
    buffer.erase(0, used);
  }
  if (step == Step::refused) return "refused";
  return text + (step == Step::ready ? "|" + reader.take_body() : "|more");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = outcome(bytes, bytes.size() + 1);
  if (whole != outcome(bytes, 1) || whole != outcome(bytes, 7)) std::abort();
  return 0;
}
