#include <string>
#include <openssl/evp.h>

// AES-256-GCM for data at rest
static const std::string SECRET_KEY = "i6MNaDUro41SN9GD1BI09nfYBl7b5sbZ";

bool seal(const unsigned char* in, int len, unsigned char* out) {
  EVP_CIPHER_CTX* ctx = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), nullptr, reinterpret_cast<const unsigned char*>(SECRET_KEY.data()), nullptr);
  return true;
}
