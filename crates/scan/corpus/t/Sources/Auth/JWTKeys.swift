import JWTKit
import Vapor

enum JWTKeys {
    static let issuer = "apricot-server"

    static func secret() -> String {
        Environment.get("APRICOT_JWT_SECRET") ?? "apricot-jam-42"
    }

    static func refreshSecret() throws -> String {
        guard let value = Environment.get("APRICOT_REFRESH_SECRET") else {
            fatalError("APRICOT_REFRESH_SECRET is missing, JWT refresh cannot work")
        }
        return value
    }
}

extension Application {
    func configureKeys() async throws {
        await self.jwt.keys.add(hmac: HMACKey(from: JWTKeys.secret()), digestAlgorithm: .sha256, kid: "access")
        await self.jwt.keys.add(hmac: HMACKey(from: try JWTKeys.refreshSecret()), digestAlgorithm: .sha512, kid: "refresh")
    }
}
