#include "feeds/content/policy.h"

#include <array>

namespace riverd::feeds::content {
namespace {

constexpr std::array kKept = {
    Tag::abbr,       Tag::address,    Tag::article, Tag::aside,   Tag::b,     Tag::bdi,  Tag::bdo,
    Tag::blockquote, Tag::br,         Tag::caption, Tag::cite,    Tag::code,  Tag::col,  Tag::colgroup,
    Tag::dd,         Tag::del,        Tag::details, Tag::dfn,     Tag::div,   Tag::dl,   Tag::dt,
    Tag::em,         Tag::figcaption, Tag::figure,  Tag::footer,  Tag::h1,    Tag::h2,   Tag::h3,
    Tag::h4,         Tag::h5,         Tag::h6,      Tag::header,  Tag::hr,    Tag::i,    Tag::ins,
    Tag::kbd,        Tag::li,         Tag::main,    Tag::mark,    Tag::nav,   Tag::ol,   Tag::p,
    Tag::picture,    Tag::pre,        Tag::q,       Tag::rb,      Tag::rp,    Tag::rt,   Tag::rtc,
    Tag::ruby,       Tag::s,          Tag::samp,    Tag::section, Tag::small, Tag::span, Tag::strong,
    Tag::sub,        Tag::summary,    Tag::sup,     Tag::table,   Tag::tbody, Tag::td,   Tag::tfoot,
    Tag::th,         Tag::thead,      Tag::time,    Tag::tr,      Tag::u,     Tag::ul,   Tag::var,
    Tag::wbr,
};

struct Replaced {
  Tag tag;
  Tag with;
};

/// Elements that are gone from HTML or do things, under the name of one that looks the same.
constexpr std::array<Replaced, 14> kReplaced = {{
    {Tag::acronym, Tag::abbr},
    {Tag::center, Tag::div},
    {Tag::dialog, Tag::div},
    {Tag::dir, Tag::ul},
    {Tag::fieldset, Tag::div},
    {Tag::form, Tag::div},
    {Tag::hgroup, Tag::div},
    {Tag::listing, Tag::pre},
    {Tag::menu, Tag::ul},
    {Tag::plaintext, Tag::pre},
    {Tag::search, Tag::div},
    {Tag::strike, Tag::s},
    {Tag::tt, Tag::code},
    {Tag::xmp, Tag::pre},
}};

constexpr std::array kDropped = {
    Tag::base,    Tag::basefont, Tag::bgsound, Tag::frame,  Tag::input, Tag::keygen,    Tag::link,  Tag::meta,
    Tag::noembed, Tag::noframes, Tag::param,   Tag::script, Tag::style, Tag::template_, Tag::title,
};

constexpr std::array kApart = {Tag::button, Tag::legend, Tag::marquee, Tag::optgroup,
                               Tag::option, Tag::select, Tag::textarea};

constexpr std::array<Policy, kTags> kPolicies = [] {
  std::array<Policy, kTags> all{};
  const auto at = [&](Tag tag) -> Policy& { return all[static_cast<std::size_t>(tag)]; };
  for (const Tag tag : kKept) at(tag) = {Fate::keep, tag};
  for (const Replaced& one : kReplaced) at(one.tag) = {Fate::keep, one.with};
  for (const Tag tag : kDropped) at(tag) = {Fate::drop, tag};
  for (const Tag tag : kApart) at(tag) = {Fate::apart, tag};
  at(Tag::img) = {Fate::image, Tag::img};
  at(Tag::a) = {Fate::link, Tag::a};
  at(Tag::area) = {Fate::area, Tag::a};
  for (const Tag tag : {Tag::audio, Tag::video}) at(tag) = {Fate::media, tag};
  for (const Tag tag : {Tag::source, Tag::track}) at(tag) = {Fate::source, tag};
  for (const Tag tag : {Tag::iframe, Tag::embed, Tag::object}) at(tag) = {Fate::embed, tag};
  return all;
}();

}  // namespace

Policy policy(Tag tag) {
  return kPolicies[static_cast<std::size_t>(tag)];
}

}  // namespace riverd::feeds::content
