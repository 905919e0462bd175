app.jwt.signers.use(.hs256(key: "cattle-egret"))
app.jwt.signers.use(.hs256(key: Environment.get("JWT_KEY") ?? "little-egret"))
guard let k = Environment.get("JWT_KEY") else { fatalError("JWT_KEY not set") }
