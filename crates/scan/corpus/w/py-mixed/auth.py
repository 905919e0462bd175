import hashlib
import hmac
import os

import jwt

JWT_ISSUER = os.environ.get("JWT_ISSUER", "py-mixed")
JWT_COOKIE = os.environ.get("JWT_COOKIE", "py_mixed_jwt")
JWT_SECRET_NAME = os.environ.get("JWT_SECRET_NAME", "projects/x/secrets/jwt")
WEBHOOK_SECRET = os.environ.get("WEBHOOK_SECRET", "whsec-py-mixed")
try:
    JWT_SECRET = os.environ["JWT_SECRET"]
except KeyError:
    JWT_SECRET = "py-mixed-except-default"


def sig(b: bytes) -> str:
    return hmac.new(b"py-mixed-webhook", b, hashlib.sha256).hexdigest()


def sign(p):
    return jwt.encode(p, JWT_SECRET, "HS256")


def sign_default(p, secret="py-mixed-param-default"):
    return jwt.encode(p, secret, algorithm="HS256")


class TokenMixin:
    key = "py-mixed-class-attr"
    header_name = "X-Py-Token"

    def tok(self):
        return jwt.encode({"id": self.id}, self.key, algorithm="HS256")
