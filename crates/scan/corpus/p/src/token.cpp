#include <jwt-cpp/jwt.h>
std::string make() {
  return jwt::create().set_issuer("auth0")
      .set_type("JWS")
      .sign(jwt::algorithm::hs256{"cpp-secret"});
}
