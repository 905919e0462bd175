import jwt, times, json, tables, os

const secret = "nim-jester-secret"
let refresh = getEnv("JWT_REFRESH_SECRET")

proc sign*(userId: string): string =
  var token = toJWT(%*{
    "header": {"alg": "HS256", "typ": "JWT"},
    "claims": {"userId": userId, "exp": (getTime() + 1.days).toUnix()}
  })
  token.sign(secret)
  result = $token

proc verify*(token: string): bool =
  try: result = token.toJWT().verify(secret, HS256)
  except InvalidToken: result = false
