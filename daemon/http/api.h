#pragma once
/// The handlers of the contract's reads and of "poll now". They run on the workers.

#include <atomic>
#include <functional>
#include <string>

#include "daemon/http/engine.h"
#include "daemon/http/filter.h"
#include "daemon/http/post_json.h"
#include "daemon/http/request.h"
#include "storage/store.h"

namespace riverd::http {

/// Where the store stands, as its listener told: shared by the network thread and the workers.
struct Freshness {
  std::atomic<storage::Seq> seq{0};
  std::atomic<std::int64_t> changed{0};  ///< when seq last moved, seconds of the epoch

  [[nodiscard]] Time time() const { return Time{Seconds{changed.load()}}; }
};

enum class FeedFormat : std::uint8_t { atom, rss, json };

class Api {
 public:
  Api(storage::Store& store, Engine& engine, PostJson& json, const Freshness& freshness, std::string version)
      : store_(store), engine_(engine), json_(json), freshness_(freshness), version_(std::move(version)) {}

  [[nodiscard]] Response posts(const Request& request) const;
  /// `/api/v1/posts/{id}` and `{id}.md`
  [[nodiscard]] Response post(const Request& request) const;
  [[nodiscard]] Response sources(const Request& request) const;
  [[nodiscard]] Response feed(const Request& request, FeedFormat format) const;
  [[nodiscard]] Response opml(const Request& request) const;
  /// `POST /api/v1/sources/{name}/poll`: 202 once the poll is under way.
  [[nodiscard]] Response poll(const Request& request) const;

 private:
  storage::Store& store_;
  Engine& engine_;
  PostJson& json_;
  const Freshness& freshness_;
  const std::string version_;
};

/// One source as `/api/v1/sources` lists it.
void append_source_json(std::string& out, const storage::SourceView& source);

/// A filter that cannot be used, as its 400.
[[nodiscard]] Response problem(const BadParameter& bad);

}  // namespace riverd::http
