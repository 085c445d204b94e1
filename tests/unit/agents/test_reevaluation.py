"""Re-evaluation: the lifecycle of a verdict."""

from typing import Any

import pytest

from agents.ingest_positions import ingest_positions
from agents.rules.state_limits import STATE_LIMITS
from agents.score import score
from agents.state.retention import expire
from schemas.verdict import Outcome, Status, Verdict
from tests.support.batch import CONTEXT, FakeBatch, keyed, verdicts
from tests.support.make import NOON_MS, fix, payment, push
from tests.support.phone import east_of_home

RESUMED_AFTER_S, FOLLOW_UP_S = STATE_LIMITS.resumed_after_s, STATE_LIMITS.follow_up_s
COMPLETE_S = RESUMED_AFTER_S + FOLLOW_UP_S + STATE_LIMITS.lateness_s + 3600
GRACE_MS = STATE_LIMITS.silent_phone_grace_ms


class Scenario:
    """The rows of one device, changed record by record. Each step returns the published verdicts."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}
        self.suspects: list[Verdict] = []

    def report(self, *fixes: dict[str, Any], read_late: bool = False) -> list[Verdict]:
        """Ingest a push. `read_late`: its record is older than those of the payments."""
        newest_ms = max(one["at_ms"] for one in fixes)
        sent_at_ms = newest_ms if read_late else max(newest_ms, NOON_MS)
        batch = FakeBatch([keyed(push(*fixes), timestamp=sent_at_ms)], self.rows)
        ingest_positions(batch, CONTEXT)
        return self._published(batch)

    def pay(self, *payments: dict[str, Any]) -> list[Verdict]:
        batch = FakeBatch([keyed(one) for one in payments], self.rows)
        score(batch, CONTEXT)
        return self._published(batch)

    def wait(self, until_ms: int) -> list[Verdict]:
        batch = FakeBatch([], self.rows)
        for key in list(self.rows):
            expire(batch, key, until_ms, CONTEXT)
        return self._published(batch)

    def _published(self, batch: FakeBatch) -> list[Verdict]:
        self.suspects += verdicts(batch, "potential_fraud_transactions")
        return verdicts(batch)


def at(seconds: float, metres_east: float = 0.0, **changes: Any) -> dict[str, Any]:
    latitude, longitude = east_of_home(metres_east)
    return fix(seconds, latitude=latitude, longitude=longitude, **changes)


def paid(number: int = 1, metres_east: float = 0.0, seconds: float = 0.0, **changes: Any) -> dict[str, Any]:
    latitude, longitude = east_of_home(metres_east)
    place = {"latitude": latitude, "longitude": longitude, "timestamp": NOON_MS / 1000 + seconds}
    return payment(number, **(place | changes))


def labels(answers: list[Verdict]) -> list[tuple[int, str, str]]:
    return [(one.revision, one.verdict.value, one.status.value) for one in answers]


def test_a_clear_payment_is_provisional_until_the_phone_reports_after_it() -> None:
    scenario = Scenario()
    scenario.report(at(-1))
    assert labels(scenario.pay(paid())) == [(1, "clear", "provisional")]
    assert labels(scenario.report(at(29))) == []
    assert labels(scenario.report(at(31))) == [(2, "clear", "final")]
    assert labels(scenario.report(at(120), at(600))) == []
    assert scenario.suspects == []


def test_a_later_fix_turns_a_clear_payment_into_a_suspect() -> None:
    scenario = Scenario()
    scenario.report(at(-3600))
    assert labels(scenario.pay(paid(1, 50_000))) == [(1, "clear", "provisional")]
    (raised,) = scenario.report(at(60.5))
    assert labels([raised]) == [(2, "suspect", "final")]
    assert raised.codes == ("UNREACHABLE_AFTER",)
    assert scenario.suspects == [raised]


def test_a_later_fix_clears_a_suspect_and_retracts_it_on_its_topic() -> None:
    scenario = Scenario()
    scenario.report(at(-3, 40_000, horizontal_accuracy_m=4.0))  # a single outlier, the first report
    assert labels(scenario.pay(paid())) == [(1, "suspect", "provisional")]
    cleared = scenario.report(*[at(second) for second in range(-2, 120, 2)])
    assert labels(cleared) == [(2, "clear", "final")]
    assert labels(scenario.suspects) == [(1, "suspect", "provisional"), (2, "clear", "final")]


def test_a_payment_without_a_phone_is_judged_again_when_the_phone_reports() -> None:
    scenario = Scenario()
    (first,) = scenario.pay(paid(1, 900_000))
    assert (first.verdict, first.codes) == (Outcome.NOT_EVALUABLE, ("NO_FIX",))
    assert labels(scenario.report(at(600))) == [(2, "suspect", "final")]


def test_a_late_fix_from_before_the_payment_revises_the_verdict() -> None:
    scenario = Scenario()
    scenario.report(at(-1200))
    assert labels(scenario.pay(paid(1, 30_000))) == [(1, "clear", "provisional")]
    assert labels(scenario.report(at(-2))) == [(2, "suspect", "provisional")]
    other = Scenario()
    other.pay(paid(1, 300_000))
    assert labels(other.report(at(-100))) == [(2, "suspect", "provisional")]


def test_pushes_older_than_the_payment_are_not_evaluated_before_its_time() -> None:
    scenario = Scenario()
    scenario.pay(paid(1, 300_000))
    assert labels(scenario.report(at(-100), read_late=True)) == []
    assert labels(scenario.report(at(-2), read_late=True)) == []
    assert labels(scenario.report(at(0), read_late=True)) == [(2, "suspect", "provisional")]


def test_fixes_an_hour_late_change_even_a_settled_verdict() -> None:
    scenario = Scenario()
    scenario.report(at(-3600))
    scenario.pay(paid(1, 30_000))
    assert labels(scenario.report(at(1200))) == [(2, "clear", "final")]
    (changed,) = scenario.report(*[at(second) for second in range(-30, 31, 5)])
    assert labels([changed]) == [(3, "suspect", "final")]


def test_a_final_verdict_stays_final_after_a_late_fix() -> None:
    scenario = Scenario()
    scenario.report(at(-3600))
    scenario.pay(paid())
    assert labels(scenario.report(at(40, 90_000))) == [(2, "suspect", "final")]
    assert labels(scenario.report(*[at(second) for second in range(-30, 29)])) == [(3, "clear", "final")]


def test_a_complete_payment_is_closed_and_never_revised() -> None:
    scenario = Scenario()
    scenario.report(at(-1))
    scenario.pay(paid(1, 30_000))
    scenario.report(at(RESUMED_AFTER_S))
    scenario.report(at(RESUMED_AFTER_S + 1))
    scenario.report(at(COMPLETE_S + 2))
    assert not any(b"case-" in key for key in scenario.rows)
    assert scenario.report(*[at(second, 30_000) for second in range(-30, 31)]) == []
    assert len(scenario.suspects) == 2  # at once, and when settled


def test_changed_details_are_published_only_when_the_payment_closes() -> None:
    scenario = Scenario()
    scenario.report(at(-20))
    scenario.pay(paid())
    (settled,) = scenario.report(at(45))
    assert scenario.report(at(-2)) == []  # late, and nearer
    (last,) = scenario.report(at(COMPLETE_S + 2), at(RESUMED_AFTER_S + 1))
    assert settled.fix_before is not None
    assert last.fix_before is not None
    assert (last.revision, settled.fix_before.at[-7:], last.fix_before.at[-7:]) == (3, "40.000Z", "58.000Z")


def test_a_payment_closes_after_the_grace_of_a_silent_phone() -> None:
    scenario = Scenario()
    scenario.report(at(-1))
    scenario.pay(paid(1, 30_000))
    assert scenario.wait(NOON_MS + GRACE_MS - 1) == []
    assert labels(scenario.wait(NOON_MS + GRACE_MS)) == [(2, "suspect", "final")]
    assert scenario.wait(NOON_MS + 2 * GRACE_MS) == []


def test_a_payment_without_a_location_is_final_at_once() -> None:
    scenario = Scenario()
    assert labels(scenario.pay(payment(latitude=None, longitude=None))) == [(1, "not_evaluable", "final")]
    assert scenario.wait(NOON_MS + GRACE_MS) == []


def test_card_velocity_needs_no_phone() -> None:
    scenario = Scenario()
    first, second = scenario.pay(paid(1), paid(2, 400_000, 300))
    assert (first.verdict, second.verdict) == (Outcome.NOT_EVALUABLE, Outcome.SUSPECT)
    assert second.codes == ("CARD_VELOCITY", "NO_FIX")
    assert second.other_payment is not None
    assert second.other_payment.elapsed_s == 300


def test_a_late_earlier_payment_makes_an_open_one_suspect() -> None:
    scenario = Scenario()
    assert labels(scenario.pay(paid(2, 400_000, 300))) == [(1, "not_evaluable", "provisional")]
    assert labels(scenario.pay(paid(1))) == [(2, "suspect", "provisional"), (1, "not_evaluable", "provisional")]


def test_other_cards_of_the_cardholder_are_not_compared() -> None:
    scenario = Scenario()
    answers = scenario.pay(paid(1), paid(2, 400_000, 300, card_number="4111111111111111"))
    assert {one.verdict for one in answers} == {Outcome.NOT_EVALUABLE}


def test_the_severity_of_an_episode_never_falls() -> None:
    scenario = Scenario()
    scenario.report(*[at(second) for second in range(-60, 5000, 20)])
    away_m = (900_000, 900_000, 3_000, 900_000)
    far = [paid(number, away_m[number], 600 * number + 5, amount="1.00") for number in range(4)]
    answers = sorted(scenario.pay(*far, paid(9, 900_000, 4900)), key=lambda one: one.timestamp)
    assert [one.episode_number for one in answers] == [1, 2, 3, 4, 1]
    assert len({one.episode_id for one in answers}) == 2
    severities = [one.episode_severity or 0 for one in answers[:4]]
    assert severities == sorted(severities)
    assert all(one.risk <= (one.episode_severity or 0) for one in answers)


def test_a_clear_payment_has_no_risk_and_no_episode() -> None:
    scenario = Scenario()
    scenario.report(at(-1))
    (answer,) = scenario.pay(paid())
    assert (answer.risk, answer.risk_parts, answer.episode_id) == (0, None, None)


def test_the_oldest_open_payments_beyond_the_maximum_close() -> None:
    scenario = Scenario()
    scenario.report(at(-1))
    answers = scenario.pay(*[paid(number, 0, number / 100) for number in range(STATE_LIMITS.payments_max + 3)])
    assert [one.transaction_id for one in answers if one.status is Status.FINAL] == ["tx-0", "tx-1", "tx-2"]
    assert sum(b"case-" in key for key in scenario.rows) == STATE_LIMITS.payments_max


@pytest.mark.parametrize("after_s", STATE_LIMITS.reevaluate_after_s)
def test_a_fix_at_each_time_of_the_schedule_is_evaluated(after_s: int) -> None:
    scenario = Scenario()
    scenario.report(at(-7200))
    scenario.pay(paid(1, 100_000))
    answer = next(iter(scenario.report(at(after_s))), None)
    if after_s <= 0 or after_s > CONTEXT.parameters.clock_uncertainty_s:
        assert answer is not None
        assert (answer.verdict is Outcome.SUSPECT) == (after_s <= FOLLOW_UP_S // 3)
