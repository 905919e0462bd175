"""Whether the memory stays flat: `flat_memory.py COUNT` verifies so many tokens and compares."""

import resource
import sys

from keytide import VerifyingKey, jwt

# What an allocator may keep beside what is in use.
SLACK_KIB = 8 * 1024


def used():
    """Resident KiB now."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() // 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def turn(count, start):
    key = VerifyingKey.from_secret("HS256", "k" * 31 + "K", remember=100)
    for number in range(start, start + count // 4):
        # A new secret each 16th time, a token seen before, one that is new, and one that is forged.
        secret = f"{number // 16:064d}"
        token = jwt.encode({"n": number, "list": [1, "two", {"three": 3.0}]}, secret)
        jwt.decode(token, secret, algorithms=["HS256"])
        known = jwt.encode({"n": number}, "k" * 31 + "K")
        jwt.decode(known, key)
        jwt.decode(known, key)
        try:
            jwt.decode(known + "A", key)
        except jwt.InvalidTokenError:
            continue


def main():
    count = int(sys.argv[1])
    turn(max(count // 5, 20_000), 0)
    before = used()
    turn(count, 10**9)
    after = used()
    print(f"{count} verifications: {before} KiB before, {after} KiB after")
    return 0 if after - before < SLACK_KIB else 1


if __name__ == "__main__":
    sys.exit(main())
