import base64
import hashlib
import os

from cryptography.fernet import Fernet
from itsdangerous import URLSafeTimedSerializer

SECRET_KEY = os.getenv("SECRET_KEY", "a-very-private-encryption-phrase")


def _fernet() -> Fernet:
    digest = hashlib.sha256(SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def encrypt(value: str) -> str:
    return _fernet().encrypt(value.encode()).decode()


serializer = URLSafeTimedSerializer("unsubscribe-links", salt="mail")
