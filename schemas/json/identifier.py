"""Checks of device ids and session ids, and detection of text that may be a card number."""

import re
from collections.abc import Sequence

from schemas.codes.reject import Reject, RejectCode

DEVICE_ID = r"^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$"
"""Pattern of an id. ASCII only, so that ids that look equal are equal. `A` and `a` differ; `.` and `..` are folders."""

CHECKED_IDS_MAX = 100_000
"""Limit of the cache of accepted ids. When full, the cache is cleared."""

_checked_ids: set[str] = set()  # ids repeat often; rejected ones are not cached, because they may be card numbers

_CLUSTER = re.compile(r"\d+(?:[ .\-]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_PAN_LENGTHS = range(12, 20)
_AMEX_DIGITS, _AMEX_STARTS = 15, ("34", "37")
_PAN_STARTS = "23456"
_is_device_id = re.compile(DEVICE_ID, re.ASCII).fullmatch
_has_letter = re.compile("[A-Za-z]").search
_long_runs = re.compile("[0-9]{13,}").findall  # longer than any group of a UUID


def check_device_id(device_id: str) -> Reject | None:
    """Return a reject if the id cannot be used as a key."""
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
    """Return a reject if the id cannot be published: without this check it would be free text of a phone."""
    if session_id is None or (_is_device_id(session_id) and not _holds_pan(session_id)):
        return None
    return Reject(RejectCode.PATTERN, ("session_id",))


def _holds_pan(identifier: str) -> bool:
    """Return True if an id is or contains a possible card number. In an id with letters, dashes separate numbers."""
    if not _has_letter(identifier):
        return looks_like_pan(identifier)
    return any(map(looks_like_pan, _long_runs(identifier)))


def looks_like_pan(text: str) -> bool:
    """Return True if `text` contains a possible card number."""
    return bool(find_pans(text))


def find_pans(text: str) -> list[tuple[int, int]]:
    """Return the possible card numbers in `text` as (start, end) pairs, in order.

    A card number is one or more groups of digits, in any script, separated by blanks, dots or dashes. Its length, its
    first digit and its Luhn check must all fit. A 15-digit number counts only if it is an American Express number:
    serial numbers of phones (IMEI) have that length and pass the Luhn check.
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
    """Return the digits of `text`, in any script, as ASCII. Drop everything else."""
    return "".join(str(int(character)) for character in text if character.isdecimal())


def passes_luhn(digits: str) -> bool:
    """Return True if ASCII digits pass the Luhn check of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _pan_from(text: str, groups: Sequence[tuple[int, int]], first: int) -> int | None:
    """Return the last group of a card number that starts at group `first`, or None."""
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
