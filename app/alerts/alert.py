"""The alert: the message about one suspect payment, with only the fields that a reader needs.

It leaves out card, user and transaction ids, the merchant's name, and every location of the phone. An authorised person
follows the link to the console and logs in.
"""

from typing import Final
from urllib.parse import quote

import msgspec

from schemas.json.timestamps import format_us
from schemas.verdict import MerchantLocation, Verdict

DEVICE_CHARACTERS: Final = 8
"""Characters of a device token in an alert: they show that two alerts share a device, and cannot look it up."""

CATEGORY_CHARACTERS: Final = 40
COORDINATE_DIGITS: Final = 1
"""Decimal digits of a coordinate in an alert. One digit is about ten kilometres."""

MINUTE_CHARACTERS: Final = len("2026-11-21T12:00")
TEST: Final = "test"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One message about a suspect payment. Every channel sends the same one.

    `id`: id of the case, the same on every attempt. `at`: minute of the payment, UTC. `place`: merchant location,
    rounded to a tenth of a degree. `suppressed_count`: suppressed suspects of the device since its last alert. Its JSON
    name is `more_of_device`.
    """

    id: str
    test: bool
    at: str
    risk: int
    amount: str
    currency: str | None
    merchant_category: str | None
    place: MerchantLocation | None
    codes: tuple[str, ...]
    reason: str
    device: str
    suppressed_count: int = msgspec.field(name="more_of_device")
    link: str


def alert_from_verdict(verdict: Verdict, suppressed_count: int, console_url: str) -> Alert:
    """Return the alert about a suspect. `console_url`: without a slash at the end."""
    place = verdict.place
    return Alert(
        id=verdict.id,
        test=False,
        at=verdict.timestamp[:MINUTE_CHARACTERS] + "Z",
        risk=verdict.risk,
        amount=verdict.amount,
        currency=verdict.currency,
        merchant_category=_one_line(verdict.merchant_category),
        place=None
        if place is None
        else MerchantLocation(round(place.lat, COORDINATE_DIGITS), round(place.lon, COORDINATE_DIGITS)),
        codes=tuple(verdict.codes),
        reason=verdict.reason,
        device=_shortened(verdict.device_token),
        suppressed_count=suppressed_count,
        link=f"{console_url}/case/{quote(verdict.id, safe='')}",
    )


def sample_alert(id_: str, now_s: float, console_url: str) -> Alert:
    """Return an alert about a payment that does not exist, marked as a test. `id_` must be unique."""
    return Alert(
        id=f"{TEST}_{id_}",
        test=True,
        at=format_us(round(now_s * 1_000_000))[:MINUTE_CHARACTERS] + "Z",
        risk=99,
        amount="1234.50",
        currency="EUR",
        merchant_category="electronics",
        place=MerchantLocation(48.9, 2.3),
        codes=("UNREACHABLE_BEFORE", "UNREACHABLE_AFTER"),
        reason=(
            "The phone was 344 km from the place 5 min before the payment; "
            "the holder could have covered at most 27.5 km in that time, clock error included."
        ),
        device=f"{TEST}-{id_[:DEVICE_CHARACTERS]}",
        suppressed_count=2,
        link=f"{console_url}/",
    )


def _shortened(device_token: str) -> str:
    """Return the id of the token's key and the first characters of its hash. Total: other text has no key id."""
    _, _, named = device_token.partition("_")
    key_id, _, letters = named.rpartition("_")
    return f"{key_id}-{letters[:DEVICE_CHARACTERS]}"


def _one_line(text: str | None) -> str | None:
    """Return untrusted text shortened and on one line, so that it cannot begin a line or a mail header."""
    return None if text is None else " ".join(text.split())[:CATEGORY_CHARACTERS]
