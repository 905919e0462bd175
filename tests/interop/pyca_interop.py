"""ML-DSA tokens with pyca/cryptography, which has the signature but no JOSE: that is written here.

The protocol is that of pyjwt_interop.py, a key being {"jwk": {…}} or {"pem": "…"}.
"""

import base64
import json
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import mldsa

PRIVATE = {
    "ML-DSA-44": mldsa.MLDSA44PrivateKey,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey,
}
PUBLIC = {
    "ML-DSA-44": mldsa.MLDSA44PublicKey,
    "ML-DSA-65": mldsa.MLDSA65PublicKey,
    "ML-DSA-87": mldsa.MLDSA87PublicKey,
}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private_key(alg, key):
    if "pem" in key:
        return serialization.load_pem_private_key(key["pem"].encode(), password=None)
    jwk = key["jwk"]
    assert (jwk["kty"], jwk["alg"]) == ("AKP", alg)
    private = PRIVATE[alg].from_seed_bytes(decode(jwk["priv"]))
    assert private.public_key().public_bytes_raw() == decode(jwk["pub"])
    return private


def public_key(alg, key):
    if "pem" in key:
        public = serialization.load_pem_public_key(key["pem"].encode())
        assert isinstance(public, PUBLIC[alg])
        return public
    jwk = key["jwk"]
    assert (jwk["kty"], jwk["alg"]) == ("AKP", alg)
    assert "priv" not in jwk
    return PUBLIC[alg].from_public_bytes(decode(jwk["pub"]))


def generate(request):
    alg = request["alg"]
    private = PRIVATE[alg].generate()
    public = {"kty": "AKP", "alg": alg, "pub": encode(private.public_key().public_bytes_raw())}
    whole = {**public, "priv": encode(private.private_bytes_raw())}
    return {"private": {"jwk": whole}, "public": {"jwk": public}}


def sign(request):
    alg = request["alg"]
    parts = [{"alg": alg, "typ": "JWT"}, request["claims"]]
    signed = ".".join(encode(json.dumps(part).encode()) for part in parts)
    signature = private_key(alg, request["key"]).sign(signed.encode())
    return {"token": f"{signed}.{encode(signature)}"}


def verify(request):
    signed, signature = request["token"].rsplit(".", 1)
    header, claims = (json.loads(decode(part)) for part in signed.split("."))
    assert header["alg"] == request["alg"]
    public_key(request["alg"], request["key"]).verify(decode(signature), signed.encode())
    return {"claims": claims}


DEEDS = {"generate": generate, "sign": sign, "verify": verify}

for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = DEEDS[request["do"]](request)
    except Exception as error:  # The library has many of its own.
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
