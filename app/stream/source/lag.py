"""Lag: how much of each partition is not done."""

from collections.abc import Mapping
from typing import NamedTuple

from aiokafka.errors import IllegalStateError
from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from app.stream.source.consumer import Consumer


class Lag(NamedTuple):
    """Of one partition. `position`: the next offset that is not done. `records`: so many are there from it on."""

    position: int
    records: int


def lags(consumer: Consumer) -> Mapping[TP, Lag]:
    """By source partition of ours, as far as the last fetch has told. Asks nobody: it answers without a broker, too.

    A transaction ends with a marker, which is no record and has an offset. So where all that was handed out is done,
    what lies before the next fetch is no lag.
    """
    found = {}
    for tp, done in consumer.positions.of(set(consumer.positions.partitions())).items():
        end, next_fetch = _seen(consumer, tp)
        passed = next_fetch if consumer.continuity.next_offset(tp) == done else done
        found[tp] = Lag(done, max(0, end - max(done, passed)))
    return found


def _seen(consumer: Consumer, tp: TP) -> tuple[int, int]:
    """Where the partition ended at the last fetch, and where the next one begins; zeros while the driver has neither.

    Its thread may be given other partitions while we ask.
    """
    try:
        state = consumer._thread._ensure_consumer()._subscription._assigned_state(tp)
    except (AssertionError, IllegalStateError, ConsumerNotStarted):
        return 0, 0
    return state.highwater or 0, state.position if state.has_valid_position else 0
