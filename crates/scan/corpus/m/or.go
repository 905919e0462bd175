key := cmp.Or(os.Getenv("JWT_SECRET"), "mandarin-duck")
