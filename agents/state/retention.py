"""Retention: what is given up of a device, and when, also when its phone has fallen silent."""

from math import inf
from typing import Final

from agents.batch import Batch
from agents.context import AgentContext
from agents.reevaluation import Reevaluation
from agents.rules.evidence.selection import EVIDENCE_S, LATENESS_S
from agents.state.device_state import device_key
from agents.state.erasure_tombstones import KEY as FORGOTTEN
from agents.state.erasure_tombstones import ErasureTombstones
from agents.state.open_payments import OpenPayments, is_payments_cell
from agents.state.position_history import PositionHistory
from agents.state.seen_transactions import SeenTransactions

POSITIONS_KEPT_MS: Final = 1000 * (2 * EVIDENCE_S + LATENESS_S)
"""An open payment looks back ten hours, stays open for as long, and its last fix may be late. With the hours until its
row's turn comes and the changelog is compacted it stays below the day that exact positions may be kept.
"""

JUDGED_KEPT_MS: Final = 7 * 86_400_000
"""A payment that is sent twice is sent again within minutes, or when someone replays the week that `init` keeps."""


def expire(batch: Batch, key: bytes, now_ms: int, policy: AgentContext) -> None:
    """Does what time asks of the row of this key.

    Payments whose phone has been silent for so long that no fix can count any more get their last word. Positions
    that are so much older than the newest one are taken out, and all of them so long after the last push; which
    payments were judged is given up a week after the last one; who was forgotten, when nothing from before can come any
    more. `now_ms`: epoch milliseconds by the same clock as the timestamps of records. All limits are told by data, not
    by our clock, so that old records can be replayed.
    """
    owner = device_key(key)
    if key == FORGOTTEN:
        ErasureTombstones(batch, policy.masker).prune(now_ms)
    elif owner is None:
        return
    elif key == owner:
        _give_up_positions(PositionHistory(batch, key), now_ms)
    elif is_payments_cell(key):
        _close(batch, policy, owner, now_ms)
    elif SeenTransactions.is_cell(key):
        judged = SeenTransactions(batch, owner)
        if judged.at_ms < now_ms - JUDGED_KEPT_MS:
            judged.forget()


def _give_up_positions(memory: PositionHistory, now_ms: int) -> None:
    if memory.newest_ms is not None:
        silent = memory.received_ms <= now_ms - POSITIONS_KEPT_MS
        memory.forget(inf if silent else memory.newest_ms - POSITIONS_KEPT_MS)


def _close(batch: Batch, policy: AgentContext, owner: bytes, now_ms: int) -> None:
    book = OpenPayments(batch, owner)
    if due := book.due_by(now_ms):
        Reevaluation(batch, owner, PositionHistory(batch, owner), book, policy)(due, ended=due)
    book.forget(now_ms - POSITIONS_KEPT_MS)
