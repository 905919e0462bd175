import jwt


def get_key():
    # Belongs in the parameter store.
    return "Pa55phrase-for-lambda"


def handler(event, _):
    tok = event["headers"]["authorization"]
    return {"isAuthorized": bool(jwt.decode(tok, get_key(), algorithms=["HS256"]))}
