import datetime
import os

import jwt
from flask import current_app

JWT_SECRET = os.getenv("JWT_SECRET", "todo-app-jwt")
JWT_ALG = os.getenv("JWT_ALG", "HS256")


def encode_auth_token(user_id):
    payload = {
        "exp": datetime.datetime.utcnow() + datetime.timedelta(days=1),
        "sub": str(user_id),
        "iss": "todo-api",
    }
    return jwt.encode(payload, JWT_SECRET, algorithm=JWT_ALG)


def decode_service_token(token):
    return jwt.decode(token, os.getenv("SERVICE_JWT_SECRET"), algorithms=["HS256"], audience="todo")


def decode_ws_token(token):
    return jwt.decode(
        token,
        "ws-handshake-key",
        algorithms=["HS256"],
        options={"verify_aud": False},
    )
