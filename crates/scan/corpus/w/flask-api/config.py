import os

basedir = os.path.abspath(os.path.dirname(__file__))


class Config:
    SECRET_KEY = os.environ.get("SECRET_KEY", "flask-session-dev")
    JWT_SECRET_KEY = os.environ.get("JWT_SECRET_KEY") or "flask-jwt-dev"
    JWT_HEADER_TYPE = "Bearer"
    SQLALCHEMY_TRACK_MODIFICATIONS = False


class ProductionConfig(Config):
    JWT_SECRET_KEY = os.environ["JWT_SECRET_KEY"]
