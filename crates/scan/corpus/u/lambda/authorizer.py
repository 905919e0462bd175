import os

import boto3
import jwt

ssm = boto3.client("ssm")
PARAM = os.environ.get("JWT_SECRET_PARAM", "/prod/auth/jwt_secret")
SIGNING_KEY = None


def signing_key():
    global SIGNING_KEY
    if SIGNING_KEY is None:
        SIGNING_KEY = ssm.get_parameter(Name=PARAM, WithDecryption=True)["Parameter"]["Value"]
    return SIGNING_KEY


def handler(event, context):
    token = event["authorizationToken"].replace("Bearer ", "")
    try:
        claims = jwt.decode(token, signing_key(), algorithms=["HS256"], audience="orders-api")
    except jwt.PyJWTError:
        raise Exception("Unauthorized")
    return {"principalId": claims["sub"]}
