"""Seen transactions: the payments that have a verdict."""

from agents.rules.state_limits import STATE_LIMITS
from agents.state.seen_transactions import SeenTransactions
from tests.support.batch import FakeBatch
from tests.support.make import NOON_MS

KEY = b"phone"


def test_a_transaction_is_new_once() -> None:
    seen = SeenTransactions(FakeBatch(), KEY)
    assert [seen.add(name, NOON_MS) for name in ("a", "b", "a", "b", "c")] == [True, True, False, False, True]


def test_transactions_are_recognised_over_batches_up_to_the_maximum() -> None:
    batch = FakeBatch()
    for number in range(STATE_LIMITS.transactions_max + 1):
        seen = SeenTransactions(batch, KEY)
        seen.add(str(number), NOON_MS + number)
        seen.save()
    seen = SeenTransactions(batch, KEY)
    assert seen.last_received_ms == NOON_MS + STATE_LIMITS.transactions_max
    assert not seen.add(str(STATE_LIMITS.transactions_max), NOON_MS)
    assert seen.add("0", NOON_MS)
