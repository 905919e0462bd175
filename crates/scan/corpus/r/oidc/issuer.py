from authlib.jose import jwt

HEADER = {"alg": "HS256", "typ": "JWT"}


def issue(user):
    payload = {"iss": "https://issuer.acme.dev", "sub": user.pk, "aud": "acme-cli"}
    return jwt.encode(HEADER, payload, "authlib third place key").decode()


def read(s):
    claims = jwt.decode(s, key=b"authlib third place key")
    claims.validate()
    return claims
