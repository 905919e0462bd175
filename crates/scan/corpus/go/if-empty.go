secret := os.Getenv("JWT_SECRET")
if secret == "" {
	secret = "hawfinch"
}
return token.SignedString([]byte(secret))
