#include <boost/version.hpp>
#include <cstdio>

#include "daemon/http/health.h"

namespace riverd::http {
namespace {

/// Writes metric families of the Prometheus text format 0.0.4.
class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
    text_.append(" ").append(type).append("\n");
  }

  void sample(std::string_view name, double value, std::string_view labels = {}) {
    text_ += name;
    if (!labels.empty()) text_.append("{").append(labels).append("}");
    text_.append(" ").append(number(value)).append("\n");
  }

  void counter(std::string_view name, std::uint64_t value, std::string_view help) {
    family(name, "counter", help);
    sample(name, static_cast<double>(value));
  }

  void gauge(std::string_view name, double value, std::string_view help) {
    family(name, "gauge", help);
    sample(name, value);
  }

  void histogram(const std::string& name, const Histogram::Snapshot& snapshot, std::string_view help) {
    family(name, "histogram", help);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < snapshot.counts.size(); ++i) {
      below += snapshot.counts[i];
      const std::string bound = i < Histogram::kBounds.size() ? number(Histogram::kBounds[i]) : "+Inf";
      sample(name + "_bucket", static_cast<double>(below), "le=\"" + bound + "\"");
    }
    sample(name + "_sum", snapshot.sum);
    sample(name + "_count", static_cast<double>(below));
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  static std::string number(double value) {
    char out[32];
    const int n = std::snprintf(out, sizeof out, "%.15g", value);
    return {out, static_cast<std::size_t>(n)};
  }

  std::string text_;
};

void add_polling(Exposition& out, const PollStats& polls) {
  out.counter("riverd_polls_total", polls.polls, "Polls finished.");
  out.counter("riverd_polls_not_modified_total", polls.not_modified, "Polls answered by 304 or by the same body again.");
  out.counter("riverd_polls_failed_total", polls.failed, "Polls without a usable answer.");
  out.counter("riverd_poll_bytes_total", polls.bytes, "Bytes received from sources, as transferred.");
  out.counter("riverd_posts_new_total", polls.new_posts, "Posts that were new.");
  out.counter("riverd_posts_updated_total", polls.updated_posts, "Posts that changed.");
  out.counter("riverd_articles_total", polls.pages_complete, "Pages of stories that became articles.");
  out.counter("riverd_articles_failed_total", polls.pages_failed, "Pages of stories that were given up.");
  out.family("riverd_poll_queue", "gauge", "Polls by what they are doing.");
  out.sample("riverd_poll_queue", static_cast<double>(polls.active), "stage=\"transfer\"");
  out.sample("riverd_poll_queue", static_cast<double>(polls.waiting), "stage=\"waiting\"");
  out.sample("riverd_poll_queue", static_cast<double>(polls.parsing), "stage=\"parsing\"");
  out.sample("riverd_poll_queue", static_cast<double>(polls.recording), "stage=\"recording\"");
  out.gauge("riverd_poll_overdue_seconds", polls.lateness_seconds, "How far the most overdue source is behind its time.");
  out.histogram("riverd_poll_transfer_seconds", polls.fetch, "Time of a transfer.");
  out.histogram("riverd_poll_parse_seconds", polls.parse, "Time of reading and normalising a document.");
  out.histogram("riverd_store_record_seconds", polls.record, "Time from an outcome to its commit.");
  out.histogram("riverd_poll_lateness_seconds", polls.lateness, "Start of a poll against the time it was due.");
}

void add_traffic(Exposition& out, const ServerFigures& figures) {
  const Traffic& traffic = figures.traffic;
  out.counter("riverd_http_connections_total", traffic.accepted, "Connections accepted.");
  out.counter("riverd_http_connections_refused_total", traffic.refused, "Connections turned away: too many.");
  out.gauge("riverd_http_connections", static_cast<double>(traffic.open), "Connections open.");
  out.gauge("riverd_http_event_streams", static_cast<double>(traffic.streams), "Event streams open.");
  out.counter("riverd_http_events_total", traffic.events_sent, "Events sent.");
  out.counter("riverd_http_slow_streams_total", traffic.slow_streams, "Event streams dropped because they did not read.");
  out.counter("riverd_http_requests_total", traffic.requests, "Requests read whole.");
  out.counter("riverd_http_malformed_total", traffic.malformed, "Requests refused as malformed.");
  out.family("riverd_http_responses_total", "counter", "Answers by class of status.");
  for (std::size_t i = 2; i < 6; ++i)
    out.sample("riverd_http_responses_total", static_cast<double>(traffic.by_class[i]),
               "class=\"" + std::to_string(i) + "xx\"");
  out.counter("riverd_http_received_bytes_total", traffic.bytes_in, "Bytes received from clients.");
  out.counter("riverd_http_sent_bytes_total", traffic.bytes_out, "Bytes sent to clients.");
  out.counter("riverd_http_cache_hits_total", traffic.cache_hits, "Answers given again.");
  out.counter("riverd_http_cache_misses_total", traffic.cache_misses, "Answers that had to be made.");
  out.gauge("riverd_http_cache_bytes", static_cast<double>(figures.cache_bytes), "Memory of the answers kept.");
  out.gauge("riverd_http_queue", static_cast<double>(figures.queue), "Requests that wait for a worker.");
  out.histogram("riverd_http_handling_seconds", figures.handling.snapshot(), "Time of an answer's making, waiting included.");
  out.histogram("riverd_store_read_seconds", figures.store_time.snapshot(), "Time of a handler with its reads of the store.");
}

}  // namespace

Response metrics(const ServerFigures& figures, const Engine& engine, storage::Store& store, const std::string& version) {
  Exposition out;
  out.family("riverd_build_info", "gauge", "Always 1; what runs is in the labels.");
  out.sample("riverd_build_info", 1,
             "version=\"" + version + "\",compiler=\"" + __VERSION__ + "\",boost=\"" BOOST_LIB_VERSION "\"");
  if (const auto totals = store.totals()) {
    out.gauge("riverd_posts", static_cast<double>(totals->posts), "Posts kept.");
    out.gauge("riverd_sources", static_cast<double>(totals->sources), "Sources that are polled.");
    out.gauge("riverd_sources_failing", static_cast<double>(totals->failing), "Sources that fail.");
    out.gauge("riverd_store_seq", static_cast<double>(totals->seq), "The newest change number.");
  }
  add_polling(out, engine.stats());
  add_traffic(out, figures);
  Response response(200, "text/plain; version=0.0.4; charset=utf-8", out.take());
  response.cache_control = "no-store";
  return response;
}

}  // namespace riverd::http
