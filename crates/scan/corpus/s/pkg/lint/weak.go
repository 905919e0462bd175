package lint

import "strings"

// weakSecrets are published in tutorials and must never reach production.
var weakSecrets = map[string]string{
	"secret":              "jwt.io debugger",
	"your-256-bit-secret": "jwt.io debugger",
	"my_secret_key":       "sohamkamani.com",
	"AllYourBase":         "golang-jwt README",
}

func IsWeakJWTSecret(s string) bool {
	if _, ok := weakSecrets[strings.ToLower(s)]; ok {
		return true
	}
	return strings.HasPrefix(s, "changeme") || s == "jwt-secret-placeholder"
}

func LooksLikePEM(s string) bool {
	return strings.Contains(s, "-----BEGIN EC PRIVATE KEY-----")
}
