#pragma once
/// One client's connection: bytes in, requests to its owner one after the other, bytes out. Everything here runs on the
/// network thread.

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/answer.h"
#include "daemon/http/reader.h"
#include "daemon/http/settings.h"

namespace riverd::http {

class Connection;

/// How long a client may take. Each is a bound without progress, but for `head`: a request's head is there in whole within
/// it, however busily it dribbles.
struct Timeouts {
  std::chrono::milliseconds head{15'000};   ///< from a request's first byte to the end of its head
  std::chrono::milliseconds body{30'000};   ///< the whole body
  std::chrono::milliseconds idle{75'000};   ///< between requests
  std::chrono::milliseconds write{30'000};  ///< without a byte taken by the client
  std::chrono::milliseconds stream{5'000};  ///< the same while events wait for it: it resumes when it comes again
  std::chrono::milliseconds linger{2'000};  ///< after an answer that closes, for the client to read it
};

/// Counters of one server; written by the network thread, read by any.
struct Traffic {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};     ///< connections turned away: too many
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> malformed{0};
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> bytes_out{0};
  std::atomic<std::uint64_t> cache_hits{0};
  std::atomic<std::uint64_t> cache_misses{0};
  std::atomic<std::uint64_t> open{0};        ///< now
  std::atomic<std::uint64_t> streams{0};     ///< now
  std::atomic<std::uint64_t> events_sent{0};
  std::atomic<std::uint64_t> slow_streams{0};  ///< event clients dropped because they did not read
  std::atomic<std::uint64_t> by_class[6]{};  ///< answers by status / 100
};

/// What a connection does at the moment: decides its deadline, and who goes first when connections run out.
enum class Stage : std::uint8_t { idle, reading, answering, writing, streaming, lingering, closed };

/// The other side of a connection: who answers its requests.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;

  /// A whole request has come: call connection.respond() or stream(), now or later. Its head() holds until then.
  virtual void handle(Connection& connection) = 0;

  /// An answer for a refused request, made of its status and detail.
  virtual std::shared_ptr<const Answer> refusal(const Refusal& refusal) = 0;

  /// `\r\nDate: ...\r\n` of this second.
  virtual std::string_view date_field() = 0;

  /// The fields that let a page of this origin read the answer, or empty.
  virtual std::string_view cors_fields(std::string_view origin) = 0;

  /// The connection's stage has changed; after `closed` it is gone.
  virtual void moved(Connection& connection) = 0;

  virtual const Timeouts& timeouts() const = 0;
  virtual const Limits& limits() const = 0;
  virtual Traffic& traffic() = 0;
};

/// Where an event stream's frames go.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Queues a frame.
  virtual void push(std::shared_ptr<const std::string> frame) = 0;
  /// Bytes queued and not yet taken by the kernel.
  [[nodiscard]] virtual std::size_t backlog() const = 0;
  [[nodiscard]] virtual bool open() const = 0;
  /// Called each time everything queued has been written.
  virtual void on_drained(std::function<void()> call) = 0;
};

class Connection : public EventSink, public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Clock = std::chrono::steady_clock;

  /// Who is at the other end.
  struct Peer {
    std::string address;  ///< IP address; empty for a Unix socket
    Exposure exposure = Exposure::network;
    bool spare = false;   ///< one of the few beyond max_connections: one short answer, then closed
  };

  Connection(ConnectionOwner& owner, Socket socket, Peer peer);

  /// Waits for the first request.
  void start();

  /// The request being answered.
  [[nodiscard]] const Head& head() const { return reader_->head(); }
  [[nodiscard]] const Peer& peer() const { return peer_; }
  [[nodiscard]] std::string take_body() { return reader_->take_body(); }

  /// Answers the request: as HEAD, as 304, with CORS, as asked.
  void respond(const std::shared_ptr<const Answer>& answer);

  /// Answers the request by a stream of events: `fields` ends the header with an empty line of its own.
  void stream(std::string_view fields);

  void push(std::shared_ptr<const std::string> frame) override;
  [[nodiscard]] std::size_t backlog() const override { return backlog_; }
  [[nodiscard]] bool open() const override { return stage_ != Stage::closed; }
  void on_drained(std::function<void()> call) override { drained_ = std::move(call); }

  /// Bytes that wait here for the client to take them, as far as nobody else holds them, too.
  [[nodiscard]] std::size_t held() const;

  /// Closes at once; what is queued is lost.
  void close();
  /// The same for a client that was too slow.
  void give_up();
  /// Closes unless a request is being answered; then, after its answer.
  void close_when_done();

  [[nodiscard]] Stage stage() const { return stage_; }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  [[nodiscard]] Clock::time_point last_progress() const { return progress_; }

  /// The owner's own bookkeeping: where this connection stands in its lists.
  std::list<std::shared_ptr<Connection>>::iterator slot;
  Stage listed = Stage::closed;

 private:
  void move_to(Stage stage);
  void progressed();
  void run();
  bool read_request();  ///< true when a request is whole
  bool start_body();
  bool read_body();
  void refuse();
  void wait_readable();
  void on_readable(const boost::system::error_code& error);
  bool receive();       ///< false when the peer is gone or has sent all
  void linger();
  void wait_writable();
  void compose(const Answer& answer);
  void flush();
  bool write_some();    ///< true while there is more and the kernel takes it
  void finish_answer();
  void finish_frames(std::size_t written);
  [[nodiscard]] std::string_view buffered() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void make_room(std::size_t least);

  ConnectionOwner& owner_;
  Socket socket_;
  const Peer peer_;

  Stage stage_ = Stage::closed;
  Clock::time_point deadline_;
  Clock::time_point progress_;
  bool reading_armed_ = false;
  bool writing_armed_ = false;
  bool running_ = false;
  bool last_ = false;         ///< close after the answer under way
  bool peer_done_ = false;    ///< its side is shut down: what is buffered is still answered
  bool in_body_ = false;
  unsigned burst_ = 0;        ///< answers since the event loop had its turn

  std::string buffer_;        ///< received bytes stand at [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t lingered_ = 0;
  std::optional<RequestReader> reader_;

  std::string out_;           ///< header of the answer under way
  std::shared_ptr<const std::string> body_;  ///< its body, or null
  std::size_t written_ = 0;   ///< of both together

  std::deque<std::shared_ptr<const std::string>> frames_;
  std::size_t frame_written_ = 0;
  std::size_t backlog_ = 0;
  std::function<void()> drained_;
};

}  // namespace riverd::http
