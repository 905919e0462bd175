"""One seeded call after another, made on `jwt` whoever's it is; each answer is one line of JSON.

Run as a program it answers for the `jwt` of its own interpreter: `calls.py SEED COUNT`. Keys come from
the file that the environment variable KEYTIDE_TEST_KEYS names, so that both sides have the same.
"""

import base64
import hashlib
import hmac
import json
import os
import random
import re
import sys
import warnings
from datetime import datetime, timedelta, timezone

NOW = 1_767_225_600
LONG = "0123456789abcdef" * 4


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Frozen(datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(NOW, tz or timezone.utc)


def keys():
    with open(os.environ["KEYTIDE_TEST_KEYS"], encoding="utf-8") as file:
        return json.load(file)


class Calls:
    def __init__(self, jwt, seed):
        self.jwt, self.rng, self.keys = jwt, random.Random(seed), keys()
        jwt.api_jwt.datetime = Frozen
        self.secrets = [LONG, LONG.encode(), "short", "", b"x" * 31, "pässwörd" * 8, self.keys["RS256"][1]]
        self.algs = ["HS256", "HS384", "HS512", *self.keys, "none", "XX1", "hs256"]
        # Both sides must have warmed up alike: the same key is used again and again.
        self.tokens = {}

    def pick(self, *choices):
        return self.rng.choice(choices)

    def time(self):
        return self.pick(NOW, NOW - 1, NOW + 1, NOW + 60, NOW - 60, NOW + 0.5, float(NOW), str(NOW + 9), "soon", True, [], {}, 10**20, -1, 1e300)

    def text(self):
        return self.pick("a", "b", "", "ü", "a\"b\\c\n", "😀", "\x7f", 1, None, ["a"], ["a", 1], ["b", "c"], {"a": 1}, 1.5)

    def claims(self):
        claims = {}
        for name in self.rng.sample(("exp", "nbf", "iat", "iss", "aud", "sub", "jti", "x", "y"), self.rng.randint(0, 6)):
            claims[name] = self.time() if name in ("exp", "nbf", "iat") and self.rng.random() < 0.9 else self.text()
        if self.rng.random() < 0.5:
            claims["exp"] = NOW + 60
        return claims

    def raw_payload(self):
        text = json.dumps(self.claims())
        return self.pick(text, text, text, text + " ", text[:-1], "[" + text + "]", "1", "null", "", '"a"', text.replace(":", " : "), "{'a':1}", '{"x":"\\ud83d\\ude00"}', '{"x":01}', '{"x":1e5}', '{"x":-0.0}', '{"x":12345678901234567890123}', '{"x":[{}' + "]}", '{"x":tru}', '{"x":"\t"}').encode()

    def raw_header(self, alg):
        header = {"alg": alg}
        for name, value in (("typ", "JWT"), ("kid", self.pick("k", 1, None)), ("crit", self.pick([], ["b64"], ["x"], "b64", [1])), ("b64", self.pick(True, False)), ("x", 1)):
            if self.rng.random() < 0.12:
                header[name] = value
        if self.rng.random() < 0.03:
            header = self.pick({}, {"alg": None}, {"alg": ""}, {"alg": 1})
        text = json.dumps(header, separators=(",", ":"))
        return (text if self.rng.random() < 0.95 else self.pick(text[:-1], "[]", "1", "")).encode()

    def key_pair(self, alg):
        if alg in self.keys:
            return self.keys[alg]
        secret = self.pick(LONG, LONG, LONG, *self.secrets)
        return [secret, secret]

    def token(self, alg, private):
        signed = b64(self.raw_header(alg)) + "." + b64(self.raw_payload())
        if alg.startswith("HS"):
            secret = private if isinstance(private, bytes) else private.encode()
            signature = hmac.new(secret, signed.encode(), "sha" + alg[2:]).digest()
        elif alg in self.keys and self.jwt is not None:
            handler = self.signers[alg]
            signature = b64(hashlib.sha256(signed.encode()).digest()).encode()
            # Deterministic on both sides: RSA and EdDSA sign; others are signed once, by the file.
            if alg.startswith("RS") or alg == "EdDSA":
                signature = handler.sign(signed.encode(), self.private[alg])
        else:
            signature = b""
        token = signed + "." + b64(signature)
        return token if self.rng.random() < 0.8 else self.damaged(token)

    def damaged(self, token):
        at = self.rng.randrange(len(token))
        return self.pick(
            token[:at] + self.pick("A", "_", "=", ".", " ", "+", "/", "é") + token[at + 1 :],
            token[:at] + token[at + 1 :], token + self.pick("=", "==", "A", ".", "\n"), " " + token,
            token.rsplit(".", 1)[0], token.rsplit(".", 1)[0] + ".", "." + token, "", "..", "a.b.c", token.encode(), None, 1,
        )

    def decode_options(self):
        keywords = {}
        if self.rng.random() < 0.3:
            keywords["audience"] = self.pick("a", "b", ["a", "c"], [], 1, ("b",))
        if self.rng.random() < 0.3:
            keywords["issuer"] = self.pick("a", "b", ["a", "b"], 1, {"a"})
        if self.rng.random() < 0.15:
            keywords["subject"] = self.pick("a", "b", "")
        if self.rng.random() < 0.2:
            keywords["leeway"] = self.pick(1, 60, 0.5, timedelta(seconds=60), -1)
        if self.rng.random() < 0.35:
            keywords["options"] = {
                name: self.pick(True, False)
                for name in self.rng.sample(("verify_signature", "verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss", "verify_sub", "verify_jti", "strict_aud", "enforce_minimum_key_length"), self.rng.randint(0, 3))
            }
            if self.rng.random() < 0.3:
                keywords["options"]["require"] = self.pick(["exp"], ["x", "sub"], [])
        if self.rng.random() < 0.03:
            keywords[self.pick("verify", "unknown")] = self.pick(True, False)
        if self.rng.random() < 0.03:
            keywords["detached_payload"] = b"{}"
        return keywords

    def call(self):
        jwt, kind = self.jwt, self.rng.random()
        alg = self.pick(*self.algs, "HS256", "HS256")
        private, public = self.key_pair(alg)
        if kind < 0.6:
            token = self.token(alg, private)
            key = public if self.rng.random() < 0.85 else self.pick(*self.secrets, self.keys["ES256"][1], None, 1)
            algorithms = self.pick([alg], [alg], [alg], (alg,), [alg, "RS256"], ["HS384"], [], None)
            name = self.pick("decode", "decode", "decode", "decode_complete")
            keywords = self.decode_options()
            return lambda: getattr(jwt, name)(token, key, algorithms, **keywords)
        if kind < 0.85:
            claims = self.claims() if self.rng.random() < 0.95 else self.pick([], "a", None)
            if isinstance(claims, dict) and self.rng.random() < 0.2:
                claims["exp"] = datetime.fromtimestamp(NOW + 60, timezone.utc)
            headers = self.pick(None, None, None, {"kid": "k"}, {"kid": 1}, {"typ": None}, {"alg": "HS384"}, {"x": [1]}, {"b64": True}, {})
            algorithm = alg if not alg.startswith(("ES", "PS")) else "HS256"
            key = private if algorithm == alg else LONG
            sort = self.pick(True, False)
            if self.rng.random() < 0.05:
                key = self.pick(*self.secrets, None, 1)
            return lambda: jwt.encode(claims, key, algorithm, headers, sort_headers=sort)
        if kind < 0.92:
            token = self.token(alg, private)
            return lambda: jwt.get_unverified_header(token)
        jwk = dict(self.pick(*self.keys["jwks"]))
        if self.rng.random() < 0.6:
            name = self.pick(*jwk)
            jwk[name] = self.pick("", "AA", "RSA", "EC", "oct", "OKP", "P-256", 1)
            if self.rng.random() < 0.5:
                del jwk[name]
        given = self.pick(None, None, "HS256", "RS256", "ES256", "EdDSA", "X")
        return lambda: self.told(jwt.PyJWK(jwk, given))

    @staticmethod
    def told(key):
        return [key.algorithm_name, key.key_type, key.key_id, type(key.Algorithm).__name__, bytes(key.key).hex() if isinstance(key.key, bytes) else hasattr(key.key, "sign")]

    def answers(self, count):
        defaults = self.jwt.algorithms.get_default_algorithms()
        self.signers = {alg: defaults[alg] for alg in self.keys if alg != "jwks"}
        self.private = {alg: self.signers[alg].prepare_key(self.keys[alg][0]) for alg in self.signers}
        self.algs = [alg for alg in self.algs if alg != "jwks"]
        for _ in range(count):
            call = self.call()
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                try:
                    answer = ["value", canonical(call())]
                except Exception as error:
                    answer = ["error", [kind.__name__ for kind in type(error).__mro__], message(error)]
            yield answer + [sorted((w.category.__name__, str(w.message)) for w in warned)], call


def canonical(value):
    return re.sub(r"0x[0-9a-f]+", "0x", repr(value))


def message(error):
    return re.sub(r"0x[0-9a-f]+", "0x", str(error))


def main():
    import jwt

    seed, count = int(sys.argv[1]), int(sys.argv[2])
    for answer, _ in Calls(jwt, seed).answers(count):
        print(json.dumps(answer))


if __name__ == "__main__":
    main()
