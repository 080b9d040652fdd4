#pragma once
/// What a channel, feed or CDF channel says of itself.

#include <vector>

#include "feeds/post.h"
#include "feeds/read/picks.h"
#include "feeds/read/scope.h"
#include "feeds/read/text_construct.h"
#include "feeds/read/warnings.h"

namespace riverd::feeds::read {

/// Reads the elements of a channel or feed other than its entries. Only its direct children count, so that the titles and
/// links of its image, textInput, cloud and entries are never taken for its own.
class FeedReader {
 public:
  FeedReader(Dialect dialect, Warnings& warnings) : dialect_(dialect), warnings_(warnings) {}

  /// Every child of `channel`; `scope` is what is in force inside it.
  void read(Xml channel, const Scope& scope);
  /// An image that stands beside the channel (RSS 0.90, 1.0).
  void read_image(Xml image, const Scope& scope);

  /// What was found; format and encoding are the caller's to fill.
  [[nodiscard]] FeedInfo take();
  /// The authors of entries that name none; call after take().
  [[nodiscard]] std::vector<Author> take_inherited() { return std::move(inherited_); }

 private:
  void read_cdf_attributes(Xml channel, const Scope& scope);
  void read_child(Xml child, const Scope& scope);
  void core(Xml child, const Scope& scope, Dialect dialect);
  bool core_text(Xml child, const Scope& scope, Dialect dialect);
  void dublin_core(Xml child, const Scope& scope);
  void itunes(Xml child, const Scope& scope);
  void syndication(Xml child);
  void webfeeds(Xml child, const Scope& scope);
  void link(Xml child, const Scope& scope);
  void offer_text(Pick<std::string>& pick, int rank, Xml child, const Scope& scope, Dialect dialect);
  void offer_date(int rank, Xml child);
  void offer_image(int rank, std::string url);
  void generator(Xml child);
  void skip_hours(Xml child);
  void skip_days(Xml child);
  void settle_authors();
  [[nodiscard]] std::optional<Seconds> ttl() const;

  const Dialect dialect_;
  Warnings& warnings_;
  FeedInfo info_;
  Pick<std::string> title_, link_, description_, language_, icon_, image_, generator_, self_, hub_, next_, copyright_;
  Pick<Time> updated_;
  std::vector<Author> editors_, podcasters_, owners_, inherited_;
  std::optional<Seconds> ttl_;
  std::optional<Seconds> period_;
  std::int64_t frequency_ = 1;
};

}  // namespace riverd::feeds::read
