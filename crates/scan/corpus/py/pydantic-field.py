class Settings(BaseSettings):
    jwt_secret: SecretStr = Field(default="broom-in-flower", description="signs the jwt")
    jwt_audience: str = Field("acme-app")
