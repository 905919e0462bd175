"""A program as users write it, for the type checkers: it is checked and not run."""

from __future__ import annotations

from typing import Any, Dict, List

from keytide import Error, JwksClient, Policy, Ring, SigningKey, VerifyingKey, jwt
from keytide.jwt import ExpiredSignatureError, PyJWK, PyJWKClient, PyJWKSet
from keytide.jwt.algorithms import RSAAlgorithm
from keytide.jwt.types import Options


def program(secret: str, ring: Ring) -> Dict[str, Any]:
    token: str = jwt.encode({"sub": "a"}, secret, algorithm="HS256", headers={"kid": "k"})
    options: Options = {"require": ["exp"], "verify_aud": False}
    try:
        claims: Dict[str, Any] = jwt.decode(token, secret, algorithms=["HS256"], options=options)
    except ExpiredSignatureError:
        claims = jwt.decode(token, ring, audience=["a", "b"], leeway=1.5)
    key: PyJWK = PyJWKClient("https://id.example/jwks").get_signing_key_from_jwt(token)
    names: List[str] = [str(one.key_id) for one in PyJWKSet.from_dict({"keys": []})]
    members: Dict[str, Any] = RSAAlgorithm.to_jwk(key.key, as_dict=True)
    return {**claims, **members, "names": names}


def native(token: str) -> str:
    signing: SigningKey = SigningKey.generate("ES256")
    verifying: VerifyingKey = signing.verifying_key(remember=10)
    policy = Policy(issuer="i", audience=Policy.ANY)
    try:
        policy.verify(token, verifying)
    except Error as error:
        return error.code + error.hint
    client: JwksClient = JwksClient("https://id.example/jwks", timeout=5)
    return jwt.encode({"a": 1}, signing) + str(client.status())
