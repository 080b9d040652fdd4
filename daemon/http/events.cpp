#include "daemon/http/events.h"

#include <algorithm>

#include "daemon/http/filter.h"

namespace riverd::http {
namespace {

constexpr unsigned kLiveBatch = 100;
constexpr unsigned kCatchUpBatch = 20;

/// One event (HTML Standard, 9.2): JSON has no line breaks, so `data:` is one line.
std::shared_ptr<const std::string> frame(storage::Seq seq, const std::string& json) {
  auto text = std::make_shared<std::string>();
  text->reserve(json.size() + 64);
  text->append("id: ").append(std::to_string(seq)).append("\nevent: post\ndata: ").append(json).append("\n\n");
  return text;
}

}  // namespace

EventHub::EventHub(storage::Store& store, PostJson& json, Workers& workers, Traffic& traffic, std::size_t ahead,
                   Post to_network)
    : store_(store), json_(json), workers_(workers), traffic_(traffic), ahead_(ahead), to_network_(std::move(to_network)) {}

EventHub::Batch EventHub::read(const storage::PostQuery& query, storage::Seq after, unsigned limit) const {
  storage::PostQuery page = query;
  page.order = storage::Order::arrival;
  page.after = after;
  page.cursor.clear();
  page.limit = limit;
  auto found = store_.posts(page);
  Batch batch;
  if (!found) {
    batch.failed = true;
    return batch;
  }
  for (auto& post : found->posts) {
    std::string text;
    json_.append_news(text, post, found->named);
    batch.frames.emplace_back(post.seq, frame(post.seq, text));
  }
  batch.complete = !found->next_cursor;
  batch.seen = batch.complete ? found->seq : batch.frames.back().first;
  return batch;
}

void EventHub::read_later(const storage::PostQuery& query, storage::Seq after, unsigned limit,
                          std::function<void(const Batch&)> done) {
  Queue& queue = query.q.empty() ? queries_ : searches_;
  queue.waiting.emplace_back([this, &queue, query, after, limit, done = std::move(done)] {
    auto batch = std::make_shared<const Batch>(read(query, after, limit));
    to_network_([this, &queue, done, batch] {
      --queue.running;
      done(*batch);
      pump(queue);
    });
  });
  pump(queue);
}

void EventHub::pump(Queue& queue) {
  while (queue.running < queue.most && !queue.waiting.empty()) {
    if (!workers_.run(queue.lane, queue.waiting.front())) return;  // full: tried again at the next tick
    queue.waiting.pop_front();
    ++queue.running;
  }
}

void EventHub::subscribe(std::shared_ptr<EventSink> sink, const storage::PostQuery& query,
                         std::optional<storage::Seq> after, storage::Seq now) {
  const std::string key = canonical_query(query);
  auto& topic = topics_[key];
  if (!topic) {
    topic = std::make_shared<Topic>();
    topic->key = key;
    topic->query = query;
    topic->sent = topic->wanted = now;
  }
  auto client = std::make_shared<Client>();
  client->sink = std::move(sink);
  client->sent = after.value_or(now);
  client->began = now;
  // What the store told its topic or its listener so far may differ by a commit; only who has exactly both is live.
  client->live = client->sent == topic->sent && client->sent == now;
  topic->clients.push_back(client);
  client->sink->on_drained([this, weak_topic = std::weak_ptr(topic), weak_client = std::weak_ptr(client)] {
    const auto its_topic = weak_topic.lock();
    const auto its_client = weak_client.lock();
    if (its_topic && its_client) catch_up(its_topic, its_client);
  });
  catch_up(topic, client);
}

void EventHub::catch_up(const TopicRef& topic, const ClientRef& client) {
  if (client->live || client->reading || !client->sink->open() || client->sink->backlog() > 0) return;
  client->reading = true;
  read_later(topic->query, client->sent, kCatchUpBatch, [this, topic, client](const Batch& batch) {
    caught_up(topic, client, batch);
  });
}

void EventHub::caught_up(const TopicRef& topic, const ClientRef& client, const Batch& batch) {
  if (!batch.failed && batch.complete && batch.seen < client->sent) {
    // A seq that this store has not reached is none of ours (a store put back from a backup, say): that client starts
    // where the river stood when it came, not where it stands by now.
    client->sent = std::min(client->began, batch.seen);
  } else if (!batch.failed) {
    const bool all = send(*client, batch);
    // Once live, the topic's events reach it; those it was sent already are left out by seq.
    client->live = all && batch.complete && batch.seen >= topic->sent;
  }
  client->reading = false;
  if (!batch.failed) catch_up(topic, client);  // else at the next tick
}

void EventHub::changed(storage::Seq seq) {
  for (const auto& [key, topic] : topics_) {
    topic->wanted = std::max(topic->wanted, seq);
    advance(topic);
  }
}

void EventHub::advance(const TopicRef& topic) {
  if (topic->reading || topic->sent >= topic->wanted || topic->clients.empty()) return;
  topic->reading = true;
  read_later(topic->query, topic->sent, kLiveBatch, [this, topic](const Batch& batch) {
    topic->reading = false;
    deliver(topic, batch);
  });
}

void EventHub::deliver(const TopicRef& topic, const Batch& batch) {
  if (batch.failed) return;  // tried again at the next change or tick
  topic->sent = std::max(topic->sent, batch.seen);
  for (const auto& client : std::vector(topic->clients)) {
    if (!client->live) continue;
    client->live = send(*client, batch);
    catch_up(topic, client);
  }
  advance(topic);
}

bool EventHub::send(Client& client, const Batch& batch) {
  for (const auto& [seq, text] : batch.frames) {
    if (seq <= client.sent) continue;
    const std::size_t backlog = client.sink->backlog();
    if (backlog > 0 && backlog + text->size() > ahead_) return false;
    client.sent = seq;
    client.sink->push(text);
    traffic_.events_sent.fetch_add(1, std::memory_order_relaxed);
  }
  client.sent = std::max(client.sent, batch.seen);
  return true;
}

void EventHub::tick(bool comment_due) {
  static const auto comment = std::make_shared<const std::string>(":\n\n");
  forget_closed();
  pump(queries_);
  pump(searches_);
  for (const auto& [key, topic] : topics_) {
    for (const auto& client : std::vector(topic->clients)) {
      if (comment_due && client->sink->backlog() == 0) client->sink->push(comment);
      catch_up(topic, client);
    }
    advance(topic);
  }
}

void EventHub::forget_closed() {
  for (auto it = topics_.begin(); it != topics_.end();) {
    auto& clients = it->second->clients;
    std::erase_if(clients, [](const ClientRef& client) { return !client->sink->open(); });
    it = clients.empty() ? topics_.erase(it) : std::next(it);
  }
}

}  // namespace riverd::http
