"""Answers as the API server of Kubernetes does for Secrets, with faults on demand.

`kubernetes.py CERTIFICATE KEY` prints its port, then takes a JSON object a line on stdin and answers a
JSON object a line. It ends when stdin does.

    {"fault": "throttled", "times": 2}   the next two requests meet it (or: down, failing, loses,
                                         unanswered, raced, stale, torn, or slow:
                                         writes wait for its end); {"fault": null} ends it
    {"put": NAME, "object": {...}}       somebody writes the object, as it is to be
    {"delete": NAME}                     somebody deletes it
    {"read": NAME}                       the object, or null
    {"token": "..."}                     the one token that is known from now on
    {"seen": true}                       the requests so far: method, path, content type
"""

import base64
import copy
import json
import sys
import threading
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler

from listening import hear, listen

LOCK = threading.Lock()
RELEASED = threading.Event()
RELEASED.set()


class State:
    objects = {}  # "namespace/name" -> object
    before = {}  # the object as it was before its last change
    version = 1000
    token = "token-of-the-tests"
    fault, times = None, 0
    seen = []


def met(*faults):
    """Whether one of these faults is on; it wears off by being met."""
    if State.fault not in faults or State.times == 0:
        return None
    State.times -= 1
    return State.fault


def keep(key, item):
    State.version += 1
    if key in State.objects:
        State.before[key] = State.objects[key]
    item["metadata"]["resourceVersion"] = str(State.version)
    item["metadata"].setdefault("uid", str(uuid.uuid4()))
    State.objects[key] = item


def merged(old, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    new = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            new.pop(name, None)
        else:
            new[name] = merged(new.get(name), value)
    return new


def is_base64(text):
    try:
        base64.b64decode(text, validate=True)
        return True
    except (TypeError, ValueError):
        return False


class Kubernetes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # An answer is one packet.
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def fail(self, status, reason, message, headers=()):
        self.answer(status, {"kind": "Status", "apiVersion": "v1", "metadata": {},
                             "status": "Failure", "message": message, "reason": reason,
                             "code": status}, headers)

    def handle_any(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command != "GET":
            RELEASED.wait()
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        with LOCK:
            kind = self.headers.get("Content-Type")
            State.seen.append({"method": self.command, "path": path, "type": kind})
            if met("down"):
                self.close_connection = True
                return None
            if self.headers.get("Authorization") != "Bearer " + State.token:
                return self.fail(401, "Unauthorized", "Unauthorized")
            if met("throttled"):
                return self.fail(429, "TooManyRequests", "too many requests, please try again later",
                                 headers=[("Retry-After", "7")])
            if met("failing"):
                return self.fail(500, "InternalError", "etcdserver: request timed out")
            parts = path.strip("/").split("/")
            if parts[:3] != ["api", "v1", "namespaces"] or parts[4:5] != ["secrets"]:
                return self.fail(404, "NotFound", "the server could not find the requested resource")
            namespace, name = parts[3], parts[5] if len(parts) > 5 else None
            if namespace == "forbidden":
                return self.fail(403, "Forbidden", f'secrets is forbidden: User "system:serviceaccount:'
                                 f'keytide:keytide" cannot get resource "secrets" in "{namespace}"')
            try:
                body = json.loads(text) if text else {}
            except ValueError:
                return self.fail(400, "BadRequest", "the body is no JSON")
            self.route(namespace, name, body)

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any

    def route(self, namespace, name, body):
        if self.command == "POST" and name is None:
            return self.create(namespace, body)
        key = f"{namespace}/{name}"
        item = State.objects.get(key)
        if item is None:
            return self.fail(404, "NotFound", f'secrets "{name}" not found')
        if self.command == "GET":
            stale = key in State.before and met("stale")
            return self.answer(200, State.before[key] if stale else item)
        if self.command == "PATCH":
            return self.patch(key, item, body)
        wanted = (body.get("preconditions") or {}).get("resourceVersion")
        if wanted and wanted != item["metadata"]["resourceVersion"]:
            return self.conflict(name)
        del State.objects[key]
        State.before.pop(key, None)
        self.answer(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def conflict(self, name):
        self.fail(409, "Conflict", f'Operation cannot be fulfilled on secrets "{name}": the object has '
                  "been modified; please apply your changes to the latest version and try again")

    def create(self, namespace, body):
        name = body.get("metadata", {}).get("name")
        if body.get("kind") != "Secret" or body.get("apiVersion") != "v1" or not name:
            return self.fail(400, "BadRequest", "the object provided is unrecognized")
        if f"{namespace}/{name}" in State.objects:
            return self.fail(409, "AlreadyExists", f'secrets "{name}" already exists')
        body["metadata"]["namespace"] = namespace
        self.store(f"{namespace}/{name}", body, 201)

    def patch(self, key, item, body):
        if self.headers.get("Content-Type") != "application/merge-patch+json":
            return self.fail(415, "UnsupportedMediaType", "the body of the request was in an unknown "
                             "format")
        if met("raced"):
            item = copy.deepcopy(item)
            item["data"]["RACED"] = "eWVz"
            keep(key, item)
        wanted = body.get("metadata", {}).get("resourceVersion")
        if wanted is not None and wanted != item["metadata"]["resourceVersion"]:
            return self.conflict(item["metadata"]["name"])
        new = merged(item, body)
        if item.get("immutable") and new.get("data") != item.get("data"):
            return self.fail(422, "Invalid", "data: Forbidden: field is immutable when `immutable` is set")
        self.store(key, new, 200)

    def store(self, key, item, status):
        if not all(is_base64(text) for text in (item.get("data") or {}).values()):
            return self.fail(400, "BadRequest", "illegal base64 data at input byte 0")
        if met("loses"):
            return self.answer(status, item)
        if met("torn"):
            item = {**item, "data": dict(list(item["data"].items())[: len(item["data"]) // 2])}
        keep(key, item)
        if met("unanswered"):
            self.close_connection = True
            return None
        self.answer(status, item)


def control(said):
    if "fault" in said:
        State.fault, State.times = said["fault"], said.get("times", 1 << 30)
        if State.fault == "slow":
            RELEASED.clear()
        else:
            RELEASED.set()
    elif "put" in said:
        keep(said["put"], said["object"])
    elif "delete" in said:
        State.objects.pop(said["delete"], None)
    elif "token" in said:
        State.token = said["token"]
    elif "seen" in said:
        return State.seen
    elif "read" in said:
        return State.objects.get(said["read"])
    return {}


print(listen(Kubernetes, *sys.argv[1:]), flush=True)
hear(control, LOCK)
