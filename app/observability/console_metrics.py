"""Metrics of the console. `app.observability.catalogue` lists them with all others."""

from enum import StrEnum
from typing import Final

from app.observability.metric import Exporter, Metric, MetricKind

_CONSOLE: Final = (Exporter.CONSOLE,)


class EventType(StrEnum):
    """Names of the events on the stream. `comment`: a keep-alive comment between them."""

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
    "Open pages",
    "At 500 the console rejects new pages: check whether a program opens them",
)
EVENTS: Final = Metric(
    "geovelocity_console_events_total",
    MetricKind.COUNTER,
    {"event": EventType},
    _CONSOLE,
    "Events sent to pages, counted once for each page",
    "Many snapshots: pages keep losing their connection, or more suspects arrive than the console holds",
)
SKIPPED: Final = Metric(
    "geovelocity_console_skipped_total",
    MetricKind.COUNTER,
    {},
    _CONSOLE,
    "Events that a slow page did not receive; it received a summary instead",
    "If it keeps growing, the network or the analyst's machine is too slow for the number of events",
)
DROPPED: Final = Metric(
    "geovelocity_console_left_out_total",
    MetricKind.COUNTER,
    {},
    _CONSOLE,
    "New suspects that pages only received as a number, because suspects of higher risk arrived at the same time",
    "More suspects arrive than a person can read: look for the cause of the suspects",
)
SLOW_CLIENTS: Final = Metric(
    "geovelocity_console_cut_off_total",
    MetricKind.COUNTER,
    {},
    _CONSOLE,
    "Connections that the console closed because the page read nothing for a minute",
    "Sleeping browsers cause some. Many at once: check the proxy and the network between",
)
CONSOLE_READY: Final = Metric(
    "geovelocity_console_ready",
    MetricKind.GAUGE,
    {},
    _CONSOLE,
    "1: the console has caught up and a broker answers; 0: it is not ready",
    "Request /readyz: it returns the reason",
)

CONSOLE_METRICS: Final = (PAGES, EVENTS, SKIPPED, DROPPED, SLOW_CLIENTS, CONSOLE_READY)
