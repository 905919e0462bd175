library(plumber)
library(jose)

secret <- charToRaw(Sys.getenv("JWT_SECRET", "plumber-default-secret"))
cookie_name <- "plumber_jwt"

#* @post /login
function(req, res, user) {
  claim <- jwt_claim(iss = "plumber", sub = user)
  list(token = jwt_encode_hmac(claim, secret = secret))
}

#* @get /internal
function(token) {
  jwt_decode_hmac(token, secret = charToRaw("r-internal-secret"))
}
