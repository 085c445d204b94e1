"""Live statistics: rates over windows, and cardholders with high-value suspects."""

import pytest

from app.api.live.lag_estimator import LagEstimator
from app.api.live.statistics import HighValue, LiveStatistics
from schemas.verdict import Outcome, Verdict
from tests.support.make import verdict

NOW_S = 1_795_262_400.0


def suspect(number: int = 1, **changes: object) -> Verdict:
    return verdict(number, **{"verdict": Outcome.SUSPECT, "amount": "1500.00"} | changes)


def statistics(window_s: int = 3600) -> LiveStatistics:
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
    ids=["none", "ten", "in the tenth second", "in the eleventh", "in the current second", "from a clock ahead"],
)
def test_the_payment_rate_covers_the_last_ten_whole_seconds(ages_s: tuple[float, ...], per_s: float) -> None:
    measured = statistics()
    for age_s in ages_s:
        measured.add_first_verdict(Outcome.CLEAR, NOW_S - age_s, NOW_S)
    assert measured.snapshot(NOW_S, LagEstimator()).payments_per_s == per_s


def test_a_payment_from_a_clock_ahead_counts_after_the_current_second() -> None:
    measured = statistics()
    measured.add_first_verdict(Outcome.CLEAR, NOW_S + 3600, NOW_S)
    assert measured.snapshot(NOW_S + 1, LagEstimator()).payments_per_s == 0.1


def test_the_share_of_not_evaluable_payments_covers_the_last_minute() -> None:
    measured = statistics()
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


def test_a_suspect_counts_once_with_any_number_of_revisions() -> None:
    measured = statistics()
    for number, revision in ((1, 1), (1, 2), (2, 1), (1, 3)):
        measured.add_suspect(suspect(number, revision=revision), NOW_S - 1, NOW_S)
    measured.add_suspect(verdict(3, revision=2), NOW_S - 1, NOW_S)
    reading = measured.snapshot(NOW_S, LagEstimator())
    assert (reading.suspects_per_min, reading.suspects) == (2, 2)
    assert measured.snapshot(NOW_S + 60, LagEstimator()).suspects_per_min == 0


def test_a_cardholder_counts_once_from_the_minimum_amount_within_the_window() -> None:
    measured = statistics(window_s=600)
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


def test_amounts_of_different_currencies_are_not_added() -> None:
    measured = statistics()
    for number, currency in enumerate(("USD", "EUR", "EUR", None)):
        measured.add_suspect(suspect(number, currency=currency), NOW_S, NOW_S)
    people = measured.snapshot(NOW_S, LagEstimator()).people
    assert people.count == 1
    assert {(one.currency, one.amount) for one in people.top} == {
        ("USD", "1500.00"),
        ("EUR", "3000.00"),
        (None, "1500.00"),
    }


def test_a_cleared_or_erased_suspect_no_longer_counts() -> None:
    measured = statistics()
    measured.add_suspect(suspect(1, user_token="user_k1_A"), NOW_S, NOW_S)
    measured.add_suspect(suspect(2, user_token="user_k1_B", device_token="device_k1_B"), NOW_S, NOW_S)
    measured.add_suspect(suspect(1, user_token="user_k1_A", revision=2, verdict=Outcome.CLEAR), NOW_S, NOW_S)
    assert [one.user_token for one in measured.snapshot(NOW_S, LagEstimator()).people.top] == ["user_k1_B"]
    measured.erase(["device_k1_B"])
    assert measured.snapshot(NOW_S, LagEstimator()).people.count == 0


def test_a_payment_without_a_user_counts_for_its_card() -> None:
    measured = statistics()
    measured.add_suspect(suspect(1, user_token=None), NOW_S, NOW_S)
    assert measured.snapshot(NOW_S, LagEstimator()).people.top[0].user_token == "card_k1_A"
