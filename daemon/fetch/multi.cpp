#include "daemon/fetch/multi.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace riverd::fetch {

namespace net = boost::asio;

namespace {

constexpr std::chrono::milliseconds kLookAgain{900};  // who asks once a second is heard each time

int make_epoll() {
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return descriptor;
}

}  // namespace

Multi::Multi(const net::any_io_executor& executor)
    : sockets_(executor, make_epoll()), timer_(executor), multi_(curl_multi_init()) {
  if (!multi_) throw std::bad_alloc();
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  wait_for_sockets();
}

Multi::~Multi() { *alive_ = false; }

bool Multi::add(CURL* easy) { return curl_multi_add_handle(multi_.get(), easy) == CURLM_OK; }

void Multi::remove(CURL* easy) { curl_multi_remove_handle(multi_.get(), easy); }

void Multi::set_most_connections(std::size_t most) {
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(most));
}

void Multi::kick() { on_timer(multi_.get(), 0, this); }

void Multi::look_again() {
  const auto now = Steady::now();
  if (now - looked_ < kLookAgain) return;
  looked_ = now;
  int running = 0;
  curl_multi_perform(multi_.get(), &running);
  finish();
}

int Multi::on_socket(CURL*, curl_socket_t socket, int what, void* data, void*) noexcept {
  const int set = static_cast<Multi*>(data)->sockets_.native_handle();
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(set, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.fd = socket;
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  if (epoll_ctl(set, EPOLL_CTL_ADD, socket, &event) != 0 && errno == EEXIST) {
    epoll_ctl(set, EPOLL_CTL_MOD, socket, &event);
  }
  return 0;
}

/// Called by libcurl, also from within add_handle: only notes and arms, never calls back.
int Multi::on_timer(CURLM*, long milliseconds, void* data) noexcept {
  auto& self = *static_cast<Multi*>(data);
  if (milliseconds < 0) {
    self.wanted_.reset();
    return 0;
  }
  const auto when = Steady::now() + std::chrono::milliseconds(milliseconds);
  self.wanted_ = when;
  if (!self.armed_ || when < *self.armed_) self.wait_for_timer(when);
  return 0;
}

void Multi::wait_for_timer(Steady::time_point when) {
  armed_ = when;
  timer_.expires_at(when);
  timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (!error && *alive) timer_ready();
  });
}

void Multi::timer_ready() {
  // The wait may have been replaced after it was over.
  if (armed_ && *armed_ > Steady::now()) return;
  armed_.reset();
  if (!wanted_) return;
  if (*wanted_ > Steady::now()) return wait_for_timer(*wanted_);
  wanted_.reset();
  int running = 0;
  curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running);
  finish();
}

void Multi::wait_for_sockets() {
  sockets_.async_wait(net::posix::stream_descriptor::wait_read,
                      [this, alive = alive_](const boost::system::error_code& error) {
                        if (error || !*alive) return;
                        sockets_ready();
                        wait_for_sockets();
                      });
}

void Multi::sockets_ready() {
  std::array<epoll_event, 128> events;
  const int ready = epoll_wait(sockets_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    int what = 0;
    if ((event.events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
    int running = 0;
    // A socket that an earlier event of this round closed is unknown to libcurl by now, and ignored.
    curl_multi_socket_action(multi_.get(), event.data.fd, what, &running);
  }
  finish();
}

void Multi::finish() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;  // the message dies with remove_handle
    const CURLcode code = message->data.result;
    char* owner = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner);
    curl_multi_remove_handle(multi_.get(), easy);
    if (owner != nullptr) reinterpret_cast<TransferDone*>(owner)->done(code);
  }
}

}  // namespace riverd::fetch
