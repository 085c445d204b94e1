"""Tables of the results, for the screen and the report."""

from collections.abc import Sequence
from statistics import median

from rich.table import Table

from tests.nightly.bench.contestant import Contestant
from tests.nightly.bench.goals import Rates, times
from tests.nightly.bench.latency import Latency


def rates(seen: Rates) -> Table:
    """Return a table of the throughputs: the medians and the range over the rounds."""
    table = Table(
        "", "events/s", "lowest to highest", "µs of processor an event", "MB", title="fixes and payments, 50 to 1"
    )
    for one, rounds in seen.items():
        values = [measured.events_per_s for measured in rounds]
        table.add_row(
            one.title,
            f"{median(values):,.0f}",
            f"{min(values):,.0f} to {max(values):,.0f}",
            f"{median(measured.cpu_us for measured in rounds):.1f}",
            f"{median(measured.memory_mb for measured in rounds):,.0f}",
        )
    return table


def ratios(seen: Rates, ours: Contestant) -> Table:
    """Return a table of the ratios of this service to each engine, and the parts that the engine leaves out."""
    title = f"{ours.title}, times …"
    table = Table("", "events/s", "lowest to highest", "events a second of processor", "leaves out", title=title)
    for one, rounds in seen.items():
        if one is ours:
            continue
        at, by_cpu = times(seen[ours], rounds), times(seen[ours], rounds, by_cpu=True)
        spread = f"{min(at):.2f} to {max(at):.2f}"
        table.add_row(one.title, f"{median(at):.2f}", spread, f"{median(by_cpu):.2f}", one.lacks or "nothing")
    return table


def latencies(waited: Sequence[Latency]) -> Table:
    """Return a table of the times from sending a payment to reading its verdict."""
    columns = ("events/s", "payments", "answered", "detector's processor", "p50", "p99", "p99.9")
    table = Table(*columns, title="payment to verdict, ms")
    for one in waited:
        values = (f"{value:.1f}" for value in (one.p50_ms, one.p99_ms, one.p999_ms))
        table.add_row(f"{one.events_per_s:,.0f}", str(one.payments), f"{one.kept:.1%}", f"{one.busy:.0%}", *values)
    return table
