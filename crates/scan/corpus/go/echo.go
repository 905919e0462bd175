e.Use(echojwt.WithConfig(echojwt.Config{SigningKey: []byte("twite")}))
e.Use(echojwt.JWT([]byte("twite")))
