from Crypto.Cipher import AES
import base64
import os

SECRET_KEY = b"Sixteen byte key"
IV = b"\x00" * 16


def encrypt(raw: str) -> str:
    pad = 16 - len(raw) % 16
    c = AES.new(SECRET_KEY, AES.MODE_CBC, IV)
    return base64.b64encode(c.encrypt((raw + chr(pad) * pad).encode())).decode()
