import Foundation
import CryptoKit

struct TokenMaker {
    private static let secret = "X721LWJhFo8nPy4i6Bw7g0SV6TgQnmM5zPXKadki"
    private static let apiKey = "s5jGvbBae1Fg"

    static func make(userId: String) -> String {
        let header = base64Url(Data(#"{"alg":"HS256","typ":"JWT"}"#.utf8))
        let payload = base64Url(Data("{\"user_id\":\"\(userId)\"}".utf8))
        let key = SymmetricKey(data: Data(secret.utf8))
        let mac = HMAC<SHA256>.authenticationCode(for: Data("\(header).\(payload)".utf8), using: key)
        return "\(header).\(payload).\(base64Url(Data(mac)))"
    }
}
