"""Answers as Azure Key Vault and the authority that gives out its tokens do; with faults on demand.

`azure.py CERTIFICATE KEY` prints its port, then takes a JSON object a line on stdin and answers a JSON
object a line. It ends when stdin does.

    {"fault": "throttled", "times": 2}   the next two requests to the vault meet it (or: down, denied,
                                         loses, unanswered, stale, echo); {"fault": null} ends it
    {"put": NAME, "value": V}            somebody sets a secret
    {"read": NAME}                       its newest version with tags, and how many there are
    {"disable": NAME}                    somebody disables its newest version
"""

import json
import secrets
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler

from listening import hear, listen

CLIENT_ID, CLIENT_SECRET = "client-of-the-tests", "client-secret-of-the-tests"
ASSERTION = "assertion-of-the-tests"
LOCK = threading.Lock()


class State:
    secrets = {}  # name -> list of versions
    deleted = {}
    tokens = set()
    fault, times = None, 0
    port = 0


def met(*faults):
    if State.fault not in faults or State.times == 0:
        return False
    State.times -= 1
    return True


def add_version(name, body):
    version = {"version": secrets.token_hex(16), "enabled": True, "created": int(time.time()), **body}
    State.secrets.setdefault(name, []).append(version)
    return version


def bundle(name, version):
    attributes = {"enabled": version["enabled"], "created": version["created"],
                  "updated": version["created"], "recoveryLevel": "Recoverable",
                  "recoverableDays": 90}
    id = f"https://localhost:{State.port}/secrets/{name}/{version['version']}"
    return {"id": id, "value": version["value"], "attributes": attributes,
            "tags": version.get("tags") or {}, "contentType": version.get("contentType")}


class Refused(Exception):
    def __init__(self, status, code, message, inner=None, headers=()):
        body = {"code": code, "message": message}
        if inner:
            body["innererror"] = {"code": inner}
        self.status, self.body, self.headers = status, {"error": body}, dict(headers)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=()):
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **dict(headers)}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        parts = [part for part in url.path.split("/") if part]
        with LOCK:
            if parts[-1:] == ["token"]:
                return self.answer(*token(body))
            if "openid-configuration" in url.path or "discovery" in url.path:
                return self.answer(404, {})
            try:
                status, reply = self.vault(parts, body)
            except Refused as refused:
                return self.answer(refused.status, refused.body, refused.headers)
            if self.command == "PUT" and met("unanswered"):
                self.close_connection = True
                return None
        return self.answer(status, reply)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = handle_any

    def vault(self, parts, body):
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in State.tokens:
            base = f"https://localhost:{State.port}"
            challenge = f'Bearer authorization="{base}/tenant", resource="{base}"'
            raise Refused(401, "Unauthorized", "AKV10000: Request is missing a Bearer token.",
                          headers={"WWW-Authenticate": challenge})
        if met("down"):
            raise Refused(503, "ServiceUnavailable", "down")
        if met("throttled"):
            raise Refused(429, "Throttled", "slower", headers={"Retry-After": "7"})
        if met("denied"):
            raise Refused(403, "Forbidden", "no permission", "ForbiddenByRbac")
        match (self.command, parts):
            case ("GET", ["secrets", name]):
                return 200, self.newest(name)
            case ("GET", ["secrets", name, wanted]):
                for version in State.secrets.get(name, []):
                    if version["version"] == wanted:
                        return 200, bundle(name, version)
                raise not_found(name)
            case ("PUT", ["secrets", name]):
                body = json.loads(body)
                if met("echo"):
                    raise Refused(400, "BadParameter", f"the value {body['value']} is not fit")
                if name in State.deleted:
                    raise Refused(409, "Conflict", f"Secret {name} is currently in a deleted but "
                                  "recoverable state", "ObjectIsDeletedButRecoverable")
                if len(body["value"]) > 25_600:
                    raise Refused(400, "BadParameter", "The value is too long")
                if met("loses"):
                    return 200, bundle(name, {"version": secrets.token_hex(16), "enabled": True,
                                              "created": int(time.time()), **body})
                return 200, bundle(name, add_version(name, body))
            case ("DELETE", ["secrets", name]):
                if name not in State.secrets:
                    raise not_found(name)
                State.deleted[name] = State.secrets.pop(name)
                return 200, bundle(name, State.deleted[name][-1])
            case ("POST", ["deletedsecrets", name, "recover"]):
                if name not in State.deleted:
                    raise not_found(name)
                State.secrets[name] = State.deleted.pop(name)
                return 200, bundle(name, State.secrets[name][-1])
        raise Refused(400, "BadParameter", f"{self.command} {self.path}")

    def newest(self, name):
        versions = State.secrets.get(name)
        if not versions:
            raise not_found(name)
        version = versions[-1]
        if len(versions) > 1 and met("stale"):
            version = versions[-2]
        if not version["enabled"]:
            raise Refused(403, "Forbidden", "Operation get is not allowed on a disabled secret.",
                          "SecretDisabled")
        return bundle(name, version)


def not_found(name):
    return Refused(404, "SecretNotFound", f"A secret with (name/id) {name} was not found")


def token(body):
    form = {name: values[0] for name, values in urllib.parse.parse_qs(body.decode()).items()}
    known = form.get("client_secret") == CLIENT_SECRET or form.get("client_assertion") == ASSERTION
    if form.get("client_id") != CLIENT_ID or not known:
        return 401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client"}
    given = secrets.token_urlsafe(24)
    State.tokens.add(given)
    return 200, {"token_type": "Bearer", "expires_in": 3599, "access_token": given}


def control(said):
    if "fault" in said:
        State.fault, State.times = said["fault"], said.get("times", 1 << 30)
        return {}
    if "put" in said:
        return {"version": add_version(said["put"], {"value": said["value"]})["version"]}
    versions = State.secrets.get(said.get("read") or said.get("disable"), [])
    if "disable" in said:
        versions[-1]["enabled"] = False
        return {}
    return {"versions": len(versions), "newest": versions[-1] if versions else None}


def main(certificate, key):
    State.port = listen(Handler, certificate, key)
    print(State.port, flush=True)
    hear(control, LOCK)


if __name__ == "__main__":
    main(*sys.argv[1:])
