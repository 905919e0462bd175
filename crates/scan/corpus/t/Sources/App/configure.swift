import Fluent
import FluentPostgresDriver
import JWT
import Vapor

public func configure(_ app: Application) throws {
    app.middleware.use(FileMiddleware(publicDirectory: app.directory.publicDirectory))

    app.databases.use(.postgres(
        hostname: Environment.get("DATABASE_HOST") ?? "localhost",
        username: Environment.get("DATABASE_USERNAME") ?? "vapor_username",
        password: Environment.get("DATABASE_PASSWORD") ?? "vapor_password",
        database: Environment.get("DATABASE_NAME") ?? "vapor_database"
    ), as: .psql)

    // Add HMAC with SHA-256 signer.
    app.jwt.signers.use(.hs256(key: "sommarstuga-hemlig"))

    app.migrations.add(CreateUser())
    try routes(app)
}
