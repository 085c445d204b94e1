"""Parsing and formatting of timestamps."""

import pytest

from schemas.codes.reject import Reject, RejectCode
from schemas.json.timestamps import format_us, parse_epoch_us

ACCEPTED = [
    ("2026-11-21T10:15:30.250Z", "2026-11-21T10:15:30.250Z"),
    ("2026-11-21T10:15:30Z", "2026-11-21T10:15:30.000Z"),
    ("2026-11-21t10:15:30z", "2026-11-21T10:15:30.000Z"),
    ("2026-11-21 15:45:30+05:30", "2026-11-21T10:15:30.000Z"),
    ("2026-11-21T02:15:30-08:00", "2026-11-21T10:15:30.000Z"),
    ("2024-04-27T14:27:43.107526Z", "2024-04-27T14:27:43.107526Z"),
    ("2026-11-21T10:15:30.123456789Z", "2026-11-21T10:15:30.123456Z"),
    ("2026-12-31T23:59:60Z", "2026-12-31T23:59:59.999999Z"),
    ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
    (1795256130, "2026-11-21T10:15:30.000Z"),
    (1795256130.25, "2026-11-21T10:15:30.250Z"),
]

REJECTED = [
    ("2026-11-21T10:15:30", RejectCode.NO_ZONE),
    ("2026-11-21", RejectCode.DATE),
    ("2026-02-30T00:00:00Z", RejectCode.DATE),
    ("2025-02-29T00:00:00Z", RejectCode.DATE),
    ("2026-11-21T24:00:01Z", RejectCode.DATE),
    ("2026-11-21T10:15:30+99:99", RejectCode.DATE),
    ("2026-11-21T10:15:30 Europe/Berlin", RejectCode.DATE),
    ("20261121T101530Z", RejectCode.DATE),
    ("2026-W47-6T10:15:30Z", RejectCode.DATE),
    ("٢٠٢٦-11-21T10:15:30Z", RejectCode.DATE),
    ("yesterday", RejectCode.DATE),
    ("", RejectCode.DATE),
    ("2019-12-31T23:59:59Z", RejectCode.TOO_OLD),
    ("2106-02-07T06:28:16Z", RejectCode.RANGE),
    (0, RejectCode.TOO_OLD),
    (-1, RejectCode.TOO_OLD),
    (1795256130250, RejectCode.AMBIGUOUS_UNIT),
    (1795256130250000, RejectCode.AMBIGUOUS_UNIT),
    (1698501145514000000, RejectCode.AMBIGUOUS_UNIT),
    (10**400, RejectCode.RANGE),
    (2**63, RejectCode.RANGE),
]


@pytest.mark.parametrize(("written", "read"), ACCEPTED)
def test_a_time_with_an_offset_is_converted_to_utc(written: str | float, read: str) -> None:
    moment = parse_epoch_us(written)
    assert isinstance(moment, int)
    assert format_us(moment) == read


@pytest.mark.parametrize(("written", "code"), REJECTED)
def test_an_ambiguous_time_is_rejected(written: str | float, code: RejectCode) -> None:
    assert parse_epoch_us(written) == Reject(code)
