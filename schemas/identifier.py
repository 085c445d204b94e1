"""Names of devices, and text that could be a card number."""

import re

from schemas.reject import Reject, RejectCode

DEVICE_ID = r"^[A-Za-z0-9._-]{1,128}$"
"""ASCII only, so that two ids that look alike are alike. `A` and `a` are two devices."""

_SEPARATED_DIGITS = re.compile(r"\d(?:[ \-]?\d){11,18}")
_PAN_LENGTHS = range(12, 20)
_AMEX_DIGITS, _AMEX_STARTS = 15, ("34", "37")
_PAN_STARTS = "23456"
_is_device_id = re.compile(DEVICE_ID, re.ASCII).fullmatch
_has_letter = re.compile("[A-Za-z]").search


def check_device_id(device_id: str) -> Reject | None:
    """None when the id can be used as a key."""
    if not device_id:
        return Reject(RejectCode.MISSING, ("device_id",))
    if not _is_device_id(device_id):
        return Reject(RejectCode.PATTERN, ("device_id",))
    # Nearly every id has a letter, and then it cannot be a card number
    if not _has_letter(device_id) and looks_like_pan(device_id):
        return Reject(RejectCode.CARD_IN_ID, ("device_id",))
    return None


def looks_like_pan(text: str) -> bool:
    """True when some run of digits in `text` could be a card number: length, first digit and Luhn check all fit.

    Digits of any script count, and single spaces or dashes between them do not matter. A 15-digit number that is
    not an American Express one does not count: phone serial numbers (IMEI) have that length and pass the check.
    """
    return any(True for _ in find_pans(text))


def find_pans(text: str) -> list[tuple[int, int]]:
    """Where in `text` card numbers could be, as (start, end) pairs in order."""
    return [match.span() for match in _SEPARATED_DIGITS.finditer(text) if _is_pan(digits_of(match.group()))]


def digits_of(text: str) -> str:
    """The digits of `text` as ASCII, whatever script they are in; everything else is dropped."""
    return "".join(str(int(character)) for character in text if character.isdecimal())


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B, over ASCII digits."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_pan(digits: str) -> bool:
    if len(digits) not in _PAN_LENGTHS or digits[0] not in _PAN_STARTS or not passes_luhn(digits):
        return False
    return len(digits) != _AMEX_DIGITS or digits.startswith(_AMEX_STARTS)
