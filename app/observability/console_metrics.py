"""What is counted and measured of the console; told with all the rest, in `app.observability.catalogue`."""

from enum import StrEnum
from typing import Final

from app.observability.metric import Exporter, Metric, MetricKind

_CONSOLE: Final = (Exporter.CONSOLE,)


class EventType(StrEnum):
    """Events, as the page calls them, and the comments between them."""

    HELLO = "hello"
    SNAPSHOT = "snapshot"
    CASES = "cases"
    GONE = "gone"
    PULSE = "pulse"
    COMMENT = "comment"


PAGES: Final = Metric(
    "geovelocity_console_pages",
    MetricKind.GAUGE,
    {},
    _CONSOLE,
    "Pages that listen",
    "At 500 no more are let in: look whether somebody opens them by a program",
)
EVENTS: Final = Metric(
    "geovelocity_console_events_total",
    MetricKind.COUNTER,
    {"event": EventType},
    _CONSOLE,
    "Events sent to pages, each counted for every page",
    "Many snapshots: pages lose their connection again and again, or more suspects come than are kept",
)
SKIPPED: Final = Metric(
    "geovelocity_console_skipped_total",
    MetricKind.COUNTER,
    {},
    _CONSOLE,
    "Events that a page was not sent because it read too slowly; it was told in short instead",
    "It grows all the time: a network or a machine that is too slow for what is shown",
)
DROPPED: Final = Metric(
    "geovelocity_console_left_out_total",
    MetricKind.COUNTER,
    {},
    _CONSOLE,
    "Suspects that pages were only told the number of, since graver ones came at the same time",
    "More come than anybody could read: look for what makes so many suspects",
)
SLOW_CLIENTS: Final = Metric(
    "geovelocity_console_cut_off_total",
    MetricKind.COUNTER,
    {},
    _CONSOLE,
    "Pages whose connection was ended because they read nothing for a minute",
    "Browsers that sleep do this; many at once: something between stands still",
)
CONSOLE_READY: Final = Metric(
    "geovelocity_console_ready",
    MetricKind.GAUGE,
    {},
    _CONSOLE,
    "1: it has read what there was, and a broker answers; 0: it waits",
    "Ask /readyz: it says for what",
)

CONSOLE_METRICS: Final = (PAGES, EVENTS, SKIPPED, DROPPED, SLOW_CLIENTS, CONSOLE_READY)
