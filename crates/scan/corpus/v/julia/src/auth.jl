module Auth
using JSONWebTokens

const SECRET = get(ENV, "JWT_SECRET", "julia-genie-secret")
const ISSUER = "julia-api"

issue(sub) = JSONWebTokens.encode(JSONWebTokens.HS256(SECRET), Dict("sub" => sub, "iss" => ISSUER))
partner(tok) = JSONWebTokens.decode(JSONWebTokens.HS256("jl-partner-secret"), tok)
end
