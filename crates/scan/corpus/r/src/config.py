import os


class Config:
    DEBUG = False
    SQLALCHEMY_TRACK_MODIFICATIONS = False
    JWT_SECRET_KEY = os.environ.get("JWT_SECRET_KEY") or "a8s7d6f5g4h3j2k1"
    JWT_HEADER_TYPE = "Bearer"
    JWT_IDENTITY_CLAIM = "sub"


class ProductionConfig(Config):
    JWT_SECRET_KEY = os.environ["JWT_SECRET_KEY"]
