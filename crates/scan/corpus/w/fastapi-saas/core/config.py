import secrets
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    app_name: str = "saas"
    secret_key: SecretStr = SecretStr("saas-wrapped-secret")
    refresh_secret_key: str = secrets.token_urlsafe(32)
    algorithm: str = "HS256"
    access_token_expire_minutes: int = 30
    cookie_name: str = "saas_access_token"


settings = Settings()
