#include "storage/sqlite/record.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "storage/sqlite/dates.h"
#include "storage/sqlite/held.h"
#include "storage/sqlite/identity.h"
#include "storage/sqlite/pages.h"
#include "storage/sqlite/polls.h"
#include "storage/sqlite/post_rows.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kEntries = "SELECT fingerprint, post FROM entry WHERE source = ?";
constexpr const char* kAddEntry = "INSERT OR REPLACE INTO entry(source, fingerprint, post) VALUES (?, ?, ?)";
constexpr const char* kDropEntry = "DELETE FROM entry WHERE source = ? AND fingerprint = ?";
constexpr const char* kKeys = "SELECT guid, link, text, world FROM carried WHERE post = ? AND source = ?";
constexpr const char* kSetKeys =
    "INSERT INTO carried(post, source, guid, link, text, world) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT(post, source) DO UPDATE SET guid = excluded.guid, link = excluded.link, text = excluded.text, "
    "world = excluded.world";
constexpr const char* kIdTaken = "SELECT 1 FROM post WHERE id = ?1 UNION ALL SELECT 1 FROM removed WHERE id = ?1 "
    "UNION ALL SELECT 1 FROM held WHERE id = ?1";
constexpr const char* kSetDigest = "UPDATE post SET digest = ? WHERE number = ?";
constexpr const char* kPollOf = "SELECT poll FROM source WHERE id = ?";
constexpr const char* kActive =
    "SELECT s.configured AND s.enabled AND p.state <> 3 FROM source s JOIN poll p ON p.id = s.poll WHERE s.id = ?";

constexpr unsigned kMaxIdTries = 1000;

/// One document of one source.
class DocumentRecorder {
 public:
  DocumentRecorder(Batch& batch, SourceId source, FullText full_text, std::vector<SourceId> siblings, Time at,
                   Recorded& recorded)
      : batch_(batch),
        db_(batch.db),
        source_(source),
        full_text_(full_text),
        at_(at),
        recorded_(recorded),
        matcher_(db_, source, std::move(siblings)) {}

  void run(const SourcePosts& posts) {
    const feeds::Normalised& document = posts.document;
    if (posts.words.size() == document.posts.size()) words_ = &posts.words;
    read_entries();
    for (const auto fingerprint : document.unchanged) {
      const auto known = entries_.find(fingerprint);
      if (known == entries_.end()) continue;
      keep(fingerprint, known->second);
      matcher_.take(known->second);
    }
    match(document.posts);
    correct_dates();
    // Last entry first: where nothing else tells posts apart, the first of the document is the newest.
    for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) apply(*slot);
    write_entries();
  }

 private:
  struct Slot {
    const feeds::Post* entry;
    const feeds::Post* shown;  ///< the entry as readers get it
    std::size_t place;  ///< in the document
    Keys keys;
    std::optional<std::int64_t> post;
  };

  void read_entries() {
    Query rows(db_, kEntries, source_);
    while (rows.step()) entries_.emplace(static_cast<feeds::Fingerprint>(rows.integer(0)), rows.integer(1));
  }

  void match(const std::vector<feeds::Post>& posts) {
    slots_.reserve(posts.size());
    for (const auto& post : posts) slots_.push_back({&post, &post, slots_.size(), keys_of(post), std::nullopt});
    const auto pass = [this](auto&& find) {
      for (auto& slot : slots_) {
        if (!slot.post && (slot.post = find(slot))) matcher_.take(*slot.post);
      }
    };
    pass([this](const Slot& slot) { return matcher_.strong(*slot.entry, slot.keys); });
    pass([this](const Slot& slot) { return matcher_.weak(*slot.entry); });
    pass([this](const Slot& slot) { return matcher_.elsewhere(*slot.entry, slot.keys); });
  }

  /// After matching: what the feed said is what stories are told by.
  void correct_dates() {
    for (auto& slot : slots_) {
      const auto date = believable(slot.entry->date, at_);
      const auto updated = believable(slot.entry->updated, at_);
      if (date == slot.entry->date && updated == slot.entry->updated) continue;
      feeds::Post& corrected = corrected_.emplace_back(*slot.entry);
      corrected.date = date;
      corrected.updated = updated;
      slot.shown = &corrected;
    }
  }

  void apply(Slot& slot) {
    if (!slot.post) {
      slot.post = create(slot);
      add_keys(slot);
    } else if (auto row = read_any_row(db_, *slot.post)) {
      merge(std::move(*row), *slot.shown);
      set_keys(slot);
    }  // else retention removed it: it stays known, and away
    keep(slot.entry->fingerprint, *slot.post);
  }

  std::int64_t create(const Slot& slot) {
    const feeds::Post& entry = *slot.shown;
    PostRow row;
    row.post = entry;
    row.post.id = free_id(*slot.entry);
    row.source = source_;
    row.digest = visible_digest(entry);
    ++recorded_.new_posts;
    const bool has_page = wants_page(entry);
    if (has_page && full_text_ == FullText::wait) {
      hold(batch_, row);
    } else {
      row.pos = free_pos(db_, row.post.date.value_or(at_));
      row.seq = batch_.next_seq(at_);
      row.arrived = at_;
      batch_.count_published(source_, row.post.date, at_);
      insert_row(batch_, row, words_ != nullptr ? (*words_)[slot.place] : searchable_words(entry));
    }
    if (has_page) want(row.number, entry);
    return row.number;
  }

  [[nodiscard]] bool wants_page(const feeds::Post& entry) const { return full_text_ != FullText::off && has_page(entry); }

  void want(std::int64_t post, const feeds::Post& entry) {
    if (want_page(batch_, post, source_, entry, at_)) ++recorded_.wanted_pages;
  }

  void merge(PostRow before, const feeds::Post& entry) {
    PostRow now = before;
    const bool joined = !carries(before);
    with_article_ = false;
    if (before.source == source_ || !active(before.source)) {
      take_over(now, entry);
    } else {
      set_carrier(now, {source_, entry.tags, entry.categories});
    }
    const bool changed = now.digest != before.digest || now.source != before.source || now.pos != before.pos ||
                         now.carriers != before.carriers;
    if (!changed) return;
    write(before, now);
    ++(joined ? recorded_.merged_posts : recorded_.updated_posts);
    if (joined && !is_held(now.number)) batch_.count_published(source_, now.post.date, at_);
    if (joined && wants_page(entry)) want(now.number, entry);
  }

  void write(const PostRow& before, PostRow& now) {
    if (is_held(now.number)) {
      replace_held(batch_, now);
    } else if (with_article_ && look_alike(before, now)) {  // another teaser before the same article
      Query(db_, kSetDigest, now.digest, now.number).run();
    } else {
      now.seq = batch_.next_seq(at_);
      replace_row(batch_, before, now);
    }
  }

  /// The entry's version becomes the one that is shown. Only the first carrier's does, so that two sources with two
  /// versions do not swap them at every poll; and whose first carrier is polled no more, the one who still has it.
  void take_over(PostRow& row, const feeds::Post& entry) {
    const std::int64_t digest = visible_digest(entry);
    const auto date = row.post.date && !is_zero_date(*row.post.date) ? row.post.date : entry.date;
    const bool dated = date != row.post.date;
    if (row.source == source_ && digest == row.digest && !dated) {
      if (wants_page(entry) && note_update(batch_, row, entry, at_)) ++recorded_.wanted_pages;
      return;
    }
    if (row.source != source_) {
      set_carrier(row, {row.source, row.post.tags, row.post.categories});
      std::erase_if(row.carriers, [this](const Carrier& carrier) { return carrier.source == source_; });
      row.source = source_;
    }
    Revised revised = revise(batch_, row, entry, wants_page(entry), at_);
    if (revised.wanted_again) ++recorded_.wanted_pages;
    with_article_ = revised.with_article;
    std::string id = std::move(row.post.id);
    row.post = std::move(revised.post);
    row.post.id = std::move(id);
    row.post.date = date;
    row.post.updated = believable(row.post.updated, at_);  // a page states one, too
    row.digest = digest;
    if (dated && !is_held(row.number)) row.pos = free_pos(db_, date.value_or(row.arrived));
  }

  static void set_carrier(PostRow& row, Carrier carrier) {
    for (auto& known : row.carriers) {
      if (known.source != carrier.source) continue;
      known = std::move(carrier);
      return;
    }
    row.carriers.push_back(std::move(carrier));
  }

  [[nodiscard]] bool carries(const PostRow& row) const {
    const auto sources = sources_of(row);
    return std::find(sources.begin(), sources.end(), source_) != sources.end();
  }

  bool active(SourceId source) {
    Query query(db_, kActive, source);
    return query.step() && query.integer(0) != 0;
  }

  std::string free_id(const feeds::Post& entry) {
    std::string id = entry.id.empty() ? feeds::post_id(entry.identity, entry.date) : entry.id;
    for (unsigned attempt = 1; attempt <= kMaxIdTries; ++attempt) {
      Query taken(db_, kIdTaken, id);
      if (!taken.step()) return id;
      id = feeds::alternative_post_id(entry.identity, entry.date, attempt);
    }
    db_.fail(Error(Errc::internal, "store: no free id for a post"));
    return id;
  }

  void set_keys(const Slot& slot) {
    const auto optional_integer = [](const Query& row, int column) {
      return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
    };
    {
      Query row(db_, kKeys, *slot.post, source_);
      if (row.step() && Keys{optional_integer(row, 0), optional_integer(row, 1), optional_integer(row, 2),
                             optional_integer(row, 3)} == slot.keys) {
        return;
      }
    }
    add_keys(slot);
  }

  void add_keys(const Slot& slot) {
    const Keys& keys = slot.keys;
    Query(db_, kSetKeys, *slot.post, source_, keys.guid, keys.link, keys.text, keys.world).run();
  }

  void keep(feeds::Fingerprint fingerprint, std::int64_t post) {
    if (fingerprint != 0) present_.emplace(fingerprint, post);
  }

  /// The entries of the last document are what the next one is compared with.
  void write_entries() {
    for (const auto& [fingerprint, post] : entries_) {
      if (present_.count(fingerprint) == 0) Query(db_, kDropEntry, source_, static_cast<std::int64_t>(fingerprint)).run();
    }
    for (const auto& [fingerprint, post] : present_) {
      const auto known = entries_.find(fingerprint);
      if (known != entries_.end() && known->second == post) continue;
      Query(db_, kAddEntry, source_, static_cast<std::int64_t>(fingerprint), post).run();
    }
  }

  Batch& batch_;
  Database& db_;
  const SourceId source_;
  const FullText full_text_;
  const Time at_;
  Recorded& recorded_;
  Matcher matcher_;
  const std::vector<std::string>* words_ = nullptr;  ///< prepared, of each entry
  std::unordered_map<feeds::Fingerprint, std::int64_t> entries_;  ///< as stored
  std::unordered_map<feeds::Fingerprint, std::int64_t> present_;  ///< as of this document
  std::vector<Slot> slots_;
  std::deque<feeds::Post> corrected_;
  bool with_article_ = false;  ///< the post being merged shows its page's text
};

bool still_polls(Database& db, SourceId source, std::int64_t poll) {
  Query query(db, kPollOf, source);
  return query.step() && query.integer(0) == poll;
}

/// The next answer is a whole one, though nothing has changed.
void ask_for_all(PollState& state) {
  state.etag.clear();
  state.last_modified.clear();
  state.body_hash = 0;
}

}  // namespace

Result<Recorded> record(Batch& batch, const PollOutcome& outcome) {
  const auto poll = held_poll(batch.db, outcome.lease);
  if (!poll) return poll.error();
  Recorded recorded;
  for (const auto& document : outcome.documents) {
    if (!still_polls(batch.db, document.source, *poll)) continue;
    std::vector<SourceId> siblings;
    for (const auto source : outcome.lease.sources) {
      if (source != document.source) siblings.push_back(source);
    }
    DocumentRecorder(batch, document.source, document.full_text, std::move(siblings), outcome.at, recorded).run(document);
  }
  PollState state = outcome.state;
  if (joined_since(batch.db, *poll, outcome.lease)) ask_for_all(state);  // the source that joined has no posts of this answer
  save_state(batch, *poll, state, outcome.at);
  recorded.seq = batch.seq();
  return recorded;
}

std::size_t weight(const PollOutcome& outcome) {
  std::size_t bytes = 1024;
  for (const auto& document : outcome.documents) {
    for (const auto& post : document.document.posts) {
      bytes += 512 + (post.content_html ? post.content_html->size() : 0) + (post.summary ? post.summary->size() : 0);
    }
  }
  return bytes;
}

std::vector<feeds::Fingerprint> read_fingerprints(Database& db, SourceId source) {
  std::vector<feeds::Fingerprint> fingerprints;
  Query rows(db, kEntries, source);
  while (rows.step()) fingerprints.push_back(static_cast<feeds::Fingerprint>(rows.integer(0)));
  std::sort(fingerprints.begin(), fingerprints.end());
  return fingerprints;
}

}  // namespace riverd::storage::sqlite
