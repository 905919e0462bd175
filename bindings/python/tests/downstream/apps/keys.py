"""Keys for a deployment of an app, new in each process."""

import secrets

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def pem_pair(key):
    """Private and public PEM of a key."""
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def new_keys(algorithm):
    if algorithm.startswith("HS"):
        # 32 random bytes in base64url: what `keytide secret` prints.
        return {"APP_ALGORITHM": algorithm, "APP_SECRET": secrets.token_urlsafe(32)}
    private, public = pem_pair(rsa.generate_private_key(65537, 2048))
    return {"APP_ALGORITHM": algorithm, "APP_PRIVATE_KEY": private, "APP_PUBLIC_KEY": public}
