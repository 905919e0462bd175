"""Answers as a Vault or OpenBao does: KV version 2, logins, tokens, Transit; with faults on demand.

`vault.py CERTIFICATE KEY` prints its port, then takes a JSON object a line on stdin and answers a JSON
object a line. It ends when stdin does.

    {"fault": "throttled", "times": 2}   the next two requests meet it (or: down, sealed, behind,
                                         echoes, loses, unanswered, raced, stale, torn, or slow:
                                         writes wait for its end); {"fault": null} ends it
    {"put": PATH, "data": {...}}         somebody writes a version
    {"delete": PATH}                     somebody deletes the last version
    {"read": PATH}                       the last version, and how many there are
    {"revoke": true}                     every token that a login gave is revoked
    {"seen": true}                       the requests so far: method, path, namespace, token's origin
"""

import base64
import datetime
import json
import secrets
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler

from listening import hear, listen

ROOT = "root-token-of-the-tests"
ROLE_ID, SECRET_ID = "role-of-the-tests", "secret-id-of-the-tests"
JWT = "jwt-of-the-tests"
LOCK = threading.Lock()
RELEASED = threading.Event()
RELEASED.set()


class State:
    paths = {}  # "mount/path" -> list of versions: {"data", "deleted", "created"}
    tokens = {ROOT: "root"}
    ciphertexts = {}
    fault, times = None, 0
    seen = []


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def add_version(path, data):
    versions = State.paths.setdefault(path, [])
    versions.append({"data": data, "deleted": "", "created": now()})
    return metadata(versions, len(versions))


def metadata(versions, number):
    version = versions[number - 1]
    return {"created_time": version["created"], "custom_metadata": None, "destroyed": False,
            "deletion_time": version["deleted"], "version": number}


def met(*faults):
    """Whether one of these faults is on; it wears off by being met."""
    if State.fault not in faults or State.times == 0:
        return None
    State.times -= 1
    return State.fault


class Vault(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # An answer is one packet.
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body=None, headers=()):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if status != 204:
            self.wfile.write(text)

    def envelope(self, data=None, auth=None):
        self.answer(200, {"request_id": secrets.token_hex(8), "lease_id": "", "renewable": False,
                          "lease_duration": 0, "data": data, "wrap_info": None, "warnings": None,
                          "auth": auth})

    def fail(self, status, *errors, headers=()):
        self.answer(status, {"errors": list(errors)}, headers)

    def hang_up(self):
        self.close_connection = True

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)
        if self.command != "GET":
            RELEASED.wait()
        url = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(url.path).removeprefix("/v1/")
        query = urllib.parse.parse_qs(url.query)
        with LOCK:
            try:
                body = json.loads(text) if text else {}
            except ValueError:
                return self.fail(400, "failed to parse JSON input")
            token = self.headers.get("X-Vault-Token")
            State.seen.append({"method": self.command, "path": path, "as": State.tokens.get(token),
                               "namespace": self.headers.get("X-Vault-Namespace")})
            if self.headers.get("X-Vault-Request") != "true":
                return self.fail(412, "missing required request header")
            if met("down"):
                return self.hang_up()
            if met("sealed"):
                return self.fail(503, "Vault is sealed")
            if met("behind"):
                return self.fail(412, "required index state not present")
            if met("echoes"):
                kept = " ".join(State.ciphertexts.values())
                return self.fail(403, f"denied: {text.decode()} {token}", f"{token}", f"of {kept}")
            if met("throttled"):
                return self.fail(429, "request path: rate limit quota exceeded",
                                 headers=[("Retry-After", "7")])
            self.route(path, query, body, token)

    do_GET = do_POST = do_PUT = do_DELETE = do_LIST = handle_any

    def route(self, path, query, body, token):
        if path == "sys/health":
            return self.answer(200, {"initialized": True, "sealed": False, "standby": False})
        if path.startswith("auth/") and path.endswith("/login"):
            return self.login(path.split("/")[1], body)
        if token not in State.tokens:
            return self.fail(403, "permission denied", "invalid token")
        if path == "auth/token/lookup-self":
            return self.envelope({"id": token, "ttl": 3600, "renewable": True, "policies": ["a"]})
        if path == "auth/token/renew-self":
            if token == ROOT:
                return self.fail(400, "lease is not renewable")
            return self.envelope(auth=self.granted(token))
        if path.startswith("transit/"):
            return self.transit(path.split("/")[1], body)
        parts = path.split("/")
        if "data" not in parts[1:-1]:
            return self.fail(404, "no handler for route")
        at = parts.index("data", 1)
        self.versions("/".join(parts[:at] + parts[at + 1:]), query, body)

    def granted(self, token):
        return {"client_token": token, "accessor": "a", "policies": ["a"], "token_policies": ["a"],
                "metadata": None, "lease_duration": 3600, "renewable": True, "entity_id": ""}

    def login(self, method, body):
        if method in ("approle", "team"):
            if body.get("role_id") != ROLE_ID or body.get("secret_id") != SECRET_ID:
                return self.fail(400, "invalid role or secret ID")
        elif body.get("role") != "keytide" or body.get("jwt") != JWT:
            return self.fail(403, "permission denied")
        token = "hvs." + secrets.token_urlsafe(12)
        State.tokens[token] = method
        self.envelope(auth=self.granted(token))

    def transit(self, what, body):
        if what == "encrypt":
            try:
                base64.b64decode(body["plaintext"], validate=True)
            except (KeyError, ValueError):
                return self.fail(400, "failed to base64-decode plaintext")
            ciphertext = "vault:v1:" + base64.b64encode(secrets.token_bytes(24)).decode()
            State.ciphertexts[ciphertext] = body["plaintext"]
            return self.envelope({"ciphertext": ciphertext, "key_version": 1})
        if what == "decrypt" and body.get("ciphertext") in State.ciphertexts:
            return self.envelope({"plaintext": State.ciphertexts[body["ciphertext"]]})
        self.fail(400, "invalid ciphertext: no prefix" if what == "decrypt" else "no such operation")

    def versions(self, path, query, body):
        versions = State.paths.get(path, [])
        if self.command == "GET":
            number = int(query.get("version", ["0"])[0]) or len(versions)
            if number > 1 and met("stale"):
                number -= 1
            if not 0 < number <= len(versions):
                return self.answer(404, {"errors": []})
            version = versions[number - 1]
            held = {"data": version["data"], "metadata": metadata(versions, number)}
            if version["deleted"]:
                return self.answer(404, {"request_id": "r", "data": {**held, "data": None}})
            return self.envelope(held)
        if self.command == "DELETE":
            if versions:
                versions[-1]["deleted"] = now()
            return self.answer(204)
        cas = body.get("options", {}).get("cas")
        if not isinstance(body.get("data"), dict):
            return self.fail(400, "no data provided")
        if cas is None:
            return self.fail(400, "check-and-set parameter required for this call")
        if met("raced"):
            add_version(path, {**(versions[-1]["data"] if versions else {}), "RACED": "yes"})
            versions = State.paths[path]
        if cas != len(versions):
            return self.fail(
                400, "check-and-set parameter did not match the current version")
        if met("loses"):
            return self.envelope(metadata([{"created": now(), "deleted": ""}] * (cas + 1), cas + 1))
        data = body["data"]
        if met("torn"):
            data = dict(list(data.items())[: len(data) // 2])
        written = add_version(path, data)
        if met("unanswered"):
            return self.hang_up()
        self.envelope(written)


def control(said):
    if "fault" in said:
        State.fault, State.times = said["fault"], said.get("times", 1 << 30)
        if State.fault == "slow":
            RELEASED.clear()
        else:
            RELEASED.set()
    elif "put" in said:
        add_version(said["put"], said["data"])
    elif "delete" in said:
        State.paths[said["delete"]][-1]["deleted"] = now()
    elif "revoke" in said:
        State.tokens = {ROOT: "root"}
    elif "seen" in said:
        return State.seen
    elif "read" in said:
        versions = State.paths.get(said["read"], [])
        held = versions[-1]["data"] if versions and not versions[-1]["deleted"] else None
        return {"data": held, "versions": len(versions)}
    return {}


print(listen(Vault, *sys.argv[1:]), flush=True)
hear(control, LOCK)
