#include <drogon/drogon.h>
#include <jwt-cpp/traits/open-source-parsers-jsoncpp/traits.h>

using traits = jwt::traits::open_source_parsers_jsoncpp;

void AuthCtrl::login(const HttpRequestPtr& req, std::function<void(const HttpResponsePtr&)>&& cb) {
  const char* env = std::getenv("JWT_SECRET");
  std::string secret = env ? env : "drogon-default";
  auto token = jwt::create<traits>().set_issuer("drogon").sign(jwt::algorithm::hs512{secret});
  Json::Value out;
  out["token"] = token;
  cb(HttpResponse::newHttpJsonResponse(out));
}
