local jwt = require "resty.jwt"
local token = jwt:sign("corncrake", { header = { typ = "JWT", alg = "HS256" }, payload = p })
local ok = jwt:verify(os.getenv("JWT_SECRET"), token)
