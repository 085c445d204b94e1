"""Makes topics, indexes and templates. Idempotent: what is there already and right is left alone."""

from collections.abc import Mapping
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from agents.state.erasure_tombstones import KEPT_MS as FORGOTTEN_KEPT_MS
from agents.state.retention import POSITIONS_KEPT_MS
from app.errors import ConfigurationError
from app.kafka.client import kafka_admin
from app.settings import Settings
from app.stream.worker import BATCH_BYTES_MAX
from app.topology import DETECTOR, SINKS

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
RETENTION_DAYS: Final = 7
CHANGELOG_SEGMENT_BYTES: Final = 64 << 20
CHANGELOG_SLACK_BYTES: Final = 1 << 20  # a batch on the wire is a little longer than its records


def changelog_of(settings: Settings) -> str:
    """The name Faust gives to the changelog of the detector's table."""
    return f"{settings.namespace}-{DETECTOR.name}-{DETECTOR.table}-changelog"


def wanted_topics(settings: Settings) -> dict[str, Mapping[str, str]]:
    """Every topic with its configuration beside partitions and replication."""
    durable = {"min.insync.replicas": str(settings.min_insync_replicas)}
    # A broker deletes and compacts closed segments only, hence the daily and hourly ones.
    records = durable | {"retention.ms": str(RETENTION_DAYS * DAY_MS), "segment.ms": str(DAY_MS)}
    positions = durable | {"retention.ms": str(POSITIONS_KEPT_MS), "segment.ms": str(HOUR_MS)}
    changelog = durable | {
        "cleanup.policy": "compact",
        # Small segments and an early cleaner: recovery reads what compaction has left.
        "segment.ms": str(HOUR_MS),
        "max.compaction.lag.ms": str(HOUR_MS),
        "segment.bytes": str(CHANGELOG_SEGMENT_BYTES),
        "min.cleanable.dirty.ratio": "0.1",
        "max.message.bytes": str(BATCH_BYTES_MAX + CHANGELOG_SLACK_BYTES),
    }
    topics = settings.topics
    ticks = durable | {"retention.ms": str(DAY_MS)}
    # A request counts from when the broker had it, and outlasts whatever records it is about: whoever reads the topics
    # anew reads it, too.
    erasures = durable | {
        "retention.ms": str(FORGOTTEN_KEPT_MS),
        "segment.ms": str(DAY_MS),
        "message.timestamp.type": "LogAppendTime",
    }
    others = (topics.transactions, *topics.stored, topics.dead_letters)
    ours: dict[str, Mapping[str, str]] = {
        topics.locations: positions,
        topics.ticks: ticks,
        topics.erasures: erasures,
        changelog_of(settings): changelog,
    }
    return ours | dict.fromkeys(others, records)


async def create_topics(settings: Settings) -> list[str]:
    """Creates what is missing and returns the names of what it made.

    Raises:
        UnavailableError: no broker answers.
        ConfigurationError: the broker refused, or a topic is there with another number of partitions.
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


async def prepare_stores(settings: Settings) -> list[str]:
    """Makes the indexes and templates of every store and returns the names of the sinks.

    Raises:
        UnavailableError: a store does not answer.
        ConfigurationError: a store refused.
    """
    for copier in SINKS:
        sink = copier.store(settings)
        try:
            await sink.prepare()
        finally:
            await sink.close()
    return [copier.name for copier in SINKS]


def _check_created(errors: list[tuple[str, int, str]]) -> None:
    for name, code, reason in errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise ConfigurationError(
                f"Kafka refused to make topic {name} ({for_code(code).__name__}: {reason}): "
                "check the replication settings and this user's rights"
            )


async def _check_existing(admin: AIOKafkaAdminClient, names: list[str], settings: Settings) -> None:
    for topic in await admin.describe_topics(names) if names else ():
        count = len(topic["partitions"])
        if count != settings.partitions:
            raise ConfigurationError(
                f"topic {topic['topic']} has {count} partitions, not {settings.partitions}: "
                "set GEOVELOCITY_PARTITIONS to what all topics have, or set a new GEOVELOCITY_TOPIC_PREFIX "
                "and GEOVELOCITY_NAMESPACE"
            )
