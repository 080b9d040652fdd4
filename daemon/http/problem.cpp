#include "daemon/http/problem.h"

#include "feeds/write/json.h"

namespace riverd::http {

std::string_view reason(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

Response problem(unsigned status, std::string_view detail, std::string_view parameter) {
  std::string body = R"({"type":"about:blank","title":)";
  feeds::write::append_json_string(body, reason(status));
  body += ",\"status\":" + std::to_string(status) + ",\"detail\":";
  feeds::write::append_json_string(body, detail);
  if (!parameter.empty()) {
    body += ",\"parameter\":";
    feeds::write::append_json_string(body, parameter);
  }
  body += "}\n";
  Response response(status, "application/problem+json", std::move(body));
  response.cache_control = "no-store";
  return response;
}

Response problem(const Error& error) {
  switch (error.code()) {
    case Errc::invalid: return problem(400, error.message());
    case Errc::not_found: return problem(404, error.message());
    case Errc::busy:
    case Errc::interrupted:
    case Errc::timeout:
    case Errc::io:
    case Errc::no_space:
    case Errc::corrupt: {
      Response response = problem(503, error.message());
      response.headers.emplace_back("Retry-After", "5");
      return response;
    }
    default: return problem(500, error.message());
  }
}

Response method_not_allowed(std::string_view allow) {
  Response response = problem(405, "this resource knows " + std::string(allow) + " only");
  response.headers.emplace_back("Allow", allow);
  return response;
}

}  // namespace riverd::http
