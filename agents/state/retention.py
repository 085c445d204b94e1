"""Retention: the expiry of rows, which also covers devices whose phone no longer reports."""

from math import inf

from agents.batch import Batch
from agents.context import AgentContext
from agents.reevaluation import Reevaluation
from agents.rules.state_limits import STATE_LIMITS
from agents.state.device_state import device_key
from agents.state.erasure_tombstones import TOMBSTONES_KEY, ErasureTombstones
from agents.state.open_payments import OpenPayments, is_payments_cell
from agents.state.position_history import PositionHistory
from agents.state.seen_transactions import SeenTransactions


def expire(batch: Batch, key: bytes, now_ms: int, context: AgentContext) -> None:
    """Apply the retention times to the row of this key.

    - Payments close when their phone has been silent until no fix can be evidence any more.
    - Positions go when they are too old relative to the newest one, and all of them some time after the last push.
    - Transaction ids go a week after the last payment.
    - Erasure tombstones go when no older record can arrive any more.

    `now_ms`: event time in epoch milliseconds. All times come from records and none from the process's clock, so that
    old records can be replayed.
    """
    owner = device_key(key)
    if key == TOMBSTONES_KEY:
        ErasureTombstones(batch, context.masker).prune(now_ms)
    elif owner is None:
        return
    elif key == owner:
        _expire_positions(PositionHistory(batch, key), now_ms)
    elif is_payments_cell(key):
        _close_payments(batch, context, owner, now_ms)
    elif SeenTransactions.is_cell(key):
        seen = SeenTransactions(batch, owner)
        if seen.last_received_ms < now_ms - STATE_LIMITS.transactions_kept_ms:
            seen.delete()


def _expire_positions(history: PositionHistory, now_ms: int) -> None:
    if history.newest_ms is not None:
        kept_ms = STATE_LIMITS.positions_kept_ms
        silent = history.received_ms <= now_ms - kept_ms
        history.delete_before(inf if silent else history.newest_ms - kept_ms)


def _close_payments(batch: Batch, context: AgentContext, owner: bytes, now_ms: int) -> None:
    payments = OpenPayments(batch, owner)
    if due := payments.silent_since(now_ms):
        Reevaluation(batch, owner, PositionHistory(batch, owner), payments, context)(due, ended=due)
    payments.delete_before(now_ms - STATE_LIMITS.positions_kept_ms)
