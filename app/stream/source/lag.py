"""Consumer lag of each partition."""

from collections.abc import Mapping
from typing import NamedTuple

from aiokafka.errors import IllegalStateError
from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from app.stream.source.consumer import Consumer


class Lag(NamedTuple):
    """The lag of one partition. `records`: how many records the partition holds from `processed_offset` on."""

    processed_offset: int
    records: int


def lags(consumer: Consumer) -> Mapping[TP, Lag]:
    """Return the lag of each source partition of this worker, as of its last fetch.

    It sends no request, so it also works while no broker answers. A transaction ends with a marker, which has an offset
    and is no record. So once every record that was handed out is processed, the offsets before the next fetch are no
    lag.
    """
    found = {}
    for tp, processed in consumer.processed.of(set(consumer.processed.partitions())).items():
        end, next_fetch = _fetch_state(consumer, tp)
        passed = next_fetch if consumer.gaps.next_offset(tp) == processed else processed
        found[tp] = Lag(processed, max(0, end - max(processed, passed)))
    return found


def _fetch_state(consumer: Consumer, tp: TP) -> tuple[int, int]:
    """Return the end of the partition at the last fetch, and where the next one begins. Zeros: not known yet.

    The consumer's thread may change the assignment at the same time.
    """
    try:
        state = consumer._thread._ensure_consumer()._subscription._assigned_state(tp)
    except (AssertionError, IllegalStateError, ConsumerNotStarted):
        return 0, 0
    return state.highwater or 0, state.position if state.has_valid_position else 0
