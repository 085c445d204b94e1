"""The environment of a process, without the settings of the machine that runs the tests."""

import os
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.security.masking_keys import masking_keys
from app.settings import PREFIX, read_settings


def isolate(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Remove every setting of this machine and change to an empty folder, which has no `.env`."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(folder)


def rejection(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    """Set the variables, named without prefix, and return the error that settings or masking keys raise."""
    for name, value in variables.items():
        monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as caught:
        _ = masking_keys(read_settings())
    return str(caught.value)
