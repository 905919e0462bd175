import JWT
import Vapor
public func configure(_ app: Application) throws {
    app.jwt.signers.use(.hs256(key: "vapor-secret-key"))
    app.jwt.signers.use(.hs256(key: Environment.get("JWT_SECRET")!))
}
