"""Holds a symmetric ring's secrets for the life of its process, as a service with an environment variable does.

usage: secret_holder.py SERVER RING CONSUMER INSTANCE tells|mute TTL_SECONDS
stdin: the access token, then a command a line:
  mint            `token TOKEN KID EXP`, signed with the key that signed when the process started
  verify TOKEN    `ok KID` or `refused REASON`
stdout: `loaded EPOCH` at first, then an answer to each command.

While it runs it says twice a second that it is there: one that tells acknowledges the epoch that it
loaded, one that is mute only asks for the keys again and never says what it works with.
"""

import base64
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import jwt

HEARTBEAT_SECONDS = 0.5


class Holder:
    def __init__(self, server, ring, consumer, instance, access_token):
        self.base = f"{server}/v1/rings/{ring}"
        self.who = {"consumer": consumer, "instance": instance}
        self.access_token = access_token
        keys = json.loads(self.ask("GET", "/keys?" + urllib.parse.urlencode(self.who)))
        self.epoch = keys["epoch"]
        self.active = keys["active"]
        held = [keys["active"], keys["next"], *keys["previous"]]
        self.secrets = {jwk["kid"]: secret(jwk) for jwk in held}

    def ask(self, method, path, body=None, headers=None):
        request = urllib.request.Request(
            self.base + path,
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={
                "Authorization": f"Bearer {self.access_token}",
                "Content-Type": "application/json",
                **(headers or {}),
            },
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.read()

    def acknowledge(self):
        self.ask("POST", "/acknowledge", {**self.who, "epoch": self.epoch})

    def ask_again(self):
        path = "/keys?" + urllib.parse.urlencode(self.who)
        try:
            self.ask("GET", path, headers={"If-None-Match": f'"{self.epoch}"'})
        except urllib.error.HTTPError as error:
            if error.code != 304:
                raise

    def mint(self, ttl):
        now = int(time.time())
        claims = {"sub": self.who["instance"], "iat": now, "exp": now + ttl}
        kid = self.active["kid"]
        token = jwt.encode(claims, self.secrets[kid], algorithm="HS256", headers={"kid": kid})
        return f"token {token} {kid} {claims['exp']}"

    def verify(self, token):
        try:
            kid = jwt.get_unverified_header(token)["kid"]
            if kid not in self.secrets:
                return f"refused unknown kid {kid}"
            options = {"require": ["exp", "iat"], "verify_aud": False, "verify_iss": False}
            jwt.decode(token, self.secrets[kid], algorithms=["HS256"], options=options)
            return f"ok {kid}"
        except jwt.PyJWTError as error:
            return f"refused {type(error).__name__}: {error}".replace("\n", " ")


def secret(jwk):
    return base64.urlsafe_b64decode(jwk["k"] + "=" * (-len(jwk["k"]) % 4))


def main():
    server, ring, consumer, instance, manner, ttl = sys.argv[1:]
    holder = Holder(server, ring, consumer, instance, sys.stdin.readline().strip())
    heartbeat = holder.acknowledge if manner == "tells" else holder.ask_again

    def beat():
        while True:
            try:
                heartbeat()
            except OSError as error:
                print(f"{instance}: no heartbeat: {error}", file=sys.stderr, flush=True)
            time.sleep(HEARTBEAT_SECONDS)

    if manner == "tells":
        holder.acknowledge()
    threading.Thread(target=beat, daemon=True).start()
    print(f"loaded {holder.epoch}", flush=True)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        answer = holder.mint(int(ttl)) if command == "mint" else holder.verify(argument)
        print(answer, flush=True)
    # Its thread must not hold the end up.
    os._exit(0)


if __name__ == "__main__":
    main()
