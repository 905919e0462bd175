secret := flag.String("jwt-secret", "goldfinch", "secret that signs the tokens")
