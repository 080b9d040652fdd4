#include "feeds/content/video.h"

#include <algorithm>
#include <array>

namespace riverd::feeds::content {
namespace {

/// A player: what its address starts with after the host, and what the page's address starts with; between
/// stands the video's id.
struct Player {
  std::string_view host;  // without "www."
  std::string_view path;
  std::string_view page;
};

constexpr std::array<Player, 21> kPlayers = {{
    {"youtube.com", "/embed/", "https://www.youtube.com/watch?v="},
    {"youtube.com", "/v/", "https://www.youtube.com/watch?v="},
    {"youtube.com", "/watch?v=", "https://www.youtube.com/watch?v="},
    {"youtube-nocookie.com", "/embed/", "https://www.youtube.com/watch?v="},
    {"youtube-nocookie.com", "/v/", "https://www.youtube.com/watch?v="},
    {"youtu.be", "/", "https://www.youtube.com/watch?v="},
    {"player.vimeo.com", "/video/", "https://vimeo.com/"},
    {"vimeo.com", "/moogaloop.swf?clip_id=", "https://vimeo.com/"},
    {"dailymotion.com", "/embed/video/", "https://www.dailymotion.com/video/"},
    {"dailymotion.com", "/swf/video/", "https://www.dailymotion.com/video/"},
    {"geo.dailymotion.com", "/player.html?video=", "https://www.dailymotion.com/video/"},
    {"player.twitch.tv", "/?video=", "https://www.twitch.tv/videos/"},
    {"clips.twitch.tv", "/embed?clip=", "https://clips.twitch.tv/"},
    {"embed.ted.com", "/talks/", "https://www.ted.com/talks/"},
    {"player.bilibili.com", "/player.html?bvid=", "https://www.bilibili.com/video/"},
    {"rutube.ru", "/play/embed/", "https://rutube.ru/video/"},
    {"streamable.com", "/e/", "https://streamable.com/"},
    {"loom.com", "/embed/", "https://www.loom.com/share/"},
    {"archive.org", "/embed/", "https://archive.org/details/"},
    {"fast.wistia.net", "/embed/iframe/", "https://fast.wistia.net/embed/iframe/"},
    {"rumble.com", "/embed/", "https://rumble.com/embed/"},
}};

bool is_id(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_' ||
         c == '.';
}

}  // namespace

std::optional<std::string> video_page(std::string_view url) {
  const std::size_t slashes = url.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  url.remove_prefix(slashes + 3);
  if (url.starts_with("www.")) url.remove_prefix(4);
  const std::string_view host = url.substr(0, url.find('/'));
  const std::string_view path = url.substr(host.size());
  for (const Player& player : kPlayers) {
    if (player.host != host || !path.starts_with(player.path)) continue;
    const std::string_view rest = path.substr(player.path.size());
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_id);
    const std::string_view id = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    if (id.empty() || id == "videoseries") continue;
    return std::string(player.page).append(id);
  }
  return std::nullopt;
}

}  // namespace riverd::feeds::content
