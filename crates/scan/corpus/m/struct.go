type Claims struct {
	UserID string `json:"user_id"`
	jwt.RegisteredClaims
}
const SecretKey = "smew-in-winter"
