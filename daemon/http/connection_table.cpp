#include "daemon/http/connection_table.h"

#include <algorithm>
#include <vector>

namespace riverd::http {
namespace {

using namespace std::chrono_literals;
constexpr auto kStalled = 2s;
constexpr std::size_t kLookedAt = 16;

}  // namespace

void ConnectionTable::add(std::shared_ptr<Connection> connection) {
  auto& started = list(Stage::idle);
  Connection& added = *connection;
  added.slot = started.insert(started.end(), std::move(connection));
  added.listed = Stage::idle;
  ++size_;
}

void ConnectionTable::moved(Connection& connection) {
  if (connection.listed == Stage::closed || connection.listed == connection.stage()) return;
  List& from = list(connection.listed);
  connection.listed = connection.stage();
  if (connection.stage() == Stage::closed) {
    --size_;
    const auto kept = *connection.slot;  // until the list is whole again
    from.erase(connection.slot);
    return;
  }
  List& to = list(connection.stage());
  to.splice(to.end(), from, connection.slot);
}

bool ConnectionTable::evict_one(Clock::time_point now) {
  for (const Stage stage : {Stage::lingering, Stage::idle, Stage::reading}) {
    if (list(stage).empty()) continue;
    const auto victim = list(stage).front();
    victim->close();
    return true;
  }
  std::size_t looked_at = 0;
  for (const auto& candidate : list(Stage::writing)) {
    if (now - candidate->last_progress() > kStalled) {
      const auto victim = candidate;
      victim->close();
      return true;
    }
    if (++looked_at == kLookedAt) break;
  }
  return false;
}

template <class Call>
void ConnectionTable::each(Call call) {
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(size_);
  for (const auto& one : lists_) all.insert(all.end(), one.begin(), one.end());
  for (const auto& connection : all) call(*connection);
}

void ConnectionTable::sweep(Clock::time_point now) {
  std::vector<std::shared_ptr<Connection>> late;
  for (const auto& one : lists_)
    for (const auto& connection : one)
      if (connection->deadline() <= now) late.push_back(connection);
  for (const auto& connection : late) connection->give_up();
}

bool ConnectionTable::make_room(std::size_t bytes, std::size_t most, Clock::time_point now) {
  std::size_t held = bytes;
  std::vector<std::shared_ptr<Connection>> stalled;
  for (const Stage stage : {Stage::writing, Stage::streaming}) {
    for (const auto& connection : list(stage)) {
      const std::size_t one = connection->held();
      held += one;
      if (one > 0 && now - connection->last_progress() > kStalled) stalled.push_back(connection);
    }
  }
  std::sort(stalled.begin(), stalled.end(), [](const auto& a, const auto& b) { return a->last_progress() < b->last_progress(); });
  for (auto victim = stalled.begin(); held > most && victim != stalled.end(); ++victim) {
    held -= (*victim)->held();
    (*victim)->give_up();
  }
  return held <= most || held == bytes;
}

void ConnectionTable::end_streams() {
  const List streams = list(Stage::streaming);
  for (const auto& connection : streams) connection->close();
}

void ConnectionTable::drain() {
  each([](Connection& connection) { connection.close_when_done(); });
}

void ConnectionTable::close_all() {
  each([](Connection& connection) { connection.close(); });
}

}  // namespace riverd::http
