"""Masking keys as they are written: `id:base64`, newest first. No message shows what was written."""

import base64
import os
import secrets
from pathlib import Path
from typing import Final

from agents.rules.publish.mask import Key
from app.errors import SettingsError

SECRET_BYTES_MIN: Final = 32

DEMO_KEY: Final = Key("demo", b"Geovelocity demo key: public, worthless, for loopback only")
"""Everyone has it, so it protects nothing. Refused unless every address is on this machine."""


def new_key(name: str) -> str:
    """A new key as it is written. `name`: its id, letters and digits."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(SECRET_BYTES_MIN)).decode()}"


def local_keys(state_dir: Path) -> Path:
    """The file of the key that a machine makes for itself; it goes when its local data are erased."""
    return state_dir / "local" / "keys"


def create_local_key(state_dir: Path) -> None:
    """Makes that file with a new key in it, readable for its owner alone. Idempotent: a key that is there stays.

    Raises:
        OSError: it cannot be written.
    """
    file = local_keys(state_dir)
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as text:
        text.write(new_key("own") + "\n")
    partial.replace(file)


def read_keys(file: Path) -> tuple[Key, ...]:
    """The keys in a file, newest first, at least one.

    Raises:
        SettingsError: the file cannot be read, or a key is malformed or too short, or two have one id.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot read GEOVELOCITY_KEYS_FILE ({error.strerror}): {file}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"GEOVELOCITY_KEYS_FILE is no text: {file}") from None
    keys = parse_keys(text)
    if not keys:
        raise SettingsError(f"there is no key in {file}: make one with `geovelocity key`")
    return keys


def parse_keys(text: str) -> tuple[Key, ...]:
    """The keys in a text, separated by commas or line breaks.

    Raises:
        SettingsError: a key is malformed or too short, or two have one id.
    """
    entries = [entry.strip() for entry in text.replace("\n", ",").split(",") if entry.strip()]
    keys = tuple(map(_key, entries))
    if len({key.id for key in keys}) < len(keys):
        raise SettingsError("two keys in GEOVELOCITY_KEYS or its file have one id: give each its own")
    return keys


def _key(entry: str) -> Key:
    name, _, encoded = entry.partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except ValueError:  # binascii's error, and that of text beyond ASCII
        secret = b""
    if not name.isalnum() or len(secret) < SECRET_BYTES_MIN:
        raise SettingsError(
            "a key in GEOVELOCITY_KEYS or its file is not `id:base64` with an alphanumeric id and at least "
            f"{SECRET_BYTES_MIN} bytes: make one with `geovelocity key`"
        )
    return Key(name, secret)
