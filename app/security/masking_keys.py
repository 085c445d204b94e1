"""Masking keys in their written form, `id:base64`, newest first. No message quotes a key."""

import base64
import os
import secrets
from pathlib import Path
from typing import Final

from agents.rules.publish.mask import Key
from app.errors import SettingsError
from app.settings import Settings
from app.settings.state import local_keys_file

SECRET_BYTES_MIN: Final = 32
"""Shortest secret: the output length of SHA-256, below which HMAC loses strength (RFC 2104)."""

DEMO_KEY: Final = Key("demo", b"Geovelocity demo key: public, worthless, for loopback only")
"""Public, so it protects nothing. Settings reject it unless every address is on this machine."""


def new_key(name: str) -> str:
    """Return a new random key in its written form. `name`: its id, letters and digits."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(SECRET_BYTES_MIN)).decode()}"


def create_local_key(state_dir: Path) -> None:
    """Write a new key to the local keys file, readable by its owner only. Idempotent: an existing key stays.

    Raises:
        OSError: the file cannot be written.
    """
    file = local_keys_file(state_dir)
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as text:
        text.write(new_key("own") + "\n")
    partial.replace(file)


def masking_keys(settings: Settings) -> tuple[Key, ...]:
    """Read the configured keys, newest first. Without any configured key, return the demo key.

    Raises:
        SettingsError: as `read_keys` and `parse_keys`.
    """
    if settings.key_file is not None:
        return read_keys(settings.key_file)
    return parse_keys(settings.keys.get_secret_value()) or (DEMO_KEY,)


def read_keys(file: Path) -> tuple[Key, ...]:
    """Read the keys of a file, newest first, at least one.

    Raises:
        SettingsError: the file cannot be read, it has no key, a key is malformed or too short, or two share an id.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot read GEOVELOCITY_KEYS_FILE ({error.strerror}): {file}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"GEOVELOCITY_KEYS_FILE is not a text file: {file}") from None
    keys = parse_keys(text)
    if not keys:
        raise SettingsError(f"there is no key in {file}: create one with `geovelocity key`")
    return keys


def parse_keys(text: str) -> tuple[Key, ...]:
    """Parse keys that are separated by commas or line breaks.

    Raises:
        SettingsError: a key is malformed or too short, or two share an id.
    """
    entries = [entry.strip() for entry in text.replace("\n", ",").split(",") if entry.strip()]
    keys = tuple(map(_key, entries))
    if len({key.id for key in keys}) < len(keys):
        raise SettingsError("two keys in GEOVELOCITY_KEYS or its file share an id: give each its own")
    return keys


def _key(entry: str) -> Key:
    name, _, encoded = entry.partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except ValueError:  # also raised for text that is not ASCII
        secret = b""
    if not name.isalnum() or len(secret) < SECRET_BYTES_MIN:
        raise SettingsError(
            "a key in GEOVELOCITY_KEYS or its file is not `id:base64` with an alphanumeric id and at least "
            f"{SECRET_BYTES_MIN} bytes: create one with `geovelocity key`"
        )
    return Key(name, secret)
