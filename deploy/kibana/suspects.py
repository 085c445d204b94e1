"""The dashboard "Suspects": suspect payments with their amounts, locations and reasons."""

from collections.abc import Iterator
from typing import Final

from deploy.kibana.board import Board
from deploy.kibana.column import NUMBER, by_time, count, maximum, percentage, ranges, sum_of, top_terms, unique_count
from deploy.kibana.data_view import Views
from deploy.kibana.flow_map import FlowMap
from deploy.kibana.latest_table import latest_table
from deploy.kibana.lens import ChartType, Lens
from deploy.kibana.location_map import location_map
from deploy.kibana.panel import Panel, PanelReference, Size
from deploy.kibana.saved_object import SavedObject

SUSPECT: Final = 'verdict : "suspect"'
CLEARED: Final = f"not {SUSPECT}"
SMALL, HALF, THIRD, WHOLE = Size(8, 6), Size(24, 10), Size(16, 11), Size(48, 18)
MAP: Final = Size(24, 18)
DISTANCES_M: Final = (0, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
SPEEDS_MPS: Final = (0, 30, 100, 300, 1_000, 10_000, 100_000, 1_000_000)
RISKS: Final = (0, 20, 40, 60, 80)


def board(namespace: str) -> tuple[Board, list[SavedObject]]:
    """Return the dashboard and the saved objects that it refers to."""
    views = Views.of(namespace)
    map_, list_ = location_map(views.suspects, SUSPECT), latest_table(views.suspects, SUSPECT)
    panels: list[Panel] = [
        *_numbers(views),
        *_over_time(views),
        PanelReference("places", "Map: merchants red, phones blue", MAP, map_),
        FlowMap(
            "ways",
            "From the phone to the merchant",
            "The suspects of highest risk, one line each; redder means higher risk; phones to a kilometre",
            MAP,
            views.suspects,
            {"verdict": "suspect"},
        ),
        *_tops(views),
        *_histograms(views),
        _devices(views),
        _analysts(views),
        PanelReference("newest", "Latest suspects", WHOLE, list_),
    ]
    title = f"{namespace}: suspects"
    return Board(
        f"{namespace}-board-suspects",
        title,
        "Payments that contradict the location of the cardholder's phone",
        "now-24h",
        panels,
    ), [
        map_,
        list_,
    ]


def _numbers(views: Views) -> Iterator[Lens]:
    of_suspects, of_all = views.suspects, views.verdicts
    yield Lens(
        "count",
        "Suspects",
        "Payments whose latest verdict is suspect",
        ChartType.NUMBER,
        SMALL,
        of_suspects,
        (count("suspects"),),
        SUSPECT,
    )
    yield Lens(
        "money",
        "Amount at risk",
        "The amounts of suspect payments, by currency",
        ChartType.NUMBER,
        SMALL,
        of_suspects,
        (top_terms("currency", "currency", 3, "total-amount"), sum_of("amount", "amount at risk")),
        SUSPECT,
    )
    yield Lens(
        "phones",
        "Phones",
        "Phones with a suspect payment",
        ChartType.NUMBER,
        SMALL,
        of_suspects,
        (unique_count("device_token", "phones"),),
        SUSPECT,
    )
    yield Lens(
        "share",
        "Share of suspects",
        "Suspects as a share of all payments",
        ChartType.NUMBER,
        SMALL,
        of_all,
        percentage("suspect", SUSPECT),
    )
    yield Lens(
        "not-evaluable",
        "Share not evaluable",
        "Payments without enough data, as a share of all payments",
        ChartType.NUMBER,
        SMALL,
        of_all,
        percentage("not evaluable", 'verdict : "not_evaluable"'),
    )
    yield Lens(
        "taken-back",
        "Cleared",
        "Payments that were suspect until a later fix cleared them",
        ChartType.NUMBER,
        SMALL,
        of_suspects,
        (count("cleared"),),
        CLEARED,
    )


def _over_time(views: Views) -> Iterator[Lens]:
    yield Lens(
        "rate",
        "Suspects over time",
        "By the time of the payment; provisional verdicts can still change",
        ChartType.BARS,
        HALF,
        views.suspects,
        (top_terms("status", "status", 2), by_time(), count("suspects")),
        SUSPECT,
    )
    yield Lens(
        "money-over-time",
        "Amount at risk over time",
        "The amounts of suspect payments, by currency",
        ChartType.BARS,
        HALF,
        views.suspects,
        (top_terms("currency", "currency", 5, "total-amount"), by_time(), sum_of("amount", "amount at risk")),
        SUSPECT,
    )


def _tops(views: Views) -> Iterator[Lens]:
    for name, field, title, description in (
        ("reasons", "codes", "Reasons", "A payment can have several reason codes"),
        ("merchants", "merchant", "Merchants", "Merchants with the most suspects"),
        ("categories", "merchant_category", "Categories", "Merchant categories with the most suspects"),
    ):
        chart_type = ChartType.RING if name == "categories" else ChartType.ROWS
        columns = (top_terms(field, title.lower(), 10, NUMBER), count("suspects"))
        yield Lens(name, title, description, chart_type, THIRD, views.suspects, columns, SUSPECT)


def _histograms(views: Views) -> Iterator[Lens]:
    for name, field, title, edges, unit in (
        ("distances", "distance_m", "Distance from phone to merchant", DISTANCES_M, "m"),
        ("speeds", "implied_speed_mps", "Implied speed", SPEEDS_MPS, "m/s"),
        ("risks", "risk", "Risk", RISKS, "points"),
    ):
        columns = (ranges(field, title.lower(), edges, unit), count("suspects"))
        yield Lens(
            name, title, "For the fix that decides the verdict", ChartType.BARS, THIRD, views.suspects, columns, SUSPECT
        )


def _devices(views: Views) -> Lens:
    columns = (
        top_terms("device_token", "phone", 20, NUMBER),
        count("suspects"),
        sum_of("amount", "amount, sum over currencies"),
        maximum("risk", "highest risk"),
        maximum("timestamp", "latest", "date"),
    )
    return Lens(
        "devices",
        "Phones with the most suspects",
        "By device token, which identifies nobody without the masking key",
        ChartType.TABLE,
        Size(32, 12),
        views.suspects,
        columns,
        SUSPECT,
    )


def _analysts(views: Views) -> Lens:
    return Lens(
        "analysts",
        "Analyst feedback",
        "Latest disposition of each case, by the time of its payment",
        ChartType.RING,
        Size(16, 12),
        views.feedback,
        (top_terms("verdict", "verdict", 3), count("cases")),
    )
