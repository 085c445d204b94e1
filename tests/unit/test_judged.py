"""Which payments were judged."""

from agents.state.seen_transactions import JUDGED_MAX, SeenTransactions
from tests.support.batch import FakeBatch
from tests.support.make import NOON_MS

KEY = b"phone"


def test_a_transaction_is_judged_once() -> None:
    judged = SeenTransactions(FakeBatch(), KEY)
    assert [judged.add(name, NOON_MS) for name in ("a", "b", "a", "b", "c")] == [True, True, False, False, True]


def test_transactions_are_recognised_over_batches_and_the_oldest_is_forgotten_first() -> None:
    batch = FakeBatch()
    for number in range(JUDGED_MAX + 1):
        judged = SeenTransactions(batch, KEY)
        judged.add(str(number), NOON_MS + number)
        judged.save()
    judged = SeenTransactions(batch, KEY)
    assert judged.at_ms == NOON_MS + JUDGED_MAX
    assert not judged.add(str(JUDGED_MAX), NOON_MS)
    assert judged.add("0", NOON_MS)
