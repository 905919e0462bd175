"""The Flask site: sign in, call, refresh, expire, be refused."""

import jwt
import pytest
from flask_app import create_app
from flask_jwt_extended import create_access_token, jwt_manager, tokens
from forgery import forgeries, opened
from keys import new_keys

LOGIN = {"username": "alice", "password": "correct horse"}


@pytest.fixture
def app(deployment):
    return create_app(deployment)


@pytest.fixture
def client(app):
    return app.test_client()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def signed_in(client):
    answer = client.post("/login", json=LOGIN)
    assert answer.status_code == 200
    return answer.json["access"], answer.json["refresh"]


def call(client, token, path="/me"):
    answer = client.get(path, headers=bearer(token)) if path == "/me" else client.post(path, headers=bearer(token))
    return answer.status_code, answer.json


def test_the_library_has_the_jwt_that_this_process_has():
    assert jwt_manager.jwt is tokens.jwt is jwt


def test_whoever_signs_in_is_known(client, deployment):
    access, _ = signed_in(client)
    assert call(client, access) == (200, {"name": "alice"})
    header, claims = opened(access)
    assert header == {"alg": deployment["APP_ALGORITHM"], "typ": "JWT"}
    assert claims["sub"] == "alice"


def test_whoever_does_not_is_not(client):
    assert client.post("/login", json={**LOGIN, "password": "wrong"}).status_code == 401
    assert client.get("/me").status_code == 401


def test_a_token_ends_with_its_last_second(client, clock):
    access, _ = signed_in(client)
    clock.forward(minutes=4, seconds=59)
    assert call(client, access)[0] == 200
    clock.forward(seconds=1)
    assert call(client, access) == (401, {"msg": "Token has expired"})


def test_a_token_of_the_future_waits(client, clock):
    clock.forward(hours=1)
    access, _ = signed_in(client)
    clock.forward(hours=-1)
    assert call(client, access) == (422, {"msg": "The token is not yet valid (iat)"})


def test_a_session_goes_on_by_its_refresh_token(client, clock):
    access, refresh = signed_in(client)
    clock.forward(minutes=5)
    assert call(client, access)[0] == 401
    status, answer = call(client, refresh, "/refresh")
    assert status == 200
    assert call(client, answer["access"]) == (200, {"name": "alice"})
    clock.forward(days=1)
    assert call(client, refresh, "/refresh") == (401, {"msg": "Token has expired"})


def test_each_token_serves_for_its_own_purpose(client):
    access, refresh = signed_in(client)
    assert call(client, refresh) == (422, {"msg": "Only non-refresh tokens are allowed"})
    assert call(client, access, "/refresh") == (422, {"msg": "Only refresh tokens are allowed"})
    assert client.post("/password", headers=bearer(access)).status_code == 204
    stale = call(client, refresh, "/refresh")[1]["access"]
    assert call(client, stale, "/password") == (401, {"msg": "Fresh token required"})


def test_a_blocked_token_is_refused(client):
    access, _ = signed_in(client)
    other, _ = signed_in(client)
    assert client.post("/logout", headers=bearer(access)).status_code == 204
    assert call(client, access) == (401, {"msg": "Token has been revoked"})
    assert call(client, other)[0] == 200


def test_forged_tokens_are_refused(client, deployment):
    access, _ = signed_in(client)
    for name, token in forgeries(access, deployment.get("APP_PUBLIC_KEY")).items():
        status, answer = call(client, token)
        assert status == 422, (name, status, answer)
    assert call(client, access)[0] == 200


def test_refusals_say_what_they_always_said(client):
    access, _ = signed_in(client)
    said = {name: call(client, token)[1]["msg"] for name, token in forgeries(access).items()}
    for name in ("claims changed", "signature changed", "signature cut off"):
        assert said[name] == "Signature verification failed"
    assert said["unsigned"] == "The specified alg value is not allowed"
    assert said["no token"] == "Not enough segments"


def test_a_change_of_key_ends_the_old_ones_tokens(app, client):
    old, _ = signed_in(client)
    later = create_app(new_keys(app.config["JWT_ALGORITHM"]))
    app.config.update({name: later.config[name] for name in ("JWT_SECRET_KEY", "JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY")})
    assert call(client, old) == (422, {"msg": "Signature verification failed"})
    new, _ = signed_in(client)
    assert call(client, new)[0] == 200


def test_a_change_of_key_is_noticed_by_nobody_where_the_kid_chooses(app, client, deployment):
    algorithm = deployment["APP_ALGORITHM"]
    by_kid = {"old": new_keys(algorithm), "new": new_keys(algorithm)}
    signs = "old"
    manager = app.extensions["tokens"]

    @manager.encode_key_loader
    def signing(_identity):
        return by_kid[signs].get("APP_SECRET") or by_kid[signs]["APP_PRIVATE_KEY"]

    @manager.decode_key_loader
    def verifying(header, _claims):
        keys = by_kid[header["kid"]]
        return keys.get("APP_SECRET") or keys["APP_PUBLIC_KEY"]

    def enter():
        with app.app_context():
            return create_access_token("alice", additional_headers={"kid": signs})

    first = enter()
    signs = "new"
    second = enter()
    assert [call(client, token) for token in (first, second)] == [(200, {"name": "alice"})] * 2
    by_kid["old"] = new_keys(algorithm)
    assert call(client, first) == (422, {"msg": "Signature verification failed"})
    assert call(client, second)[0] == 200
