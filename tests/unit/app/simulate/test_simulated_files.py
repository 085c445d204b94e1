"""Files and live runs of a simulation: equal bytes for equal seeds, and a label for every payment."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from app.simulate.conditions import CONDITIONS
from app.simulate.files import write
from app.simulate.label import read_labels
from app.simulate.simulation import SEED_MAX, Plan, arrivals, live, sessions
from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from tests.support.batch import CONTEXT


def quietly(_line: str) -> None:
    pass


def test_the_same_seed_makes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        write(Plan(seed=seed, payments=500), tmp_path / name, quietly)
    for file in ("locations.jsonl", "transactions.jsonl", "labels.json"):
        one, two, three = ((tmp_path / name / file).read_bytes() for name in ("one", "two", "three"))
        assert one == two
        assert one != three


def test_files_hold_valid_records_in_order_of_arrival_and_all_labels(tmp_path: Path) -> None:
    casting = write(Plan(seed=5, payments=500), tmp_path, quietly)
    pushes = [parse_push(line) for line in (tmp_path / "locations.jsonl").read_bytes().splitlines()]
    payments = [parse_payment(line) for line in (tmp_path / "transactions.jsonl").read_bytes().splitlines()]
    received_ms = [push.received_at_ms or 0 for push in pushes if isinstance(push, Push)]
    assert len(received_ms) == len(pushes)
    assert received_ms == sorted(received_ms)
    moments = [payment.at_us for payment in payments if isinstance(payment, Payment)]
    assert all(later - earlier > -46_000_000 for earlier, later in pairwise(moments))
    labels = read_labels(tmp_path / "labels.json")
    assert [payment.transaction_id for payment in payments if isinstance(payment, Payment)] == list(labels)
    assert Counter(label.condition for label in labels.values()) == {
        condition: cast.honest + cast.impossible for condition, cast in casting.casts.items()
    }
    assert casting.casts.keys() == CONDITIONS.keys()


def test_no_id_looks_like_a_card_number(tmp_path: Path) -> None:
    """Such an id would be masked, and its verdict could not be matched."""
    casting = write(Plan(seed=SEED_MAX, payments=2000), tmp_path, quietly)
    payments = [parse_payment(line) for line in (tmp_path / "transactions.jsonl").read_bytes().splitlines()]
    masked = [CONTEXT.masker.mask(payment).transaction_id for payment in payments if isinstance(payment, Payment)]
    assert masked == list(casting.labels)


def test_conditions_have_equal_shares() -> None:
    shares = Counter[str]()
    for _, one in sessions(Plan(seed=1, payments=1020)):
        shares[one.condition] += len(one.paid)
    assert set(shares) == set(CONDITIONS)
    assert all(60 <= share <= 70 for share in shares.values())


@pytest.mark.parametrize("seconds", [5, 20, 60])
def test_a_live_simulation_ends_on_time(seconds: int) -> None:
    plan = live(3, seconds, 200, max(1, seconds // 5), tuple(CONDITIONS.values()))
    moments_ms = [arrival.arrives_ms - plan.start_ms for arrival in arrivals(sessions(plan))]
    assert moments_ms == sorted(moments_ms)
    assert 0 < moments_ms[0] < moments_ms[-1] <= 1000 * (seconds + 7)
