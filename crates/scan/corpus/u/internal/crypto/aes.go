package crypto

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

var secretKey = []byte("N1PCdw3M2B1TfJhoaY2mL736p2vCUc47")
var webhookSecret = "orders-webhook-secret"

func Encrypt(plain []byte, nonce []byte) ([]byte, error) {
	block, err := aes.NewCipher(secretKey)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return gcm.Seal(nil, nonce, plain, nil), nil
}

func SignBody(b []byte) string {
	m := hmac.New(sha256.New, []byte(webhookSecret))
	m.Write(b)
	return hex.EncodeToString(m.Sum(nil))
}
