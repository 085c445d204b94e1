"""The board "Pipeline health": what is judged, how fast, how surely, and what phones give to judge by."""

from collections.abc import Iterator
from typing import Final

from deploy.kibana.board import Board
from deploy.kibana.column import (
    Column,
    a_minute,
    average,
    by_time,
    distinct,
    each,
    highest,
    median,
    number,
    percentile,
    share,
    top,
)
from deploy.kibana.data_view import DataView, Views
from deploy.kibana.lens import ChartType, Lens
from deploy.kibana.panel import Panel, Size

NOT_EVALUABLE: Final = 'verdict : "not_evaluable"'
FIRST_WORD: Final = "revision : 1"
STORED_AFTER: Final = "geovelocity.stored_after_s"
SMALL, HALF, THIRD = Size(8, 6), Size(24, 10), Size(16, 11)


def board(namespace: str) -> Board:
    """The board; all its panels are kept within it."""
    view = Views.of(namespace).verdicts
    panels: list[Panel] = [*_numbers(view), *_flow(view), *_words(view), *_phones(view)]
    title = f"{namespace}: pipeline health"
    return Board(f"{namespace}-board-health", title, "What is judged, how fast and how surely", "now-4h", panels)


def _numbers(view: DataView) -> Iterator[Lens]:
    one: tuple[tuple[str, str, str, tuple[Column, ...]], ...] = (
        ("judged", "Payments judged", "Each counts once, whatever its revisions", (number("payments"),)),
        ("devices", "Phones", "Phones whose holder paid", (distinct("device_token", "phones"),)),
        ("final", "Final", "The share that no later fix will change", share("final", 'status : "final"')),
        ("revisions", "Revisions a payment", "How often an answer was put right", (average("revision", "revisions"),)),
        ("unknown", "Not evaluable", "Of which nothing can be said", share("not evaluable", NOT_EVALUABLE)),
        ("last", "Last stored", "When a verdict came in last", (highest("event.ingested", "last stored", "date"),)),
    )
    for name, title, description, columns in one:
        yield Lens(name, title, description, ChartType.NUMBER, SMALL, view, columns)


def _flow(view: DataView) -> Iterator[Lens]:
    yield Lens(
        "a-minute",
        "Payments a minute",
        "By the payment's own time",
        ChartType.AREA,
        HALF,
        view,
        (top("verdict", "verdict", 3), by_time(), a_minute("payments a minute")),
    )
    yield Lens(
        "delay",
        "From the payment to its verdict in Elasticsearch",
        "Seconds, of payments whose first word still stands; clocks of tills count in",
        ChartType.LINE,
        HALF,
        view,
        (by_time(), median(STORED_AFTER, "half within"), percentile(STORED_AFTER, 99, "99 % within")),
        FIRST_WORD,
    )
    yield Lens(
        "verdicts",
        "Verdicts over time",
        "Shares of all payments",
        ChartType.SHARES,
        HALF,
        view,
        (top("verdict", "verdict", 3), by_time(), number("payments")),
    )
    yield Lens(
        "codes-over-time",
        "Not evaluable, by reason",
        "What is missing to judge by",
        ChartType.BARS,
        HALF,
        view,
        (top("codes", "reason", 6), by_time(), number("payments")),
        NOT_EVALUABLE,
    )


def _words(view: DataView) -> Iterator[Lens]:
    yield Lens(
        "said",
        "Verdict and status",
        "Provisional: a later fix may still change it",
        ChartType.RING,
        THIRD,
        view,
        (top("verdict", "verdict", 3), top("status", "status", 2), number("payments")),
    )
    yield Lens(
        "by-revision",
        "Payments by their number of revisions",
        "Two or three are usual: the first word and the last",
        ChartType.BARS,
        THIRD,
        view,
        (each("revision", "revision", 10, "number"), number("payments")),
    )
    yield Lens(
        "rules",
        "Rules",
        "What was applied: more than one line while releases or presets change",
        ChartType.TABLE,
        THIRD,
        view,
        (top("rule.version", "version", 5), top("rule.preset", "preset", 5), number("payments")),
    )


def _phones(view: DataView) -> Iterator[Lens]:
    yield Lens(
        "age",
        "Time between payment and fix",
        "Seconds, of the fix a verdict rests on",
        ChartType.LINE,
        HALF,
        view,
        (by_time(), median("elapsed_s", "half within"), percentile("elapsed_s", 95, "95 % within")),
    )
    accuracy = "fix_before.horizontal_accuracy_m"
    yield Lens(
        "accuracy",
        "Accuracy of fixes",
        "Metres, as phones claim it",
        ChartType.LINE,
        HALF,
        view,
        (by_time(), median(accuracy, "half within"), percentile(accuracy, 95, "95 % within")),
    )
