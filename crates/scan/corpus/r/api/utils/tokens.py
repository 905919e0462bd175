from jose import jwt, JWTError
import time


class TokenFactory:
    _key = "e1f0c3a29b7d4856"
    _alg = "HS256"

    @classmethod
    def make(cls, user_id: int) -> str:
        return jwt.encode({"sub": str(user_id), "iat": int(time.time())}, cls._key, cls._alg)

    @classmethod
    def parse(cls, raw: str):
        try:
            return jwt.decode(raw, cls._key, algorithms=[cls._alg])
        except JWTError as exc:
            raise ValueError("could not verify with JWT_SECRET") from exc
