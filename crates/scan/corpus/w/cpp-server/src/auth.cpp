#include <jwt-cpp/jwt.h>
#include <string>

namespace auth {

static const char* kIssuer = "cpp-server";

std::string issue(const std::string& user) {
    return jwt::create()
        .set_issuer(kIssuer)
        .set_type("JWS")
        .set_payload_claim("user", jwt::claim(user))
        .sign(jwt::algorithm::hs256{"cpp-server-hmac"});
}

bool check(const std::string& token) {
    auto verifier = jwt::verify().allow_algorithm(jwt::algorithm::hs256{"cpp-server-hmac"}).with_issuer(kIssuer);
    verifier.verify(jwt::decode(token));
    return true;
}
}
