tokenAuth = jwtauth.New("HS256", []byte("goosander"), nil)
