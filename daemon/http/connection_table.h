#pragma once
/// All connections of a server, by what they do. Belongs to the network thread.

#include <array>
#include <chrono>
#include <list>
#include <memory>

#include "daemon/http/connection.h"

namespace riverd::http {

class ConnectionTable {
 public:
  using Clock = Connection::Clock;

  void add(std::shared_ptr<Connection> connection);

  /// Keeps the lists in order after a change of stage; lets go of a closed connection.
  void moved(Connection& connection);

  /// Makes room for one more: closes the connection that is least worth keeping. Idle ones go first, the longest idle before
  /// the others; then requests that were begun and not finished; then answers that their client does not take.
  /// False when every connection is busy.
  bool evict_one(Clock::time_point now);

  /// Makes room for an answer of `bytes`, so that no more than `most` wait for clients to take them: closes those that have not
  /// taken any for the longest time. False where others are taking theirs; one answer alone may be larger.
  bool make_room(std::size_t bytes, std::size_t most, Clock::time_point now);

  /// Closes what is past its deadline.
  void sweep(Clock::time_point now);

  /// Ends every event stream: who may still read comes again.
  void end_streams();

  /// Closes everything but the answers under way.
  void drain();
  void close_all();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t count(Stage stage) const { return list(stage).size(); }

 private:
  using List = std::list<std::shared_ptr<Connection>>;
  [[nodiscard]] List& list(Stage stage) { return lists_[static_cast<std::size_t>(stage)]; }
  [[nodiscard]] const List& list(Stage stage) const { return lists_[static_cast<std::size_t>(stage)]; }
  template <class Call>
  void each(Call call);

  std::array<List, 7> lists_;  ///< by stage; the longest in it first
  std::size_t size_ = 0;
};

}  // namespace riverd::http
