"""Which token is whose. A file of JSON lines, written by `geovelocity device`, read again when it has changed.

Only a hash of a token is kept: tokens are 256 random bits, so the hash cannot be turned back.
"""

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from schemas.identifier import check_device_id
from schemas.reject import RejectCode

log = logging.getLogger(__name__)

TOKEN_BYTES: Final = 32
DAY_S: Final = 86_400


class DevicesFileError(Exception):
    """The file of devices cannot be read or written; the message is for a person."""


class Entry(msgspec.Struct, frozen=True):
    """One device and the hash of its token. `until_s`: epoch seconds from which the token is known no more."""

    device_id: str
    token_sha256: str
    until_s: float | None = None


class Devices:
    """The registered devices. One token a device; adding it again replaces the token."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._stamp: tuple[int, int] | None = None
        self._by_hash: dict[str, Entry] = {}
        self._said = ""

    def device_of(self, token: str) -> str | None:
        """The device a token belongs to, or None. While the file cannot be read, what it said before holds.

        Hashes are compared, not tokens: how long that takes tells a guesser nothing of the token.
        """
        try:
            self._read_if_changed()
        except DevicesFileError as error:
            if str(error) != self._said:
                log.warning("%s; the devices known before are still heard", error)
            self._said = str(error)
        entry = self._by_hash.get(_digest(token))
        if entry is None or (entry.until_s is not None and entry.until_s <= self._clock()):
            return None
        return entry.device_id

    def add(self, device_id: str, days: float | None = None) -> str:
        """Registers a device and returns its new token, which is not kept anywhere. `days`: for how long it is good.

        Raises:
            DevicesFileError: the id cannot be used, or the file not written.
        """
        return self.add_all([device_id], days)[device_id]

    def add_all(self, device_ids: list[str], days: float | None = None) -> dict[str, str]:
        """The same for many at once: tokens by device id."""
        for device_id in device_ids:
            if reject := check_device_id(device_id):
                raise DevicesFileError(_why(reject.code))
        tokens = {device_id: secrets.token_urlsafe(TOKEN_BYTES) for device_id in device_ids}
        kept = [entry for entry in self._entries() if entry.device_id not in tokens]
        until_s = None if days is None else self._clock() + days * DAY_S
        self._write([*kept, *(Entry(device_id, _digest(token), until_s) for device_id, token in tokens.items())])
        return tokens

    def remove(self, device_id: str) -> bool:
        """Revokes a device's token. False: it had none."""
        entries = list(self._entries())
        kept = [entry for entry in entries if entry.device_id != device_id]
        self._write(kept)
        return len(kept) < len(entries)

    def ids(self) -> list[str]:
        return sorted(entry.device_id for entry in self._entries())

    def _read_if_changed(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._by_hash = None, {}
            return
        except OSError as error:
            raise DevicesFileError(f"cannot read {self._path}: {error.strerror}") from None
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._by_hash = {entry.token_sha256: entry for entry in self._entries()}
            self._stamp = stamp

    def _entries(self) -> Iterator[Entry]:
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise DevicesFileError(f"cannot read {self._path}: {error.strerror}") from None
        for number, line in enumerate(lines, start=1):
            try:
                yield msgspec.json.decode(line, type=Entry)
            except msgspec.MsgspecError:
                raise DevicesFileError(f"line {number} of {self._path} is not a device: mend or delete it") from None

    def _write(self, entries: list[Entry]) -> None:
        partial = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(msgspec.json.encode(entry) + b"\n" for entry in entries)
            partial.replace(self._path)
        except OSError as error:
            raise DevicesFileError(f"cannot write {self._path}: {error.strerror}") from None


def _digest(token: str) -> str:
    # a header may hold any bytes; the server hands them over as lone surrogates
    return sha256(token.encode(errors="surrogateescape")).hexdigest()


def _why(code: RejectCode) -> str:
    if code is RejectCode.CARD_IN_ID:
        return "this device id looks like a card number, which could not be masked: choose another"
    return "a device id has 1 to 128 letters, digits, dots, dashes and underscores"
