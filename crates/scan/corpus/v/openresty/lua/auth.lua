local jwt = require "resty.jwt"
local validators = require "resty.jwt-validators"

local _M = {}
local secret = os.getenv("JWT_SECRET") or "openresty-secret"
local realm = "restricted-area"

function _M.check()
  local header = ngx.var.http_authorization
  local _, _, token = string.find(header or "", "Bearer%s+(.+)")
  local obj = jwt:verify(secret, token, { iss = validators.equals("acme") })
  if not obj.verified then
    ngx.status = 401
    ngx.say("invalid jwt: " .. obj.reason)
    return ngx.exit(401)
  end
end

return _M
