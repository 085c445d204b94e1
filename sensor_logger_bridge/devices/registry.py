"""The registered devices and their tokens. `geovelocity pair` writes the file."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from schemas.codes.reject import RejectCode
from schemas.json.identifier import check_device_id
from sensor_logger_bridge.devices.token_file import TokenFile, TokenFileError, TokenOwner, new_token, token_digest

DAY_S: Final = 86_400

DevicesFileError = TokenFileError
"""The device file cannot be read or written, or a device id is not valid. The message is for a person."""


class DeviceEntry(TokenOwner, frozen=True, kw_only=True):
    """A registered device. `until_s`: epoch seconds at which its token expires; None: never."""

    device_id: str
    until_s: float | None = None


class DeviceRegistry:
    """The registered devices. A device has one token; adding the device again replaces the token."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = TokenFile(path, DeviceEntry, "device")
        self._clock = clock

    def device_of(self, token: str) -> str | None:
        """Return the token's device, or None. While the file is unreadable, its last content applies."""
        entry = self._file.owner_of(token)
        if entry is None or (entry.until_s is not None and entry.until_s <= self._clock()):
            return None
        return entry.device_id

    def add(self, device_id: str, days: float | None = None) -> str:
        """Register a device for `days`, or for ever. Return its new token, which is not stored anywhere.

        Raises:
            DevicesFileError: the id is not valid, or the file cannot be written.
        """
        return self.add_all([device_id], days)[device_id]

    def add_all(self, device_ids: list[str], days: float | None = None) -> dict[str, str]:
        """Register several devices in one write, as `add` does. Return their tokens by device id."""
        for device_id in device_ids:
            if reject := check_device_id(device_id):
                raise DevicesFileError(_why(reject.code))
        tokens = {device_id: new_token() for device_id in device_ids}
        kept = [entry for entry in self._file.entries() if entry.device_id not in tokens]
        until_s = None if days is None else self._clock() + days * DAY_S
        added = (
            DeviceEntry(device_id=device_id, token_sha256=token_digest(token), until_s=until_s)
            for device_id, token in tokens.items()
        )
        self._file.write([*kept, *added])
        return tokens

    def remove(self, device_id: str) -> bool:
        """Revoke a device's token. Return False if the device is not registered."""
        entries = self._file.entries()
        kept = [entry for entry in entries if entry.device_id != device_id]
        self._file.write(kept)
        return len(kept) < len(entries)

    def ids(self) -> list[str]:
        return sorted(entry.device_id for entry in self._file.entries())


def _why(code: RejectCode) -> str:
    if code is RejectCode.CARD_IN_ID:
        return "this device id looks like a card number, and an id cannot be masked: choose another id"
    return "a device id has 1 to 128 letters, digits, dots, dashes and underscores"
