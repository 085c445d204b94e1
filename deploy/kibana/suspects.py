"""The board "Suspects": what is suspect, how much money that is, where, and why."""

from collections.abc import Iterator
from typing import Final

from deploy.kibana.board import Board
from deploy.kibana.column import NUMBER, by_time, distinct, highest, number, share, spans, top, total
from deploy.kibana.data_view import Views
from deploy.kibana.flow_map import FlowMap
from deploy.kibana.latest_table import newest
from deploy.kibana.lens import ChartType, Lens
from deploy.kibana.location_map import places
from deploy.kibana.panel import Panel, PanelReference, Size
from deploy.kibana.saved_object import SavedObject

SUSPECT: Final = 'verdict : "suspect"'
TAKEN_BACK: Final = f"not {SUSPECT}"
SMALL, HALF, THIRD, WHOLE = Size(8, 6), Size(24, 10), Size(16, 11), Size(48, 18)
MAP: Final = Size(24, 18)
DISTANCES_M: Final = (0, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
SPEEDS_MPS: Final = (0, 30, 100, 300, 1_000, 10_000, 100_000, 1_000_000)
RISKS: Final = (0, 20, 40, 60, 80)


def board(namespace: str) -> tuple[Board, list[SavedObject]]:
    """The board, and the saved objects it links to."""
    views = Views.of(namespace)
    map_, list_ = places(views.suspects, SUSPECT), newest(views.suspects, SUSPECT)
    panels: list[Panel] = [
        *_numbers(views),
        *_over_time(views),
        PanelReference("places", "Places: cards red, phones blue", MAP, map_),
        FlowMap(
            "ways",
            "From the phone to the shop",
            "The gravest suspects, a line each; redder is graver; phones to a kilometre",
            MAP,
            views.suspects,
            {"verdict": "suspect"},
        ),
        *_tops(views),
        *_histograms(views),
        _devices(views),
        _analysts(views),
        PanelReference("newest", "The newest", WHOLE, list_),
    ]
    title = f"{namespace}: suspects"
    return Board(
        f"{namespace}-board-suspects", title, "Payments that the holder's phone rules out", "now-24h", panels
    ), [
        map_,
        list_,
    ]


def _numbers(views: Views) -> Iterator[Lens]:
    of_suspects, of_all = views.suspects, views.verdicts
    yield Lens(
        "count",
        "Suspects",
        "Payments that are suspect now",
        ChartType.NUMBER,
        SMALL,
        of_suspects,
        (number("suspects"),),
        SUSPECT,
    )
    yield Lens(
        "money",
        "Amount at risk",
        "The amounts of suspect payments, by currency",
        ChartType.NUMBER,
        SMALL,
        of_suspects,
        (top("currency", "currency", 3, "total-amount"), total("amount", "amount at risk")),
        SUSPECT,
    )
    yield Lens(
        "phones",
        "Phones",
        "Phones with a suspect payment",
        ChartType.NUMBER,
        SMALL,
        of_suspects,
        (distinct("device_token", "phones"),),
        SUSPECT,
    )
    yield Lens(
        "share",
        "Suspect, of all payments",
        "The share of payments that is suspect now",
        ChartType.NUMBER,
        SMALL,
        of_all,
        share("suspect", SUSPECT),
    )
    yield Lens(
        "not-evaluable",
        "Not evaluable, of all payments",
        "The share of payments of which nothing can be said",
        ChartType.NUMBER,
        SMALL,
        of_all,
        share("not evaluable", 'verdict : "not_evaluable"'),
    )
    yield Lens(
        "taken-back",
        "Taken back",
        "Payments that were suspect until a later fix explained them",
        ChartType.NUMBER,
        SMALL,
        of_suspects,
        (number("taken back"),),
        TAKEN_BACK,
    )


def _over_time(views: Views) -> Iterator[Lens]:
    yield Lens(
        "rate",
        "Suspects over time",
        "By the payment's own time; provisional ones may still change",
        ChartType.BARS,
        HALF,
        views.suspects,
        (top("status", "status", 2), by_time(), number("suspects")),
        SUSPECT,
    )
    yield Lens(
        "money-over-time",
        "Amount at risk over time",
        "The amounts of suspect payments, by currency",
        ChartType.BARS,
        HALF,
        views.suspects,
        (top("currency", "currency", 5, "total-amount"), by_time(), total("amount", "amount at risk")),
        SUSPECT,
    )


def _tops(views: Views) -> Iterator[Lens]:
    for name, field, title, description in (
        ("reasons", "codes", "Reasons", "A payment can have several"),
        ("merchants", "merchant", "Merchants", "With the most suspect payments"),
        ("categories", "merchant_category", "Categories", "Kinds of merchants with the most suspect payments"),
    ):
        look = ChartType.RING if name == "categories" else ChartType.ROWS
        columns = (top(field, title.lower(), 10, NUMBER), number("suspects"))
        yield Lens(name, title, description, look, THIRD, views.suspects, columns, SUSPECT)


def _histograms(views: Views) -> Iterator[Lens]:
    for name, field, title, edges, unit in (
        ("distances", "distance_m", "Distance from phone to shop", DISTANCES_M, "m"),
        ("speeds", "implied_speed_mps", "Speed it would have taken", SPEEDS_MPS, "m/s"),
        ("risks", "risk", "Risk", RISKS, "points"),
    ):
        columns = (spans(field, title.lower(), edges, unit), number("suspects"))
        yield Lens(name, title, "Of the fix that binds most", ChartType.BARS, THIRD, views.suspects, columns, SUSPECT)


def _devices(views: Views) -> Lens:
    columns = (
        top("device_token", "phone", 20, NUMBER),
        number("suspects"),
        total("amount", "amount, currencies added up"),
        highest("risk", "highest risk"),
        highest("timestamp", "last", "date"),
    )
    return Lens(
        "devices",
        "Phones with the most suspects",
        "By the phone's token; no one can be told from it without the masking key",
        ChartType.TABLE,
        Size(32, 12),
        views.suspects,
        columns,
        SUSPECT,
    )


def _analysts(views: Views) -> Lens:
    return Lens(
        "analysts",
        "What analysts say",
        "The newest word on each case, by the time of its payment",
        ChartType.RING,
        Size(16, 12),
        views.feedback,
        (top("verdict", "verdict", 3), number("cases")),
    )
