"""Which token is whose: a file of JSON lines, written by a command, read again by a server when it has changed.

Only a hash of a token is kept: tokens are 256 random bits, so the hash cannot be turned back.
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
    """The file cannot be read or written; the message is for a person."""


class TokenOwner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token it is, in the words of the file."""

    token_sha256: str


E = TypeVar("E", bound=TokenOwner)


class TokenFile(Generic[E]):
    """The owners of tokens, and the file they stand in. `noun`: what each of its lines is."""

    def __init__(self, path: Path, kind: type[E], noun: str) -> None:
        self._path = path
        self._decode = msgspec.json.Decoder(kind).decode
        self._noun = noun
        self._stamp: tuple[int, int] | None = None
        self._by_hash: dict[str, E] = {}
        self._last_error = ""

    def owner_of(self, token: str) -> E | None:
        """Whoever has this token. While the file cannot be read, what it said before holds.

        Hashes are compared, not tokens: how long that takes tells a guesser nothing of the token.
        """
        return self.by_hash().get(token_digest(token))

    def by_hash(self) -> dict[str, E]:
        """The owners by the hash of their token, as the file says now."""
        try:
            self._read_if_changed()
            self._last_error = ""
        except TokenFileError as error:
            if str(error) != self._last_error:
                log.warning("%s; what was known before still holds", error)
            self._last_error = str(error)
        return self._by_hash

    def entries(self) -> list[E]:
        """What the file says.

        Raises:
            TokenFileError: it cannot be read.
        """
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TokenFileError(f"cannot read {self._path}: {error.strerror}") from None
        return [self._entry(number, line) for number, line in enumerate(lines, start=1)]

    def write(self, entries: Iterable[E]) -> None:
        """Replaces the file: whoever reads it has the old one or the new one, whole.

        Raises:
            TokenFileError: it cannot be written.
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
            raise TokenFileError(f"line {number} of {self._path} is not a {self._noun}: mend or delete it") from None

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
    """What is kept of a token. A header may hold any bytes; the server hands them over as lone surrogates."""
    return sha256(token.encode(errors="surrogateescape")).hexdigest()
