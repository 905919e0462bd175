import json
import os
import boto3
import jwt

_sm = boto3.client("secretsmanager")


def _secret() -> str:
    return _sm.get_secret_value(SecretId="prod/jwt-signing-secret")["SecretString"]


def handler(event, context):
    token = event["authorizationToken"].split(" ")[1]
    claims = jwt.decode(token, _secret(), algorithms=["HS256"], issuer="https://auth.acme.dev/")
    return {"principalId": claims["sub"]}
