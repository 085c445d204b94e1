"""The catalogue of metrics: each is declared once, with its meaning and its remedy."""

from typing import Final

from app.observability.alert_metrics import ALERT_METRICS
from app.observability.bridge_metrics import BRIDGE_METRICS
from app.observability.console_metrics import CONSOLE_METRICS
from app.observability.metric import Exporter, Metric, MetricKind
from schemas.codes.fix_fault import FixFault
from schemas.codes.reject import RejectCode
from schemas.erasure import RemovedItem
from schemas.verdict import Outcome, Status

_DETECTOR: Final = (Exporter.DETECTOR,)
_SINK: Final = (Exporter.SINK,)
_WORKERS: Final = (Exporter.DETECTOR, Exporter.SINK)
_SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 600.0)
_RECORDS: Final = (1.0, 10.0, 100.0, 1_000.0, 8_000.0)

RECORDS: Final = Metric(
    "geovelocity_records_total",
    MetricKind.COUNTER,
    {"topic": ()},
    _WORKERS,
    "Records of a topic that are processed and durable",
    "If this stays at zero, check the consumer lag, then the producer of the topic",
)
OUTCOMES: Final = Metric(
    "geovelocity_outcomes_total",
    MetricKind.COUNTER,
    {"topic": (), "outcome": ()},
    _WORKERS,
    "Outcomes of these records; over all outcomes of a topic they add up to its records",
    "If they do not add up, this service has a bug: report it with the log",
)
DEAD_LETTERS: Final = Metric(
    "geovelocity_dead_letters_total",
    MetricKind.COUNTER,
    {"topic": (), "code": RejectCode},
    _WORKERS,
    "Records that could not be used, by reject code",
    "Read topic, partition and offset from `dead_letters`, fix the producer, then send the records again",
)
VERDICTS: Final = Metric(
    "geovelocity_verdicts_total",
    MetricKind.COUNTER,
    {"verdict": Outcome, "status": Status},
    _DETECTOR,
    "Published revisions of verdicts, the first one included; only late records or other payments change a final one",
    "If many are not evaluable, phones send no positions: check the fix faults and the bridge. If none becomes final, "
    "check the lag of `ticks`",
)
FAULTS: Final = Metric(
    "geovelocity_fix_faults_total",
    MetricKind.COUNTER,
    {"fault": FixFault},
    _DETECTOR,
    "Faults of position fixes, by code; a fix can have several",
    "If one code rises, check for a new release of a phone app, then for faked positions",
)
REMOVED: Final = Metric(
    "geovelocity_removed_total",
    MetricKind.COUNTER,
    {"what": RemovedItem},
    _WORKERS,
    "Items of erased devices that were removed",
    "If this does not rise after `geovelocity forget`, check the lag of `erasures`, then the lag of the sinks",
)
RESENT: Final = Metric(
    "geovelocity_outputs_resent_total",
    MetricKind.COUNTER,
    {},
    _DETECTOR,
    "Outputs that were sent again, unchanged, after a crash",
    "If this rises without crashes, offset commits fail: check the log of the broker",
)
BATCH_SECONDS: Final = Metric(
    "geovelocity_batch_seconds",
    MetricKind.HISTOGRAM,
    {"topic": ()},
    _DETECTOR,
    "Seconds from the start of a batch until its last output is confirmed",
    "If this rises, check the produce latency of the broker, then add workers",
    _SECONDS,
)
BATCH_RECORDS: Final = Metric(
    "geovelocity_batch_records",
    MetricKind.HISTOGRAM,
    {"topic": ()},
    _DETECTOR,
    "Records in a batch",
    "Thousands per batch mean that the detector is catching up: no action is needed unless the lag rises",
    _RECORDS,
)
BATCH_AGE: Final = Metric(
    "geovelocity_batch_age_seconds",
    MetricKind.HISTOGRAM,
    {"topic": ()},
    _DETECTOR,
    "Seconds from the timestamp of the first record of a batch until its last output is confirmed, the longest time "
    "that a payment of the batch waited; negative values, from clock skew, count as zero",
    "If this rises, check the consumer lag, the batch metrics, then the broker",
    _SECONDS,
)
CHANGELOG_BYTES: Final = Metric(
    "geovelocity_changelog_bytes_total",
    MetricKind.COUNTER,
    {},
    _DETECTOR,
    "Bytes of rows and checkpoints written to the changelog",
    "If this rises faster than the records, phones send very long pushes: check the sizes of their messages",
)
ROWS: Final = Metric(
    "geovelocity_table_rows",
    MetricKind.GAUGE,
    {},
    _DETECTOR,
    "Rows in the tables of this worker",
    "Memory grows with this number: add workers, or set GEOVELOCITY_TABLE_STORE=rocksdb",
)
REBALANCES: Final = Metric(
    "geovelocity_rebalances_total",
    MetricKind.COUNTER,
    {},
    _WORKERS,
    "Rebalances of the consumer group",
    "If this keeps rising, a worker crashes repeatedly or misses heartbeats: check exit codes, memory and CPU",
)
RECOVERY_SECONDS: Final = Metric(
    "geovelocity_recovery_seconds",
    MetricKind.GAUGE,
    {},
    _WORKERS,
    "Seconds from the last rebalance until the rows were restored",
    "If this exceeds a minute, the changelog may not be compacted: check the log cleaner in the log of the broker",
)
LAG: Final = Metric(
    "geovelocity_lag_records",
    MetricKind.GAUGE,
    {"topic": (), "partition": ()},
    _WORKERS,
    "Records of a partition that are not processed yet",
    "If this rises, add workers up to the number of partitions. If it rises on one partition only, check its position",
)
POSITION: Final = Metric(
    "geovelocity_position",
    MetricKind.GAUGE,
    {"topic": (), "partition": ()},
    _WORKERS,
    "Next offset of a partition to be processed",
    "If this does not move while there is a lag, save the log of the worker that owns the partition, then restart it",
)
LEASE_WAITS: Final = Metric(
    "geovelocity_lease_waits_total",
    MetricKind.COUNTER,
    {},
    _WORKERS,
    "Writes that were delayed because no heartbeat was confirmed for most of a session timeout",
    "If this rises, check the CPU of the machine, then whether the broker answers heartbeats",
)
READY: Final = Metric(
    "geovelocity_ready",
    MetricKind.GAUGE,
    {},
    (*_WORKERS, Exporter.ALERT),
    "1: the process has its partitions and rows, and its broker and store answer; 0: it is not ready",
    "Read /readyz, which reports the reason",
)
STORE_RETRIES: Final = Metric(
    "geovelocity_store_retries_total",
    MetricKind.COUNTER,
    {},
    _SINK,
    "Failed writes to the store; each is retried",
    "If this keeps rising, read the error of the store in the log of the sink",
)
STORE_AWAY_SECONDS: Final = Metric(
    "geovelocity_store_away_seconds",
    MetricKind.GAUGE,
    {},
    _SINK,
    "Seconds since writes to the store began to fail; 0: it is available",
    "Repair the store. The sink continues by itself, and nothing is lost while the topic retains its records",
)
MASKING_KEY: Final = Metric(
    "geovelocity_masking_key_writes",
    MetricKind.GAUGE,
    {"key": ()},
    (*_WORKERS, Exporter.ALERT),
    "1: the masking key with this id is active, new tokens use it; 0: its tokens are only recognised",
    "If workers differ, check that the keys file has reached all of them, and search their logs for errors about it",
)
_DECLARED_HERE: Final = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
METRICS: Final = (*_DECLARED_HERE, *BRIDGE_METRICS, *ALERT_METRICS, *CONSOLE_METRICS)
