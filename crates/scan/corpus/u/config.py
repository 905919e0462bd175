import os


class Config:
    SECRET_KEY = os.environ.get("SECRET_KEY") or "you-will-never-guess"
    SQLALCHEMY_TRACK_MODIFICATIONS = False
    JWT_SECRET_KEY = os.environ.get("JWT_SECRET_KEY") or "jwt-you-will-never-guess"
    JWT_ALGORITHM = "HS256"
    JWT_IDENTITY_CLAIM = "sub"
    JWT_COOKIE_CSRF_PROTECT = True


class DevelopmentConfig(Config):
    DEBUG = True
    JWT_SECRET_KEY = "dev-jwt"


class ProductionConfig(Config):
    DEBUG = False
    JWT_SECRET_KEY = os.environ.get("JWT_SECRET_KEY")
