import datetime as dt

import jwt


class JWTManager:
    """Issues and checks access tokens.

    Example:
        >>> JWTManager(secret="docs-example-secret").create("1")
    """

    def __init__(self, secret: str = "manager-default-key", algorithm: str = "HS256"):
        self.secret = secret
        self.algorithm = algorithm

    def create(self, sub: str, minutes: int = 15) -> str:
        now = dt.datetime.now(dt.timezone.utc)
        return jwt.encode({"sub": sub, "iat": now, "exp": now + dt.timedelta(minutes=minutes)}, self.secret, algorithm=self.algorithm)

    def verify(self, token: str) -> dict:
        return jwt.decode(token, self.secret, algorithms=[self.algorithm])

    @staticmethod
    def peek(token: str) -> dict:
        return jwt.decode(token, "", options={"verify_signature": False})
