"""Which analyst is who. Written by `geovelocity user`; a running console sees the change at once."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from app.errors import ConfigurationError
from sensor_logger_bridge.devices.token_file import TokenFile, TokenOwner, new_token, token_digest

NAME: Final = r"[a-z0-9][a-z0-9._-]{0,63}"


class Role(StrEnum):
    """What somebody may do: look, or also say what a case was and try the alerts."""

    VIEWER = "viewer"
    ANALYST = "analyst"


class User(NamedTuple):
    """Somebody who has logged in."""

    name: str
    role: Role


class UserEntry(TokenOwner, frozen=True, kw_only=True):
    """One user."""

    name: str
    role: Role


class Users:
    """The registered users. One token a user; adding one again replaces the token, and with it what it opened."""

    def __init__(self, path: Path) -> None:
        self._file = TokenFile(path, UserEntry, "user")

    def by_token(self, token: str) -> UserEntry | None:
        return self._file.owner_of(token)

    def by_name(self, name: str) -> UserEntry | None:
        return next((entry for entry in self._file.by_hash().values() if entry.name == name), None)

    def add(self, name: str, role: Role) -> str:
        """Registers somebody and returns the new token, which is not kept anywhere.

        Raises:
            ConfigurationError: the name cannot be used.
            TokenFileError: the file cannot be written.
        """
        if not re.fullmatch(NAME, name):
            raise ConfigurationError("a name has 1 to 64 small letters, digits, dots, dashes and underscores")
        token = new_token()
        kept = [entry for entry in self._file.entries() if entry.name != name]
        self._file.write([*kept, UserEntry(name=name, role=role, token_sha256=token_digest(token))])
        return token

    def remove(self, name: str) -> bool:
        """Revokes somebody's token and ends what it opened. False: there was nobody of this name."""
        entries = self._file.entries()
        kept = [entry for entry in entries if entry.name != name]
        self._file.write(kept)
        return len(kept) < len(entries)

    def all(self) -> list[User]:
        return sorted(User(entry.name, entry.role) for entry in self._file.entries())
