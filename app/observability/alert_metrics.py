"""The metrics of alerts. `app.observability.catalogue` lists them with all others."""

from enum import StrEnum
from typing import Final

from app.observability.metric import Exporter, Metric, MetricKind
from app.settings.alerts import CHANNELS

_ALERT: Final = (Exporter.ALERT,)


class AlertOutcome(StrEnum):
    """The outcome of a final suspect for one channel."""

    DELIVERED = "delivered"
    HELD_BACK = "held-back"
    DEAD_LETTER = "dead-letter"
    ERASED = "erased"


ALERTS_TOTAL: Final = Metric(
    "geovelocity_alerts_total",
    MetricKind.COUNTER,
    {"channel": CHANNELS, "end": AlertOutcome},
    _ALERT,
    "Final suspects at or above the minimum risk, by channel and outcome; held-back: suppressed by the cool-down and "
    "counted in the device's next alert; erased: the device was erased while the alert was pending",
    "dead-letter: read the log of the channel, run `geovelocity alert --test`, read the records at the offsets in "
    "`dead_letters`, and search the console for their `transaction_id`",
)
ALERT_RETRIES: Final = Metric(
    "geovelocity_alert_retries_total",
    MetricKind.COUNTER,
    {"channel": CHANNELS},
    _ALERT,
    "Failed delivery attempts; most are retried",
    "Read the log lines of the channel",
)
ALERTS_PENDING: Final = Metric(
    "geovelocity_alerts_waiting",
    MetricKind.GAUGE,
    {"channel": CHANNELS},
    _ALERT,
    "Pending alerts: read and not delivered; at most 100, further suspects stay on the topic",
    "If it does not fall, the channel is down or slow: see the next metric",
)
CHANNEL_OUTAGE_SECONDS: Final = Metric(
    "geovelocity_alert_channel_away_seconds",
    MetricKind.GAUGE,
    {"channel": CHANNELS},
    _ALERT,
    "Seconds since the channel stopped accepting alerts; 0: it accepts them",
    "Repair the receiver or correct the URL; alerts stay pending and go to `dead_letters` after "
    "GEOVELOCITY_ALERT_GIVE_UP_S",
)
ALERT_LAG: Final = Metric(
    "geovelocity_alert_lag_records",
    MetricKind.GAUGE,
    {"channel": CHANNELS},
    _ALERT,
    "Consumer lag: records of suspects that are not done for this channel",
    "If it grows while no alert is pending, keep the log, then restart the process",
)

ALERT_METRICS: Final = (ALERTS_TOTAL, ALERT_RETRIES, ALERTS_PENDING, CHANNEL_OUTAGE_SECONDS, ALERT_LAG)
