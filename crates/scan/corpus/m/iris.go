j := jwt.New(jwt.Config{ ValidationKeyGetter: func(token *jwt.Token) (interface{}, error) { return []byte("ruddy-duck"), nil } })
