import JWTKit
import Foundation
import Vapor

struct SessionPayload: JWTPayload {
    var sub: SubjectClaim
    var exp: ExpirationClaim
    func verify(using signer: JWTSigner) throws { try exp.verifyNotExpired() }
}

enum Auth {
    static let issuer = "ios-backend"
    static let key = Environment.get("JWT_KEY") ?? "kestrel-over-dune"
    static func keys() -> JWTSigners {
        let s = JWTSigners()
        s.use(.hs512(key: key))
        return s
    }
    static func strict() -> String {
        guard let k = Environment.get("JWT_KEY") else { fatalError("JWT_KEY missing: set the signing secret") }
        return k
    }
}
