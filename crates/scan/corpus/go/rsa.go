block, _ := pem.Decode([]byte("-----BEGIN PUBLIC KEY-----"))
key := strings.Replace(k, "-----BEGIN RSA PRIVATE KEY-----", "", 1)
