"""Tokens with claims (RFC 7519), as PyJWT offers them: ``encode``, ``decode`` and their checks."""

from __future__ import annotations

import json
import math
import warnings
from calendar import timegm
from collections.abc import Iterable as AnyIterable
from datetime import datetime, timedelta, timezone
from typing import (
    TYPE_CHECKING,
    Any,
    Container,
    Dict,
    Iterable,
    Optional,
    Sequence,
    Type,
    Union,
    cast,
)

from . import _prepared, _ring_key
from ._text import loads_noting
from .api_jwk import PyJWK
from .api_jws import _ALGORITHM_UNSET, PyJWS, _jws_global_obj, _warn_of
from .exceptions import (
    DecodeError,
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuedAtError,
    InvalidIssuerError,
    InvalidJTIError,
    InvalidSignatureError,
    InvalidSubjectError,
    MissingRequiredClaimError,
)
from .types import FullOptions, Options, SigOptions
from .warnings import InsecureKeyLengthWarning

if TYPE_CHECKING:
    from keytide._native import PreparedKey

    from .algorithms import AllowedPrivateKeys, AllowedPublicKeys

_CHECKS = ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
_TIMES = ("exp", "iat", "nbf")
_UTC = timezone.utc


class PyJWT:
    """Encodes and decodes with options of its own."""

    def __init__(self, options: Optional[Options] = None) -> None:
        self.options: FullOptions = self._get_default_options()
        if options is not None:
            self.options = self._merge_options(options)
        self._jws = PyJWS(options=self._get_sig_options())

    @staticmethod
    def _get_default_options() -> FullOptions:
        return {
            "verify_signature": True,
            "verify_exp": True,
            "verify_nbf": True,
            "verify_iat": True,
            "verify_aud": True,
            "verify_iss": True,
            "verify_sub": True,
            "verify_jti": True,
            "require": [],
            "strict_aud": False,
            "enforce_minimum_key_length": False,
        }

    def _get_sig_options(self) -> SigOptions:
        return {
            "verify_signature": self.options["verify_signature"],
            "enforce_minimum_key_length": self.options.get("enforce_minimum_key_length", False),
        }

    def _merge_options(self, options: Optional[Options] = None) -> FullOptions:
        if options is None:
            return self.options
        merged: Dict[str, Any] = dict(options)
        if not merged.get("verify_signature", True):
            # Claims that anybody may have written are not worth a check, unless one is asked for.
            for claim in _CHECKS:
                merged.setdefault(f"verify_{claim}", False)
        return cast(FullOptions, {**self.options, **merged})

    def encode(
        self,
        payload: Dict[str, Any],
        key: Union[AllowedPrivateKeys, PyJWK, str, bytes, Any],
        algorithm: Optional[str] = _ALGORITHM_UNSET,
        headers: Optional[Dict[str, Any]] = None,
        json_encoder: Optional[Type[json.JSONEncoder]] = None,
        sort_headers: bool = True,
    ) -> str:
        """A signed token with these claims.

        ``key`` is a secret, a private key (PEM text, ``cryptography`` object, :class:`PyJWK`,
        :class:`keytide.SigningKey`) or a :class:`keytide.Ring`, which chooses key and algorithm itself.
        """
        if not isinstance(payload, dict):
            raise TypeError(
                "Expecting a dict object, as JWT only supports JSON objects as payloads."
            )
        claims = payload
        for name in _TIMES:
            if isinstance(claims.get(name), datetime):
                if claims is payload:
                    claims = payload.copy()
                claims[name] = timegm(claims[name].utctimetuple())
        if json_encoder is None and type(self) is PyJWT and self._jws._plain:
            token = self._issue(claims, key, algorithm, headers, sort_headers)
            if token is not None:
                return token
        if "iss" in claims and not isinstance(claims["iss"], str):
            raise TypeError("Issuer (iss) must be a string.")
        text = self._encode_payload(
            payload.copy() if claims is payload else claims,
            headers=headers,
            json_encoder=json_encoder,
        )
        return self._jws.encode(
            text, key, algorithm, headers, json_encoder, sort_headers=sort_headers
        )

    def _issue(
        self, claims: Dict[str, Any], key: Any, algorithm: Any, headers: Any, sort_headers: bool
    ) -> Optional[str]:
        known = _prepared.prepared(key)
        if known is None:
            return None
        bound = getattr(key, "algorithm_name", None)
        name = (bound or "HS256") if algorithm is _ALGORITHM_UNSET else algorithm
        jws = self._jws
        if type(name) is not str or type(claims) is not dict or jws.header_typ != "JWT":
            return None
        if bound is not None and _ring_key.is_one(key):
            # The key's own `kid` goes before the caller's, which takes the long way.
            if name != bound or (headers and key.key_id is not None):
                return None
            headers = headers if key.key_id is None else {"kid": key.key_id}
        segment = jws._header_segment(name, headers, sort_headers)
        if segment is None:
            return None
        issued = known.issue(name, segment, claims)
        if isinstance(issued, tuple):
            if jws.options.get("enforce_minimum_key_length", False):
                return None
            warnings.warn(issued[1], InsecureKeyLengthWarning, stacklevel=2)
            return issued[0]
        return issued

    def _encode_payload(
        self,
        payload: Dict[str, Any],
        headers: Optional[Dict[str, Any]] = None,
        json_encoder: Optional[Type[json.JSONEncoder]] = None,
    ) -> bytes:
        """The bytes to sign: for subclasses that write claims in another way."""
        return json.dumps(
            payload, separators=(",", ":"), cls=json_encoder
        ).encode("utf-8")

    def decode_complete(
        self,
        jwt: Union[str, bytes],
        key: Union[AllowedPublicKeys, PyJWK, str, bytes, Any] = "",
        algorithms: Optional[Sequence[str]] = None,
        options: Optional[Options] = None,
        verify: Optional[bool] = None,
        detached_payload: Optional[bytes] = None,
        audience: Union[str, Iterable[str], None] = None,
        issuer: Union[str, Container[str], None] = None,
        subject: Optional[str] = None,
        leeway: Union[float, timedelta] = 0,
        **kwargs: Any,
    ) -> Dict[str, Any]:
        """As :meth:`decode`, with header and signature beside the claims."""
        _warn_of(kwargs, "decode_complete")
        verify_signature = True if options is None else options.get("verify_signature", True)
        if verify is not None and verify != verify_signature:
            warnings.warn(
                "The `verify` argument to `decode` does nothing in PyJWT 2.0 and newer. "
                "The equivalent is setting `verify_signature` to False in the `options`"
                " dictionary. "
                "This invocation has a mismatch between the kwarg and the option entry.",
                category=DeprecationWarning,
                stacklevel=2,
            )
        merged = self._merge_options(options)
        decoded = self._jws.decode_complete(
            jwt,
            key=key,
            algorithms=algorithms,
            options={
                "verify_signature": verify_signature,
                "enforce_minimum_key_length": merged.get("enforce_minimum_key_length", False),
            },
            detached_payload=detached_payload,
        )
        payload = self._decode_payload(decoded)
        self._validate_claims(
            payload, merged, audience=audience, issuer=issuer, leeway=leeway, subject=subject
        )
        decoded["payload"] = payload
        return decoded

    def _decode_payload(self, decoded: Dict[str, Any]) -> Dict[str, Any]:
        """The claims from the bytes: for subclasses that wrote them in another way."""
        try:
            payload, has_no_numbers = loads_noting(decoded["payload"])
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"Invalid payload string: {error}") from error
        if not isinstance(payload, dict):
            raise DecodeError("Invalid payload string: must be a json object")
        if has_no_numbers:
            # A time that is no number has its own error, whether times are checked or not.
            for name, check in zip(
                ("iat", "nbf", "exp"), (self._validate_iat, self._validate_nbf, self._validate_exp)
            ):
                value = payload.get(name)
                if isinstance(value, float) and not math.isfinite(value):
                    check(payload, 0, 0)
            raise DecodeError("Invalid payload string: NaN and Infinity are no JSON numbers")
        return payload

    def decode(
        self,
        jwt: Union[str, bytes],
        key: Union[AllowedPublicKeys, PyJWK, str, bytes, Any] = "",
        algorithms: Optional[Sequence[str]] = None,
        options: Optional[Options] = None,
        verify: Optional[bool] = None,
        detached_payload: Optional[bytes] = None,
        audience: Union[str, Iterable[str], None] = None,
        subject: Optional[str] = None,
        issuer: Union[str, Container[str], None] = None,
        leeway: Union[float, timedelta] = 0,
        **kwargs: Any,
    ) -> Dict[str, Any]:
        """The claims of a token whose signature holds and whose claims pass the checks.

        ``algorithms`` is needed, and must come from you and never from the token, unless the key binds
        its algorithm: a :class:`PyJWK`, a :class:`keytide.VerifyingKey` or a :class:`keytide.Ring`.
        """
        if (
            verify is None
            and detached_payload is None
            and not kwargs
            and type(self) is PyJWT
            and self._jws._plain
        ):
            known = _prepared.prepared(key)
            if known is not None:
                claims = self._open(
                    known, jwt, key, algorithms, options, audience, subject, issuer, leeway
                )
                if claims is not None:
                    return claims
        _warn_of(kwargs, "decode")
        decoded = self.decode_complete(
            jwt,
            key,
            algorithms,
            options,
            verify=verify,
            detached_payload=detached_payload,
            audience=audience,
            subject=subject,
            issuer=issuer,
            leeway=leeway,
        )
        return cast(Dict[str, Any], decoded["payload"])

    def _open(
        self,
        known: PreparedKey,
        jwt: Any,
        key: Any,
        algorithms: Any,
        options: Optional[Options],
        audience: Any,
        subject: Any,
        issuer: Any,
        leeway: Any,
    ) -> Optional[Dict[str, Any]]:
        """The checked claims, where the engine finds nothing out of the ordinary in the token."""
        kind = type(key)
        if kind is not str and kind is not bytes:
            bound = getattr(key, "algorithm_name", None)
            if bound is not None:
                # An empty list allows nothing; only its absence leaves the choice to the key.
                if algorithms is not None and (
                    not isinstance(algorithms, (list, tuple)) or bound not in algorithms
                ):
                    return None
                algorithms = (bound,)
        merged = self.options
        if options is not None:
            if not options.get("verify_signature", True):
                return None
            merged = self._merge_options(options)
        now = datetime.now(tz=_UTC).timestamp()
        opened = known.open(jwt, algorithms, now, leeway, audience, issuer, subject)
        if opened is None:
            return None
        if opened is False:
            raise InvalidSignatureError("Signature verification failed")
        if type(opened) is dict:
            claims, fit = opened, True
        else:
            claims, fit, notice = opened
            if notice is not None:
                if merged.get("enforce_minimum_key_length", False):
                    return None
                warnings.warn(notice, InsecureKeyLengthWarning, stacklevel=2)
        # Claims that fit pass every check, but for the two that an option adds.
        if not fit or merged["require"] or merged.get("strict_aud", False):
            self._validate_claims(claims, merged, audience, issuer, subject, leeway)
        return cast(Dict[str, Any], claims)

    def _validate_claims(
        self,
        payload: Dict[str, Any],
        options: FullOptions,
        audience: Union[Iterable[str], str, None] = None,
        issuer: Union[Container[str], str, None] = None,
        subject: Optional[str] = None,
        leeway: Union[float, timedelta] = 0,
    ) -> None:
        if isinstance(leeway, timedelta):
            leeway = leeway.total_seconds()
        if audience is not None and not isinstance(audience, (str, AnyIterable)):
            raise TypeError("audience must be a string, iterable or None")
        if options["require"]:
            self._validate_required_claims(payload, options["require"])
        now = datetime.now(tz=_UTC).timestamp()
        if "iat" in payload and options["verify_iat"]:
            self._validate_iat(payload, now, leeway)
        if "nbf" in payload and options["verify_nbf"]:
            self._validate_nbf(payload, now, leeway)
        if "exp" in payload and options["verify_exp"]:
            self._validate_exp(payload, now, leeway)
        if options["verify_iss"]:
            self._validate_iss(payload, issuer)
        if options["verify_aud"]:
            self._validate_aud(payload, audience, strict=options.get("strict_aud", False))
        if options["verify_sub"]:
            self._validate_sub(payload, subject)
        if options["verify_jti"]:
            self._validate_jti(payload)

    def _validate_required_claims(self, payload: Dict[str, Any], claims: Iterable[str]) -> None:
        for claim in claims:
            if payload.get(claim) is None:
                raise MissingRequiredClaimError(claim)

    def _validate_sub(self, payload: Dict[str, Any], subject: Optional[str] = None) -> None:
        if "sub" not in payload:
            return
        if not isinstance(payload["sub"], str):
            raise InvalidSubjectError("Subject must be a string")
        if subject is not None and payload["sub"] != subject:
            raise InvalidSubjectError("Invalid subject")

    def _validate_jti(self, payload: Dict[str, Any]) -> None:
        if "jti" in payload and not isinstance(payload["jti"], str):
            raise InvalidJTIError("JWT ID must be a string")

    def _validate_iat(self, payload: Dict[str, Any], now: float, leeway: float) -> None:
        try:
            iat = int(payload["iat"])
        except (ValueError, TypeError, OverflowError):
            raise InvalidIssuedAtError("Issued At claim (iat) must be an integer.") from None
        if iat > now + leeway:
            raise ImmatureSignatureError("The token is not yet valid (iat)")

    def _validate_nbf(self, payload: Dict[str, Any], now: float, leeway: float) -> None:
        try:
            nbf = int(payload["nbf"])
        except (ValueError, TypeError, OverflowError):
            raise DecodeError("Not Before claim (nbf) must be an integer.") from None
        if nbf > now + leeway:
            raise ImmatureSignatureError("The token is not yet valid (nbf)")

    def _validate_exp(self, payload: Dict[str, Any], now: float, leeway: float) -> None:
        try:
            exp = int(payload["exp"])
        except (ValueError, TypeError, OverflowError):
            raise DecodeError("Expiration Time claim (exp) must be an integer.") from None
        if exp <= now - leeway:
            raise ExpiredSignatureError("Signature has expired")

    def _validate_aud(
        self,
        payload: Dict[str, Any],
        audience: Union[str, Iterable[str], None],
        *,
        strict: bool = False,
    ) -> None:
        named = payload.get("aud")
        if audience is None:
            if named:
                raise InvalidAudienceError("Invalid audience")
            return
        if not named:
            raise MissingRequiredClaimError("aud")
        if strict:
            if not isinstance(audience, str):
                raise InvalidAudienceError("Invalid audience (strict)")
            if not isinstance(named, str):
                raise InvalidAudienceError("Invalid claim format in token (strict)")
            if audience != named:
                raise InvalidAudienceError("Audience doesn't match (strict)")
            return
        if isinstance(named, str):
            named = [named]
        if not isinstance(named, list) or any(not isinstance(name, str) for name in named):
            raise InvalidAudienceError("Invalid claim format in token")
        wanted = [audience] if isinstance(audience, str) else audience
        if all(name not in named for name in wanted):
            raise InvalidAudienceError("Audience doesn't match")

    def _validate_iss(
        self, payload: Dict[str, Any], issuer: Union[Container[str], str, None]
    ) -> None:
        if issuer is None:
            return
        if "iss" not in payload:
            raise MissingRequiredClaimError("iss")
        iss = payload["iss"]
        if not isinstance(iss, str):
            raise InvalidIssuerError("Payload Issuer (iss) must be a string")
        if isinstance(issuer, str):
            expected = iss == issuer
        else:
            try:
                expected = iss in issuer
            except TypeError:
                raise InvalidIssuerError(
                    'Issuer param must be "str" or "Container[str]"'
                ) from None
        if not expected:
            raise InvalidIssuerError("Invalid issuer")


_jwt_global_obj = PyJWT()
_jwt_global_obj._jws = _jws_global_obj
encode = _jwt_global_obj.encode
decode_complete = _jwt_global_obj.decode_complete
decode = _jwt_global_obj.decode
