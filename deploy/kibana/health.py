"""The dashboard "Pipeline health": throughput, latency and certainty of verdicts, and the quality of position fixes."""

from collections.abc import Iterator
from typing import Final

from deploy.kibana.board import Board
from deploy.kibana.column import (
    Column,
    average,
    by_time,
    count,
    count_per_minute,
    maximum,
    median,
    percentage,
    percentile,
    terms,
    top_terms,
    unique_count,
)
from deploy.kibana.data_view import DataView, Views
from deploy.kibana.lens import ChartType, Lens
from deploy.kibana.panel import Panel, Size

NOT_EVALUABLE: Final = 'verdict : "not_evaluable"'
FIRST_REVISION: Final = "revision : 1"
STORED_AFTER: Final = "geovelocity.stored_after_s"
SMALL, HALF, THIRD = Size(8, 6), Size(24, 10), Size(16, 11)


def board(namespace: str) -> Board:
    """Return the dashboard. All its panels are part of it."""
    view = Views.of(namespace).verdicts
    panels: list[Panel] = [*_numbers(view), *_flow(view), *_answers(view), *_phones(view)]
    title = f"{namespace}: pipeline health"
    return Board(f"{namespace}-board-health", title, "Throughput, latency and certainty of verdicts", "now-4h", panels)


def _numbers(view: DataView) -> Iterator[Lens]:
    one: tuple[tuple[str, str, str, tuple[Column, ...]], ...] = (
        ("judged", "Payments judged", "Each payment counts once, with its latest revision", (count("payments"),)),
        ("devices", "Phones", "Phones with at least one payment", (unique_count("device_token", "phones"),)),
        ("final", "Final", "Share of payments whose verdict is final", percentage("final", 'status : "final"')),
        (
            "revisions",
            "Revisions per payment",
            "Average number of revisions of a verdict",
            (average("revision", "revisions"),),
        ),
        (
            "unknown",
            "Not evaluable",
            "Share of payments without enough data",
            percentage("not evaluable", NOT_EVALUABLE),
        ),
        (
            "last",
            "Last stored",
            "Time at which the latest verdict was stored",
            (maximum("event.ingested", "last stored", "date"),),
        ),
    )
    for name, title, description, columns in one:
        yield Lens(name, title, description, ChartType.NUMBER, SMALL, view, columns)


def _flow(view: DataView) -> Iterator[Lens]:
    yield Lens(
        "a-minute",
        "Payments per minute",
        "By the time of the payment",
        ChartType.AREA,
        HALF,
        view,
        (top_terms("verdict", "verdict", 3), by_time(), count_per_minute("payments per minute")),
    )
    yield Lens(
        "delay",
        "Time from a payment to its verdict in Elasticsearch",
        "Seconds, for payments with one revision; includes clock errors of terminals",
        ChartType.LINE,
        HALF,
        view,
        (by_time(), median(STORED_AFTER, "50 % within"), percentile(STORED_AFTER, 99, "99 % within")),
        FIRST_REVISION,
    )
    yield Lens(
        "verdicts",
        "Verdicts over time",
        "Shares of all payments",
        ChartType.SHARES,
        HALF,
        view,
        (top_terms("verdict", "verdict", 3), by_time(), count("payments")),
    )
    yield Lens(
        "codes-over-time",
        "Not evaluable, by reason",
        "Reason codes of payments without enough data",
        ChartType.BARS,
        HALF,
        view,
        (top_terms("codes", "reason", 6), by_time(), count("payments")),
        NOT_EVALUABLE,
    )


def _answers(view: DataView) -> Iterator[Lens]:
    yield Lens(
        "said",
        "Verdict and status",
        "Provisional: a later fix may still change it",
        ChartType.RING,
        THIRD,
        view,
        (top_terms("verdict", "verdict", 3), top_terms("status", "status", 2), count("payments")),
    )
    yield Lens(
        "by-revision",
        "Payments by number of revisions",
        "Two or three are usual: a provisional and a final verdict",
        ChartType.BARS,
        THIRD,
        view,
        (terms("revision", "revision", 10, "number"), count("payments")),
    )
    yield Lens(
        "rules",
        "Rules",
        "Applied rule versions and presets: more than one line during a change",
        ChartType.TABLE,
        THIRD,
        view,
        (top_terms("rule.version", "version", 5), top_terms("rule.preset", "preset", 5), count("payments")),
    )


def _phones(view: DataView) -> Iterator[Lens]:
    yield Lens(
        "age",
        "Time between payment and fix",
        "Seconds, for the fix that decides the verdict",
        ChartType.LINE,
        HALF,
        view,
        (by_time(), median("elapsed_s", "50 % within"), percentile("elapsed_s", 95, "95 % within")),
    )
    accuracy = "fix_before.horizontal_accuracy_m"
    yield Lens(
        "accuracy",
        "Accuracy of position fixes",
        "Metres, as reported by the phones",
        ChartType.LINE,
        HALF,
        view,
        (by_time(), median(accuracy, "50 % within"), percentile(accuracy, 95, "95 % within")),
    )
