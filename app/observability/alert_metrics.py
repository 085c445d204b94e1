"""What is counted and measured of alerts; told with all the rest, in `app.observability.catalogue`."""

from enum import StrEnum
from typing import Final

from app.observability.metric import Exporter, Metric, MetricKind
from app.settings.alerts import CHANNELS

_ALERT: Final = (Exporter.ALERT,)


class AlertOutcome(StrEnum):
    """What becomes of a suspect that people are to be told of."""

    DELIVERED = "delivered"
    HELD_BACK = "held-back"
    DEAD_LETTER = "dead-letter"
    ERASED = "erased"


ALERTS_TOTAL: Final = Metric(
    "geovelocity_alerts_total",
    MetricKind.COUNTER,
    {"channel": CHANNELS, "end": AlertOutcome},
    _ALERT,
    "Final suspects of which a channel was to tell; held-back: the next message of the device counts it; erased: its "
    "device was forgotten while it waited",
    "dead-letter: see what the log says of the channel, try `geovelocity alert --test`, then look the cases up in the "
    "console by the offsets in `dead_letters`",
)
RETRIES: Final = Metric(
    "geovelocity_alert_retries_total",
    MetricKind.COUNTER,
    {"channel": CHANNELS},
    _ALERT,
    "Attempts to deliver an alert that failed; most are made again",
    "See what the log says of the channel",
)
WAITING: Final = Metric(
    "geovelocity_alerts_waiting",
    MetricKind.GAUGE,
    {"channel": CHANNELS},
    _ALERT,
    "Alerts that are read and not delivered yet; a hundred at most, the others wait on the topic",
    "It does not fall: the channel is away or slow, see the next metric",
)
CHANNEL_AWAY_SECONDS: Final = Metric(
    "geovelocity_alert_channel_away_seconds",
    MetricKind.GAUGE,
    {"channel": CHANNELS},
    _ALERT,
    "For how long the channel has not taken an alert that it was sent; 0: it does",
    "Mend the other side, or the URL; alerts wait, and are dead letters after GEOVELOCITY_ALERT_GIVE_UP_S",
)
ALERT_LAG: Final = Metric(
    "geovelocity_alert_lag_records",
    MetricKind.GAUGE,
    {"channel": CHANNELS},
    _ALERT,
    "Records of suspects that are not done for this channel",
    "It grows though nothing waits: keep the log, then restart the process",
)

ALERT_METRICS: Final = (ALERTS_TOTAL, RETRIES, WAITING, CHANNEL_AWAY_SECONDS, ALERT_LAG)
