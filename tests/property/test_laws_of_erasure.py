"""Law of erasure: at any time of a day, an erasure leaves nothing from before, and nothing returns later."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.forget import forget
from agents.state.erasure_tombstones import TOMBSTONES_KEY
from schemas.erasure import Erasure, parse_erasure
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord
from tests.support.make import NOON_MS, as_bytes
from tests.support.random_day import Event, arrivals, day, published


def happened_by(at_s: float, event: Event) -> bool:
    moment_ms: float = event.value["at_ms"] if event.is_fix else 1000 * event.value["timestamp"]
    return moment_ms <= NOON_MS + 1000 * at_s


def newest(revisions: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["transaction_id"]: {**one, "revision": None} for one in revisions}


@given(st.integers(0, 2**32), st.floats(0, 1))
@settings(max_examples=15, deadline=None)
def test_verdicts_after_an_erasure_ignore_everything_from_before(seed: int, share: float) -> None:
    arriving = arrivals(day(random.Random(seed)), random.Random(seed))
    at_s = round(share * arriving[-1][0])
    earlier = [one for one in arriving if one[0] <= at_s]
    later = [one for one in arriving if one[0] > at_s]
    rows: dict[bytes, bytes] = {}
    if earlier:
        published(earlier, random.Random(seed), rows=rows)
    request = FakeRecord(b"phone-1", as_bytes({"device_id": "phone-1"}), timestamp=NOON_MS + 1000 * at_s)
    batch = FakeBatch([request], rows)
    forget(batch, CONTEXT)
    assert set(rows) == {TOMBSTONES_KEY}
    assert all(isinstance(parse_erasure(value), Erasure) for value in batch.values("verdicts"))
    since = [one for one in later if not happened_by(at_s, one[1])]
    after = published(later, random.Random(seed), rows=rows) if later else []
    assert newest(after) == newest(published(since, random.Random(seed)) if since else [])
    assert earlier == [] or published(earlier, random.Random(seed), rows=rows) == []
