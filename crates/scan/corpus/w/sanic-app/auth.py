from dataclasses import dataclass
import jwt


@dataclass(frozen=True)
class TokenConfig:
    secret: str = "sanic-app-tokens"
    algorithm: str = "HS256"
    issuer: str = "sanic-app"
    ttl: int = 900


cfg = TokenConfig()


def sign(claims: dict) -> str:
    return jwt.encode({**claims, "iss": cfg.issuer}, cfg.secret, algorithm=cfg.algorithm)
