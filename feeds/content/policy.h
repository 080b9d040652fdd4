#pragma once
/// What becomes of each element of content: the allowlist of sanitising.

#include <cstdint>

#include "feeds/content/tag.h"

namespace riverd::feeds::content {

enum class Fate : std::uint8_t {
  unwrap,  ///< the element goes, its content stays: so for every element that is not named below
  apart,   ///< likewise, with a space before and behind
  keep,    ///< stays, under the tag beside it
  drop,    ///< goes with its content, which no reader would see
  image,   ///< img
  link,    ///< a: stays where its address can stand
  media,   ///< audio, video: stay where something can be played
  source,  ///< source, track: only inside media and picture
  area,    ///< area of an image map: a link
  embed,   ///< iframe, embed, object: a link to the well-known video, or to the page in the frame
};

struct Policy {
  Fate fate = Fate::unwrap;
  Tag tag = Tag::unknown;  ///< the element that takes its place
};

[[nodiscard]] Policy policy(Tag tag);

}  // namespace riverd::feeds::content
