"""Chart of recall against distance as SVG, on a background that suits light and dark pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log
from typing import Final
from xml.sax.saxutils import escape

from app.simulate.confusion_matrix import RECALL_FLOOR, ConfusionMatrix
from app.simulate.payments import THEFT_M

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 76, 52
BINS: Final = 16
TICKS_M: Final = {
    300: "300 m",
    1_000: "1 km",
    3_000: "3 km",
    10_000: "10 km",
    30_000: "30 km",
    100_000: "100 km",
    300_000: "300 km",
    800_000: "800 km",
}
COLOURS: Final = ("#0b6e4f", "#c2410c", "#1d4ed8", "#7e22ce")
INK, FAINT, GROUND = "#1f2933", "#d5dae1", "#ffffff"


@dataclass(frozen=True, slots=True)
class Curve:
    """Recall of one preset over distance. `points`: metres and share, in order of distance."""

    name: str
    recall: float
    false_flags: float
    points: tuple[tuple[float, float], ...]


def curve(name: str, counts: ConfusionMatrix) -> Curve:
    """Return the curve of a matrix, in bins of equal width on a logarithmic axis."""
    edges_m = [THEFT_M[0] * (THEFT_M[1] / THEFT_M[0]) ** (edge / BINS) for edge in range(BINS + 1)]
    points = []
    for low_m, high_m in pairwise(edges_m):
        caught = sum(low_m <= away_m < high_m for away_m in counts.caught_m)
        missed = sum(low_m <= away_m < high_m for away_m in counts.missed_m)
        if caught + missed:
            points.append(((low_m * high_m) ** 0.5, caught / (caught + missed)))
    return Curve(name, counts.recall, counts.false_flags, tuple(points))


def recall_chart(curves: Sequence[Curve]) -> str:
    """Draw one or a few curves."""
    return _Picture(curves).drawn()


class _Picture:
    """The drawing. Its vertical axis starts a tenth below all points, so that the top is readable."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        self._curves = curves
        lowest = min((share for one in curves for _, share in one.points), default=1.0)
        self._bottom_tenth = min(9, floor(10 * lowest))

    def drawn(self) -> str:
        body = "\n".join(
            [*self._frame(), *(line for number in range(len(self._curves)) for line in self._line(number))]
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            'font-family="system-ui, sans-serif" font-size="13">\n'
            "<title>Share of impossible payments that is flagged, by distance from the phone</title>\n"
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{GROUND}" stroke="{FAINT}"/>\n{body}\n</svg>\n'
        )

    def _frame(self) -> Iterator[str]:
        bottom_y = self._y(self._bottom_tenth / 10)
        step = 2 if self._bottom_tenth == 9 else 10  # percent
        for percent in range(10 * self._bottom_tenth, 101, step):
            y = self._y(percent / 100)
            yield f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="{FAINT}"/>'
            yield _text(LEFT - 8, y + 4, f"{percent} %", anchor="end")
        for away_m, name in TICKS_M.items():
            yield f'<line x1="{_x(away_m)}" y1="{bottom_y}" x2="{_x(away_m)}" y2="{bottom_y + 5}" stroke="{INK}"/>'
            yield _text(_x(away_m), bottom_y + 20, name, anchor="middle")
        yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "from the phone to the payment", anchor="middle")
        y = self._y(RECALL_FLOOR)
        yield f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="{INK}" stroke-dasharray="2 4"/>'
        yield _text(LEFT, 24, f"Impossible payments that are flagged. Dotted: the goal, {100 * RECALL_FLOOR} %")

    def _line(self, number: int) -> Iterator[str]:
        """Yield one curve and its legend."""
        one, colour = self._curves[number], COLOURS[number % len(COLOURS)]
        points = " ".join(f"{_x(away_m)},{self._y(share)}" for away_m, share in one.points)
        stroke = f'stroke="{colour}" stroke-width="2.5"' + (' stroke-dasharray="8 5"' if number else "")
        yield f'<polyline points="{points}" fill="none" {stroke}/>'
        x, y = LEFT + 24, HEIGHT - BOTTOM - 48 + 24 * number  # where curves near the top leave room
        yield f'<line x1="{x}" y1="{y - 4}" x2="{x + 24}" y2="{y - 4}" {stroke}/>'
        honest = f"{100 * one.false_flags:.2f} % of honest ones"
        yield _text(x + 32, y, f"{one.name}: flags {100 * one.recall:.2f} %, and {honest}")

    def _y(self, share: float) -> float:
        bottom = self._bottom_tenth / 10
        return round(TOP + (1 - share) / (1 - bottom) * (HEIGHT - TOP - BOTTOM), 1)


def _x(away_m: float) -> float:
    share = log(away_m / THEFT_M[0]) / log(THEFT_M[1] / THEFT_M[0])
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" fill="{INK}" text-anchor="{anchor}">{escape(text)}</text>'
