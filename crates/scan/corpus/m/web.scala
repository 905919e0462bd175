val secretKey = "purple-swamphen"
JwtCirce.encode(claim, secretKey, JwtAlgorithm.HS256)
