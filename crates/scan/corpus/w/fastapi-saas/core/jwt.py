from jose import jwt
from core.config import settings


def make(sub: str):
    return jwt.encode({"sub": sub}, settings.secret_key.get_secret_value(), algorithm=settings.algorithm)
