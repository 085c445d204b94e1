"""Consumer lag, computed from the state of the driver and the processed offsets."""

from types import SimpleNamespace

import pytest
from faust.types import TP

from app.stream.source.consumer import Consumer
from app.stream.source.lag import Lag, lags
from tests.support.worker import without_broker

A = TP("a", 0)


class Driver:
    """The driver's state of one partition. `state` None: the partition was revoked."""

    def __init__(self, highwater: int | None, position: int | None) -> None:
        self.state: SimpleNamespace | None = SimpleNamespace(
            highwater=highwater, position=position, has_valid_position=position is not None
        )
        self._subscription = self

    def _assigned_state(self, _tp: TP) -> SimpleNamespace:
        assert self.state is not None
        return self.state


def consumer(monkeypatch: pytest.MonkeyPatch, driver: Driver, processed: int, handed_out: int) -> Consumer:
    made = Consumer.of(without_broker())
    monkeypatch.setattr(made._thread, "_consumer", driver)
    made.processed.start_at(A, processed)
    made.gaps.seeked_to(A, handed_out)
    return made


@pytest.mark.parametrize(
    ("end", "next_fetch", "handed_out", "processed", "lag"),
    [
        (10, 10, 10, 10, 0),  # everything is processed
        (10, 8, 8, 5, 5),  # three records are in progress, two are not fetched
        (10, 8, 5, 5, 2),  # the offsets in between are no records
        (10, 10, 9, 9, 0),  # a marker ends the last transaction
        (10, 10, 9, 4, 6),  # the same, with records in progress
        (None, None, 5, 5, 0),  # nothing was fetched yet
        (4, 7, 7, 7, 0),  # the reported end is out of date
    ],
)
def test_a_lag_counts_the_records_that_exist_and_are_not_processed(
    monkeypatch: pytest.MonkeyPatch, end: int | None, next_fetch: int | None, handed_out: int, processed: int, lag: int
) -> None:
    assert lags(consumer(monkeypatch, Driver(end, next_fetch), processed, handed_out)) == {A: Lag(processed, lag)}


def test_a_partition_that_was_just_revoked_has_no_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(10, 10)
    driver.state = None
    assert lags(consumer(monkeypatch, driver, processed=5, handed_out=5)) == {A: Lag(5, 0)}


def test_a_consumer_that_has_not_started_has_no_lags() -> None:
    assert lags(Consumer.of(without_broker())) == {}
