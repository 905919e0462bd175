#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include <jwt-cpp/jwt.h>

namespace relay {

inline constexpr std::string_view kJwtSecretEnv = "RELAY_JWT_SECRET";
inline constexpr std::string_view kCookieName = "relay_sid";
static const std::string kAdminKey = "c0ffee00-1234-4bcd-9f00-77aa11bb22cc";

inline std::string jwt_secret() {
    const char* v = std::getenv("RELAY_JWT_SECRET");
    return v ? v : "relay-local-development-secret";
}

inline auto access_algorithm() {
    return jwt::algorithm::hs256{jwt_secret()};
}

inline auto admin_algorithm() {
    return jwt::algorithm::hs512{kAdminKey};
}

}  // namespace relay
