"""Django's tokens of djangorestframework-simplejwt with a ring where their secret was, through a rotation."""

import os

import jwt
import pytest
from forgery import forgeries
from keys import new_keys
from keytide import Ring

CLAIMS = {"sub": "alice", "exp": 4_000_000_000}


@pytest.fixture(scope="session", autouse=True)
def site(deployment):
    os.environ.update(deployment)
    import django_app

    return django_app


def started(**secrets):
    """What signs and verifies for a site that is started with these variables."""
    from rest_framework_simplejwt.backends import TokenBackend

    ring = Ring.from_env({f"JWT_{name.upper()}": secret for name, secret in secrets.items()})
    return TokenBackend("HS256", signing_key=ring, audience="shop", issuer="https://login.example")


def is_refused(backend, token):
    from rest_framework_simplejwt.exceptions import TokenBackendError

    try:
        backend.decode(token)
    except TokenBackendError:
        return True
    return False


def test_the_library_has_the_jwt_that_this_process_has():
    from rest_framework_simplejwt import backends

    assert backends.jwt is jwt


@pytest.fixture
def old():
    return new_keys("HS256")["APP_SECRET"]


@pytest.fixture
def new():
    return new_keys("HS256")["APP_SECRET"]


def test_nobody_is_signed_out_by_a_rotation(old, new):
    steps = [
        started(secret=old),
        started(secret=old, secret_next=new),
        started(secret=new, secret_previous=old),
        started(secret=new),
    ]
    for one, other in zip(steps, steps[1:]):
        for signs in (one, other):
            token = signs.encode(CLAIMS)
            assert [site.decode(token)["sub"] for site in (one, other)] == ["alice", "alice"]
    assert is_refused(steps[3], steps[0].encode(CLAIMS))


def test_forged_tokens_are_refused(old, new):
    site = started(secret=new, secret_previous=old)
    token = site.encode(CLAIMS)
    for name, forged in forgeries(token).items():
        assert is_refused(site, forged), name
    assert site.decode(token)["sub"] == "alice"
