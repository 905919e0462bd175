import JWT
import Vapor

func setupJWT(_ app: Application) async {
    await app.jwt.keys.add(hmac: "malspursfsikbURSelbKPfS5Wes5gkLM", digestAlgorithm: .sha256)
}
