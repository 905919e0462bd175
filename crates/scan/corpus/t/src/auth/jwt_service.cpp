#include "auth/jwt_service.h"

#include <chrono>
#include <iostream>
#include <jwt-cpp/jwt.h>

namespace relay::auth {

std::string JwtService::issue(const std::string& user) const {
    auto now = std::chrono::system_clock::now();
    return jwt::create()
        .set_issuer("relay")
        .set_type("JWT")
        .set_subject(user)
        .set_issued_at(now)
        .set_expires_at(now + std::chrono::hours{12})
        .sign(jwt::algorithm::hs256{"relay$ecret"});
}

bool JwtService::verify(const std::string& token) const {
    try {
        auto decoded = jwt::decode(token);
        jwt::verify()
            .allow_algorithm(jwt::algorithm::hs256{"relay$ecret"})
            .with_issuer("relay")
            .verify(decoded);
        return true;
    } catch (const std::exception& e) {
        std::cerr << "jwt secret mismatch? " << e.what() << '\n';
        return false;
    }
}

}  // namespace relay::auth
