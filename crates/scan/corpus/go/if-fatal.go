secret := os.Getenv("JWT_SECRET")
if secret == "" {
	log.Fatal("JWT_SECRET is required")
}
