"""Tables of what the bench has seen, for the screen and for REPORT.md."""

from collections.abc import Mapping, Sequence
from statistics import median

from rich.table import Table

from tests.bench.contestant import Contestant
from tests.bench.latency import Latency
from tests.bench.rate import Rate

Rates = Mapping[Contestant, Sequence[Rate]]


def rates(seen: Rates) -> Table:
    """Medians over the rounds, and how far the rounds lie apart."""
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
    """Round by round, since a shared machine is faster in one and slower in another."""
    table = Table("", "events/s", "lowest to highest", "events a second of processor", title=f"{ours.title}, times …")
    for one, rounds in seen.items():
        if one is ours:
            continue
        pairs = list(zip(seen[ours], rounds, strict=True))
        times = [mine.events_per_s / other.events_per_s for mine, other in pairs]
        cheaper = [other.cpu_us / mine.cpu_us for mine, other in pairs]
        table.add_row(
            one.title, f"{median(times):.2f}", f"{min(times):.2f} to {max(times):.2f}", f"{median(cheaper):.2f}"
        )
    return table


def latencies(waited: Sequence[Latency]) -> Table:
    """From sending a payment to reading its verdict."""
    table = Table("events/s", "payments", "answered", "p50", "p99", "p99.9", title="payment to verdict, ms")
    for one in waited:
        values = (f"{value:.1f}" for value in (one.p50_ms, one.p99_ms, one.p999_ms))
        table.add_row(f"{one.events_per_s:,.0f}", str(one.payments), f"{one.kept:.1%}", *values)
    return table
