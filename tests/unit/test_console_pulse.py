"""The console's pulse: rates over windows, who has suspects of high value, how far the detector is behind."""

import pytest

from app.api.live.lag_estimator import STALE_AFTER_S, LagEstimate, LagEstimator
from app.api.live.statistics import HighValue, LiveStatistics
from schemas.verdict import Outcome, Verdict
from tests.support.make import verdict

NOW_S = 1_795_262_400.0


def suspect(number: int = 1, **changes: object) -> Verdict:
    return verdict(number, **{"verdict": Outcome.SUSPECT, "amount": "1500.00"} | changes)


def pulse(window_s: int = 3600) -> LiveStatistics:
    return LiveStatistics(HighValue(1000.0, window_s))


@pytest.mark.parametrize(
    ("ages_s", "per_s"),
    [
        ((), 0.0),
        ((1.0,) * 10, 1.0),
        ((10.0,), 0.1),
        ((10.1,), 0.0),
        ((0.0,), 0.0),
        ((-5.0,), 0.0),
    ],
    ids=["none", "ten", "the tenth second", "the eleventh", "the second that is not over", "a clock ahead of ours"],
)
def test_payments_a_second_are_those_of_the_last_ten_whole_seconds(ages_s: tuple[float, ...], per_s: float) -> None:
    measured = pulse()
    for age_s in ages_s:
        measured.add_first_verdict(Outcome.CLEAR, NOW_S - age_s, NOW_S)
    assert measured.snapshot(NOW_S, LagEstimator()).payments_per_s == per_s


def test_a_payment_from_a_clock_that_is_ahead_counts_when_its_second_is_over() -> None:
    measured = pulse()
    measured.add_first_verdict(Outcome.CLEAR, NOW_S + 3600, NOW_S)
    assert measured.snapshot(NOW_S + 1, LagEstimator()).payments_per_s == 0.1


def test_the_share_that_cannot_be_evaluated_is_of_the_last_minute() -> None:
    measured = pulse()
    assert measured.snapshot(NOW_S, LagEstimator()).not_evaluable_share is None
    for age_s, outcome in (
        (61, Outcome.NOT_EVALUABLE),
        (60, Outcome.NOT_EVALUABLE),
        (30, Outcome.CLEAR),
        (1, Outcome.SUSPECT),
    ):
        measured.add_first_verdict(outcome, NOW_S - age_s, NOW_S)
    reading = measured.snapshot(NOW_S, LagEstimator())
    assert reading.not_evaluable_share == pytest.approx(1 / 3)
    assert reading.judged == 4


def test_a_suspect_counts_once_however_many_revisions_it_has() -> None:
    measured = pulse()
    for number, revision in ((1, 1), (1, 2), (2, 1), (1, 3)):
        measured.add_suspect(suspect(number, revision=revision), NOW_S - 1, NOW_S)
    measured.add_suspect(verdict(3, revision=2), NOW_S - 1, NOW_S)
    reading = measured.snapshot(NOW_S, LagEstimator())
    assert (reading.suspects_per_min, reading.suspects) == (2, 2)
    assert measured.snapshot(NOW_S + 60, LagEstimator()).suspects_per_min == 0


def test_people_are_counted_once_from_the_value_on_for_as_long_as_the_window() -> None:
    measured = pulse(window_s=600)
    for number, user, amount, age_s in (
        (1, "user_k1_A", "1000.00", 0),
        (2, "user_k1_A", "2500.50", 100),
        (3, "user_k1_B", "999.99", 0),
        (4, "user_k1_C", "3000.00", 599),
        (5, "user_k1_D", "3000.00", 600),
    ):
        measured.add_suspect(suspect(number, user_token=user, amount=amount), NOW_S - age_s, NOW_S)
    people = measured.snapshot(NOW_S, LagEstimator()).people
    assert (people.count, people.amount) == (2, 1000.0)
    assert [(one.user_token, one.payments, one.amount) for one in people.top] == [
        ("user_k1_A", 2, "3500.50"),
        ("user_k1_C", 1, "3000.00"),
    ]
    assert measured.snapshot(NOW_S + 600, LagEstimator()).people.count == 0


def test_amounts_of_different_currencies_are_not_added_up() -> None:
    measured = pulse()
    for number, currency in enumerate(("USD", "EUR", "EUR", None)):
        measured.add_suspect(suspect(number, currency=currency), NOW_S, NOW_S)
    people = measured.snapshot(NOW_S, LagEstimator()).people
    assert people.count == 1
    assert {(one.currency, one.amount) for one in people.top} == {
        ("USD", "1500.00"),
        ("EUR", "3000.00"),
        (None, "1500.00"),
    }


def test_whoever_is_cleared_or_forgotten_is_no_longer_counted() -> None:
    measured = pulse()
    measured.add_suspect(suspect(1, user_token="user_k1_A"), NOW_S, NOW_S)
    measured.add_suspect(suspect(2, user_token="user_k1_B", device_token="device_k1_B"), NOW_S, NOW_S)
    measured.add_suspect(suspect(1, user_token="user_k1_A", revision=2, verdict=Outcome.CLEAR), NOW_S, NOW_S)
    assert [one.user_token for one in measured.snapshot(NOW_S, LagEstimator()).people.top] == ["user_k1_B"]
    measured.erase(["device_k1_B"])
    assert measured.snapshot(NOW_S, LagEstimator()).people.count == 0


def test_a_payment_whose_user_was_not_said_is_its_cards() -> None:
    measured = pulse()
    measured.add_suspect(suspect(1, user_token=None), NOW_S, NOW_S)
    assert measured.snapshot(NOW_S, LagEstimator()).people.top[0].user_token == "card_k1_A"


A, B = ("transactions", 0), ("locations", 1)


@pytest.mark.parametrize(
    ("samples", "done", "lag"),
    [
        ([], {}, None),
        ([(0, {A: 5})], {}, None),
        ([(0, {A: 5})], {A: 5}, LagEstimate(0, 0.0)),
        ([(0, {A: 5, B: 9})], {A: 6}, LagEstimate(0, 0.0)),
        ([(-4, {A: 5}), (-2, {A: 8}), (0, {A: 9})], {A: 5}, LagEstimate(4, 2.0)),
        ([(-4, {A: 5, B: 0}), (-2, {A: 8, B: 0}), (0, {A: 9, B: 1})], {A: 8, B: 0}, LagEstimate(2, 0.0)),
        ([(-4, {A: 9}), (-2, {A: 9}), (0, {A: 9})], {A: 1}, LagEstimate(8, 4.0)),
        ([(-STALE_AFTER_S - 0.1, {A: 9})], {A: 1}, None),
    ],
    ids=[
        "nothing asked",
        "nobody judges",
        "done",
        "past the end",
        "two samples",
        "the newest alone",
        "ever since",
        "long ago",
    ],
)
def test_the_backlog_is_what_is_not_done_and_since_when_it_was_seen(
    samples: list[tuple[float, dict[tuple[str, int], int]]], done: dict[tuple[str, int], int], lag: LagEstimate | None
) -> None:
    backlog = LagEstimator()
    for at_s, ends in samples:
        backlog.record(NOW_S + at_s, ends, done)
    assert backlog.estimate(NOW_S) == lag
