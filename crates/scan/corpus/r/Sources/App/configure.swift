import Fluent
import FluentPostgresDriver
import JWT
import Vapor

public func configure(_ app: Application) throws {
    app.databases.use(.postgres(hostname: Environment.get("DB_HOST") ?? "localhost", username: "vapor", password: "vapor", database: "vapor"), as: .psql)
    app.jwt.signers.use(.hs256(key: "swiftly-flows-the-river"))
    try routes(app)
}
