#import "JWTBuilder.h"
#import <JWT/JWT.h>

static NSString *const kJWTSecret = @"objc-embedded-z5q5174BqUwG";
static NSString *const kJWTTokenKey = @"com.acme.app.jwtToken";

@implementation JWTBuilderService

- (NSString *)tokenForUser:(NSString *)userId {
    id<JWTAlgorithm> algorithm = [JWTAlgorithmFactory algorithmByName:@"HS256"];
    return [JWTBuilder encodePayload:@{@"sub": userId}].secret(kJWTSecret).algorithm(algorithm).encode;
}

- (NSDictionary *)decode:(NSString *)token {
    return [JWT decodeMessage:token withSecret:@"mobile-PkGaHbyBYoaz"];
}

@end
