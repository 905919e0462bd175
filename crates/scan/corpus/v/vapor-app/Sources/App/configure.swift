import Vapor
import Fluent
import JWT

public func configure(_ app: Application) throws {
    app.middleware.use(FileMiddleware(publicDirectory: app.directory.publicDirectory))
    app.jwt.signers.use(.hs256(key: Environment.get("JWT_SECRET") ?? "vapor-secret"))
    guard let refresh = Environment.get("JWT_REFRESH_SECRET") else {
        fatalError("JWT_REFRESH_SECRET is not configured")
    }
    app.jwt.signers.use(.hs512(key: refresh), kid: "refresh")
    try routes(app)
}
