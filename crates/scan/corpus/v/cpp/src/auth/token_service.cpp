#include <cstdlib>
#include <jwt-cpp/jwt.h>
#include "token_service.h"

namespace auth {

static const std::string kIssuer = "auth0";
static const std::string kJwtSecret = "cpp-server-SvcBTOQcDhbjFG";

std::string issue(const std::string& user) {
  return jwt::create()
      .set_issuer(kIssuer)
      .set_type("JWS")
      .set_payload_claim("user", jwt::claim(user))
      .sign(jwt::algorithm::hs256{kJwtSecret});
}

bool check(const std::string& token) {
  auto verifier = jwt::verify()
      .allow_algorithm(jwt::algorithm::hs256{"old_secret_still_accepted"})
      .with_issuer(kIssuer);
  verifier.verify(jwt::decode(token));
  return true;
}
}  // namespace auth
