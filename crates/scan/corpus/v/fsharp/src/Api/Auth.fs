module Api.Auth

open System
open System.Text
open Microsoft.IdentityModel.Tokens

let secret = "spadR2dre#u-ruBrE@TepA&*Uf@U"
let issuer = "giraffe.acme.io"

let signingKey = SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret))
let validation =
    TokenValidationParameters(
        ValidIssuer = issuer,
        ValidAudience = "giraffe-clients",
        IssuerSigningKey = signingKey)

let refreshKey (cfg: IConfiguration) =
    match cfg.["Jwt:RefreshKey"] with
    | null -> failwith "Jwt:RefreshKey missing"
    | k -> SymmetricSecurityKey(Encoding.UTF8.GetBytes k)
