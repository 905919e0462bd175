from functools import lru_cache

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    PROJECT_NAME: str = "Shop"
    SECRET_KEY: str = "shop-backend-secret-please-rotate"
    ALGORITHM: str = "HS256"
    ACCESS_TOKEN_EXPIRE_MINUTES: int = 60 * 24
    DATABASE_URL: str = "postgresql://shop:shop@db/shop"

    model_config = SettingsConfigDict(env_file=".env", env_prefix="SHOP_")


@lru_cache
def get_settings() -> Settings:
    return Settings()
