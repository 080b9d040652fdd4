#pragma once
/// A store in front of another: tests override what they want to go wrong.

#include <memory>
#include <utility>

#include "storage/store.h"

namespace riverd::test {

class ForwardingStore : public storage::Store {
 public:
  explicit ForwardingStore(storage::Store& inner) : inner_(inner) {}

  Result<bool> sync_sources(const std::vector<storage::ConfiguredSource>& sources, Time now, Seconds spread) override {
    return inner_.sync_sources(sources, now, spread);
  }
  Result<std::vector<storage::Lease>> claim(Time now, std::size_t n, Seconds lease) override { return inner_.claim(now, n, lease); }
  Result<storage::Lease> claim_source(std::string_view name, Time now, Seconds lease) override {
    return inner_.claim_source(name, now, lease);
  }
  Result<std::vector<storage::Lease>> claim_sources(const std::vector<std::string>& names, Time now, Seconds lease) override {
    return inner_.claim_sources(names, now, lease);
  }
  Result<void> shift_times(Seconds by) override { return inner_.shift_times(by); }
  Result<std::optional<Time>> next_due() override { return inner_.next_due(); }
  Result<void> renew(const storage::Lease& lease, Time until) override { return inner_.renew(lease, until); }
  Result<void> release(const storage::Lease& lease, Time due, std::string_view reason) override { return inner_.release(lease, due, reason); }
  Result<std::vector<storage::Lease>> leases() override { return inner_.leases(); }
  Result<std::vector<feeds::Fingerprint>> fingerprints(storage::SourceId source) override { return inner_.fingerprints(source); }
  void record(storage::PollOutcome outcome, Done done) override { inner_.record(std::move(outcome), std::move(done)); }
  void record_shared(std::shared_ptr<const storage::PollOutcome> outcome, Done done) override {
    inner_.record_shared(std::move(outcome), std::move(done));
  }
  Result<std::vector<storage::HostState>> hosts() override { return inner_.hosts(); }
  Result<void> save_host(const storage::HostState& host) override { return inner_.save_host(host); }
  Result<std::vector<storage::PageLease>> claim_pages(Time now, std::size_t n, Seconds lease, Seconds again) override {
    return inner_.claim_pages(now, n, lease, again);
  }
  void record_page(std::shared_ptr<const storage::PageOutcome> outcome, PageDone done) override {
    inner_.record_page(std::move(outcome), std::move(done));
  }
  Result<std::optional<Time>> next_page_due() override { return inner_.next_page_due(); }
  Result<std::uint64_t> wanted_pages(Time due) override { return inner_.wanted_pages(due); }
  Result<void> abandon_pages(Time now) override { return inner_.abandon_pages(now); }
  Result<storage::PostPage> posts(const storage::PostQuery& query) override { return inner_.posts(query); }
  Result<std::optional<storage::StoredPost>> post(std::string_view id) override { return inner_.post(id); }
  Result<std::vector<storage::SourceView>> sources() override { return inner_.sources(); }
  Result<void> each_source(const std::function<bool(storage::SourceView&&)>& visit) override { return inner_.each_source(visit); }
  Result<std::optional<storage::SourceView>> source(std::string_view name) override { return inner_.source(name); }
  Result<storage::Totals> totals() override { return inner_.totals(); }
  Result<std::vector<storage::Count>> tags(std::size_t most) override { return inner_.tags(most); }
  Result<std::vector<storage::Count>> categories() override { return inner_.categories(); }
  Result<std::vector<storage::Activity>> activity(Time now, unsigned days) override { return inner_.activity(now, days); }
  void on_change(std::function<void(storage::Seq)> listener) override { inner_.on_change(std::move(listener)); }
  Result<std::uint64_t> prune(const storage::Retention& retention, Time now) override { return inner_.prune(retention, now); }
  Result<void> backup(const std::string& path) override { return inner_.backup(path); }
  Result<void> vacuum() override { return inner_.vacuum(); }
  Result<void> ping() override { return inner_.ping(); }

 private:
  storage::Store& inner_;
};

}  // namespace riverd::test
