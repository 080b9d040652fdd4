#include "daemon/http/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "daemon/http/problem.h"

namespace riverd::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kBuffer = 4096;          ///< what an idle connection holds
constexpr std::size_t kMostLingered = 1 << 20; ///< bytes read and dropped after a last answer
constexpr unsigned kBurst = 16;                ///< pipelined answers before others have their turn
constexpr std::size_t kGather = 16;            ///< frames a write

bool would_block(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

}  // namespace

Connection::Connection(ConnectionOwner& owner, Socket socket, Peer peer)
    : owner_(owner), socket_(std::move(socket)), peer_(std::move(peer)) {}

void Connection::start() {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  move_to(Stage::idle);
  run();
}

void Connection::move_to(Stage stage) {
  const auto now = Clock::now();
  if (stage == Stage::writing || stage == Stage::streaming) progress_ = now;
  if (stage_ == stage) return;
  stage_ = stage;
  const Timeouts& limit = owner_.timeouts();
  switch (stage) {
    case Stage::idle: deadline_ = now + limit.idle; break;
    case Stage::reading: deadline_ = now + limit.head; break;
    case Stage::writing: deadline_ = now + limit.write; break;
    case Stage::lingering: deadline_ = now + limit.linger; break;
    case Stage::answering:
    case Stage::streaming:
    case Stage::closed: deadline_ = Clock::time_point::max(); break;
  }
  owner_.moved(*this);
}

void Connection::progressed() {
  const Timeouts& limit = owner_.timeouts();
  progress_ = Clock::now();
  deadline_ = progress_ + (stage_ == Stage::streaming ? limit.stream : limit.write);
}

void Connection::close() {
  if (stage_ == Stage::closed) return;
  error_code ignored;
  socket_.close(ignored);
  frames_.clear();
  body_.reset();
  drained_ = nullptr;
  move_to(Stage::closed);
}

void Connection::give_up() {
  if (stage_ == Stage::streaming) owner_.traffic().slow_streams.fetch_add(1, std::memory_order_relaxed);
  close();
}

std::size_t Connection::held() const {
  if (stage_ == Stage::streaming) return backlog_;
  if (stage_ != Stage::writing) return 0;
  return body_ ? body_->size() / static_cast<std::size_t>(std::max(1L, body_.use_count())) : 0;
}

void Connection::close_when_done() {
  if (stage_ == Stage::answering || stage_ == Stage::writing) {
    last_ = true;
  } else {
    close();
  }
}

// ---- reading

void Connection::make_room(std::size_t least) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() - end_ >= least) return;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < least) buffer_.resize(std::max(kBuffer, 2 * buffer_.size()));
}

bool Connection::receive() {
  const bool keeps_views = in_body_;  // the head's views must not move; start_body() has made the room there is
  if (!keeps_views) make_room(1024);
  error_code error;
  const std::size_t n = socket_.read_some(asio::buffer(buffer_.data() + end_, buffer_.size() - end_), error);
  if (would_block(error)) return true;
  if (error == asio::error::eof) {
    peer_done_ = true;
    return !buffered().empty();
  }
  if (error) return false;
  end_ += n;
  owner_.traffic().bytes_in.fetch_add(n, std::memory_order_relaxed);
  return true;
}

void Connection::wait_readable() {
  if (reading_armed_ || stage_ == Stage::closed) return;
  reading_armed_ = true;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->reading_armed_ = false;
    if (!error) self->on_readable(error);
  });
}

void Connection::on_readable(const error_code&) {
  burst_ = 0;
  switch (stage_) {
    case Stage::closed:
    case Stage::answering:
    case Stage::writing: return;
    case Stage::lingering: return linger();
    case Stage::streaming: {
      // A client of events has nothing more to say: whatever it sends is dropped, its end is the stream's end.
      begin_ = end_ = 0;
      if (!receive() || peer_done_) return close();
      return wait_readable();
    }
    case Stage::idle:
    case Stage::reading: break;
  }
  if (!receive()) return close();
  run();
}

void Connection::run() {
  if (running_) return;
  running_ = true;
  const auto self = shared_from_this();
  while (stage_ == Stage::idle || stage_ == Stage::reading) {
    if (++burst_ > kBurst) {
      burst_ = 0;
      asio::post(socket_.get_executor(), [self] { self->run(); });
      break;
    }
    if (!read_request()) break;
    move_to(Stage::answering);
    owner_.handle(*this);
  }
  running_ = false;
}

bool Connection::read_request() {
  if (in_body_) return read_body();
  while (buffered().starts_with("\r\n")) begin_ += 2;  // empty lines before a request: RFC 9112, 2.2
  if (!reader_) reader_.emplace(owner_.limits());
  const auto step = begin_ == end_ ? RequestReader::Step::more : reader_->read_head(buffered());
  if (step == RequestReader::Step::refused) return refuse(), false;
  if (step == RequestReader::Step::ready) return reader_->has_body() ? start_body() : true;
  if (peer_done_) return close(), false;
  if (begin_ != end_) move_to(Stage::reading);
  wait_readable();
  return false;
}

bool Connection::start_body() {
  // The head's views have to stay where they are while the body comes in behind it: make room, then read it once more.
  const std::size_t head = reader_->head_size();
  if (begin_ > 0 || buffer_.size() - head < 2 * kBuffer) {
    std::string larger(head + std::max<std::size_t>(end_ - begin_ - head, 0) + 2 * kBuffer, '\0');
    std::memcpy(larger.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    buffer_.swap(larger);
    reader_.emplace(owner_.limits());
    if (reader_->read_head(buffered()) != RequestReader::Step::ready) return refuse(), false;
  }
  in_body_ = true;
  move_to(Stage::reading);
  deadline_ = Clock::now() + owner_.timeouts().body;
  if (reader_->head().expects_continue) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code ignored;  // fits into any socket's buffer, and a client that did not get it sends its body anyway
    socket_.write_some(asio::buffer(kContinue.data(), kContinue.size()), ignored);
  }
  return read_body();
}

bool Connection::read_body() {
  const std::size_t head = reader_->head_size();
  std::size_t used = 0;
  const auto step = reader_->read_body(buffered().substr(head), used);
  std::memmove(buffer_.data() + head, buffer_.data() + head + used, end_ - head - used);
  end_ -= used;
  if (step == RequestReader::Step::refused) return refuse(), false;
  if (step == RequestReader::Step::ready) {
    in_body_ = false;
    return true;
  }
  if (peer_done_ || end_ == buffer_.size()) return close(), false;
  wait_readable();
  return false;
}

void Connection::refuse() {
  owner_.traffic().malformed.fetch_add(1, std::memory_order_relaxed);
  last_ = true;
  in_body_ = false;
  const auto answer = owner_.refusal(reader_->refusal());
  begin_ = end_ = 0;
  reader_.emplace(owner_.limits());  // no head: the answer goes out plain
  move_to(Stage::answering);
  respond(answer);
}

// ---- answering

void Connection::compose(const Answer& answer) {
  const Head& request = head();
  if (!request.keep_alive || peer_.spare) last_ = true;
  Conditions conditions;
  std::string_view origin;
  std::string joined;
  for (const auto& field : request.fields) {
    switch (field.id) {
      case boost::beast::http::field::if_none_match:
        if (conditions.has_if_none_match) {
          joined = std::string(conditions.if_none_match) + "," + std::string(field.value);
          conditions.if_none_match = joined;
        } else {
          conditions.if_none_match = field.value;
        }
        conditions.has_if_none_match = true;
        break;
      case boost::beast::http::field::if_modified_since: conditions.if_modified_since = field.value; break;
      case boost::beast::http::field::origin: origin = field.value; break;
      default: break;
    }
  }
  const bool read = request.method == Method::get || request.method == Method::head;
  const bool unchanged = read && not_modified(answer, conditions);
  const unsigned status = unchanged ? 304 : answer.status;
  owner_.traffic().by_class[std::min(status / 100, 5U)].fetch_add(1, std::memory_order_relaxed);

  out_.assign("HTTP/1.1 ");
  out_.append({static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
               static_cast<char>('0' + status % 10), ' '});
  out_.append(reason(status)).append(owner_.date_field()).append(unchanged ? answer.head_304 : answer.head);
  if (read || request.method == Method::options) out_.append(owner_.cors_fields(origin));
  if (last_) {
    out_.append("Connection: close\r\n");
  } else if (!request.http11) {
    out_.append("Connection: keep-alive\r\n");
  }
  out_.append("\r\n");
  const bool bodyless = unchanged || request.method == Method::head || answer.status == 204 || answer.body->empty();
  if (bodyless) {
    body_.reset();
  } else {
    body_ = answer.body;
  }
}

void Connection::respond(const std::shared_ptr<const Answer>& answer) {
  if (stage_ != Stage::answering) return;  // the client has gone meanwhile
  compose(*answer);
  written_ = 0;
  flush();
}

void Connection::stream(std::string_view fields) {
  if (stage_ != Stage::answering) return;
  owner_.traffic().by_class[2].fetch_add(1, std::memory_order_relaxed);
  std::string text = "HTTP/1.1 200 OK";
  text.append(owner_.date_field()).append(fields).append(owner_.cors_fields(head().field(boost::beast::http::field::origin)));
  text.append("Connection: close\r\n\r\n");
  out_.clear();
  out_.shrink_to_fit();
  reader_.reset();
  begin_ = end_ = 0;
  move_to(Stage::streaming);
  push(std::make_shared<const std::string>(std::move(text)));
  wait_readable();
}

void Connection::push(std::shared_ptr<const std::string> frame) {
  if (stage_ != Stage::streaming) return;
  const bool idle = frames_.empty();
  backlog_ += frame->size();
  frames_.push_back(std::move(frame));
  if (idle) {
    progressed();
    flush();
  }
}

// ---- writing

void Connection::wait_writable() {
  if (writing_armed_) return;
  writing_armed_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->writing_armed_ = false;
    if (!error && self->stage_ != Stage::closed) self->flush();
  });
}

void Connection::flush() {
  while (write_some()) {
  }
}

bool Connection::write_some() {
  std::array<asio::const_buffer, kGather> parts;
  std::size_t count = 0;
  std::size_t size = 0;
  const auto add = [&](const std::string& text, std::size_t skip) {
    parts[count++] = asio::buffer(text.data() + skip, text.size() - skip);
    size += text.size() - skip;
  };
  if (stage_ == Stage::streaming) {
    for (std::size_t i = 0; i < frames_.size() && count < kGather; ++i) add(*frames_[i], i == 0 ? frame_written_ : 0);
  } else {
    if (written_ < out_.size()) add(out_, written_);
    if (body_) add(*body_, written_ > out_.size() ? written_ - out_.size() : 0);
  }
  error_code error;
  const std::span<const asio::const_buffer> buffers(parts.data(), count);
  const std::size_t n = size == 0 ? 0 : socket_.write_some(buffers, error);
  if (error && !would_block(error)) return close(), false;
  owner_.traffic().bytes_out.fetch_add(n, std::memory_order_relaxed);
  if (n > 0 || !error) {
    progressed();
  }
  if (stage_ == Stage::streaming) {
    finish_frames(n);
    if (!frames_.empty() && error) return wait_writable(), false;
    return !frames_.empty();
  }
  written_ += n;
  if (n == size) return finish_answer(), false;
  if (stage_ != Stage::writing) move_to(Stage::writing);
  if (error) return wait_writable(), false;
  return true;
}

void Connection::finish_frames(std::size_t written) {
  backlog_ -= written;
  frame_written_ += written;
  while (!frames_.empty() && frame_written_ >= frames_.front()->size()) {
    frame_written_ -= frames_.front()->size();
    frames_.pop_front();
  }
  if (!frames_.empty()) return;
  deadline_ = Clock::time_point::max();
  if (const auto call = drained_) call();
}

void Connection::finish_answer() {
  body_.reset();
  begin_ += std::min(reader_->head_size(), end_ - begin_);
  reader_.reset();
  if (last_) {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    if (peer_done_) return close();
    move_to(Stage::lingering);
    return linger();
  }
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > kBuffer) std::string(kBuffer, '\0').swap(buffer_);
    if (out_.capacity() > kBuffer) std::string().swap(out_);
  }
  if (peer_done_ && begin_ == end_) return close();
  move_to(Stage::idle);
  run();
}

/// Reads and drops what the client still sends, so that closing does not reset the connection under its last answer.
void Connection::linger() {
  begin_ = end_ = 0;
  std::array<char, 4096> dropped;
  for (;;) {
    error_code error;
    const std::size_t n = socket_.read_some(asio::buffer(dropped), error);
    if (would_block(error)) return wait_readable();
    lingered_ += n;
    if (error || lingered_ > kMostLingered) return close();
  }
}

}  // namespace riverd::http
