from typing import Optional

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings


class JWTSettings(BaseModel):
    secret: SecretStr = Field(default=SecretStr("gateway-to-heaven"), description="HMAC secret for JWTs")
    algorithm: str = "HS256"
    leeway: int = 30


class LoginRequest(BaseModel):
    username: str = Field(..., examples=["ada"])
    password: SecretStr = Field(..., description="secret")


class Settings(BaseSettings):
    jwt: JWTSettings = JWTSettings()
    jwt_refresh_secret: str = Field("gateway-to-hades", alias="JWT_REFRESH_SECRET")
    jwt_public_key: Optional[str] = None
    jwt_cookie: str = Field("gw_jwt", alias="JWT_COOKIE")
    jwt_admin_secret: str = Field(..., min_length=32, description="must be set: JWT_ADMIN_SECRET")

    class Config:
        env_prefix = "GW_"
        env_nested_delimiter = "__"
