#include "daemon/http/answer.h"

#include <xxhash.h>

#include <array>

#include "base/hash.h"
#include "daemon/http/encoding.h"
#include "daemon/http/text.h"

namespace riverd::http {
namespace {

void add(std::string& head, std::string_view name, std::string_view value) {
  if (!is_safe_field(name) || !is_safe_field(value)) return;
  head.append(name).append(": ").append(value).append("\r\n");
}

bool has_field(const Response& response, std::string_view name) {
  for (const auto& [field, value] : response.headers)
    if (equal_no_case(field, name)) return true;
  return false;
}

/// What keeps a browser from making more of an answer than it is.
void add_security(std::string& head, const Response& response) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kFields = {{
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
      {"X-Frame-Options", "DENY"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
  }};
  for (const auto& [name, value] : kFields)
    if (!has_field(response, name)) add(head, name, value);
}

/// Tells bodies apart (XXH3, 128 bits). Nothing is kept safe by it, and SHA-256 would be a tenth of what a page costs.
std::string digest_of(std::string_view body) {
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, XXH3_128bits(body.data(), body.size()));
  return base32(digest.digest, 15);
}

/// An entity tag without weakness mark, quotes and our mark of the gzip form: what weak comparison compares.
std::string_view opaque(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') return {};
  tag = tag.substr(1, tag.size() - 2);
  return tag.ends_with("-gz") ? tag.substr(0, tag.size() - 3) : tag;
}

bool matches(std::string_view list, std::string_view etag) {
  if (trim(list) == "*") return true;
  const std::string_view wanted = opaque(etag);
  while (!list.empty()) {
    const std::string_view tag = opaque(trim(next_piece(list, ',')));
    if (!tag.empty() && tag == wanted) return true;
  }
  return false;
}

/// The Last-Modified to send. A date has whole seconds only: while the second of the last change is not over, another
/// change may follow in it, so the second before is stated and a client that holds it is told everything once more.
Time stated(Time changed, Time now) { return changed >= now ? now - Seconds{1} : changed; }

}  // namespace

bool is_safe_field(std::string_view text) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return false;
  return true;
}

std::shared_ptr<const Answer> make_answer(Response response, bool want_gzip, Time now, const Since& since) {
  auto answer = std::make_shared<Answer>();
  answer->status = response.status;
  answer->keep = response.keep;
  answer->seq = response.seq;
  answer->body = response.body ? response.body : std::make_shared<const std::string>();
  const bool conditional = response.status == 200 && !has_field(response, "Set-Cookie");
  const bool encodable = conditional && !answer->body->empty() && !has_field(response, "Content-Encoding");

  std::string validators;
  bool compressed = false;
  if (conditional) {
    const std::string digest = digest_of(*answer->body);
    if (encodable && want_gzip) {
      auto packed = gzip(*answer->body);
      compressed = !packed.empty();
      if (compressed) answer->body = std::make_shared<const std::string>(std::move(packed));
    }
    answer->etag = '"' + digest + (compressed ? "-gz\"" : "\"");
    answer->changed = response.last_modified ? *response.last_modified : since ? since(digest) : now;
    answer->provisional = *answer->changed >= now;
    add(validators, "ETag", answer->etag);
    add(validators, "Last-Modified", http_date(stated(*answer->changed, now)));
  }
  add(validators, "Cache-Control", response.cache_control);
  if (conditional) add(validators, "Vary", "Accept-Encoding");

  std::string& head = answer->head;
  if (response.status != 204) {
    if (!response.content_type.empty()) add(head, "Content-Type", response.content_type);
    add(head, "Content-Length", std::to_string(answer->body->size()));
  }
  if (compressed) add(head, "Content-Encoding", "gzip");
  head += validators;
  for (const auto& [name, value] : response.headers) add(head, name, value);
  add_security(head, response);
  if (conditional) {
    answer->head_304 = validators;
    add_security(answer->head_304, response);
  }
  return answer;
}

bool not_modified(const Answer& answer, const Conditions& conditions) {
  if (answer.head_304.empty()) return false;
  if (conditions.has_if_none_match) return matches(conditions.if_none_match, answer.etag);
  if (conditions.if_modified_since.empty() || !answer.changed) return false;
  const auto since = parse_http_date(conditions.if_modified_since);
  return since && *answer.changed <= *since;
}

}  // namespace riverd::http
