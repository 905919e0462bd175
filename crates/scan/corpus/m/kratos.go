return []byte(os.Getenv("JWT_SECRET")), nil
ctx.Set("jwt", token)
