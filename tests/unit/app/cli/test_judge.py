"""`geovelocity judge`: payments are judged from files."""

import json
from pathlib import Path
from random import Random

import pytest

from app.simulate.gnss_model import WANDERING, GnssReceiver
from app.simulate.place import CITIES
from app.simulate.scenarios import driving
from schemas.push import Push, encode_push
from tests.support.invoke import far, judge, run, write
from tests.support.make import CARD, NOON_MS, fix, payment, push


def test_payments_get_final_verdicts_in_the_order_of_their_file(files: Path) -> None:
    result, verdicts = judge(files, [push(fix(5), fix(-5))], [far(1), payment(2), far(3, 900_000)])
    assert result.exit_code == 0, result.output
    assert [(one.transaction_id, one.verdict, one.status) for one in verdicts] == [
        ("tx-1", "suspect", "final"),
        ("tx-2", "clear", "final"),
        ("tx-3", "suspect", "final"),
    ]


def test_unusable_lines_become_dead_letters_and_the_others_are_judged(files: Path) -> None:
    result, verdicts = judge(files, [push(), b"junk"], [payment(1), b"{", payment(2, amount=CARD + "x"), b""])
    assert result.exit_code == 3
    letters = [json.loads(line) for line in result.stderr.splitlines()]
    assert [(one["topic"], one["offset"], one["code"]) for one in letters] == [
        ("locations", 1, "not-json"),
        ("transactions", 1, "not-json"),
        ("transactions", 2, "pattern"),
    ]
    assert len(verdicts) == 1
    assert CARD not in result.stderr


def test_a_repeated_payment_has_one_verdict(files: Path) -> None:
    _, verdicts = judge(files, [push()], [payment(1), payment(1)])
    assert len(verdicts) == 1


def test_two_phones_whose_payments_share_an_id_both_get_a_verdict(files: Path) -> None:
    _, verdicts = judge(files, [push()], [payment(1), payment(1, device_id="phone-2")])
    assert [verdict.codes for verdict in verdicts] == [("REACHABLE",), ("NO_FIX",)]


def test_the_published_rule_uses_the_newest_fix(files: Path) -> None:
    seconds = [-second / 10 for second in range(950, 1950)]
    pushes = [push(fix(second, horizontal_accuracy_m=3.0 + (second == seconds[0]))) for second in seconds]
    _, (verdict,) = judge(files, pushes, [payment()], "--preset", "paper")
    assert verdict.elapsed_s == 95.0


def test_the_preset_option_selects_the_published_rule(files: Path) -> None:
    _, (default,) = judge(files, [push(fix(-1))], [far(1, 60)])
    _, (published,) = judge(files, [push(fix(-1))], [far(1, 60)], "--preset", "paper")
    assert (default.verdict, published.verdict) == ("clear", "suspect")
    assert published.rule.preset == "paper"
    assert published.rule.parameters["top_speed_mps"] is None


def test_the_order_of_the_lines_does_not_matter(files: Path) -> None:
    pushes = [push(fix(second)) for second in range(-60, 60)]
    _, forwards = judge(files, pushes, [far(1, 500)])
    _, backwards = judge(files, pushes[::-1], [far(1, 500)])
    assert forwards == backwards
    assert forwards[0].verdict == "suspect"


def test_verdicts_go_to_standard_output_by_default(files: Path) -> None:
    locations, transactions = write(files / "l", push()), write(files / "t", payment())
    result = run("judge", "--locations", locations, "--transactions", transactions)
    assert json.loads(result.stdout)["transaction_id"] == "tx-1"


@pytest.mark.parametrize("seed", range(3))
def test_a_drive_accuses_no_honest_payment_and_catches_one_5_km_away(files: Path, seed: int) -> None:
    chance = Random(seed)
    path, receiver = driving(CITIES[0], 1200, chance).phone, GnssReceiver(WANDERING, chance)
    fixes = [receiver.observe(path, second, NOON_MS).fix for second in range(1200)]
    pushes = [encode_push(Push("phone-1", (one,))) for one in fixes]
    payments = []
    for number, one in enumerate(fixes[100:-100:20]):
        at = {"timestamp": one.at_ms / 1000, "longitude": one.longitude}
        payments.append(payment(2 * number, latitude=one.latitude, **at))
        payments.append(payment(2 * number + 1, latitude=one.latitude + 0.045, **at))
    _, verdicts = judge(files, pushes, payments)
    assert [one.verdict for one in verdicts] == ["clear", "suspect"] * (len(payments) // 2)
