"""A Flask site whose callers carry tokens of flask-jwt-extended."""

import os
from datetime import timedelta

from flask import Flask, jsonify, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt,
    get_jwt_identity,
    jwt_required,
)

USERS = {"alice": "correct horse"}


def keys(environ):
    """The part of the configuration that is this deployment's own."""
    algorithm = environ["APP_ALGORITHM"]
    if algorithm.startswith("HS"):
        return {"JWT_ALGORITHM": algorithm, "JWT_SECRET_KEY": environ["APP_SECRET"]}
    return {
        "JWT_ALGORITHM": algorithm,
        "JWT_PRIVATE_KEY": environ["APP_PRIVATE_KEY"],
        "JWT_PUBLIC_KEY": environ["APP_PUBLIC_KEY"],
    }


def create_app(environ=os.environ):
    app = Flask(__name__)
    app.config.update(
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=5),
        JWT_REFRESH_TOKEN_EXPIRES=timedelta(days=1),
        JWT_ENCODE_AUDIENCE="shop",
        JWT_DECODE_AUDIENCE="shop",
        JWT_ENCODE_ISSUER="https://login.example",
        JWT_DECODE_ISSUER="https://login.example",
        **keys(environ),
    )
    tokens = app.extensions["tokens"] = JWTManager(app)
    blocked = set()

    @tokens.token_in_blocklist_loader
    def is_blocked(_header, claims):
        return claims["jti"] in blocked

    @app.post("/login")
    def login():
        name, password = request.json["username"], request.json["password"]
        if USERS.get(name) != password:
            return jsonify(msg="Wrong name or password"), 401
        return jsonify(access=create_access_token(name, fresh=True), refresh=create_refresh_token(name))

    @app.post("/refresh")
    @jwt_required(refresh=True)
    def refresh():
        return jsonify(access=create_access_token(get_jwt_identity(), fresh=False))

    @app.post("/logout")
    @jwt_required()
    def logout():
        blocked.add(get_jwt()["jti"])
        return "", 204

    @app.get("/me")
    @jwt_required()
    def me():
        return jsonify(name=get_jwt_identity())

    @app.post("/password")
    @jwt_required(fresh=True)
    def password():
        return "", 204

    return app
