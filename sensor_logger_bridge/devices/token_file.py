"""A file of token owners: JSON lines that a command writes and that a server reloads when the file has changed.

The file holds only a hash of each token. A token has 256 random bits, so its hash cannot be reversed.
"""

import logging
import os
import secrets
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

log = logging.getLogger(__name__)

TOKEN_BYTES: Final = 32


class TokenFileError(Exception):
    """The file cannot be read or written. The message is for a person."""


class TokenOwner(msgspec.Struct, frozen=True, kw_only=True):
    """The owner of a token: a line of the file."""

    token_sha256: str


E = TypeVar("E", bound=TokenOwner)


class TokenFile(Generic[E]):
    """A file of token owners. `noun` names a line of the file in error messages."""

    def __init__(self, path: Path, kind: type[E], noun: str) -> None:
        self._path = path
        self._decode = msgspec.json.Decoder(kind).decode
        self._noun = noun
        self._stamp: tuple[int, int] | None = None
        self._by_hash: dict[str, E] = {}
        self._last_error = ""

    def owner_of(self, token: str) -> E | None:
        """Return the token's owner, or None. While the file is unreadable, its last content applies.

        The lookup compares hashes, so its duration reveals nothing about a token.
        """
        return self.by_hash().get(token_digest(token))

    def by_hash(self) -> dict[str, E]:
        """Return the owners by the hash of their token. Reload the file if it has changed."""
        try:
            self._read_if_changed()
            self._last_error = ""
        except TokenFileError as error:
            if str(error) != self._last_error:
                log.warning("%s; until then its last readable content applies", error)
            self._last_error = str(error)
        return self._by_hash

    def entries(self) -> list[E]:
        """Read all lines of the file. No file is an empty file.

        Raises:
            TokenFileError: the file cannot be read.
        """
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TokenFileError(f"cannot read {self._path}: {error.strerror}") from None
        return [self._entry(number, line) for number, line in enumerate(lines, start=1)]

    def write(self, entries: Iterable[E]) -> None:
        """Replace the file atomically: a reader gets the old content or the new one.

        Raises:
            TokenFileError: the file cannot be written.
        """
        partial = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(msgspec.json.encode(entry) + b"\n" for entry in entries)
            partial.replace(self._path)
        except OSError as error:
            raise TokenFileError(f"cannot write {self._path}: {error.strerror}") from None

    def _entry(self, number: int, line: bytes) -> E:
        try:
            return self._decode(line)
        except msgspec.MsgspecError:
            raise TokenFileError(
                f"line {number} of {self._path} is not a {self._noun}: correct or delete the line"
            ) from None

    def _read_if_changed(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._by_hash = None, {}
            return
        except OSError as error:
            raise TokenFileError(f"cannot read {self._path}: {error.strerror}") from None
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._by_hash = {entry.token_sha256: entry for entry in self.entries()}
            self._stamp = stamp


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> str:
    """Return the hash that the file holds for a token.

    A header may hold any bytes, which the server passes as lone surrogates.
    """
    return sha256(token.encode(errors="surrogateescape")).hexdigest()
