"""Answers as Google Cloud Secret Manager does by REST; with faults on demand.

`gcp.py CERTIFICATE KEY` prints its port, then takes a JSON object a line on stdin and answers a JSON
object a line. It ends when stdin does. {"plain": true} tells a second port, which speaks without TLS.

    {"fault": "throttled", "times": 2}   the next two requests meet it (or: down, denied, loses,
                                         unanswered, stale, echo); {"fault": null} ends it
    {"put": NAME, "value": V}            somebody adds a version
    {"read": NAME}                       the states of all versions, and the latest one's data
    {"disable": NAME}                    somebody disables the latest version
"""

import base64
import json
import secrets
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler

from listening import hear, listen

LOCK = threading.Lock()
GIVEN = "token-of-the-tests"


class State:
    secrets = {}  # full name -> list of {"data", "state", "etag"}
    fault, times = None, 0


def met(*faults):
    if State.fault not in faults or State.times == 0:
        return False
    State.times -= 1
    return True


class Refused(Exception):
    def __init__(self, http, status, message, headers=()):
        self.http, self.headers = http, dict(headers)
        self.body = {"error": {"code": http, "status": status, "message": message}}


def add_version(name, data):
    version = {"data": data, "state": "ENABLED", "etag": secrets.token_hex(8)}
    State.secrets[name].append(version)
    return shown(name, len(State.secrets[name]))


def shown(name, number):
    version = State.secrets[name][number - 1]
    return {"name": f"{name}/versions/{number}", "state": version["state"], "etag": version["etag"],
            "createTime": "2026-01-01T00:00:00Z"}


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
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        with LOCK:
            try:
                reply = self.manager(urllib.parse.unquote(url.path), query, body)
            except Refused as refused:
                return self.answer(refused.http, refused.body, refused.headers)
            if url.path.endswith(":addVersion") and met("unanswered"):
                self.close_connection = True
                return None
        return self.answer(200, reply)

    do_GET = do_POST = do_DELETE = handle_any

    def manager(self, path, query, body):
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        # A service account's own signed token, or one that was given out.
        if given != GIVEN and given.count(".") != 2:
            raise Refused(401, "UNAUTHENTICATED", "who is it")
        if met("down"):
            raise Refused(503, "UNAVAILABLE", "down")
        if met("throttled"):
            raise Refused(429, "RESOURCE_EXHAUSTED", "slower", {"Retry-After": "7"})
        if met("denied"):
            raise Refused(403, "PERMISSION_DENIED", "no permission")
        body = json.loads(body or b"{}")
        path, _, verb = path.removeprefix("/v1/").partition(":")
        parts = path.split("/")
        if self.command == "POST" and parts[2:] == ["secrets"]:
            name = f"{path}/{query['secretId']}"
            if name in State.secrets:
                raise Refused(409, "ALREADY_EXISTS", "it is there")
            State.secrets[name] = []
            return {"name": name, "etag": secrets.token_hex(8), **body}
        name = "/".join(parts[:4])
        versions = State.secrets.get(name)
        if versions is None:
            raise Refused(404, "NOT_FOUND", f"Secret [{name}] not found.")
        if self.command == "DELETE":
            del State.secrets[name]
            return {}
        if verb == "addVersion":
            data = body["payload"]["data"]
            if met("echo"):
                said = base64.b64decode(data).decode()
                raise Refused(400, "INVALID_ARGUMENT", f"the payload {said} is not fit")
            if met("loses"):
                return {"name": f"{name}/versions/{len(versions) + 1}", "state": "ENABLED"}
            return add_version(name, data)
        if verb == "access":
            number = len(versions) if parts[5] == "latest" else int(parts[5])
            if parts[5] == "latest" and number > 1 and met("stale"):
                number -= 1
            if not 1 <= number <= len(versions):
                raise Refused(404, "NOT_FOUND", f"Secret Version [{path}] not found.")
            version = versions[number - 1]
            if version["state"] != "ENABLED":
                raise Refused(400, "FAILED_PRECONDITION", f"it is in {version['state']} state.")
            return {"name": f"{name}/versions/{number}", "payload": {"data": version["data"]}}
        if verb == "destroy":
            version = versions[int(parts[5]) - 1]
            if body.get("etag", version["etag"]) != version["etag"]:
                raise Refused(400, "FAILED_PRECONDITION", "the etag is another")
            version.update(data="", state="DESTROYED")
            return shown(name, int(parts[5]))
        if self.command == "GET" and parts[4:] == ["versions"]:
            wanted = query.get("filter", "state:").removeprefix("state:")
            numbers = range(len(versions), 0, -1)
            listed = [shown(name, n) for n in numbers if wanted in versions[n - 1]["state"]]
            return {"versions": listed, "totalSize": len(listed)}
        raise Refused(400, "INVALID_ARGUMENT", f"{self.command} {self.path}")


def full(name):
    return f"projects/tests/secrets/{name}"


def control(said):
    if "fault" in said:
        State.fault, State.times = said["fault"], said.get("times", 1 << 30)
        return {}
    if "put" in said:
        State.secrets.setdefault(full(said["put"]), [])
        return add_version(full(said["put"]), base64.b64encode(said["value"].encode()).decode())
    versions = State.secrets.get(full(said.get("read") or said.get("disable")), [])
    if "disable" in said:
        versions[-1]["state"] = "DISABLED"
        return {}
    latest = base64.b64decode(versions[-1]["data"]).decode() if versions else None
    return {"states": [version["state"] for version in versions], "latest": latest}


def main(certificate, key):
    print(listen(Handler, certificate, key), flush=True)
    plain = listen(Handler)
    hear(lambda said: {"port": plain} if "plain" in said else control(said), LOCK)


if __name__ == "__main__":
    main(*sys.argv[1:])
