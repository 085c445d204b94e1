"""Parameters: texts and numbers of a query or a form, read as strictly as JSON is.

Only names that are asked for are looked at. A number is written as JSON writes it, in ASCII; nothing is trimmed.
"""

import re
from collections.abc import Collection, Mapping
from math import isinf
from typing import Final
from urllib.parse import parse_qsl

from schemas.codes.reject import Reject, RejectCode
from sensor_logger_bridge.apps.app import Request

FIELDS_MAX: Final = 100
_is_number: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII).fullmatch


def parameters_of(sent: Request, names: Collection[str]) -> dict[str, str] | Reject:
    """Those of the address or, where it has none, of the body. What is left empty is left out. Total."""
    text = sent.query or sent.body
    if not text:
        return Reject(RejectCode.EMPTY)
    try:
        as_text = text if isinstance(text, str) else text.decode("ascii")
        pairs = parse_qsl(as_text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except UnicodeError:
        return Reject(RejectCode.ENCODING)
    except ValueError:
        return Reject(RejectCode.TOO_LARGE)
    asked = [(name, value) for name, value in pairs if name in names]
    found = dict(asked)
    if len(found) != len(asked):
        return Reject(RejectCode.DUPLICATE_KEY)
    return {name: value for name, value in found.items() if value}


def numbers_of(texts: Mapping[str, str], names: Collection[str]) -> dict[str, float] | Reject:
    """Those of the texts that are to be numbers. Total."""
    numbers = {}
    for name in names:
        text = texts.get(name)
        if text is None:
            continue
        if not _is_number(text):
            return Reject(RejectCode.TYPE, (name,))
        numbers[name] = float(text)
        if isinf(numbers[name]):
            return Reject(RejectCode.RANGE, (name,))
    return numbers


def check_place(numbers: Mapping[str, float]) -> Reject | None:
    """None when `lat` and `lon` are there, and on earth."""
    for name, most_deg in (("lat", 90), ("lon", 180)):
        if name not in numbers:
            return Reject(RejectCode.MISSING, (name,))
        if abs(numbers[name]) > most_deg:
            return Reject(RejectCode.RANGE, (name,))
    return None
