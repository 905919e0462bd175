"""The Flask site with a ring where its secret was: each start of it has the next step of a rotation."""

import pytest
from flask_app import create_app
from forgery import forgeries
from keys import new_keys
from keytide import Ring

LOGIN = {"username": "alice", "password": "correct horse"}


def started(**secrets):
    """The site as it is started with these variables."""
    ring = Ring.from_env({f"JWT_{name.upper()}": secret for name, secret in secrets.items()})
    return create_app({"APP_ALGORITHM": "HS256", "APP_SECRET": ring}).test_client()


def call(client, access):
    return client.get("/me", headers={"Authorization": f"Bearer {access}"}).status_code


def signed_in(client):
    return client.post("/login", json=LOGIN).json["access"]


@pytest.fixture
def old():
    return new_keys("HS256")["APP_SECRET"]


@pytest.fixture
def new():
    return new_keys("HS256")["APP_SECRET"]


def test_nobody_is_signed_out_by_a_rotation(old, new):
    first = started(secret=old)
    second = started(secret=old, secret_next=new)
    third = started(secret=new, secret_previous=old)
    fourth = started(secret=new)
    # While one step is rolled out, sites of two neighbouring steps serve side by side.
    for one, other in [(first, second), (second, third), (third, fourth)]:
        for signs in (one, other):
            access = signed_in(signs)
            assert [call(site, access) for site in (one, other)] == [200, 200]
    assert call(fourth, signed_in(first)) == 422


def test_the_secret_that_comes_does_not_sign_yet(old, new):
    access = signed_in(started(secret=old, secret_next=new))
    assert call(started(secret=old), access) == 200
    assert call(started(secret=new), access) == 422


def test_a_token_ends_with_its_last_second(old, clock):
    client = started(secret=old)
    access = signed_in(client)
    clock.forward(minutes=4, seconds=59)
    assert call(client, access) == 200
    clock.forward(seconds=1)
    assert call(client, access) == 401


def test_forged_tokens_are_refused(old, new):
    client = started(secret=new, secret_previous=old)
    access = signed_in(client)
    for name, token in forgeries(access).items():
        assert call(client, token) == 422, name
    assert call(client, access) == 200
