"""The algorithms and their names (PyJWT's module of this name)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict

from ._algorithm import Algorithm, NoneAlgorithm, has_crypto
from ._hmac import HMACAlgorithm

if has_crypto or TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import (
        SECP256K1,
        SECP256R1,
        SECP384R1,
        SECP521R1,
    )

    from ._asymmetric import (
        AllowedECKeys,
        AllowedKeys,
        AllowedOKPKeys,
        AllowedPrivateKeys,
        AllowedPublicKeys,
        AllowedRSAKeys,
        ECAlgorithm,
        Ed25519Algorithm,
        OKPAlgorithm,
        RSAAlgorithm,
        RSAPSSAlgorithm,
    )
else:
    AllowedRSAKeys = AllowedECKeys = AllowedOKPKeys = Any
    AllowedKeys = AllowedPrivateKeys = AllowedPublicKeys = Any

__all__ = [
    "Algorithm",
    "AllowedECKeys",
    "AllowedKeys",
    "AllowedOKPKeys",
    "AllowedPrivateKeys",
    "AllowedPublicKeys",
    "AllowedRSAKeys",
    "HMACAlgorithm",
    "NoneAlgorithm",
    "get_default_algorithms",
    "has_crypto",
    "requires_cryptography",
]
if has_crypto:
    __all__ += ["ECAlgorithm", "OKPAlgorithm", "RSAAlgorithm", "RSAPSSAlgorithm"]

requires_cryptography = {
    "RS256",
    "RS384",
    "RS512",
    "ES256",
    "ES256K",
    "ES384",
    "ES521",
    "ES512",
    "PS256",
    "PS384",
    "PS512",
    "EdDSA",
}


def get_default_algorithms() -> Dict[str, Algorithm]:
    """An object for each algorithm that can be had here."""
    known: Dict[str, Algorithm] = {
        "none": NoneAlgorithm(),
        "HS256": HMACAlgorithm(HMACAlgorithm.SHA256),
        "HS384": HMACAlgorithm(HMACAlgorithm.SHA384),
        "HS512": HMACAlgorithm(HMACAlgorithm.SHA512),
    }
    if has_crypto:
        known.update(
            {
                "RS256": RSAAlgorithm(RSAAlgorithm.SHA256),
                "RS384": RSAAlgorithm(RSAAlgorithm.SHA384),
                "RS512": RSAAlgorithm(RSAAlgorithm.SHA512),
                "ES256": ECAlgorithm(ECAlgorithm.SHA256, SECP256R1),
                "ES256K": ECAlgorithm(ECAlgorithm.SHA256, SECP256K1),
                "ES384": ECAlgorithm(ECAlgorithm.SHA384, SECP384R1),
                # A name that never was a standard one, and is in use.
                "ES521": ECAlgorithm(ECAlgorithm.SHA512, SECP521R1),
                "ES512": ECAlgorithm(ECAlgorithm.SHA512, SECP521R1),
                "PS256": RSAPSSAlgorithm(RSAPSSAlgorithm.SHA256),
                "PS384": RSAPSSAlgorithm(RSAPSSAlgorithm.SHA384),
                "PS512": RSAPSSAlgorithm(RSAPSSAlgorithm.SHA512),
                "EdDSA": OKPAlgorithm(),
                # The name that RFC 9864 gives EdDSA with this curve.
                "Ed25519": Ed25519Algorithm(),
            }
        )
    return known
