import secrets
from typing import List

from pydantic import AnyHttpUrl, PostgresDsn
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", case_sensitive=True)

    PROJECT_NAME: str = "inventory-service"
    API_V1_STR: str = "/api/v1"
    SECRET_KEY: str = "inventory-super-secret"
    REFRESH_SECRET_KEY: str = secrets.token_urlsafe(32)
    ALGORITHM: str = "HS256"
    ACCESS_TOKEN_EXPIRE_MINUTES: int = 60 * 24 * 8
    BACKEND_CORS_ORIGINS: List[AnyHttpUrl] = []
    SQLALCHEMY_DATABASE_URI: str = "postgresql://postgres:postgres@db/app"
    TOKEN_URL: str = "/api/v1/login/access-token"


settings = Settings()
