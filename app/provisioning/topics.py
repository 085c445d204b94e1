"""Creation of topics with their configuration. Idempotent: an existing topic that is right stays as it is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from agents.rules.state_limits import STATE_LIMITS
from app.errors import ConfigurationError
from app.kafka.client import kafka_admin
from app.settings import Settings
from app.stream.state.batch import BATCH_BYTES_MAX
from app.topology import DETECTOR
from schemas.topics import TOPICS, Retention, TopicSpec

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

RETENTION_DAYS: Final = 7
"""Days of records that can be replayed after an error of ours."""

CHANGELOG_SEGMENT_BYTES: Final = 64 << 20
"""Small segments, because recovery reads what compaction has left and the open segment is not compacted."""

CHANGELOG_SLACK_BYTES: Final = 1 << 20
"""A record batch on the wire is a little longer than its records."""


class _Period(NamedTuple):
    """How long a topic keeps records. `segment_ms`: age at which a segment is closed; None: the broker's default."""

    retention_ms: int
    segment_ms: int | None


# A broker deletes closed segments only, hence the daily and hourly ones.
_PERIODS: Final[Mapping[Retention, _Period]] = MappingProxyType(
    {
        Retention.RECORDS: _Period(RETENTION_DAYS * DAY_MS, DAY_MS),
        Retention.POSITIONS: _Period(STATE_LIMITS.positions_kept_ms, HOUR_MS),
        Retention.TICKS: _Period(DAY_MS, None),
        Retention.ERASURES: _Period(STATE_LIMITS.tombstones_kept_ms, DAY_MS),
    }
)


def changelog_of(settings: Settings) -> str:
    """Return the name that Faust gives to the changelog of the detector's table."""
    return f"{settings.namespace}-{DETECTOR.name}-{DETECTOR.table}-changelog"


def wanted_topics(settings: Settings) -> dict[str, Mapping[str, str]]:
    """Return the configuration of every topic by its name, without partitions and replication."""
    durable = {"min.insync.replicas": str(settings.min_insync_replicas)}
    wanted = {getattr(settings.topics, topic): durable | _config(spec) for topic, spec in TOPICS.items()}
    return {**wanted, changelog_of(settings): durable | _changelog_config()}


def _config(spec: TopicSpec) -> dict[str, str]:
    retention_ms, segment_ms = _PERIODS[spec.retention]
    config = {"retention.ms": str(retention_ms)}
    if segment_ms is not None:
        config["segment.ms"] = str(segment_ms)
    if spec.append_time:
        config["message.timestamp.type"] = "LogAppendTime"
    return config


def _changelog_config() -> dict[str, str]:
    return {
        "cleanup.policy": "compact",
        # The cleaner starts early, because recovery reads everything that is not compacted.
        "segment.ms": str(HOUR_MS),
        "max.compaction.lag.ms": str(HOUR_MS),
        "segment.bytes": str(CHANGELOG_SEGMENT_BYTES),
        "min.cleanable.dirty.ratio": "0.1",
        "max.message.bytes": str(BATCH_BYTES_MAX + CHANGELOG_SLACK_BYTES),
    }


async def create_topics(settings: Settings) -> list[str]:
    """Create the missing topics and return their names.

    Raises:
        UnavailableError: no broker answers.
        ConfigurationError: the broker rejected a topic, or a topic exists with another number of partitions.
    """
    async with kafka_admin(settings) as admin:
        existing = set(await admin.list_topics())
        wanted = wanted_topics(settings)
        missing = [
            NewTopic(name, settings.partitions, settings.replication_factor, topic_configs=dict(config))
            for name, config in wanted.items()
            if name not in existing
        ]
        if missing:
            response = await admin.create_topics(missing)
            _check_created(response.topic_errors)
        await _check_existing(admin, sorted(existing & wanted.keys()), settings)
        return [topic.name for topic in missing]


def _check_created(errors: list[tuple[str, int, str]]) -> None:
    for name, code, reason in errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise ConfigurationError(
                f"Kafka rejected the new topic {name} ({for_code(code).__name__}: {reason}): "
                "check the replication settings and this user's rights"
            )


async def _check_existing(admin: AIOKafkaAdminClient, names: list[str], settings: Settings) -> None:
    for topic in await admin.describe_topics(names) if names else ():
        count = len(topic["partitions"])
        if count != settings.partitions:
            raise ConfigurationError(
                f"topic {topic['topic']} has {count} partitions, not {settings.partitions}: "
                "set GEOVELOCITY_PARTITIONS to the number that all topics have, or set a new GEOVELOCITY_TOPIC_PREFIX "
                "and GEOVELOCITY_NAMESPACE"
            )
