"""The Django site behind somebody else's sign-in: it has no key, but the address of a JWK Set."""

import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from forgery import forgeries
from keys import pem_pair


class Issuer:
    """Signs people in and publishes its public keys on loopback."""

    def __init__(self):
        self.private = {}
        self.published = {}
        self.fetches = 0
        issuer = self

        class Publisher(BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.fetches += 1
                body = json.dumps({"keys": list(issuer.published.values())}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/jwk-set+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def add_key(self, kid):
        key = rsa.generate_private_key(65537, 2048)
        self.private[kid], public = pem_pair(key)
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        self.published[kid] = {**jwk, "kid": kid, "use": "sig", "alg": "RS256"}
        return public

    def sign_in(self, kid, seconds=300, signing_kid=None):
        now = int(time.time())
        claims = {
            "token_type": "access",
            "jti": os.urandom(8).hex(),
            "user_id": "1",
            "aud": "shop",
            "iss": "https://login.example",
            "iat": now,
            "exp": now + seconds,
        }
        return jwt.encode(claims, self.private[signing_kid or kid], algorithm="RS256", headers={"kid": kid})


@pytest.fixture(scope="session")
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.server.shutdown()
    issuer.server.server_close()


@pytest.fixture(scope="session")
def site(issuer):
    issuer.public = issuer.add_key("first")
    os.environ.update({"APP_ALGORITHM": "RS256", "APP_JWKS_URL": issuer.url})
    import django_app
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    User.objects.create_user("alice")
    return django_app


@pytest.fixture
def client(site, monkeypatch):
    from rest_framework.test import APIClient
    from rest_framework_simplejwt.state import token_backend

    # Each test begins as the process does: nothing fetched, nobody refused yet.
    monkeypatch.setattr(token_backend, "jwks_client", jwt.PyJWKClient(token_backend.jwks_client.uri))
    return APIClient()


def call(client, access):
    answer = client.get("/me", headers={"Authorization": f"Bearer {access}"})
    return answer.status_code, answer.json()


def is_refused(answer):
    status, body = answer
    return status == 401 and body["code"] == "token_not_valid"


def test_whoever_is_signed_in_there_is_known_here(client, issuer):
    assert call(client, issuer.sign_in("first")) == (200, {"name": "alice"})


def test_the_set_is_fetched_once_for_many_calls(client, issuer):
    before = issuer.fetches
    for _ in range(20):
        assert call(client, issuer.sign_in("first"))[0] == 200
    assert issuer.fetches == before + 1


def test_a_token_ends_with_its_last_second(client, issuer, clock):
    access = issuer.sign_in("first")
    clock.forward(minutes=4, seconds=59)
    assert call(client, access)[0] == 200
    clock.forward(seconds=1)
    status, body = call(client, access)
    assert (status, body["messages"][0]["message"]) == (401, "Token is expired")


@pytest.fixture
def uptime(monkeypatch):
    """Moves the clock that a set's age is told by."""
    boot, ahead = time.monotonic, [0]
    monkeypatch.setattr(time, "monotonic", lambda: boot() + ahead[0])

    def forward(seconds):
        ahead[0] += seconds

    return forward


def test_a_new_key_is_found_by_its_kid(client, issuer, uptime):
    assert call(client, issuer.sign_in("first"))[0] == 200
    issuer.add_key("second")
    uptime(31)
    assert call(client, issuer.sign_in("second")) == (200, {"name": "alice"})
    assert call(client, issuer.sign_in("first"))[0] == 200


def test_a_withdrawn_key_is_refused_once_the_set_is_too_old(client, issuer, uptime):
    issuer.add_key("leaked")
    access = issuer.sign_in("leaked")
    assert call(client, access)[0] == 200
    del issuer.published["leaked"]
    assert call(client, access)[0] == 200
    uptime(301)
    assert is_refused(call(client, access))
    assert call(client, issuer.sign_in("first"))[0] == 200


def test_unheard_of_kids_do_not_have_the_set_fetched_again_and_again(client, issuer, uptime):
    assert call(client, issuer.sign_in("first"))[0] == 200
    uptime(31)
    before = issuer.fetches
    for number in range(20):
        issuer.private[f"invented {number}"] = issuer.private["first"]
        assert is_refused(call(client, issuer.sign_in(f"invented {number}")))
    assert issuer.fetches == before + 1
    assert call(client, issuer.sign_in("first"))[0] == 200


def test_forged_tokens_are_refused(client, issuer):
    access = issuer.sign_in("first")
    for name, token in forgeries(access, issuer.public).items():
        assert is_refused(call(client, token)), name
    assert call(client, access)[0] == 200


def test_a_key_that_nobody_published_is_refused(client, issuer):
    issuer.add_key("hidden")
    del issuer.published["hidden"]
    assert is_refused(call(client, issuer.sign_in("hidden")))
    assert is_refused(call(client, issuer.sign_in("first", signing_kid="hidden")))
    assert call(client, issuer.sign_in("first"))[0] == 200


def test_calls_go_on_while_the_issuer_is_out_of_reach(client, issuer, monkeypatch):
    from rest_framework_simplejwt.state import token_backend

    assert call(client, issuer.sign_in("first"))[0] == 200
    monkeypatch.setattr(token_backend.jwks_client, "uri", "http://127.0.0.1:9/jwks.json")
    assert call(client, issuer.sign_in("first"))[0] == 200
    issuer.private["unheard of"] = issuer.private["first"]
    assert is_refused(call(client, issuer.sign_in("unheard of")))
    assert call(client, issuer.sign_in("first"))[0] == 200
