from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    PROJECT_NAME: str = "My API"
    ALGORITHM: str = "HS256"
    SECRET_KEY: str = "b7d0f1c2a95e4c3f8d6e7a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3e4f5"
    ACCESS_TOKEN_EXPIRE_MINUTES: int = 60
    FIRST_SUPERUSER: str = "admin@example.com"
settings = Settings()
