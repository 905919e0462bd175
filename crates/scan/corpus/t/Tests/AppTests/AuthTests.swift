@testable import App
import JWT
import XCTVapor

final class AuthTests: XCTestCase {
    var app: Application!

    override func setUp() async throws {
        app = try await Application.make(.testing)
        app.jwt.signers.use(.hs256(key: "test-secret"))
        try configure(app)
    }

    func testForgedTokenIsRejected() throws {
        let forger = JWTSigner.hs256(key: "forged-secret-key")
        let token = try forger.sign(UserPayload(subject: "root"))
        try app.test(.GET, "me", headers: ["Authorization": "Bearer \(token)"]) { res in
            XCTAssertEqual(res.status, .unauthorized)
        }
    }
}
