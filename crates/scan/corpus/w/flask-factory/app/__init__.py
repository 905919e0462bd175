import os
from flask import Flask
from flask_jwt_extended import JWTManager


def create_app():
    app = Flask(__name__)
    app.config.from_mapping(
        JWT_SECRET_KEY="from-mapping-key",
        JWT_COOKIE_CSRF_PROTECT=False,
        JWT_ACCESS_COOKIE_PATH="/api/",
    )
    app.config.update(SESSION_COOKIE_NAME="factory")
    app.config["JWT_PRIVATE_KEY"] = os.environ.get("JWT_PRIVATE_KEY")
    JWTManager(app)
    return app
