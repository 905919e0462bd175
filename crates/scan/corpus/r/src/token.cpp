#include <jwt-cpp/jwt.h>
#include <chrono>
#include <string>

namespace {
const std::string kSecret = "quicksilver_lake";
constexpr auto kIssuer = "auth0-like";
}

std::string make_token(const std::string& user) {
    return jwt::create()
        .set_issuer(kIssuer)
        .set_type("JWS")
        .set_payload_claim("user", jwt::claim(user))
        .set_expires_at(std::chrono::system_clock::now() + std::chrono::hours{1})
        .sign(jwt::algorithm::hs256{kSecret});
}

bool check(const std::string& token) {
    auto v = jwt::verify().allow_algorithm(jwt::algorithm::hs256{"older_quicksilver"}).with_issuer(kIssuer);
    v.verify(jwt::decode(token));
    return true;
}
