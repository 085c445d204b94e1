"""The alert throttle: which suspects cause an alert, and which are suppressed."""

from typing import Any

import pytest

from app.alerts.throttle import AlertThrottle, Notify, Suppressed
from schemas.verdict import Verdict
from tests.support.suspect import COOL_DOWN_S, DEVICE, OTHER, suspect


def decisions(*records: tuple[float, Verdict]) -> list[Any]:
    """Return for each record the suppressed count of its alert, "suppressed", or None."""
    throttle = AlertThrottle(70, COOL_DOWN_S)
    found = [throttle.decide(one, at_s) for at_s, one in records]
    return [
        one.suppressed_count if isinstance(one, Notify) else "suppressed" if isinstance(one, Suppressed) else None
        for one in found
    ]


@pytest.mark.parametrize(
    ("case", "records", "expected"),
    [
        ("a final suspect", [(0, suspect())], [0]),
        ("a provisional one, then final", [(0, suspect(status="provisional")), (9, suspect(revision=2))], [None, 0]),
        ("a risk below the minimum", [(0, suspect(risk=69))], [None]),
        ("the minimum risk", [(0, suspect(risk=70))], [0]),
        ("a risk that grows", [(0, suspect(risk=60)), (9, suspect(revision=2, risk=75))], [None, 0]),
        ("no suspect", [(0, suspect(verdict="clear"))], [None]),
        ("a payment that is not evaluable", [(0, suspect(verdict="not_evaluable"))], [None]),
        ("a further revision", [(0, suspect()), (2000, suspect(revision=3, risk=90))], [0, None]),
        ("the same record again", [(0, suspect()), (1, suspect())], [0, None]),
        ("another of the device", [(0, suspect(1)), (899, suspect(2))], [0, "suppressed"]),
        ("another after the cool-down", [(0, suspect(1)), (900, suspect(2))], [0, 0]),
        ("another device", [(0, suspect(1)), (1, suspect(2, device_token=OTHER))], [0, 0]),
        (
            "the next alert counts suppressed suspects once",
            [(0, suspect(1)), (5, suspect(2)), (6, suspect(3)), (950, suspect(4)), (2000, suspect(5))],
            [0, "suppressed", "suppressed", 2, 0],
        ),
        (
            "a suppressed suspect does not extend the cool-down",
            [(0, suspect(1)), (600, suspect(2)), (1100, suspect(3))],
            [0, "suppressed", 1],
        ),
        (
            "a suspect suppressed twice counts once",
            [(0, suspect(1)), (5, suspect(2)), (6, suspect(2, revision=2)), (950, suspect(3))],
            [0, "suppressed", None, 1],
        ),
        (
            "a suppressed suspect that becomes clear does not count",
            [(0, suspect(1)), (5, suspect(2)), (6, suspect(2, revision=2, verdict="clear")), (950, suspect(3))],
            [0, "suppressed", None, 0],
        ),
        (
            "a payment that is clear after its alert, and suspect again",
            [(0, suspect()), (5, suspect(revision=2, verdict="clear")), (2000, suspect(revision=3))],
            [0, None, None],
        ),
        (
            "a suspect suppressed half a day ago does not count",
            [(0, suspect(1)), (5, suspect(2)), (13 * 3600, suspect(3))],
            [0, "suppressed", 0],
        ),
    ],
)
def test_a_suspect_causes_an_alert_or_is_suppressed(
    case: str, records: list[tuple[float, Verdict]], expected: list[Any]
) -> None:
    assert decisions(*records) == expected, case


def test_every_suspect_causes_an_alert_without_a_cool_down() -> None:
    throttle = AlertThrottle(70, 0.0)
    found = [throttle.decide(suspect(number), 5.0) for number in (1, 2)]
    assert found == [Notify(suspect(1), 0), Notify(suspect(2), 0)]


def test_an_erased_device_has_no_cool_down() -> None:
    throttle = AlertThrottle(70, COOL_DOWN_S)
    throttle.decide(suspect(1), 0.0)
    throttle.decide(suspect(2), 1.0)
    throttle.erase([DEVICE])
    assert throttle.decide(suspect(3), 2.0) == Notify(suspect(3), 0)


def test_a_replay_of_half_a_day_restores_the_decisions() -> None:
    records = [(600.0 * number, suspect(number, risk=65 + number % 20)) for number in range(300)]
    first, second = AlertThrottle(70, COOL_DOWN_S), AlertThrottle(70, COOL_DOWN_S)
    whole = [first.decide(one, at_s) for at_s, one in records]
    replayed = [second.decide(one, at_s) for at_s, one in records[100:]]
    assert whole[200:] == replayed[100:]
