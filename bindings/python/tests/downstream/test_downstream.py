"""Small real sites on Django and Flask, each documented way to have `jwt` be ours in them.

KEYTIDE_TEST_WHEELS: the folder with the wheels of `keytide` and `keytide-pyjwt`.
KEYTIDE_TEST_CACHE: a folder for environments; what is missing there is installed from the package index,
what is there is used without any network.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from environments import ASK_FOR_PYJWT, WAYS, Environments

APPS = Path(__file__).parent / "apps"
WHEELS = os.environ.get("KEYTIDE_TEST_WHEELS")
CACHE = os.environ.get("KEYTIDE_TEST_CACHE")

pytestmark = [
    pytest.mark.skipif(WHEELS is None, reason="KEYTIDE_TEST_WHEELS names no folder with our wheels"),
    pytest.mark.skipif(CACHE is None, reason="KEYTIDE_TEST_CACHE names no folder for environments"),
    pytest.mark.skipif(sys.version_info < (3, 10), reason="the frameworks' pinned versions need Python 3.10"),
]

CHECKS = [
    ("check_place", "HS256"),
    ("check_flask", "HS256"),
    ("check_flask", "RS256"),
    ("check_django", "HS256"),
    ("check_django", "RS256"),
    ("check_django_jwks", "RS256"),
]
# By name: the environment, what the app is told, and the package that `jwt` is then.
RUNS = {
    **{way: (way, {}, "keytide") for way in WAYS if way != "kept"},
    "install-call": ("kept", {"KEYTIDE_INSTALL": "1"}, "keytide"),
    # The checks hold for PyJWT too; one that does not would say nothing of ours.
    "original": ("kept", {}, "jwt"),
}


@pytest.fixture(scope="session")
def environments():
    return Environments(CACHE, WHEELS)


@pytest.mark.parametrize("check, algorithm", CHECKS)
@pytest.mark.parametrize("run", RUNS)
def test_the_site_serves_and_refuses(environments, run, check, algorithm):
    passes(environments, run, check, algorithm)


@pytest.mark.parametrize("run", [run for run in RUNS if run != "original"])
@pytest.mark.parametrize("check", ["check_flask_ring", "check_django_ring"])
def test_the_site_takes_a_ring_for_a_secret(environments, run, check):
    passes(environments, run, check, "HS256")


@pytest.mark.parametrize("report", ["later", "constrained"])
def test_a_later_pip_install_brings_pyjwt_back_even_under_a_constraint(environments, report):
    """The page warns of both; should pip learn better, the page may say so."""
    environments.python("pip-uninstall")
    planned = json.loads((environments.cache / "pip-uninstall" / f"{report}.json").read_text())["install"]
    assert [item["metadata"]["name"].lower() for item in planned] == ["pyjwt"]


@pytest.mark.parametrize("name", ASK_FOR_PYJWT)
def test_the_libraries_do_ask_for_pyjwt(environments, name):
    """Otherwise the ways above would prove nothing."""
    asked = subprocess.run(
        [
            str(environments.python("pip-lock")),
            "-c",
            "import sys; from importlib.metadata import requires; print('\\n'.join(requires(sys.argv[1])))",
            name,
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "pyjwt" in asked.lower()


def passes(environments, run, check, algorithm):
    """Runs a check inside an environment, with an interpreter and a pytest of its own."""
    way, told, package = RUNS[run]
    python = environments.python(way)
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    env.update(told, APP_ALGORITHM=algorithm, EXPECTED_JWT=package)
    # Without bytecode, because the same files serve several interpreters.
    command = [python, "-B", "-m", "pytest", "-q", "--tb=short", "-c", APPS / "pytest.ini", f"--confcutdir={APPS}"]
    done = subprocess.run(
        [*map(str, command), str(APPS / f"{check}.py")], env=env, cwd=APPS, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout and " skipped" not in done.stdout, done.stdout
