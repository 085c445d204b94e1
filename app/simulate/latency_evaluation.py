"""Latency evaluation: replay of a plan through the agents without a broker, to time the first suspicion."""

from collections import defaultdict
from collections.abc import Iterable
from math import inf
from typing import Final

import msgspec

from agents.context import AgentContext
from agents.ingest_positions import ingest_positions
from agents.score import score
from agents.testing import InMemoryBatch, InMemoryRecord
from app.simulate.label import ALL
from app.simulate.session import SimulatedPush
from app.simulate.simulation import Plan, arrivals, sessions
from schemas.push import encode_push
from schemas.verdict import Outcome

Delays = dict[str, list[float]]
"""Seconds from arrival to first suspicion of each impossible payment, by condition; infinite if there is none."""

COLUMNS: Final = ("condition", "impossible", "suspected at once", "within 60 s", "within 300 s", "ever")


class _PublishedVerdict(msgspec.Struct):
    transaction_id: str
    verdict: Outcome


_decode = msgspec.json.Decoder(_PublishedVerdict).decode


def evaluate_latency(plan: Plan, context: AgentContext) -> Delays:
    """Return the delays of all impossible payments by condition, and those of all conditions under `all`."""
    rows: dict[bytes, bytes] = {}
    waiting: dict[str, tuple[str, int]] = {}
    delays: defaultdict[str, list[float]] = defaultdict(list)
    for arrival in arrivals(sessions(plan)):
        batch, now_ms = InMemoryBatch(rows=rows), arrival.arrives_ms
        if isinstance(arrival, SimulatedPush):
            key = arrival.push.device_id.encode()
            batch.records = [
                InMemoryRecord(context.topics.locations, 0, encode_push(arrival.push), timestamp=now_ms, key=key)
            ]
            ingest_positions(batch, context)
        else:
            record, label = arrival.record, arrival.label
            if label.impossible:
                waiting[record["transaction_id"]] = (label.condition, now_ms)
            key, value = record["device_id"].encode(), msgspec.json.encode(record)
            batch.records = [InMemoryRecord(context.topics.transactions, 0, value, timestamp=now_ms, key=key)]
            score(batch, context)
        for transaction_id in _suspected_ids(batch, context):
            if found := waiting.pop(transaction_id, None):
                delays[found[0]].append((now_ms - found[1]) / 1000)
    for condition, _ in waiting.values():
        delays[condition].append(inf)
    delays[ALL] = [delay for each in delays.values() for delay in each]
    return dict(sorted(delays.items(), key=lambda item: (item[0] == ALL, item[0])))


def delay_row(delays: Iterable[float]) -> tuple[str, ...]:
    """Return the cells of `COLUMNS` after the condition."""
    each = list(delays)
    shares = (sum(delay <= limit_s for delay in each) / len(each) for limit_s in (0, 60, 300, 1e9))
    return (f"{len(each)}", *(f"{share:.4f}" for share in shares))


def _suspected_ids(batch: InMemoryBatch, context: AgentContext) -> list[str]:
    verdicts = map(_decode, batch.values(context.topics.verdicts))
    return [one.transaction_id for one in verdicts if one.verdict is Outcome.SUSPECT]
