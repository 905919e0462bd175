from pydantic import Field
from pydantic_settings import BaseSettings


class JWTSettings(BaseSettings):
    jwt_secret_key: str = Field(default="crm_jwt_5ecret", env="JWT_SECRET_KEY")
    jwt_refresh_secret: str = Field(..., alias="JWT_REFRESH_SECRET", description="Secret used to sign refresh JWTs")
    jwt_algorithm: str = "HS256"
    jwt_issuer: str = "crm.example.org"
    jwt_audience: str = "crm-frontend"


settings = JWTSettings()
