from __future__ import annotations

import os
from dataclasses import dataclass, field

from jose import JWTError, jwt


@dataclass
class TokenConfig:
    secret: str = field(default_factory=lambda: os.getenv("TOKEN_SECRET") or "svc-token-secret")
    algorithm: str = "HS512"
    issuer: str = "token-service"
    ttl_seconds: int = 900


class TokenService:
    def __init__(self, config: TokenConfig | None = None) -> None:
        self._config = config or TokenConfig()

    def issue(self, subject: str) -> str:
        return jwt.encode(
            {"sub": subject, "iss": self._config.issuer},
            self._config.secret,
            algorithm=self._config.algorithm,
        )

    def parse(self, token: str) -> dict:
        try:
            return jwt.decode(token, self._config.secret, algorithms=[self._config.algorithm])
        except JWTError as exc:
            raise ValueError("token secret mismatch") from exc
