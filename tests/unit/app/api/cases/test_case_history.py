"""The case history: revisions from the topics, and erasures of the device."""

import msgspec

from app.api.cases.case_history import CaseHistory, CaseHistoryBuilder
from schemas.erasure import Erasure, encode_erasure
from schemas.verdict import Verdict, encode_verdict
from tests.support.batch import CONTEXT, FakeRecord
from tests.support.make import NOON_MS, as_bytes, verdict

TOKEN = CONTEXT.masker.token("device", "phone-1")
OTHER = CONTEXT.masker.token("device", "phone-2")


def published(number: int, revision: int, at_s: float = 0, **changes: object) -> FakeRecord:
    one: Verdict = verdict(number, revision=revision, device_token=TOKEN, **changes)
    return FakeRecord(b"phone-1", encode_verdict(one), partition=3, timestamp=NOON_MS + round(1000 * at_s))


def erased(token: str, at: str = "2026-11-21T11:50:00.000Z") -> FakeRecord:
    erasure = Erasure(device_tokens=(token,), request=0, forgotten_at=at, rows=0, open_payments=0)
    return FakeRecord(None, encode_erasure(erasure), partition=3)


def history_of(*records: FakeRecord) -> CaseHistory:
    builder = CaseHistoryBuilder(msgspec.to_builtins(verdict(1, device_token=TOKEN)))
    for record in records:
        builder.add(record)
    return builder.build(complete=True, is_truncated=False)


def test_a_history_has_each_revision_once_and_in_order() -> None:
    history = history_of(
        published(2, 1),
        published(1, 1, 1),
        published(1, 2, 5),
        FakeRecord(b"k", b"junk"),
        published(1, 1, 9),
        published(1, 3, 7),
    )
    revisions = history.response().revisions
    assert [(one.revision, one.at[11:]) for one in revisions] == [
        (1, "12:00:01.000Z"),
        (2, "12:00:05.000Z"),
        (3, "12:00:07.000Z"),
    ]
    assert (history.device, history.partition, history.is_erased) == (b"phone-1", 3, False)
    assert "phone-1" not in repr(history) + msgspec.json.encode(history.response()).decode()


def test_only_a_revision_of_the_case_shows_its_partition() -> None:
    builder = CaseHistoryBuilder(msgspec.to_builtins(verdict(1, device_token=TOKEN)))
    same_device = published(2, 1)
    named_elsewhere = FakeRecord(b"k", as_bytes({"note": verdict(1).id}), partition=1)
    assert [builder.add(one) for one in (same_device, named_elsewhere, erased(TOKEN), published(1, 1))] == [
        False,
        False,
        False,
        True,
    ]


def test_a_case_is_erased_when_its_device_was_erased_afterwards() -> None:
    assert history_of(published(1, 1), erased(TOKEN)).is_erased
    assert not history_of(published(1, 1), erased(OTHER)).is_erased


def test_a_case_after_an_erasure_has_the_time_of_the_erasure() -> None:
    history = history_of(erased(TOKEN), erased(TOKEN, "2026-11-21T11:55:00.000Z"), published(1, 1))
    assert (history.is_erased, history.erased_until_ms) == (False, NOON_MS - 300_000)


def test_a_history_without_a_revision_has_no_device() -> None:
    assert history_of(published(2, 1)).device is None
