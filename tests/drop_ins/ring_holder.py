"""Signs and verifies with a ring on a Keytide server through `keytide.jwt`, as a service in Python does.

usage: ring_holder.py INSTANCE TTL_SECONDS
stdin: a command a line:
  connect URL TOKEN   `connected`
  mint                `token TOKEN KID EXP`, or `refused CODE MESSAGE`
  verify TOKEN        `ok`, or `refused CODE MESSAGE`
  fetch URL           a JWK Set from there: `fetched`, or `refused CODE MESSAGE`
stdout: an answer to each.
"""

import sys
import time

import keytide
from keytide import jwt


def refusal(error):
    cause = error
    while not isinstance(cause, keytide.Error) and cause.__cause__ is not None:
        cause = cause.__cause__
    code = getattr(cause, "code", type(error).__name__)
    return f"refused {code} {error}".replace("\n", " ")


class Holder:
    def __init__(self, instance, ttl):
        self.instance, self.ttl, self.ring = instance, ttl, None

    def connect(self, url, token):
        self.ring = keytide.Ring.connect(url, token, consumer="api", instance=self.instance, wait=1)
        return "connected"

    def mint(self):
        expires = int(time.time()) + self.ttl
        token = jwt.encode({"sub": self.instance, "exp": expires}, self.ring)
        return f"token {token} {jwt.get_unverified_header(token)['kid']} {expires}"

    def verify(self, token):
        claims = jwt.decode(token, self.ring)
        return "ok" if "sub" in claims else f"refused claims {claims}"

    def fetch(self, url):
        keytide.Ring.from_jwks(url, timeout=1.0, connect_timeout=1.0).refresh()
        return "fetched"


def main():
    holder = Holder(sys.argv[1], int(sys.argv[2]))
    for line in sys.stdin:
        command, *arguments = line.split()
        try:
            answer = getattr(holder, command)(*arguments)
        except (keytide.Error, jwt.PyJWTError) as error:
            answer = refusal(error)
        print(answer, flush=True)


if __name__ == "__main__":
    main()
