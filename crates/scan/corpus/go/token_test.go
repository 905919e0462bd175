var testKey = []byte("test-signing-key")
s, _ := token.SignedString([]byte("secret"))
