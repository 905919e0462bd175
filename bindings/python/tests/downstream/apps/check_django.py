"""The Django site: sign in, call, refresh, expire, be refused."""

import os

import jwt
import pytest
from forgery import forgeries, hmac_signed, opened
from keys import new_keys

LOGIN = {"username": "alice", "password": "correct horse"}


@pytest.fixture(scope="session")
def site(deployment):
    os.environ.update(deployment)
    import django_app
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    User.objects.create_user(**LOGIN)
    return django_app


@pytest.fixture
def client(site):
    from rest_framework.test import APIClient

    return APIClient()


def signed_in(client):
    answer = client.post("/login", LOGIN, format="json")
    assert answer.status_code == 200, answer.json()
    return answer.json()["access"], answer.json()["refresh"]


def call(client, access):
    answer = client.get("/me", headers={"Authorization": f"Bearer {access}"})
    return answer.status_code, answer.json()


def refreshed(client, refresh):
    answer = client.post("/refresh", {"refresh": refresh}, format="json")
    return answer.status_code, answer.json()


def is_refused(answer):
    status, body = answer
    return status == 401 and body["code"] == "token_not_valid"


def reasons(body):
    return {message["message"] for message in body["messages"]}


def test_the_library_has_the_jwt_that_this_process_has(site):
    from rest_framework_simplejwt import backends

    assert backends.jwt is jwt


def test_whoever_signs_in_is_known(client, deployment):
    access, _ = signed_in(client)
    assert call(client, access) == (200, {"name": "alice"})
    header, claims = opened(access)
    assert header == {"alg": deployment["APP_ALGORITHM"], "typ": "JWT"}
    assert (claims["aud"], claims["iss"]) == ("shop", "https://login.example")


def test_whoever_does_not_is_not(client):
    assert client.post("/login", {**LOGIN, "password": "wrong"}, format="json").status_code == 401
    assert client.get("/me").status_code == 401


def test_a_token_ends_with_its_last_second(client, clock):
    access, _ = signed_in(client)
    clock.forward(minutes=4, seconds=59)
    assert call(client, access)[0] == 200
    clock.forward(seconds=1)
    status, body = call(client, access)
    assert (status, reasons(body)) == (401, {"Token is expired"})


def test_a_token_of_the_future_waits(client, clock):
    clock.forward(hours=1)
    access, _ = signed_in(client)
    clock.forward(hours=-1)
    assert is_refused(call(client, access))


def test_a_session_goes_on_by_its_refresh_token(client, clock):
    access, refresh = signed_in(client)
    clock.forward(minutes=5)
    assert is_refused(call(client, access))
    status, pair = refreshed(client, refresh)
    assert status == 200
    assert call(client, pair["access"]) == (200, {"name": "alice"})
    clock.forward(days=1)
    assert refreshed(client, pair["refresh"]) == (401, {"detail": "Token is expired", "code": "token_not_valid"})


def test_each_token_serves_for_its_own_purpose(client):
    access, refresh = signed_in(client)
    assert is_refused(call(client, refresh))
    assert is_refused(refreshed(client, access))


def test_a_refresh_token_serves_once(client):
    _, refresh = signed_in(client)
    assert refreshed(client, refresh)[0] == 200
    assert refreshed(client, refresh) == (401, {"detail": "Token is blacklisted", "code": "token_not_valid"})


def test_whoever_signs_out_stays_out(client):
    _, refresh = signed_in(client)
    assert client.post("/logout", {"refresh": refresh}, format="json").status_code == 200
    assert is_refused(refreshed(client, refresh))


def test_forged_tokens_are_refused(client, deployment):
    access, refresh = signed_in(client)
    public_key = deployment.get("APP_PUBLIC_KEY")
    for name, token in forgeries(access, public_key).items():
        assert is_refused(call(client, token)), name
    for name, token in forgeries(refresh, public_key).items():
        assert is_refused(refreshed(client, token)), name
    assert call(client, access)[0] == 200


@pytest.mark.parametrize("claim, value", [("aud", "another shop"), ("iss", "https://login.invalid"), ("aud", None)])
def test_tokens_for_others_are_refused(client, deployment, claim, value):
    access, _ = signed_in(client)
    header, claims = opened(access)
    others = {name: was for name, was in {**claims, claim: value}.items() if was is not None}
    assert is_refused(call(client, resigned(header, others, deployment)))
    # The same way of signing does make a token that is taken.
    assert call(client, resigned(header, claims, deployment))[0] == 200


def resigned(header, claims, deployment):
    if "APP_SECRET" in deployment:
        return hmac_signed(header, claims, deployment["APP_SECRET"].encode())
    return jwt.encode(claims, deployment["APP_PRIVATE_KEY"], algorithm="RS256")


def test_a_change_of_key_ends_the_old_ones_tokens(client, monkeypatch):
    from rest_framework_simplejwt import state
    from rest_framework_simplejwt.backends import TokenBackend

    old, _ = signed_in(client)
    keys = new_keys(os.environ["APP_ALGORITHM"])
    later = TokenBackend(
        keys["APP_ALGORITHM"],
        signing_key=keys.get("APP_SECRET") or keys["APP_PRIVATE_KEY"],
        verifying_key=keys.get("APP_PUBLIC_KEY", ""),
        audience="shop",
        issuer="https://login.example",
    )
    monkeypatch.setattr(state, "token_backend", later)
    from rest_framework_simplejwt.tokens import Token

    # Each token class looks the backend up once and keeps it.
    monkeypatch.setattr(Token, "_token_backend", later)
    assert is_refused(call(client, old))
    new, _ = signed_in(client)
    assert call(client, new)[0] == 200
