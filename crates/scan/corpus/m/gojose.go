sig, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte("merganser")}, nil)
