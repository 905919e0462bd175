"""Verifies a stream of tokens with PyJWT's PyJWKClient, its cache time taken from argv.

usage: pyjwt_consumer.py JWKS_URL CACHE_SECONDS ALGORITHM
stdin: one token a line; stdout: `ok KID` or `refused REASON` for each.
"""

import sys

import jwt


def main():
    url, cache_seconds, algorithm = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    # A cooldown as long as the cache: an unknown kid brings no early fetch, as with the defaults
    # of a busy service, so what carries a rotation here is the time the key was published ahead.
    keys = jwt.PyJWKClient(url, lifespan=cache_seconds, cooldown_duration=cache_seconds)
    for line in sys.stdin:
        print(answer(keys, algorithm, line.strip()), flush=True)


def answer(keys, algorithm, token):
    try:
        key = keys.get_signing_key_from_jwt(token)
        options = {"require": ["exp", "iat"], "verify_aud": False}
        jwt.decode(token, key, algorithms=[algorithm], options=options)
        return f"ok {key.key_id}"
    except (jwt.PyJWTError, OSError) as error:
        return f"refused {type(error).__name__}: {error}".replace("\n", " ")


if __name__ == "__main__":
    main()
