"""The keys that an app is started with, and the clocks that its tokens are told by.

Set from outside: APP_ALGORITHM, `HS256` or `RS256`; KEYTIDE_INSTALL, 1 where the drop-in is asked for in code;
EXPECTED_JWT, the package that `jwt` has to come from.
"""

import os
from datetime import datetime, timedelta, timezone

import pytest
from keys import new_keys

# As an app would: before anything imports `jwt`.
if os.environ.get("KEYTIDE_INSTALL") == "1":
    import keytide

    keytide.install()

START = datetime(2031, 5, 6, 7, 8, 9, tzinfo=timezone.utc)


@pytest.fixture(scope="session")
def deployment():
    """The environment that the app is started in."""
    return new_keys(os.environ["APP_ALGORITHM"])


class TimeMachine:
    def __init__(self):
        import time_machine

        self._travel = time_machine.travel(START, tick=False)

    def __enter__(self):
        self._traveller = self._travel.start()
        return self

    def __exit__(self, *_):
        self._travel.stop()

    def forward(self, **span):
        self._traveller.shift(timedelta(**span))


class FreezeGun:
    def __init__(self):
        import freezegun

        self._freezer = freezegun.freeze_time(START)

    def __enter__(self):
        self._clock = self._freezer.start()
        return self

    def __exit__(self, *_):
        self._freezer.stop()

    def forward(self, **span):
        self._clock.tick(timedelta(**span))


@pytest.fixture(params=[TimeMachine, FreezeGun], ids=["time-machine", "freezegun"])
def clock(request):
    """Stands still until it is moved; each of the two ways people stop it in their tests."""
    with request.param() as clock:
        yield clock
