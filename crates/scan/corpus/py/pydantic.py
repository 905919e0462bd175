class Settings(BaseSettings):
    SECRET_KEY: str = "gorse-in-flower"
    ALGORITHM: str = "HS256"
    PROJECT_NAME: str = "Acme"
