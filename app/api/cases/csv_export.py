"""CSV export of cases, safe to open in a spreadsheet. Pure."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from app.api.cases.search import StoredCase

ROWS_MAX: Final = 100_000
FORMULA_PREFIXES: Final = ("=", "+", "-", "@")


def _field(name: str) -> Callable[[StoredCase], Any]:
    return lambda case: case.get(name)


def _nested_field(name: str, inner: str) -> Callable[[StoredCase], Any]:
    return lambda case: (case.get(name) or {}).get(inner)


_BEFORE_PLACE: Final = (
    "id transaction_id timestamp verdict status revision risk amount currency "
    "merchant_id merchant merchant_category transaction_type transaction_device"
).split()
_AFTER_PLACE: Final = (
    "distance_m least_distance_m elapsed_s implied_speed_mps reported_speed_mps allowed_speed_mps "
    "card_token card_last4 user_token device_token episode_id"
).split()
COLUMNS: Final[Mapping[str, Callable[[StoredCase], Any]]] = {
    **{name: _field(name) for name in _BEFORE_PLACE},
    "place_lat": _nested_field("place", "lat"),
    "place_lon": _nested_field("place", "lon"),
    **{name: _field(name) for name in _AFTER_PLACE},
    "rule": _nested_field("rule", "name"),
    "rule_version": _nested_field("rule", "version"),
    "preset": _nested_field("rule", "preset"),
    "codes": lambda case: " ".join(case["codes"]),
    "reason": _field("reason"),
    "parameter_set": _nested_field("rule", "parameter_set"),
}
"""Value getter of each column by its header."""


def header() -> bytes:
    """Return the header line."""
    return _encode_rows([list(COLUMNS)])


def rows(cases: Iterable[StoredCase]) -> bytes:
    """Return one line for each case."""
    return _encode_rows([[_cell(of(case)) for of in COLUMNS.values()] for case in cases])


def _cell(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Put an apostrophe before a text that a spreadsheet would run as a formula. Numbers stay, negative ones also."""
    if isinstance(value, str) and value.lstrip().startswith(FORMULA_PREFIXES):
        return f"'{value}"
    return value


def _encode_rows(lines: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
