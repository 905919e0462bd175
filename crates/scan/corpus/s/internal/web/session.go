package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"net/http"

	"github.com/gorilla/csrf"
	"github.com/gorilla/sessions"
)

var store = sessions.NewCookieStore([]byte("super-secret-cookie-key"))

var secretKey = []byte("AES256Key-32Characters1234567890")

func newGCM() (cipher.AEAD, error) {
	block, err := aes.NewCipher(secretKey)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func CSRF(next http.Handler) http.Handler {
	return csrf.Protect([]byte("32-byte-long-auth-key-for-csrf!!"))(next)
}

func signDownload(path string) []byte {
	m := hmac.New(sha256.New, []byte("download-links"))
	m.Write([]byte(path))
	return m.Sum(nil)
}
