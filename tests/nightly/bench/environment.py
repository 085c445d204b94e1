"""Environments of other engines: a venv for each, created once from its pinned requirements."""

import hashlib
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "requirements"
MADE: Final = Path(__file__).parent.parent.parent.parent / ".bench"
"""Kept from run to run, beside `.venv`."""


def python_of(requirements: str | None) -> Path:
    """Return the interpreter with the requirements of the file with this name. Install them if they are new.

    Raises:
        subprocess.CalledProcessError: pip failed; its output is above.
    """
    if requirements is None:
        return Path(sys.executable)
    file, folder = FOLDER / f"{requirements}.txt", MADE / requirements
    python, stamp = folder / "bin" / "python", folder / "installed"
    wanted = f"{sys.version} {hashlib.sha256(file.read_bytes()).hexdigest()}"
    if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
        print(f"installing {file.name} into .bench/{requirements} (once)", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", str(file)]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted, encoding="ascii")
    return python


def pinned(requirements: str) -> Iterator[str]:
    """Return the requirements of a file as `name==version`."""
    for line in (FOLDER / f"{requirements}.txt").read_text(encoding="utf-8").splitlines():
        if wanted := line.partition("#")[0].strip():
            yield wanted
