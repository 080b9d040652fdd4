#include "daemon/fetch/decoder.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace riverd::fetch {
namespace {

constexpr std::size_t kChunk = 32 * 1024;
constexpr int kMaxZstdWindowLog = 23;  // 8 MiB: what RFC 9659 lets a server use

/// gzip (all members of it), and deflate in both forms servers send: with and without zlib's header.
class Inflater : public Decoder {
 public:
  explicit Inflater(bool gzip) : gzip_(gzip) {}
  ~Inflater() override {
    if (started_) inflateEnd(&stream_);
  }

  Decoded write(std::string_view bytes, const Sink& sink) override {
    if (bytes.empty()) return Decoded::ok;
    if (!started_) {
      if (!gzip_ && head_.size() + bytes.size() < 2) {
        head_ += bytes;
        return Decoded::ok;
      }
      if (!start(bytes)) return Decoded::broken;
      const std::string head = std::exchange(head_, {});
      if (const Decoded done = inflate_all(head, sink); done != Decoded::ok) return done;
    }
    return inflate_all(bytes, sink);
  }

  Decoded finish(const Sink&) override {
    // An empty body has no coding to end.
    return (!started_ && head_.empty()) || at_end_ ? Decoded::ok : Decoded::broken;
  }

 private:
  bool start(std::string_view bytes) {
    std::string head = head_ + std::string(bytes.substr(0, 2));
    head.resize(2);
    const auto first = static_cast<unsigned char>(head[0]);
    const auto second = static_cast<unsigned char>(head[1]);
    const bool zlib_header = (first & 0x0F) == 8 && (first * 256U + second) % 31 == 0;
    const int window = gzip_ ? 15 + 16 : zlib_header ? 15 : -15;
    started_ = inflateInit2(&stream_, window) == Z_OK;
    return started_;
  }

  Decoded inflate_all(std::string_view bytes, const Sink& sink) {
    std::array<char, kChunk> chunk;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    while (true) {
      if (at_end_ && (stream_.avail_in == 0 || !next_member())) return Decoded::ok;
      stream_.next_out = reinterpret_cast<Bytef*>(chunk.data());
      stream_.avail_out = kChunk;
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return Decoded::broken;
      const std::size_t made = kChunk - stream_.avail_out;
      if (made > 0 && !sink({chunk.data(), made})) return Decoded::too_large;
      at_end_ = code == Z_STREAM_END;
      if (!at_end_ && stream_.avail_in == 0 && stream_.avail_out > 0) return Decoded::ok;
      if (code == Z_BUF_ERROR && made == 0) return Decoded::ok;  // wants more input
    }
  }

  /// After the end: another gzip member, or padding and junk that nobody asked for.
  bool next_member() {
    if (!gzip_ || *stream_.next_in != 0x1F) return false;
    return inflateReset(&stream_) == Z_OK && (at_end_ = false, true);
  }

  const bool gzip_;
  bool started_ = false;
  bool at_end_ = false;
  std::string head_;
  z_stream stream_{};
};

/// Codings whose windows are large: the wire's bytes are kept, and decoded at the end, one body at a time.
class Deferred : public Decoder {
 public:
  explicit Deferred(std::uint64_t max_input) : max_input_(max_input) {}
  Decoded write(std::string_view bytes, const Sink&) override {
    if (input_.size() + bytes.size() > max_input_) return Decoded::too_large;
    input_ += bytes;
    return Decoded::ok;
  }
  [[nodiscard]] bool deferred() const override { return true; }

 protected:
  std::string input_;

 private:
  const std::uint64_t max_input_;
};

class Brotli : public Deferred {
 public:
  using Deferred::Deferred;
  Decoded finish(const Sink& sink) override {
    if (input_.empty()) return Decoded::ok;
    const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
        BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
    if (!state) return Decoded::broken;
    std::array<std::uint8_t, kChunk> chunk;
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(input_.data());
    std::size_t left = input_.size();
    while (true) {
      std::uint8_t* next_out = chunk.data();
      std::size_t room = kChunk;
      const auto code = BrotliDecoderDecompressStream(state.get(), &left, &next_in, &room, &next_out, nullptr);
      if (room < kChunk && !sink({reinterpret_cast<const char*>(chunk.data()), kChunk - room})) {
        return Decoded::too_large;
      }
      if (code == BROTLI_DECODER_RESULT_SUCCESS) return Decoded::ok;
      if (code != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return Decoded::broken;
    }
  }
};

class Zstd : public Deferred {
 public:
  using Deferred::Deferred;
  Decoded finish(const Sink& sink) override {
    if (input_.empty()) return Decoded::ok;
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    if (!context) return Decoded::broken;
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxZstdWindowLog);
    std::array<char, kChunk> chunk;
    ZSTD_inBuffer in{input_.data(), input_.size(), 0};
    // ZSTD_decompressStream returns 0 at the end of a frame, when all of it was handed out.
    while (true) {
      ZSTD_outBuffer out{chunk.data(), kChunk, 0};
      const std::size_t wanted = ZSTD_decompressStream(context.get(), &out, &in);
      if (ZSTD_isError(wanted) != 0) return Decoded::broken;
      if (out.pos > 0 && !sink({chunk.data(), out.pos})) return Decoded::too_large;
      if (in.pos == in.size && wanted == 0) return Decoded::ok;
      if (in.pos == in.size && out.pos < kChunk) return Decoded::broken;
    }
  }
};

std::string lower_trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

std::unique_ptr<Decoder> make_decoder(std::string_view content_encoding, std::uint64_t max_input) {
  while (!content_encoding.empty()) {
    const std::size_t comma = std::min(content_encoding.find(','), content_encoding.size());
    const std::string coding = lower_trimmed(content_encoding.substr(0, comma));
    if (coding == "gzip" || coding == "x-gzip") return std::make_unique<Inflater>(true);
    if (coding == "deflate") return std::make_unique<Inflater>(false);
    if (coding == "br") return std::make_unique<Brotli>(max_input);
    if (coding == "zstd") return std::make_unique<Zstd>(max_input);
    content_encoding.remove_prefix(std::min(comma + 1, content_encoding.size()));
  }
  return nullptr;
}

}  // namespace riverd::fetch
