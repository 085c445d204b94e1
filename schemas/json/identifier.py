"""Names of devices, and text that could be a card number."""

import re
from collections.abc import Sequence

from schemas.codes.reject import Reject, RejectCode

DEVICE_ID = r"^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$"
"""ASCII only, so that two ids that look alike are alike. `A` and `a` are two devices; `.` and `..` are folders."""

CHECKED_IDS_MAX = 100_000
_checked_ids: set[str] = set()  # the same ids come again and again; what is refused, perhaps a card number, is not kept

_CLUSTER = re.compile(r"\d+(?:[ .\-]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_PAN_LENGTHS = range(12, 20)
_AMEX_DIGITS, _AMEX_STARTS = 15, ("34", "37")
_PAN_STARTS = "23456"
_is_device_id = re.compile(DEVICE_ID, re.ASCII).fullmatch
_has_letter = re.compile("[A-Za-z]").search
_long_runs = re.compile("[0-9]{13,}").findall  # longer than any group of a UUID


def check_device_id(device_id: str) -> Reject | None:
    """None when the id can be used as a key."""
    if device_id in _checked_ids:
        return None
    if not device_id:
        return Reject(RejectCode.MISSING, ("device_id",))
    if not _is_device_id(device_id):
        return Reject(RejectCode.PATTERN, ("device_id",))
    if _holds_pan(device_id):
        return Reject(RejectCode.CARD_IN_ID, ("device_id",))
    if len(_checked_ids) >= CHECKED_IDS_MAX:
        _checked_ids.clear()
    _checked_ids.add(device_id)
    return None


def check_session_id(session_id: str | None) -> Reject | None:
    """None when the id can be published. It is free text of a phone, unless it is held to what ids look like."""
    if session_id is None or (_is_device_id(session_id) and not _holds_pan(session_id)):
        return None
    return Reject(RejectCode.PATTERN, ("session_id",))


def _holds_pan(identifier: str) -> bool:
    """True when an id is, or has in one piece, what could be a card number. Beside letters dashes join nothing."""
    if not _has_letter(identifier):
        return looks_like_pan(identifier)
    return any(map(looks_like_pan, _long_runs(identifier)))


def looks_like_pan(text: str) -> bool:
    """True when `text` holds what could be a card number."""
    return bool(find_pans(text))


def find_pans(text: str) -> list[tuple[int, int]]:
    """Where in `text` card numbers could be, as (start, end) pairs in order.

    A card number is one or more groups of digits, of any script, with blanks, dots or dashes between, whose length,
    first digit and Luhn check all fit. A 15-digit number that is not an American Express one does not count: the
    serial numbers of phones (IMEI) have that length and pass the check.
    """
    found = []
    for cluster in _CLUSTER.finditer(text):
        groups = [(group.start(), group.end()) for group in _GROUP.finditer(text, *cluster.span())]
        first = 0
        while first < len(groups):
            last = _pan_from(text, groups, first)
            if last is not None:
                found.append((groups[first][0], groups[last][1]))
            first = first + 1 if last is None else last + 1
    return found


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


def _pan_from(text: str, groups: Sequence[tuple[int, int]], first: int) -> int | None:
    """The group with which a card number that starts at group `first` ends, or None."""
    digits = ""
    for last in range(first, len(groups)):
        digits += digits_of(text[slice(*groups[last])])
        if len(digits) > _PAN_LENGTHS[-1]:
            break
        if _is_pan(digits):
            return last
    return None


def _is_pan(digits: str) -> bool:
    if len(digits) not in _PAN_LENGTHS or digits[0] not in _PAN_STARTS or not passes_luhn(digits):
        return False
    return len(digits) != _AMEX_DIGITS or digits.startswith(_AMEX_STARTS)
