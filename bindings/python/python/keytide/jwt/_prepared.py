"""Keys that were used before, prepared in the engine: found again by what the caller gave.

A key is learned only after the long way took it, so the short way accepts nothing that the long way
would refuse. What the engine cannot or will not do stays with ``cryptography``.
"""

from __future__ import annotations

import threading
from typing import Any, Dict, Optional, Tuple

from keytide._native import PreparedKey

# A program has few keys; one that makes a key for each call must not grow for ever.
_MOST = 512

_texts: Dict[str, PreparedKey] = {}
_bytes: Dict[bytes, PreparedKey] = {}
# The object is kept beside its preparation, so that its identity cannot become another's.
_objects: Dict[int, Tuple[Any, PreparedKey]] = {}
_lock = threading.Lock()

_SIGNS = frozenset(
    ("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
    + ("ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519")
)


def prepared(key: Any) -> Optional[PreparedKey]:
    """What is known of this key, if it was used before."""
    kind = type(key)
    if kind is str:
        return _texts.get(key)
    if kind is bytes:
        return _bytes.get(key)
    own = getattr(key, "_prepared", None)
    if own is not None:
        return own if isinstance(own, PreparedKey) else None
    found = _objects.get(id(key))
    return found[1] if found is not None and found[0] is key else None


def learn(
    given: Any, alg: str, algorithm: Any, ready: Any, notice: Optional[str], signs: bool
) -> None:
    """Remembers a key that the long way has just used without an error."""
    if alg not in _SIGNS or (notice is not None and not isinstance(ready, bytes)):
        return
    known = prepared(given) or PreparedKey()
    if isinstance(ready, bytes):
        learned = known.learn_secret(alg, ready, notice)
    elif signs:
        learned = known.learn_private(alg, _private_der(ready))
    else:
        learned = known.learn_public(alg, _public_der(ready))
    if learned:
        _keep(given, known)


def forget() -> None:
    """Drops every key, for programs that must not hold one longer than they need it."""
    with _lock:
        _texts.clear()
        _bytes.clear()
        _objects.clear()


def _keep(given: Any, known: PreparedKey) -> None:
    from .api_jwk import PyJWK

    kind = type(given)
    with _lock:
        if kind is PyJWK:
            given._prepared = known
        elif kind is str:
            _put(_texts, given, known)
        elif kind is bytes:
            _put(_bytes, given, known)
        elif kind.__module__.startswith("cryptography."):
            _put(_objects, id(given), (given, known))


def _put(kept: Dict[Any, Any], name: Any, value: Any) -> None:
    while len(kept) >= _MOST:
        del kept[next(iter(kept))]
    kept[name] = value


def _private_der(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _public_der(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.public_key() if hasattr(key, "public_key") else key
    return bytes(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
