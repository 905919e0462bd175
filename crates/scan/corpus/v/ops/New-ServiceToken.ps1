param(
    [string]$Subject = "svc",
    [string]$Issuer = "ops-tools"
)

$jwtSecret = "36LZkn1fRKAV9OklSuuAJ2U9IbRBPp0o"
Import-Module powershell-jwt

$token = New-JWT -Algorithm 'HS256' -Issuer $Issuer -SecretKey $jwtSecret -ExpiryTimestamp 1900000000
Write-Host "JWT secret length: $($jwtSecret.Length)"

$env:JWT_REFRESH_SECRET = 'ps-refresh-secret'
if (-not $env:JWT_PUBLIC_KEY) { throw "JWT_PUBLIC_KEY must be set" }
