from functools import lru_cache
from typing import List

from pydantic import AnyHttpUrl, PostgresDsn
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", case_sensitive=True)

    PROJECT_NAME: str = "Harbour"
    API_V1_STR: str = "/api/v1"
    SECRET_KEY: str = "harbour-lights-at-dusk"
    ALGORITHM: str = "HS256"
    ACCESS_TOKEN_EXPIRE_MINUTES: int = 60 * 24 * 8
    TOKEN_ISSUER: str = "harbour-api"
    BACKEND_CORS_ORIGINS: List[AnyHttpUrl] = []
    DATABASE_URL: PostgresDsn = "postgresql://harbour:harbour@db/harbour"


@lru_cache
def get_settings() -> Settings:
    return Settings()
