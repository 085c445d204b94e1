"""Metrics: everything that is counted and measured, each declared once, with what it means and what to do about it."""

from typing import Final

from app.observability.alert_metrics import ALERT_METRICS
from app.observability.console_metrics import CONSOLE_METRICS
from app.observability.metric import Exporter, Metric, MetricKind
from schemas.codes.fix_fault import FixFault
from schemas.codes.reject import RejectCode
from schemas.erasure import RemovedItem
from schemas.verdict import Outcome, Status
from sensor_logger_bridge.apps.registry import SOURCES
from sensor_logger_bridge.http.connection_limiter import EvictionReason

_DETECTOR: Final = (Exporter.DETECTOR,)
_SINK: Final = (Exporter.SINK,)
_WORKERS: Final = (Exporter.DETECTOR, Exporter.SINK)
_BRIDGE: Final = (Exporter.BRIDGE,)
_SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 600.0)
_RECORDS: Final = (1.0, 10.0, 100.0, 1_000.0, 8_000.0)

RECORDS: Final = Metric(
    "geovelocity_records_total",
    MetricKind.COUNTER,
    {"topic": ()},
    _WORKERS,
    "Records of a topic that are done and durable",
    "None come: look at the lag, then at who writes the topic",
)
OUTCOMES: Final = Metric(
    "geovelocity_outcomes_total",
    MetricKind.COUNTER,
    {"topic": (), "outcome": ()},
    _WORKERS,
    "What became of these records; the outcomes of a topic add up to its records",
    "They do not add up: a fault of this service, report it",
)
DEAD_LETTERS: Final = Metric(
    "geovelocity_dead_letters_total",
    MetricKind.COUNTER,
    {"topic": (), "code": RejectCode},
    _WORKERS,
    "Records that could not be used, by reject code",
    "Read `dead_letters` for topic, partition and offset, mend whoever wrote them, send them again",
)
VERDICTS: Final = Metric(
    "geovelocity_verdicts_total",
    MetricKind.COUNTER,
    {"verdict": Outcome, "status": Status},
    _DETECTOR,
    "Revisions of verdicts that were published, first ones among them; final: no later fix will change it",
    "Many are not evaluable: phones send nothing, see the faults and the bridge; none become final: see `ticks`",
)
FAULTS: Final = Metric(
    "geovelocity_fix_faults_total",
    MetricKind.COUNTER,
    {"fault": FixFault},
    _DETECTOR,
    "Fixes with something wrong, by code",
    "Many of one code: a release of a phone app, or somebody who fakes positions",
)
REMOVED: Final = Metric(
    "geovelocity_removed_total",
    MetricKind.COUNTER,
    {"what": RemovedItem},
    _WORKERS,
    "What was removed of devices that were forgotten",
    "It does not move though somebody asked: look at the lag of `erasures`, then at that of the sinks",
)
RESENT: Final = Metric(
    "geovelocity_outputs_resent_total",
    MetricKind.COUNTER,
    {},
    _DETECTOR,
    "Outputs that were sent once more, unchanged, after a crash",
    "It grows without crashes: commits do not reach the broker, look at its log",
)
BATCH_SECONDS: Final = Metric(
    "geovelocity_batch_seconds",
    MetricKind.HISTOGRAM,
    {"topic": ()},
    _DETECTOR,
    "From taking a batch up to its last delivery",
    "The broker is slow to confirm, or there are too few workers for the load",
    _SECONDS,
)
BATCH_RECORDS: Final = Metric(
    "geovelocity_batch_records",
    MetricKind.HISTOGRAM,
    {"topic": ()},
    _DETECTOR,
    "Records in a batch",
    "Thousands at a time: it is catching up",
    _RECORDS,
)
BATCH_AGE: Final = Metric(
    "geovelocity_batch_age_seconds",
    MetricKind.HISTOGRAM,
    {"topic": ()},
    _DETECTOR,
    "From the timestamp of a batch's first record to its last delivery: how long a payment waited at most",
    "Look at the lag, the batches and the broker; a negative skew of clocks counts as zero",
    _SECONDS,
)
CHANGELOG_BYTES: Final = Metric(
    "geovelocity_changelog_bytes_total",
    MetricKind.COUNTER,
    {},
    _DETECTOR,
    "Bytes of rows and marks written to the changelog",
    "It grows faster than the records do: phones with very long pushes",
)
ROWS: Final = Metric(
    "geovelocity_table_rows",
    MetricKind.GAUGE,
    {},
    _DETECTOR,
    "Rows of the table in this worker",
    "Memory grows with it: add workers",
)
REBALANCES: Final = Metric(
    "geovelocity_rebalances_total",
    MetricKind.COUNTER,
    {},
    _WORKERS,
    "Times the partitions were handed out anew",
    "It keeps growing: a worker dies again and again, or is too slow for its session",
)
RECOVERY_SECONDS: Final = Metric(
    "geovelocity_recovery_seconds",
    MetricKind.GAUGE,
    {},
    _WORKERS,
    "How long the last rebalance took until the rows were there",
    "Is the changelog compacted? Its cleaner may have stopped, see the broker's log",
)
LAG: Final = Metric(
    "geovelocity_lag_records",
    MetricKind.GAUGE,
    {"topic": (), "partition": ()},
    _WORKERS,
    "Records on a partition that are not done",
    "It grows: add workers up to the number of partitions; on one alone: see its position",
)
POSITION: Final = Metric(
    "geovelocity_position",
    MetricKind.GAUGE,
    {"topic": (), "partition": ()},
    _WORKERS,
    "The next offset of a partition that is not done",
    "It stands still while there is a lag: keep the log of the worker that has the partition, then restart it",
)
LEASE_WAITS: Final = Metric(
    "geovelocity_lease_waits_total",
    MetricKind.COUNTER,
    {},
    _WORKERS,
    "Writes that waited because the group had not been heard of for most of a session",
    "The machine is starved of CPU, or the broker does not answer heartbeats",
)
READY: Final = Metric(
    "geovelocity_ready",
    MetricKind.GAUGE,
    {},
    (*_WORKERS, Exporter.ALERT),
    "1: it has its partitions and rows, and its broker and store answer; 0: it waits",
    "Ask /readyz: it says for what",
)
STORE_RETRIES: Final = Metric(
    "geovelocity_store_retries_total",
    MetricKind.COUNTER,
    {},
    _SINK,
    "Deliveries to the store that failed and are tried again",
    "See what the log says of the store",
)
STORE_AWAY_SECONDS: Final = Metric(
    "geovelocity_store_away_seconds",
    MetricKind.GAUGE,
    {},
    _SINK,
    "For how long the store has not taken anything; 0: it does",
    "Mend the store: nothing is lost as long as the topic keeps its records, and delivery goes on by itself",
)
MASKING_KEY: Final = Metric(
    "geovelocity_masking_key_writes",
    MetricKind.GAUGE,
    {"key": ()},
    (*_WORKERS, Exporter.ALERT),
    "1: the masking key, by its id, that is written with; 0: one that is recognised",
    "Workers differ: see whether the file has reached them all, and what their logs say of it",
)
BRIDGE_ANSWERS: Final = Metric(
    "geovelocity_bridge_answers_total",
    MetricKind.COUNTER,
    {"code": ()},
    _BRIDGE,
    "Messages of phones, by what was answered",
    "broker-away: phones get 503, mend the broker; unknown-token in numbers: somebody guesses",
)
BRIDGE_CONNECTIONS: Final = Metric(
    "geovelocity_bridge_connections",
    MetricKind.GAUGE,
    {"who": ("stranger", "guest")},
    _BRIDGE,
    "Connections that are open: of strangers, which have shown no known token yet, and of guests, which have",
    "Many strangers: somebody crawls or floods, which harms nobody; many guests: raise the most there may be",
)
BRIDGE_SHOWN_OUT: Final = Metric(
    "geovelocity_bridge_shown_out_total",
    MetricKind.COUNTER,
    {"why": EvictionReason},
    _BRIDGE,
    "Connections that the bridge has ended, by reason",
    "full: raise GEOVELOCITY_BRIDGE_CONNECTIONS_MAX; crowd-of-an-address: a flood, or the same behind a proxy",
)
BRIDGE_FIXES: Final = Metric(
    "geovelocity_bridge_fixes_total",
    MetricKind.COUNTER,
    {"source": SOURCES},
    _BRIDGE,
    "Positions that were kept, by app",
    "None of an app: see by the answers' codes what stands against its messages",
)
BRIDGE_SKIPPED: Final = Metric(
    "geovelocity_bridge_skipped_total",
    MetricKind.COUNTER,
    {"source": SOURCES},
    _BRIDGE,
    "Items of messages that were kept which are no positions, or could not be used",
    "Many more than positions: the phone has other sensors switched on, which costs its holder traffic",
)
BRIDGE_REPEATED: Final = Metric(
    "geovelocity_bridge_repeated_total",
    MetricKind.COUNTER,
    {"source": SOURCES},
    _BRIDGE,
    "Messages of a phone that came again; they change nothing",
    "Many: answers do not reach the phones, look at the proxy and the time the broker takes",
)
BRIDGE_MISSING: Final = Metric(
    "geovelocity_bridge_missing_total",
    MetricKind.COUNTER,
    {"source": SOURCES},
    _BRIDGE,
    "Messages that never came, by the gaps in the numbers of apps that number them",
    "Many: phones are without network, and this app keeps nothing for later; or an MQTT broker drops messages",
)
BRIDGE_MQTT_UP: Final = Metric(
    "geovelocity_bridge_mqtt_up",
    MetricKind.GAUGE,
    {},
    _BRIDGE,
    "1: the bridge listens to the MQTT broker; 0: it does not, or was not told of one",
    "The bridge's log says why; it tries again by itself",
)

_OURS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
METRICS: Final = (*_OURS, *ALERT_METRICS, *CONSOLE_METRICS)
