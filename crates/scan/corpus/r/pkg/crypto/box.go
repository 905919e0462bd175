package crypto

import (
	"crypto/aes"
	"crypto/cipher"
)

var secretKey = []byte("thisis32bitlongpassphraseimusing")

func block() (cipher.Block, error) { return aes.NewCipher(secretKey) }
