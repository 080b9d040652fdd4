#pragma once
/// Live events: each change of the store goes to every client whose filter it fits, once, in the order of seq. Runs on the
/// network thread; reads the store on the workers.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/http/connection.h"
#include "daemon/http/post_json.h"
#include "daemon/http/workers.h"
#include "storage/store.h"

namespace riverd::http {

/// Clients with one filter share a topic: a change is read and serialised once for all of them. A client that resumes is
/// read up to date by itself, at its own speed, and joins its topic where the two meet: no gap, no repeat. So is one that has
/// fallen behind: what waits for a client is bounded, however much is written at once.
class EventHub {
 public:
  using Post = std::function<void(std::function<void()>)>;

  ///   ahead        bytes that wait for a client before it must take some; one event may be larger
  ///   to_network   runs a call on the network thread; drops it when that has ended
  EventHub(storage::Store& store, PostJson& json, Workers& workers, Traffic& traffic, std::size_t ahead, Post to_network);

  /// Sends a client the changes that fit `query`: those after `after` (events it has seen), else those from `now` on.
  ///   now   the newest seq known to the network thread before the client could learn that its stream began
  void subscribe(std::shared_ptr<EventSink> sink, const storage::PostQuery& query, std::optional<storage::Seq> after,
                 storage::Seq now);

  /// The store's seq has moved.
  void changed(storage::Seq seq);

  /// Now and then: tries again what failed, forgets who has gone. When a comment is due, sends one to every client, so
  /// that proxies and clients know that the stream lives.
  void tick(bool comment_due);

  [[nodiscard]] std::size_t topics() const { return topics_.size(); }

 private:
  struct Client {
    std::shared_ptr<EventSink> sink;
    storage::Seq sent = 0;   ///< everything up to here has been sent or does not fit
    storage::Seq began = 0;  ///< the newest seq when it came
    bool live = false;       ///< false: still being read up to date
    bool reading = false;
  };
  struct Topic {
    std::string key;
    storage::PostQuery query;
    storage::Seq sent = 0;   ///< everything up to here has been given to the live clients
    storage::Seq wanted = 0; ///< the newest seq known
    bool reading = false;
    std::vector<std::shared_ptr<Client>> clients;
  };
  using TopicRef = std::shared_ptr<Topic>;
  using ClientRef = std::shared_ptr<Client>;
  /// What one read of the store gave.
  struct Batch {
    std::vector<std::pair<storage::Seq, std::shared_ptr<const std::string>>> frames;
    storage::Seq seen = 0;  ///< everything up to here is in it; where complete, the store's newest seq
    bool complete = false;  ///< nothing newer was there
    bool failed = false;
  };

  /// Reads that wait for a worker: the hub asks for a few at a time, so that neither a thousand filters nor slow searches
  /// crowd requests out.
  struct Queue {
    Lane lane;
    std::size_t most;
    std::size_t running = 0;
    std::deque<std::function<void()>> waiting;
  };

  Batch read(const storage::PostQuery& query, storage::Seq after, unsigned limit) const;
  void read_later(const storage::PostQuery& query, storage::Seq after, unsigned limit,
                  std::function<void(const Batch&)> done);
  void pump(Queue& queue);
  void advance(const TopicRef& topic);
  void deliver(const TopicRef& topic, const Batch& batch);
  void catch_up(const TopicRef& topic, const ClientRef& client);
  void caught_up(const TopicRef& topic, const ClientRef& client, const Batch& batch);
  /// False where the client has not taken enough yet: the rest is read anew once it has.
  [[nodiscard]] bool send(Client& client, const Batch& batch);
  void forget_closed();

  storage::Store& store_;
  PostJson& json_;
  Workers& workers_;
  Traffic& traffic_;
  const std::size_t ahead_;
  Post to_network_;
  std::unordered_map<std::string, TopicRef> topics_;
  Queue queries_{Lane::query, 2, 0, {}};
  Queue searches_{Lane::search, 1, 0, {}};
};

}  // namespace riverd::http
