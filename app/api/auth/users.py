"""The registered users of the console. `geovelocity user` changes them; a running console sees a change at once."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from app.errors import ConfigurationError
from sensor_logger_bridge.devices.token_file import TokenFile, TokenOwner, new_token, token_digest

NAME: Final = r"[a-z0-9][a-z0-9._-]{0,63}"


class Role(StrEnum):
    """Role of a user. A viewer reads; an analyst also gives feedback and sends test alerts."""

    VIEWER = "viewer"
    ANALYST = "analyst"


class User(NamedTuple):
    """A user with a session."""

    name: str
    role: Role


class UserEntry(TokenOwner, frozen=True, kw_only=True):
    """One line of the users file."""

    name: str
    role: Role


class Users:
    """The registered users, with one token each. Adding a user again replaces the token and ends its sessions."""

    def __init__(self, path: Path) -> None:
        self._file = TokenFile(path, UserEntry, "user")

    def by_token(self, token: str) -> UserEntry | None:
        """Return the user of a token; None where it is unknown."""
        return self._file.owner_of(token)

    def by_name(self, name: str) -> UserEntry | None:
        """Return the user of this name; None where there is none."""
        return next((entry for entry in self._file.by_hash().values() if entry.name == name), None)

    def add(self, name: str, role: Role) -> str:
        """Register a user and return the new token. The file stores only its hash.

        Raises:
            ConfigurationError: the name has characters that are not allowed.
            TokenFileError: the file cannot be written.
        """
        if not re.fullmatch(NAME, name):
            raise ConfigurationError(
                "the user name is not allowed: use 1 to 64 lowercase letters, digits, dots, dashes and underscores"
            )
        token = new_token()
        kept = [entry for entry in self._file.entries() if entry.name != name]
        self._file.write([*kept, UserEntry(name=name, role=role, token_sha256=token_digest(token))])
        return token

    def remove(self, name: str) -> bool:
        """Remove a user and end the user's sessions. Return False where there is none of this name."""
        entries = self._file.entries()
        kept = [entry for entry in entries if entry.name != name]
        self._file.write(kept)
        return len(kept) < len(entries)

    def all(self) -> list[User]:
        """Return the users, sorted by name."""
        return sorted(User(entry.name, entry.role) for entry in self._file.entries())
