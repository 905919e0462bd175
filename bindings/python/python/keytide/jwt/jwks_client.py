"""Keys from an issuer's endpoint, as PyJWT offers them. :class:`keytide.JwksClient` does more."""

from __future__ import annotations

import http.client
import json
import math
import threading
import time
import urllib.request
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Union
from urllib.error import HTTPError, URLError
from urllib.parse import urlparse

from .api_jwk import PyJWK, PyJWKSet
from .api_jwt import decode_complete
from .exceptions import PyJWKClientConnectionError, PyJWKClientError
from .jwk_set_cache import JWKSetCache

if TYPE_CHECKING:
    from ssl import SSLContext

# A set of a thousand keys is smaller; what is longer is not one.
_MOST_BYTES = 1 << 20


class _NoRedirectHandler(urllib.request.HTTPRedirectHandler):
    """The URL was chosen by the program, and no answer changes it."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class PyJWKClient:
    """Fetches a JWK Set, keeps it for ``lifespan`` seconds, and finds keys in it by ``kid``.

    A ``kid`` that is not in the set has it fetched again, at most once in ``cooldown_duration`` seconds.
    """

    def __init__(
        self,
        uri: str,
        cache_keys: bool = False,
        max_cached_keys: int = 16,
        cache_jwk_set: bool = True,
        lifespan: float = 300,
        headers: Optional[Dict[str, Any]] = None,
        timeout: float = 30,
        ssl_context: Optional[SSLContext] = None,
        cooldown_duration: float = 30,
    ):
        scheme = urlparse(uri).scheme.lower()
        if scheme not in ("http", "https"):
            raise PyJWKClientError(
                f"Invalid JWKS URI scheme {scheme!r}: only 'http' and 'https' are supported."
            )
        if cooldown_duration < 0:
            raise PyJWKClientError(
                "Cooldown duration must be greater than or equal to 0, "
                f'the input is "{cooldown_duration}"'
            )
        if not math.isfinite(cooldown_duration):
            raise PyJWKClientError(
                f'Cooldown duration must be finite, the input is "{cooldown_duration}"'
            )
        if cache_jwk_set and lifespan <= 0:
            raise PyJWKClientError(
                f'Lifespan must be greater than 0, the input is "{lifespan}"'
            )
        self.uri = uri
        self.headers: Dict[str, Any] = {} if headers is None else headers
        self.timeout = timeout
        self.ssl_context = ssl_context
        self.cooldown_duration = cooldown_duration
        self.jwk_set_cache: Optional[JWKSetCache] = (
            JWKSetCache(lifespan) if cache_jwk_set else None
        )
        self._last_successful_fetch: Optional[float] = None
        self._client_lock = threading.RLock()
        if cache_keys:
            self.get_signing_key = lru_cache(maxsize=max_cached_keys)(  # type: ignore[method-assign]
                self.get_signing_key
            )

    def fetch_data(self) -> Any:
        """Fetches the set and keeps it; one that cannot be fetched leaves the kept one as it is."""
        handlers: List[Any] = [_NoRedirectHandler()]
        if self.ssl_context is not None:
            handlers.append(urllib.request.HTTPSHandler(context=self.ssl_context))
        try:
            request = urllib.request.Request(url=self.uri, headers=self.headers)
            opener = urllib.request.build_opener(*handlers)
            with opener.open(request, timeout=self.timeout) as response:
                text = response.read(_MOST_BYTES + 1)
        except (URLError, TimeoutError, http.client.HTTPException) as error:
            if isinstance(error, HTTPError):
                error.close()
            raise PyJWKClientConnectionError(
                f'Fail to fetch data from the url, err: "{error}"'
            ) from error
        if len(text) > _MOST_BYTES:
            raise PyJWKClientError(
                f"The JWKS endpoint's answer is longer than {_MOST_BYTES} bytes"
            )
        data = self._as_jwk_set_payload(json.loads(text))
        if self.jwk_set_cache is not None:
            self.jwk_set_cache.put(data)
        self._last_successful_fetch = time.monotonic()
        return data

    def get_jwk_set(self, refresh: bool = False) -> PyJWKSet:
        """The set that is kept, or a fetched one."""
        cache = self.jwk_set_cache
        if cache is not None and not refresh:
            kept = cache.get()
            if kept is not None:
                return kept
        data = self.fetch_data()
        # A subclass may give something else than what came.
        if not isinstance(data, PyJWKSet):
            data = PyJWKSet.from_dict(self._as_jwk_set_payload(data))
        if cache is not None:
            cache.put(data)
        return data

    @staticmethod
    def _as_jwk_set_payload(data: Any) -> Dict[str, Any]:
        if not isinstance(data, dict):
            raise PyJWKClientError("The JWKS endpoint did not return a JSON object")
        return data

    def get_signing_keys(self, refresh: bool = False) -> List[PyJWK]:
        """The keys with a ``kid`` that may sign."""
        return self._get_signing_keys_from_jwk_set(self.get_jwk_set(refresh))

    @staticmethod
    def _get_signing_keys_from_jwk_set(jwk_set: PyJWKSet) -> List[PyJWK]:
        keys = [
            key for key in jwk_set.keys if key.public_key_use in ("sig", None) and key.key_id
        ]
        if not keys:
            raise PyJWKClientError("The JWKS endpoint did not contain any signing keys")
        return keys

    def get_signing_key(self, kid: str) -> PyJWK:
        """The key of this ``kid``."""
        with self._client_lock:
            found = self.match_kid(self.get_signing_keys(), kid)
            if found is None and not self._is_cooling_down():
                keys = self.get_signing_keys(refresh=True)
                self._last_successful_fetch = time.monotonic()
                found = self.match_kid(keys, kid)
        if found is None:
            raise PyJWKClientError(f'Unable to find a signing key that matches: "{kid}"')
        return found

    def _is_cooling_down(self) -> bool:
        last = self._last_successful_fetch
        if self.jwk_set_cache is None or last is None:
            return False
        return time.monotonic() - last < self.cooldown_duration

    def get_signing_key_from_jwt(self, token: Union[str, bytes]) -> PyJWK:
        """The key that a token names; the token itself is not verified here."""
        decoded = decode_complete(token, options={"verify_signature": False})
        return self.get_signing_key(decoded["header"].get("kid"))

    @staticmethod
    def match_kid(signing_keys: List[PyJWK], kid: str) -> Optional[PyJWK]:
        """The first key of this ``kid``."""
        return next((key for key in signing_keys if key.key_id == kid), None)
