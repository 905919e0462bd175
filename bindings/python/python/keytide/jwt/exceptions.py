"""The errors of ``keytide.jwt``: PyJWT's classes, with its relations between them."""

from __future__ import annotations



class PyJWTError(Exception):
    """Whatever is raised here on purpose, but for a wrong call."""


class InvalidTokenError(PyJWTError):
    """The token is refused."""


class DecodeError(InvalidTokenError):
    """The token cannot be read, or does not hold."""


class InvalidSignatureError(DecodeError):
    """The signature is none of this key over this token."""


class ExpiredSignatureError(InvalidTokenError):
    """The time in ``exp`` has come."""


class InvalidAudienceError(InvalidTokenError):
    """The token is for somebody else (``aud``)."""


class InvalidIssuerError(InvalidTokenError):
    """The token is from somebody else (``iss``)."""


class InvalidIssuedAtError(InvalidTokenError):
    """``iat`` is no time."""


class ImmatureSignatureError(InvalidTokenError):
    """The time in ``nbf`` or ``iat`` is still to come."""


class InvalidKeyError(PyJWTError):
    """The key is unusable, or of another kind than the algorithm needs."""


class InvalidAlgorithmError(InvalidTokenError):
    """The token's algorithm is not allowed or not known."""


class MissingRequiredClaimError(InvalidTokenError):
    """A claim that must be there is not."""

    def __init__(self, claim: str) -> None:
        super().__init__(claim)
        self.claim = claim

    def __str__(self) -> str:
        return f'Token is missing the "{self.claim}" claim'


class PyJWKError(PyJWTError):
    """A JWK is unusable."""


class MissingCryptographyError(PyJWKError):
    """The key needs the package ``cryptography``, which is not installed."""


class PyJWKSetError(PyJWTError):
    """A JWK Set is unusable."""


class PyJWKClientError(PyJWTError):
    """A key could not be had from a JWK Set's endpoint."""


class PyJWKClientConnectionError(PyJWKClientError):
    """The endpoint could not be reached."""


class InvalidSubjectError(InvalidTokenError):
    """``sub`` is no text, or another than was expected."""


class InvalidJTIError(InvalidTokenError):
    """``jti`` is no text."""


