"""Metrics of the bridge."""

from typing import Final

from app.observability.metric import Exporter, Metric, MetricKind
from sensor_logger_bridge.apps.registry import SOURCES
from sensor_logger_bridge.http.connection_limiter import EvictionReason

_BRIDGE: Final = (Exporter.BRIDGE,)

BRIDGE_ANSWERS: Final = Metric(
    "geovelocity_bridge_answers_total",
    MetricKind.COUNTER,
    {"code": ()},
    _BRIDGE,
    "Messages of phones, by response code of the bridge",
    "broker-away: phones get status 503, repair the broker. Many unknown-token: someone guesses tokens, check the "
    "proxy's log for the source",
)
BRIDGE_CONNECTIONS: Final = Metric(
    "geovelocity_bridge_connections",
    MetricKind.GAUGE,
    {"who": ("stranger", "guest")},
    _BRIDGE,
    "Open connections; stranger: has not shown a valid token yet, guest: has shown one",
    "Many strangers: a crawler or a flood, which does not affect phones. Guests near the limit: raise "
    "GEOVELOCITY_BRIDGE_CONNECTIONS_MAX",
)
BRIDGE_SHOWN_OUT: Final = Metric(
    "geovelocity_bridge_shown_out_total",
    MetricKind.COUNTER,
    {"why": EvictionReason},
    _BRIDGE,
    "Connections that the bridge closed, by reason",
    "full: raise GEOVELOCITY_BRIDGE_CONNECTIONS_MAX. crowd-of-an-address: a flood from one address, or phones behind "
    "one proxy",
)
BRIDGE_FIXES: Final = Metric(
    "geovelocity_bridge_fixes_total",
    MetricKind.COUNTER,
    {"source": SOURCES},
    _BRIDGE,
    "Position fixes written to the topic, by app",
    "If an app has none, check `geovelocity_bridge_answers_total` for the reason",
)
BRIDGE_SKIPPED: Final = Metric(
    "geovelocity_bridge_skipped_total",
    MetricKind.COUNTER,
    {"source": SOURCES},
    _BRIDGE,
    "Items of accepted messages that are not positions, or could not be used",
    "If there are many more of them than fixes, the phone sends other sensors: turn these off to save its data volume",
)
BRIDGE_REPEATED: Final = Metric(
    "geovelocity_bridge_repeated_total",
    MetricKind.COUNTER,
    {"source": SOURCES},
    _BRIDGE,
    "Messages that a phone sent again; they have no effect",
    "If this rises, responses do not reach the phones: check the proxy, then the produce latency of the broker",
)
BRIDGE_MISSING: Final = Metric(
    "geovelocity_bridge_missing_total",
    MetricKind.COUNTER,
    {"source": SOURCES},
    _BRIDGE,
    "Messages that never arrived, counted by sequence gaps of apps that number their messages",
    "If this rises, phones lose the network and their app does not store messages, or an MQTT broker drops them: "
    "check its queue limits",
)
BRIDGE_MQTT_UP: Final = Metric(
    "geovelocity_bridge_mqtt_up",
    MetricKind.GAUGE,
    {},
    _BRIDGE,
    "1: the bridge is subscribed at the MQTT broker; 0: it is not, or MQTT is off",
    "Read the reason in the log of the bridge, which reconnects by itself",
)

BRIDGE_METRICS: Final = (
    BRIDGE_ANSWERS,
    BRIDGE_CONNECTIONS,
    BRIDGE_SHOWN_OUT,
    BRIDGE_FIXES,
    BRIDGE_SKIPPED,
    BRIDGE_REPEATED,
    BRIDGE_MISSING,
    BRIDGE_MQTT_UP,
)
