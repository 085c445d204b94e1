"""How much of a partition is not done, of what the driver and the agents know."""

from types import SimpleNamespace

import pytest
from faust.types import TP

from app.settings import Settings
from app.stream.source.consumer import Consumer
from app.stream.source.lag import Lag, lags
from app.stream.worker import StreamApp

A = TP("a", 0)


class Driver:
    """What the driver's thread knows of one partition; `state` None: it is another worker's by now."""

    def __init__(self, highwater: int | None, position: int | None) -> None:
        self.state: SimpleNamespace | None = SimpleNamespace(
            highwater=highwater, position=position, has_valid_position=position is not None
        )
        self._subscription = self

    def _assigned_state(self, _tp: TP) -> SimpleNamespace:
        assert self.state is not None
        return self.state


def consumer(monkeypatch: pytest.MonkeyPatch, driver: Driver, done: int, handed_out: int) -> Consumer:
    made = Consumer.of(StreamApp("test", Settings(_env_file=None), writes=()))
    made._thread.thread_loop.close()
    monkeypatch.setattr(made._thread, "_consumer", driver)
    made.positions.start_at(A, done)
    made.continuity.seeked_to(A, handed_out)
    return made


@pytest.mark.parametrize(
    ("end", "next_fetch", "handed_out", "done", "lag"),
    [
        (10, 10, 10, 10, 0),  # all is done
        (10, 8, 8, 5, 5),  # three are under way, two not fetched
        (10, 8, 5, 5, 2),  # what lies between was no record
        (10, 10, 9, 9, 0),  # a marker ends the last transaction
        (10, 10, 9, 4, 6),  # the same, with records under way
        (None, None, 5, 5, 0),  # nothing was fetched yet
        (4, 7, 7, 7, 0),  # the end is old news
    ],
)
def test_a_lag_is_what_is_there_and_not_done(
    monkeypatch: pytest.MonkeyPatch, end: int | None, next_fetch: int | None, handed_out: int, done: int, lag: int
) -> None:
    assert lags(consumer(monkeypatch, Driver(end, next_fetch), done, handed_out)) == {A: Lag(done, lag)}


def test_a_partition_that_has_just_gone_to_another_worker_has_no_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(10, 10)
    driver.state = None
    assert lags(consumer(monkeypatch, driver, done=5, handed_out=5)) == {A: Lag(5, 0)}


def test_before_the_consumer_starts_there_are_no_lags() -> None:
    made = Consumer.of(StreamApp("test", Settings(_env_file=None), writes=()))
    made._thread.thread_loop.close()
    assert lags(made) == {}
