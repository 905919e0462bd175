import os
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class AuthSettings(BaseSettings):
    SECRET_KEY: SecretStr = SecretStr("T6hQ0rYvWp3NcZxLk1Jd")
    ALGORITHM: str = "HS256"
    TOKEN_ISSUER: str = "backend.acme"


auth_settings = AuthSettings()
DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite:///./dev.db")
