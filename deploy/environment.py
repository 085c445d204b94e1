"""Makes `.venv` as a requirements file says, when it is not so already: `python deploy/environment.py local|dev`.

Standard library only: it runs before anything is installed. Safe when two start at once.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
COVERS = {"local": ("local", "dev"), "dev": ("dev",)}  # what else holds all that is wanted


def wanted(kind: str) -> str:
    """What the stamp says when `.venv` has exactly this kind of requirements."""
    digest = hashlib.sha256()
    for path in (ROOT / "requirements" / f"{kind}.txt", ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return f"{kind} {sys.version_info.major}.{sys.version_info.minor} {digest.hexdigest()}"


def is_there(kind: str) -> bool:
    return STAMP.exists() and STAMP.read_text(encoding="ascii") in [wanted(covering) for covering in COVERS[kind]]


def install(kind: str) -> None:
    """Creates the environment when needed and installs pinned, hash-checked requirements and the project itself."""
    print(f"installing requirements/{kind}.txt into .venv (about a minute, once)", flush=True)
    if not (VENV / "bin" / "pip").exists():  # the last that is made: an interrupted one is made anew
        venv.create(VENV, with_pip=True, clear=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / f"{kind}.txt")], check=True)
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}  # setuptools warns of every editable install
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=True, env=quiet)
    STAMP.write_text(wanted(kind), encoding="ascii")


def wait_for(lock: TextIO) -> None:
    """Takes the lock, and says so when another `make` holds it: an install takes a minute."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting for another make to install .venv", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def main() -> int:
    kind = sys.argv[1]
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        print(
            f"geovelocity: Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}: set PYTHON=…",
            file=sys.stderr,
        )
        return 1
    with (ROOT / ".venv.lock").open("w") as lock:
        wait_for(lock)
        if not is_there(kind):
            try:
                install(kind)
            except subprocess.CalledProcessError:
                print(
                    "geovelocity: pip failed, its last lines say why: check the connection and try again",
                    file=sys.stderr,
                )
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
