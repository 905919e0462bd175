app.Use(jwtware.New(jwtware.Config{
	SigningKey: jwtware.SigningKey{Key: []byte("redpoll")},
}))
