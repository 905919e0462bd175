"""Bytes, numbers and their base64url; the forms of signatures and key texts (PyJWT's module of this name)."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Optional, Union

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve


def force_bytes(value: Union[bytes, str]) -> bytes:
    """The text in UTF-8, or the bytes as they are."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8")
    raise TypeError("Expected a string or bytes value")


def base64url_decode(input: Union[bytes, str]) -> bytes:
    """Leniently: what is outside the alphabet is skipped. Tokens are read with more care."""
    data = force_bytes(input)
    return base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))


def base64url_encode(input: bytes) -> bytes:
    """Without padding."""
    return base64.urlsafe_b64encode(input).rstrip(b"=")


def to_base64url_uint(val: int, *, bit_length: Optional[int] = None) -> bytes:
    """A number as JWKs write it: big-endian, in as many bytes as it needs or ``bit_length`` has."""
    if val < 0:
        raise ValueError("Must be a positive integer")
    return base64url_encode(bytes_from_int(val, bit_length=bit_length) or b"\x00")


def from_base64url_uint(val: Union[bytes, str]) -> int:
    """The number that a JWK's member holds."""
    return int.from_bytes(base64url_decode(val), "big")


def number_to_bytes(num: int, num_bytes: int) -> bytes:
    """Big-endian, at least so many bytes."""
    return num.to_bytes(max(num_bytes, (num.bit_length() + 7) // 8), "big")


def bytes_to_number(string: bytes) -> int:
    """Big-endian; ``ValueError`` for no bytes at all."""
    return int(string.hex(), 16)


def bytes_from_int(val: int, *, bit_length: Optional[int] = None) -> bytes:
    """Big-endian, in the bytes that so many bits take."""
    bits = val.bit_length() if bit_length is None else bit_length
    return val.to_bytes((bits + 7) // 8, "big")


def der_to_raw_signature(der_sig: bytes, curve: EllipticCurve) -> bytes:
    """An ECDSA signature as JWS has it (RFC 7518 section 3.4), from DER."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    size = (curve.key_size + 7) // 8
    r, s = decode_dss_signature(der_sig)
    return number_to_bytes(r, size) + number_to_bytes(s, size)


def raw_to_der_signature(raw_sig: bytes, curve: EllipticCurve) -> bytes:
    """The other way; ``ValueError`` for a length that the curve does not have."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    size = (curve.key_size + 7) // 8
    if len(raw_sig) != 2 * size:
        raise ValueError("Invalid signature")
    r, s = raw_sig[:size], raw_sig[size:]
    return bytes(encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big")))


# The labels whose texts are keys, certificates or parameters (RFC 7468 and OpenSSL's older ones). The
# loaders take a space for the outer dashes' last one, and so must the check that stands before them.
_LABELS = (
    rb"(?:NEW |TRUSTED )?CERTIFICATE(?: REQUEST)?"
    rb"|(?:ENCRYPTED |OPENSSH |DSA |RSA |EC )?PRIVATE KEY"
    rb"|(?:RSA )?PUBLIC KEY"
    rb"|DH PARAMETERS"
    rb"|SSH2 (?:PUBLIC|ENCRYPTED PRIVATE) KEY"
    rb"|X509 CRL"
)
_PEM_BEGIN = re.compile(rb"(?=----[- ]BEGIN (" + _LABELS + rb")[- ]----)")


def is_pem_format(key: bytes) -> bool:
    """Whether the bytes hold a PEM text, with its end after its beginning."""
    for begin in _PEM_BEGIN.finditer(key):
        end = rb"----[- ]END " + re.escape(begin.group(1)) + rb"[- ]----"
        if re.compile(end).search(key, begin.end(1) + 5):
            return True
    return False


_SSH_BEGINNINGS = (
    b"ssh-ed25519",
    b"ssh-rsa",
    b"ssh-dss",
    b"ecdsa-sha2-nistp256",
    b"ecdsa-sha2-nistp384",
    b"ecdsa-sha2-nistp521",
)


def is_ssh_key(key: bytes) -> bool:
    """Whether the bytes are a public key in OpenSSH's form."""
    return key.startswith(_SSH_BEGINNINGS)
