"""Files of a simulation: equal bytes for equal seeds, and a label for every payment."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from app.simulate.conditions import CONDITIONS
from app.simulate.files import write
from app.simulate.label import read_labels
from app.simulate.simulation import SEED_MAX, Plan
from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from tests.support.batch import CONTEXT


def quietly(_line: str) -> None:
    pass


@pytest.mark.slow
def test_the_same_seed_makes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        write(Plan(seed=seed, payments=500), tmp_path / name, quietly)
    for file in ("locations.jsonl", "transactions.jsonl", "labels.json"):
        one, two, three = ((tmp_path / name / file).read_bytes() for name in ("one", "two", "three"))
        assert one == two
        assert one != three


def test_files_hold_valid_records_in_order_of_arrival_and_all_labels(tmp_path: Path) -> None:
    counts = write(Plan(seed=5, payments=500), tmp_path, quietly)
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
        condition: count.honest + count.impossible for condition, count in counts.by_condition.items()
    }
    assert counts.by_condition.keys() == CONDITIONS.keys()


@pytest.mark.slow
def test_no_id_looks_like_a_card_number(tmp_path: Path) -> None:
    """Such an id would be masked, and its verdict could not be matched."""
    counts = write(Plan(seed=SEED_MAX, payments=2000), tmp_path, quietly)
    payments = [parse_payment(line) for line in (tmp_path / "transactions.jsonl").read_bytes().splitlines()]
    masked = [CONTEXT.masker.mask(payment).transaction_id for payment in payments if isinstance(payment, Payment)]
    assert masked == list(counts.labels)
