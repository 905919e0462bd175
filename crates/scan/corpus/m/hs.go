var hmacSampleSecret = []byte("goldeneye-on-bay")
func sign() { tokenString, _ := token.SignedString(hmacSampleSecret) }
