auto token = jwt::create().set_issuer("auth0").sign(jwt::algorithm::hs256{"spoonbill"});
const char* kIssuer = "auth0";
