#pragma once
/// Store on one SQLite file: a writer thread, a few readers.

#include "storage/sqlite/readers.h"
#include "storage/sqlite/sources.h"
#include "storage/sqlite/writer.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

class SqliteStore final : public Store {
 public:
  SqliteStore(const Options& options, std::unique_ptr<Database> writer);

  Result<bool> sync_sources(const std::vector<ConfiguredSource>& sources, Time now, Seconds spread) override;
  Result<std::vector<Lease>> claim(Time now, std::size_t n, Seconds lease) override;
  Result<Lease> claim_source(std::string_view name, Time now, Seconds lease) override;
  Result<std::vector<Lease>> claim_sources(const std::vector<std::string>& names, Time now, Seconds lease) override;
  Result<void> shift_times(Seconds by) override;
  Result<std::optional<Time>> next_due() override;
  Result<void> renew(const Lease& lease, Time until) override;
  Result<void> release(const Lease& lease, Time due, std::string_view reason) override;
  Result<std::vector<feeds::Fingerprint>> fingerprints(SourceId source) override;
  Result<std::vector<Lease>> leases() override;
  void record(PollOutcome outcome, Done done) override;
  void record_shared(std::shared_ptr<const PollOutcome> outcome, Done done) override;
  Result<std::vector<HostState>> hosts() override;
  Result<void> save_host(const HostState& host) override;
  Result<std::vector<PageLease>> claim_pages(Time now, std::size_t n, Seconds lease, Seconds again) override;
  void record_page(std::shared_ptr<const PageOutcome> outcome, PageDone done) override;
  Result<std::optional<Time>> next_page_due() override;
  Result<std::uint64_t> wanted_pages(Time due) override;
  Result<void> abandon_pages(Time now) override;
  Result<PostPage> posts(const PostQuery& query) override;
  Result<std::optional<StoredPost>> post(std::string_view id) override;
  Result<std::vector<SourceView>> sources() override;
  Result<void> each_source(const std::function<bool(SourceView&&)>& visit) override;
  Result<std::optional<SourceView>> source(std::string_view name) override;
  Result<Totals> totals() override;
  Result<std::vector<Count>> tags(std::size_t most) override;
  Result<std::vector<Count>> categories() override;
  Result<std::vector<Activity>> activity(Time now, unsigned days) override;
  void on_change(std::function<void(Seq)> listener) override;
  Result<std::uint64_t> prune(const Retention& retention, Time now) override;
  Result<void> backup(const std::string& path) override;
  Result<void> vacuum() override;
  Result<void> ping() override;

 private:
  const std::string path_;
  KnownNames names_;
  Readers readers_;
  Writer writer_;
};

}  // namespace riverd::storage::sqlite
