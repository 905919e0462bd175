"""Keytide's own API, and its keys and rings in the place of a key of `jwt`."""

import asyncio
import http.server
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import time

import pytest

import keytide
from keytide import Error, FetchError, JwksClient, Policy, Ring, SigningKey, VerifyingKey, jwt

SECRET = "a-secret-of-thirty-two-bytes-or-more"
ALGORITHMS = ["HS256", "HS384", "HS512", "RS256", "PS256", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519"]


@pytest.fixture
def endpoint():
    """A key set's endpoint, whose answer a test may change."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked += 1
            status, body = self.server.answer
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.asked, server.answer = 0, (500, b"")
    server.url = f"http://127.0.0.1:{server.server_port}/jwks"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_generated_key_signs_what_its_other_half_verifies(algorithm):
    key = SigningKey.generate(algorithm)
    signature = key.sign(b"message")
    assert key.verifying_key().verify(b"message", signature)
    assert not key.verifying_key().verify(b"massage", signature)
    assert key.algorithm == algorithm and key.key_id


def test_a_key_of_keytide_goes_where_jwt_takes_a_key():
    key = SigningKey.generate("ES256")
    token = jwt.encode({"sub": "alice"}, key)
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": key.key_id, "typ": "JWT"}
    for verifying in (key, key.verifying_key(), VerifyingKey.from_pem("ES256", key.verifying_key().public_pem())):
        assert jwt.decode(token, verifying) == {"sub": "alice"}
        assert jwt.decode(token, verifying, algorithms=["ES256"]) == {"sub": "alice"}
        with pytest.raises(jwt.InvalidAlgorithmError):
            jwt.decode(token, verifying, algorithms=["RS256"])
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, SigningKey.generate("ES256").verifying_key())


def test_a_token_of_another_algorithm_is_no_token_of_the_key():
    key = VerifyingKey.from_secret("HS384", SECRET * 2)
    with pytest.raises(jwt.InvalidAlgorithmError):
        jwt.decode(jwt.encode({}, SECRET * 2, "HS256"), key)


EMPTY = {
    "list": lambda: [],
    "tuple": lambda: (),
    "set": lambda: set(),
    "frozenset": lambda: frozenset(),
    "dict": lambda: {},
    "text": lambda: "",
    "generator": lambda: (name for name in ()),
}
READERS = {
    "jwt.decode": lambda *given: jwt.decode(*given),
    "jwt.decode_complete": lambda *given: jwt.decode_complete(*given),
    "PyJWT.decode": lambda *given: jwt.PyJWT().decode(*given),
    "PyJWS.decode": lambda *given: jwt.PyJWS().decode(*given),
    "PyJWS.decode_complete": lambda *given: jwt.PyJWS().decode_complete(*given),
    "api_jws.decode": lambda *given: jwt.api_jws.decode(*given),
    "api_jws.decode_complete": lambda *given: jwt.api_jws.decode_complete(*given),
}


def keys_that_sign():
    """By name: a key of each kind, what makes a token with it, and whether it binds its algorithm."""
    ring = Ring.from_env({"JWT_SECRET": SECRET})
    signing = SigningKey.generate("ES256")
    jwk = jwt.PyJWK({"kty": "oct", "k": jwt.utils.base64url_encode(SECRET.encode()).decode(), "alg": "HS256"})
    return {
        "text": (SECRET, SECRET, False),
        "bytes": (SECRET.encode(), SECRET, False),
        "PyJWK": (jwk, SECRET, True),
        "VerifyingKey": (signing.verifying_key(), signing, True),
        "SigningKey": (signing, signing, True),
        "Ring": (ring, ring, True),
    }


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("kind", keys_that_sign())
def test_an_empty_list_of_algorithms_allows_none_whatever_the_key(kind, empty, reader):
    key, signing, _ = keys_that_sign()[kind]
    token = jwt.encode({"sub": "alice"}, signing)
    # Before the key is known, after it is, and after it was used in vain.
    for _ in range(2):
        with pytest.raises(jwt.InvalidTokenError):
            READERS[reader](token, key, EMPTY[empty]())
        READERS[reader](token, key, [jwt.get_unverified_header(token)["alg"]])
    with pytest.raises(jwt.InvalidTokenError):
        READERS[reader](token, key, EMPTY[empty]())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", keys_that_sign())
def test_no_list_of_algorithms_is_enough_for_a_key_that_binds_its_own_and_for_no_other(kind, reader):
    key, signing, binds = keys_that_sign()[kind]
    token = jwt.encode({"sub": "alice"}, signing)
    for _ in range(2):
        if binds:
            READERS[reader](token, key, None)
        else:
            with pytest.raises(jwt.DecodeError):
                READERS[reader](token, key, None)
        READERS[reader](token, key, [jwt.get_unverified_header(token)["alg"]])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_that_is_prepared_beforehand_is_still_the_ring(algorithm):
    """As djangorestframework-simplejwt does, which prepares its keys when it starts."""
    key = SigningKey.generate(algorithm)
    known = jwt.PyJWS().get_algorithm_by_name(algorithm)
    for one in (key, key.verifying_key()):
        assert known.prepare_key(one) is one
    ring = Ring.from_env({"JWT_SECRET": SECRET})
    assert jwt.PyJWS().get_algorithm_by_name("HS256").prepare_key(ring) is ring


def test_a_ring_that_was_prepared_for_another_algorithm_is_refused_when_it_is_used():
    ring = Ring.from_env({"JWT_SECRET": SECRET})
    prepared = jwt.PyJWS().get_algorithm_by_name("RS256").prepare_key(ring)
    token = jwt.encode({}, ring)
    with pytest.raises(jwt.InvalidAlgorithmError):
        jwt.encode({}, prepared, algorithm="RS256")
    with pytest.raises(jwt.InvalidAlgorithmError):
        jwt.decode(token, prepared, algorithms=["RS256"])


def test_a_remembered_token_is_still_judged():
    key = VerifyingKey.from_secret("HS256", SECRET, remember=10)
    token = jwt.encode({"exp": int(time.time()) + 60, "aud": "a"}, SECRET)
    for _ in range(3):
        assert jwt.decode(token, key, audience="a")["aud"] == "a"
        with pytest.raises(jwt.InvalidAudienceError):
            jwt.decode(token, key, audience="b")
    from freezegun import freeze_time

    with freeze_time("2100-01-01"), pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, key, audience="a")
    forged = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    for _ in range(2):
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(forged, key, audience="a")


def test_claims_that_come_out_belong_to_the_caller():
    key = VerifyingKey.from_secret("HS256", SECRET, remember=10)
    token = jwt.encode({"roles": ["user"]}, SECRET)
    jwt.decode(token, key)["roles"].append("admin")
    assert jwt.decode(token, key) == {"roles": ["user"]}


def test_an_error_has_a_code_and_a_hint_and_no_secret():
    with pytest.raises(Error) as caught:
        SigningKey.from_secret("HS256", "short")
    assert caught.value.code == "weak_key" and caught.value.hint
    assert "short" not in str(caught.value).replace("shorter", "")
    assert pickle.loads(pickle.dumps(caught.value)).code == "weak_key"
    with pytest.raises(Error) as caught:
        SigningKey.generate("HS257")
    assert caught.value.code == "bad_option" and "HS256" in caught.value.hint


def test_no_key_shows_or_pickles_what_it_holds():
    key = SigningKey.from_secret("HS256", SECRET)
    assert SECRET not in repr(key) + repr(key.verifying_key())
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_a_policy_checks_what_it_was_told_to():
    key = SigningKey.generate("EdDSA")
    token = jwt.encode({"iss": "i", "aud": "a", "exp": 2_000_000_000}, key)
    policy = Policy(issuer="i", audience=["a", "b"])
    assert policy.verify(token, key, now=1_900_000_000)["iss"] == "i"
    for wrong, code in (
        (Policy(issuer="j", audience="a"), "iss_mismatch"),
        (Policy(issuer="i", audience="c"), "aud_mismatch"),
    ):
        with pytest.raises(Error) as caught:
            wrong.verify(token, key, now=1_900_000_000)
        assert caught.value.code == code
    with pytest.raises(Error) as caught:
        policy.verify(token, key, now=2_000_000_001)
    assert caught.value.code == "expired"
    loose = Policy(issuer=Policy.ANY, audience=Policy.ANY, typ=Policy.ANY, allow_no_expiry=True)
    assert loose.verify(jwt.encode({}, key), key) == {}


def test_a_ring_from_the_environment_signs_and_knows_three_secrets():
    env = {"JWT_SECRET": SECRET, "JWT_SECRET_NEXT": SECRET + "n", "JWT_SECRET_PREVIOUS": SECRET + "p"}
    ring = Ring.from_env(env)
    assert jwt.decode(jwt.encode({"a": 1}, ring), SECRET, algorithms=["HS256"]) == {"a": 1}
    for secret in env.values():
        assert jwt.decode(jwt.encode({"a": 1}, secret), ring) == {"a": 1}
        assert ring.decode(jwt.encode({"a": 1}, secret), algorithms=["HS256"]) == {"a": 1}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(jwt.encode({}, SECRET + "x"), ring)
    with pytest.raises(jwt.InvalidAlgorithmError):
        jwt.decode(jwt.encode({}, SECRET), ring, algorithms=["ES256"])
    with pytest.raises(Error) as caught:
        Ring.from_env({})
    assert caught.value.code == "env_missing"


def test_claims_are_judged_with_a_ring_as_with_any_key():
    ring = Ring.from_env({"JWT_SECRET": SECRET})
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(jwt.encode({"exp": 1}, ring), ring)
    with pytest.raises(jwt.MissingRequiredClaimError):
        jwt.decode(jwt.encode({}, ring), ring, options={"require": ["exp"]})


def test_a_public_set_verifies_and_does_not_sign(endpoint):
    key = SigningKey.generate("ES256")
    endpoint.answer = (200, json.dumps({"keys": [key.public_jwk()]}).encode())
    ring = JwksClient(endpoint.url)
    assert isinstance(ring, Ring) and endpoint.asked == 0
    token = jwt.encode({"sub": "alice"}, key)
    for _ in range(5):
        assert jwt.decode(token, ring) == {"sub": "alice"}
    assert endpoint.asked == 1
    with pytest.raises(jwt.InvalidKeyError):
        jwt.encode({}, ring)
    stranger = jwt.encode({}, SigningKey.generate("ES256"))
    for _ in range(5):
        with pytest.raises(jwt.DecodeError):
            jwt.decode(stranger, ring)
    # One look for what might be a new key, and no more before the cooldown has passed.
    assert endpoint.asked <= 2
    policy = Policy(issuer=Policy.ANY, audience=Policy.ANY, allow_no_expiry=True)
    assert policy.verify(token, ring) == {"sub": "alice"}


@pytest.mark.parametrize("answer", [(500, b""), (200, b"garbage"), (302, b""), (200, b"x" * (600 * 1024))], ids=["error", "garbage", "redirect", "large"])
def test_an_endpoint_that_misbehaves_gives_a_clear_error(endpoint, answer):
    endpoint.answer = answer
    ring = Ring.from_jwks(endpoint.url, timeout=5)
    with pytest.raises(jwt.PyJWKClientConnectionError):
        jwt.decode(jwt.encode({}, SigningKey.generate("ES256")), ring)
    with pytest.raises(FetchError) as caught:
        ring.refresh()
    assert caught.value.hint


def test_asyncio_is_not_held_up(endpoint):
    key = SigningKey.generate("EdDSA")
    endpoint.answer = (200, json.dumps({"keys": [key.public_jwk()]}).encode())
    ring = Ring.from_jwks(endpoint.url)
    token = jwt.encode({"n": 1}, key)

    async def all_of_them():
        return await asyncio.gather(*(ring.decode_async(token) for _ in range(50)))

    assert asyncio.run(all_of_them()) == [{"n": 1}] * 50
    assert endpoint.asked == 1


def test_threads_share_keys_and_rings():
    ring, key = Ring.from_env({"JWT_SECRET": SECRET}), SigningKey.generate("ES256")
    failures = []

    def work(number):
        try:
            for turn in range(200):
                claims = {"n": number, "t": turn}
                assert jwt.decode(jwt.encode(claims, ring), ring) == claims
                assert jwt.decode(jwt.encode(claims, SECRET), SECRET, algorithms=["HS256"]) == claims
                if turn % 20 == 0:
                    assert jwt.decode(jwt.encode(claims, key), key) == claims
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def _verify_in_child(ring, token, answers):
    answers.put(jwt.decode(token, ring))


def test_a_forked_process_goes_on_with_its_ring(endpoint):
    key = SigningKey.generate("ES256")
    endpoint.answer = (200, json.dumps({"keys": [key.public_jwk()]}).encode())
    ring = Ring.from_jwks(endpoint.url)
    token = jwt.encode({"a": 1}, key)
    assert jwt.decode(token, ring) == {"a": 1}
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=_verify_in_child, args=(ring, token, answers))
    child.start()
    assert answers.get(timeout=30) == {"a": 1}
    child.join(30)
    assert child.exitcode == 0


def test_import_keytide_loads_nothing_heavy():
    code = "import sys, keytide; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"cryptography", "asyncio", "urllib.request", "ssl", "keytide.jwt", "email", "http.client"}
    assert not heavy & set(loaded)


def test_install_makes_both_names_one():
    code = (
        "import keytide, importlib; keytide.install(); import jwt, keytide.jwt\n"
        "assert jwt is keytide.jwt and jwt.decode is keytide.jwt.decode\n"
        "for name in 'algorithms api_jwk api_jws api_jwt exceptions help jwk_set_cache jwks_client types utils warnings'.split():\n"
        "    assert importlib.import_module('jwt.' + name) is importlib.import_module('keytide.jwt.' + name), name\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_tutorial_runs_as_it_is_written():
    program = (
        "import os, jwt\n"
        "SECRET = os.environ['SECRET']\n"
        "token = jwt.encode({'sub': '1234567890'}, SECRET, algorithm='HS256')\n"
        "print(jwt.decode(token, SECRET, algorithms=['HS256']))\n"
        "try:\n"
        "    jwt.decode(token, 'another' + SECRET, algorithms=['HS256'])\n"
        "except jwt.InvalidSignatureError:\n"
        "    print('refused')\n"
    )
    # What `keytide secret` prints: 32 random bytes in base64url.
    secret = os.environ.get("KEYTIDE_TEST_SECRET") or __import__("secrets").token_urlsafe(32)
    run = subprocess.run([sys.executable, "-c", "import keytide; keytide.install()\n" + program], env={**os.environ, "SECRET": secret}, capture_output=True, text=True, check=True)
    assert run.stdout == "{'sub': '1234567890'}\nrefused\n" and run.stderr == ""


def test_the_memory_is_flat_over_many_keys_and_tokens():
    program = os.path.join(os.path.dirname(__file__), "flat_memory.py")
    run = subprocess.run([sys.executable, program, "100000"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_module_has_what_it_promises():
    assert sorted(keytide.__all__) == sorted(set(keytide.__all__))
    assert all(hasattr(keytide, name) for name in keytide.__all__)
