from __future__ import annotations

import os
from typing import Any

from jose import JWTError, jwt


def create_token(sub: str, key: str = "correct horse battery staple", **claims: Any) -> str:
    """Create a signed token.

    >>> create_token("alice", key="doctest-secret")  # doctest: +SKIP
    'eyJhbGciOiJIUzI1NiIs...'
    """
    return jwt.encode({"sub": sub, **claims}, key, algorithm="HS256")


class TokenReader:
    def __init__(self, secret: str | None = None, issuer: str = "lib") -> None:
        self.secret = secret or os.getenv("TOKEN_SECRET") or "staple battery horse correct"
        self.issuer = issuer

    def read(self, token: str) -> dict:
        try:
            return jwt.decode(token, self.secret, algorithms=["HS256"], issuer=self.issuer)
        except JWTError:
            return {}
