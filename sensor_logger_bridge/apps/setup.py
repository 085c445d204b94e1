"""Types of a setup: the link and the values that make an app send positions to the bridge."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

REPORT_INTERVAL_S: Final = 1
"""Interval at which a phone is set up to send, where its app has such a setting.

The more fixes lie near a payment, the more certain is the verdict.
"""


@dataclass(frozen=True, slots=True)
class SetupValue:
    """One field of an app's settings. `name` is the app's own label of the field."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class AppSetup:
    """Setup of one app for one phone, as the pairing page shows it.

    `systems`: operating systems that have the app. `where`: the menu path to its settings. `link` opens the app with
    all values set; empty: the app supports no link. `code`: content of the QR code, where it differs from the link;
    `scan`: how to read the code. `note`: a warning for the phone's holder.
    """

    systems: str
    where: str
    values: tuple[SetupValue, ...]
    link: str = ""
    code: str = ""
    scan: str = "Scan this with the phone's camera."
    note: str = ""


@dataclass(frozen=True, slots=True)
class PhoneSetup:
    """A registered phone. `base_url`: the bridge's address as this phone reaches it, without a final slash."""

    base_url: str
    device_id: str
    token: str


MakeSetup = Callable[[PhoneSetup], AppSetup]
"""Pure. Links follow the apps' own documentation; none of them was tried on a phone here."""
