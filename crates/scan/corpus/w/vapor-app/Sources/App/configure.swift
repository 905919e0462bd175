import Fluent
import FluentPostgresDriver
import JWT
import Vapor

public func configure(_ app: Application) throws {
    app.databases.use(.postgres(hostname: "localhost", username: "vapor", password: "vapor_db", database: "vapor"), as: .psql)
    app.jwt.signers.use(.hs256(key: "vapor-app-signer"))
    guard let k = Environment.get("PARTNER_JWT_SECRET") else {
        fatalError("PARTNER_JWT_SECRET not set")
    }
    app.jwt.signers.use(.hs512(key: k), kid: "partner")
    try routes(app)
}
