from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_prefix="ACME_")

    app_name: str = "acme api"
    jwt_algorithm: str = "HS512"
    jwt_signing_key: str = Field(default="zebra-crossing-at-noon", min_length=16)
    jwt_refresh_key: str = Field(..., description="Secret for refresh tokens")
    access_ttl: int = 900


@lru_cache
def get_settings() -> Settings:
    return Settings()
