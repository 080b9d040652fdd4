// Who may: denials, their delay, the page's sign-in.
#include <algorithm>
#include <boost/asio/steady_timer.hpp>

#include "daemon/http/dispatcher.h"
#include "daemon/http/encoding.h"
#include "daemon/http/problem.h"
#include "daemon/http/text.h"

namespace riverd::http {
namespace {

using HeaderField = boost::beast::http::field;

Response unauthorized(std::string_view detail) {
  Response out = problem(401, detail);
  out.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"riverd\"");
  return out;
}

Response redirect(std::string location) {
  Response out(303, "text/plain; charset=utf-8", "");
  out.cache_control = "no-store";
  out.headers.emplace_back("Location", std::move(location));
  return out;
}

/// A place of ours to go on to: a path, never another host.
bool is_own_path(std::string_view path) {
  const auto is_plain = [](unsigned char c) { return c > 0x20 && c != 0x7f && c != '\\'; };  // browsers drop tabs and turn these round
  return path.starts_with('/') && !path.starts_with("//") && std::all_of(path.begin(), path.end(), is_plain);
}

/// A form that another site's page sent: browsers say so.
bool is_foreign_form(const Head& head) {
  const std::string_view site = head.field("Sec-Fetch-Site");
  return !site.empty() && site != "same-origin" && site != "none";
}

std::string value_of(const std::vector<Parameter>& form, std::string_view name) {
  for (const auto& parameter : form)
    if (parameter.name == name) return parameter.value;
  return {};
}

}  // namespace

bool Dispatcher::authorised(const Exchange& exchange) {
  switch (exchange.route.access) {
    case Access::open: return true;
    case Access::read: return !settings_->site->protect_reads || exchange.credentials.signed_in();
    case Access::write: break;
  }
  return exchange.credentials.bearer;
}

void Dispatcher::deny(const Exchange& exchange) {
  Connection& connection = *exchange.connection;
  const Head& head = connection.head();
  if (settings_->token.empty())
    return respond(connection, problem(403, "there is no token: set server.token or server.token_file in the configuration"));
  if (exchange.credentials.tried_token)
    return deny_later(exchange, [this, to = exchange.connection] { respond(*to, unauthorized("the token is wrong")); });
  const bool reader = wants_html(head.field(HeaderField::accept));
  if (exchange.route.resource == Resource::page && reader) {
    std::string location = "/sign-in?next=";
    append_percent_encoded(location, is_own_path(head.target) ? head.target : "/");
    return respond(connection, redirect(std::move(location)));
  }
  respond(connection, unauthorized("this needs the token: Authorization: Bearer TOKEN"));
}

void Dispatcher::refuse_guess(Connection& connection) {
  Response out = problem(429, "too many wrong tokens came from this address");
  out.headers.emplace_back("Retry-After", "2");
  respond(connection, std::move(out));
}

void Dispatcher::deny_later(const Exchange& exchange, std::function<void()> answer) {
  const std::string address = exchange.connection->peer().address;
  auto timer = std::make_shared<boost::asio::steady_timer>(network_, throttle_.failed(address, Clock::now()));
  timer->async_wait([this, timer, address, answer = std::move(answer)](const boost::system::error_code&) {
    throttle_.answered(address);
    answer();
  });
}

void Dispatcher::sign_in(Exchange exchange) {
  Connection& connection = *exchange.connection;
  const Head& head = connection.head();
  if (settings_->token.empty())
    return respond(connection, problem(403, "there is no token: set server.token or server.token_file in the configuration"));
  if (is_foreign_form(head)) return respond(connection, problem(403, "this form was sent by another site"));
  std::string_view type = head.field(HeaderField::content_type);
  if (!equal_no_case(trim(next_piece(type, ';')), "application/x-www-form-urlencoded"))
    return respond(connection, problem(415, "a form is expected: application/x-www-form-urlencoded"));
  const auto form = parse_query(connection.take_body());
  if (!form) return respond(connection, problem(400, form.error().message()));
  const std::string next = value_of(*form, "next");
  const bool right = is_token(*settings_, value_of(*form, "token"));
  if (!right) {
    if (!throttle_.may_try(connection.peer().address)) return refuse_guess(connection);
    return deny_later(exchange, [this, exchange, next] { wrong_sign_in(exchange, next); });
  }
  Response out = redirect(is_own_path(next) ? next : "/");
  out.headers.emplace_back("Set-Cookie", session_cookie(*settings_, clock_()));
  respond(connection, std::move(out));
}

/// The form again, by the page, as a 401.
void Dispatcher::wrong_sign_in(const Exchange& exchange, const std::string& next) {
  if (exchange.connection->stage() != Stage::answering) return;
  if (!wants_html(exchange.connection->head().field(HeaderField::accept)))
    return respond(*exchange.connection, unauthorized("the token is wrong"));
  Request request = to_request(exchange);
  request.method = Method::get;
  request.target = "/sign-in?wrong=1";
  request.query = {{"wrong", "1"}, {"next", next}};
  const bool queued = workers_.run(Lane::quick, [this, to = exchange.connection, request = std::move(request)] {
    Response page = pages_(request);
    page.status = 401;
    page.keep = Keep::none;
    page.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"riverd\"");
    boost::asio::post(network_, [to, answer = make_answer(std::move(page), false, clock_())] { to->respond(answer); });
  });
  if (!queued) respond(*exchange.connection, unauthorized("the token is wrong"));
}

void Dispatcher::sign_out(const Exchange& exchange) {
  if (is_foreign_form(exchange.connection->head()))
    return respond(*exchange.connection, problem(403, "this form was sent by another site"));
  Response out = redirect("/");
  out.headers.emplace_back("Set-Cookie", ended_session_cookie());
  respond(*exchange.connection, std::move(out));
}

}  // namespace riverd::http
