#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace riverd {

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  // Found by its name once: that takes OpenSSL longer than the digest of an address.
  static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                    EVP_MD_free);
  std::array<std::uint8_t, 32> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm.get(), nullptr);
  return digest;
}

std::string base32(const std::uint8_t* bytes, std::size_t length) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  out.reserve((length * 8 + 4) / 5);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < length; ++i) {
    pending = (pending << 8U) | bytes[i];
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += kAlphabet[(pending >> bits) & 31U];
    }
  }
  if (bits > 0) out += kAlphabet[(pending << (5 - bits)) & 31U];
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace riverd
