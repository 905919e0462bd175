#include <gtest/gtest.h>
#include <jwt-cpp/jwt.h>

#include "auth/jwt_service.h"

namespace {
constexpr auto kWrongSecret = "wrong-secret";
}

TEST(JwtService, RejectsForgedToken) {
    auto forged = jwt::create().set_subject("root").sign(jwt::algorithm::hs256{kWrongSecret});
    EXPECT_FALSE(relay::auth::JwtService{}.verify(forged));
}

TEST(JwtService, RejectsNone) {
    auto none = jwt::create().set_subject("root").sign(jwt::algorithm::none{});
    EXPECT_FALSE(relay::auth::JwtService{}.verify(none));
}
