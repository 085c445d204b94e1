"""Laws of the parsers: any bytes give a value or a reject, never an exception."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.codes.reject import REJECT_HELP, Reject, RejectCode
from schemas.dead_letter import DeadLetter
from schemas.json.strict_json import decode_object
from schemas.json.timestamps import FIRST_US, LAST_US, format_us, parse_epoch_us
from schemas.payment import Payment, parse_payment
from schemas.push import Push, encode_push, parse_push
from schemas.verdict import Verdict, encode_verdict, parse_verdict
from sensor_logger_bridge.apps import sensor_logger
from sensor_logger_bridge.apps.app import FORM, JSON, App, Request
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.translation import Fixes, NoPosition, Unusable
from tests.support.make import NOON_MS, fix, payment, push, verdict
from tests.support.recorded_drive import RECORDINGS

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def broken(record: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Draw the record with some fields replaced by any JSON value."""
    changes = st.dictionaries(st.sampled_from([*record, "extra"]), JSON_VALUES, max_size=3)
    return changes.map(lambda change: json.dumps(record | change).encode())


def cut(record: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Draw the record with some of its bytes removed or replaced."""
    whole = json.dumps(record).encode()
    return st.tuples(st.integers(0, len(whole)), st.integers(0, len(whole)), st.binary(max_size=3)).map(
        lambda at: whole[: min(at[:2])] + at[2] + whole[max(at[:2]) :]
    )


@given(st.binary() | broken(payment()) | cut(payment()))
def test_any_bytes_are_a_payment_or_a_reject(value: bytes) -> None:
    assert isinstance(parse_payment(value), Payment | Reject)


@given(
    st.binary() | broken(push()) | cut(push()) | broken(fix()).map(lambda fix: b'{"device_id":"a","fixes":[%s]}' % fix)
)
def test_any_bytes_are_a_push_or_a_reject(value: bytes) -> None:
    assert isinstance(parse_push(value), Push | Reject)


@given(st.binary() | broken(json.loads(encode_verdict(verdict()))))
def test_any_bytes_are_a_verdict_or_a_reject(value: bytes) -> None:
    assert isinstance(parse_verdict(value), Verdict | Reject)


class Members(list[tuple[str, Any]]):
    """Members of a JSON object in written order. A name may occur twice."""


OBJECTS = st.recursive(
    st.none() | st.integers() | st.text('ab:"\\[', max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.lists(st.tuples(st.text("ab", max_size=1), inner)).map(Members),
    max_leaves=6,
)


def as_text(value: Any, colon: str) -> str:
    if isinstance(value, Members):
        return "{" + ",".join(json.dumps(name) + colon + as_text(item, colon) for name, item in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(as_text(item, colon) for item in value) + "]"
    return json.dumps(value)


def repeats(value: Any) -> bool:
    """Return whether any object in the value has a name twice."""
    if isinstance(value, Members):
        names = [name for name, _ in value]
        return len(names) != len(set(names)) or any(repeats(item) for _, item in value)
    return isinstance(value, list) and any(map(repeats, value))


@given(st.lists(st.tuples(st.text("ab", max_size=1), OBJECTS)).map(Members), st.sampled_from([":", " :", ": "]))
def test_an_object_is_rejected_only_for_a_repeated_name(members: Members, colon: str) -> None:
    decoded = decode_object(as_text(members, colon).encode())
    assert (decoded == Reject(RejectCode.DUPLICATE_KEY)) == repeats(members)
    assert repeats(members) or isinstance(decoded, dict)


MESSAGE = {
    "messageId": 1,
    "sessionId": "s",
    "deviceId": "phone-1",
    "payload": [{"name": "location", "time": NOON_MS * 10**6, "values": {"latitude": 40.5, "longitude": -75.5}}],
}


@given(st.binary() | broken(MESSAGE) | cut(MESSAGE))
def test_any_body_is_fixes_no_position_or_unusable(body: bytes) -> None:
    assert isinstance(sensor_logger.translate(Request(body), "phone-1", NOON_MS), Fixes | NoPosition | Unusable)


GOLDEN = st.sampled_from([sent for one in RECORDINGS for _, sent in one.requests])
MEDIA_TYPES = st.sampled_from([JSON, FORM, ""])


@given(
    st.sampled_from(APPS),
    st.builds(Request, st.binary(), st.text(), MEDIA_TYPES)
    | GOLDEN
    | GOLDEN.flatmap(lambda sent: cut(json.loads(sent.body or b"{}") if sent.media_type == JSON else {}).map(Request))
    | st.builds(Request, st.just(b""), st.text("latlon=&1.%-e0timesp\0ÿ")),
)
def test_any_request_of_any_app_is_fixes_no_position_or_unusable(app: App, sent: Request) -> None:
    translation = app.translate(sent, "phone-1", NOON_MS)
    assert isinstance(translation, Fixes | NoPosition | Unusable)
    assert 200 <= app.response_to(translation).status < 500
    if isinstance(translation, Fixes):
        assert parse_push(encode_push(translation.push)) == translation.push


@given(st.integers(min_value=FIRST_US, max_value=LAST_US - 1))
def test_a_written_time_is_read_back(epoch_us: int) -> None:
    assert parse_epoch_us(format_us(epoch_us)) == epoch_us


@given(st.builds(push, fixes=st.lists(st.builds(fix, st.floats(-1e5, 1e5)), min_size=1, max_size=5)))
def test_a_written_push_is_read_back(record: dict[str, Any]) -> None:
    parsed = parse_push(json.dumps(record).encode())
    assert isinstance(parsed, Push)
    assert parse_push(encode_push(parsed)) == parsed


def test_every_reject_code_has_a_help_text() -> None:
    assert set(REJECT_HELP) == set(RejectCode)
    assert "payload" not in {field for field in DeadLetter.__struct_fields__ if not field.startswith("payload_")}
