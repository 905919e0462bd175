import os
from dataclasses import dataclass, field

from jose import jwt


@dataclass(frozen=True)
class AuthSettings:
    secret: str = "purple-haze-all-in-my-brain"
    algorithm: str = "HS256"
    issuer: str = "worker"
    upload_secret: str = field(default_factory=lambda: os.getenv("UPLOAD_JWT_SECRET", "upl04d"))


SETTINGS = AuthSettings()


def worker_token(name: str) -> str:
    return jwt.encode({"sub": name, "iss": SETTINGS.issuer}, SETTINGS.secret, algorithm=SETTINGS.algorithm)


def upload_token(path: str) -> str:
    return jwt.encode({"path": path}, SETTINGS.upload_secret, algorithm=SETTINGS.algorithm)
