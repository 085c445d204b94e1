"""Alert: what people are told of a suspect. It has no field for what they need not know.

Left out on purpose: card, user and transaction id, the shop's name, positions of the phone. Whoever may see them
follows the link and logs in.
"""

from typing import Final
from urllib.parse import quote

import msgspec

from schemas.json.timestamps import format_us
from schemas.verdict import MerchantLocation, Verdict

DEVICE_LETTERS: Final = 8
"""Enough to see that two alerts are of one device, too few to look it up by."""

CATEGORY_LETTERS: Final = 40
CITY_DEGREES: Final = 1
"""Digits after the point: about ten kilometres."""

MINUTE_LETTERS: Final = len("2026-11-21T12:00")
TEST: Final = "test"


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One message, the same by every channel.

    `id`: of the case; the same however often it is sent. `at`: the payment's minute, UTC. `place`: to a tenth of a
    degree. `more_of_device`: suspects of the same device that were held back since the last message about it.
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
    more_of_device: int
    link: str


def alert_from_verdict(verdict: Verdict, more_of_device: int, console_url: str) -> Alert:
    """What is told of this suspect."""
    place = verdict.place
    return Alert(
        id=verdict.id,
        test=False,
        at=verdict.timestamp[:MINUTE_LETTERS] + "Z",
        risk=verdict.risk,
        amount=verdict.amount,
        currency=verdict.currency,
        merchant_category=_one_line(verdict.merchant_category),
        place=None
        if place is None
        else MerchantLocation(round(place.lat, CITY_DEGREES), round(place.lon, CITY_DEGREES)),
        codes=tuple(verdict.codes),
        reason=verdict.reason,
        device=_shortened(verdict.device_token),
        more_of_device=more_of_device,
        link=f"{console_url}/case/{quote(verdict.id, safe='')}",
    )


def sample_alert(id_: str, now_s: float, console_url: str) -> Alert:
    """A suspect that does not exist, marked as a test. `id_`: of this message alone."""
    return Alert(
        id=f"{TEST}_{id_}",
        test=True,
        at=format_us(round(now_s * 1_000_000))[:MINUTE_LETTERS] + "Z",
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
        device=f"{TEST}-{id_[:DEVICE_LETTERS]}",
        more_of_device=2,
        link=f"{console_url}/",
    )


def _shortened(device_token: str) -> str:
    """The id of its key and the first letters. Total: what is no token of ours has no key."""
    _, _, named = device_token.partition("_")
    key_id, _, letters = named.rpartition("_")
    return f"{key_id}-{letters[:DEVICE_LETTERS]}"


def _one_line(text: str | None) -> str | None:
    """What others wrote, short, and without anything that could begin a line or a header."""
    return None if text is None else " ".join(text.split())[:CATEGORY_LETTERS]
