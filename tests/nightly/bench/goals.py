"""Goals: the minimum ratio of this service's throughput to that of other contestants."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from rich.table import Table

from tests.nightly.bench.contestant import Contestant
from tests.nightly.bench.rate import Rate

Rates = Mapping[Contestant, Sequence[Rate]]


class Goal(NamedTuple):
    """Minimum ratio to one contestant. `by_cpu`: compare events per second of CPU time, not of run time."""

    key: str
    times: float
    by_cpu: bool = False


GOALS: Final = (
    Goal("faust", 20.0),
    Goal("quix-join", 5.0),
    Goal("quix", 1.0),
    Goal("bytewax", 1.0),
    Goal("bytewax-full", 1.0),
    Goal("loop-full", 0.5),
    Goal("streams", 1 / 3, by_cpu=True),
)


def times(ours: Sequence[Rate], theirs: Sequence[Rate], *, by_cpu: bool = False) -> list[float]:
    """Return the ratio in each round, because the speed of a shared machine differs between rounds."""
    pairs = list(zip(ours, theirs, strict=True))
    if by_cpu:
        return [their.cpu_us / our.cpu_us for our, their in pairs]
    return [our.events_per_s / their.events_per_s for our, their in pairs]


def reached(seen: Rates, ours: Contestant) -> Table:
    """Return a table of goals and measured ratios for the contestants of this run."""
    by_key = {one.key: one for one in seen}
    table = Table("goal", "times", "seen", "", title="goals")
    for goal in GOALS:
        if goal.key in by_key:
            one = by_key[goal.key]
            at = median(times(seen[ours], seen[one], by_cpu=goal.by_cpu))
            what = "events a second of processor" if goal.by_cpu else "events/s"
            held = "held" if at >= goal.times else "missed"
            table.add_row(f"{what} of {one.title}", f"{goal.times:.2f}", f"{at:.2f}", held)
    return table
