"""Strict reading of the parameters in a query or a form.

The functions read only the requested names. A number must have JSON's syntax, in ASCII; nothing is trimmed.
"""

import re
from collections.abc import Collection, Mapping
from math import isinf
from typing import Final
from urllib.parse import parse_qsl

from schemas.codes.reject import Reject, RejectCode
from sensor_logger_bridge.apps.app import Request

FIELDS_MAX: Final = 100
"""Limit of parameters in one request."""

_is_number: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII).fullmatch


def parameters_of(request: Request, names: Collection[str]) -> dict[str, str] | Reject:
    """Return the parameters in the query or, if the query is empty, in the body, without empty values. Total."""
    text = request.query or request.body
    if not text:
        return Reject(RejectCode.EMPTY)
    try:
        as_text = text if isinstance(text, str) else text.decode("ascii")
        pairs = parse_qsl(as_text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except UnicodeError:
        return Reject(RejectCode.ENCODING)
    except ValueError:
        return Reject(RejectCode.TOO_LARGE)
    requested = [(name, value) for name, value in pairs if name in names]
    found = dict(requested)
    if len(found) != len(requested):
        return Reject(RejectCode.DUPLICATE_KEY)
    return {name: value for name, value in found.items() if value}


def numbers_of(texts: Mapping[str, str], names: Collection[str]) -> dict[str, float] | Reject:
    """Return the values of `names` as finite numbers, without absent ones. Total."""
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
    """Return None if `lat` and `lon` are present and in range."""
    for name, most_deg in (("lat", 90), ("lon", 180)):
        if name not in numbers:
            return Reject(RejectCode.MISSING, (name,))
        if abs(numbers[name]) > most_deg:
            return Reject(RejectCode.RANGE, (name,))
    return None
