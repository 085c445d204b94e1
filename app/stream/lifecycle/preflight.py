"""What must be so before a worker starts. A worker that starts too early gets no partitions, and says nothing."""

from collections.abc import Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAuthorizationFailedError, for_code
from faust.transport import conductor

from app.errors import ConfigurationError
from app.kafka.client import kafka_admin
from app.settings import Settings


def check_compiled_faust() -> None:
    """Faust's pure Python conductor acks messages of an earlier generation without handing them to anyone.

    Raises:
        ConfigurationError: the compiled one is not in use.
    """
    if getattr(conductor, "ConductorHandler", None) is None:
        raise ConfigurationError(
            "Faust's C extension is not loaded, and without it records are lost in a rebalance: "
            "unset NO_CYTHON, or install faust-streaming from a wheel"
        )


async def check_topics(
    settings: Settings, topics: Sequence[str], changelogs: Sequence[str], batch_bytes_max: int
) -> None:
    """All topics exist and have one partition count, and changelogs take whole batches.

    `topics`: those that are read, since payments and fixes must meet, and those that are written, since a record goes
    to the partition of the same number.

    Raises:
        UnavailableError: no broker answers.
        ConfigurationError: something is not as it must be.
    """
    async with kafka_admin(settings) as admin:
        described = await admin.describe_topics([*topics, *changelogs])
        limits = (
            {topic: await _message_bytes_max(admin, topic) for topic in changelogs} if _all_exist(described) else {}
        )
    _check_partitions(described, settings)
    for topic, limit in limits.items():
        if limit < batch_bytes_max:
            raise ConfigurationError(
                f"topic {topic} takes {limit} bytes at once but a batch may have {batch_bytes_max}: "
                "raise its max.message.bytes to that"
            )


async def cluster_id(settings: Settings) -> str:
    """Which Kafka cluster this is, by the id it has had from its first day.

    Raises:
        UnavailableError: no broker answers.
    """
    async with kafka_admin(settings) as admin:
        described = await admin.describe_cluster()
        return str(described["cluster_id"])


def _all_exist(described: Sequence[dict[str, Any]]) -> bool:
    return all(topic["error_code"] == 0 for topic in described)


def _check_partitions(described: Sequence[dict[str, Any]], settings: Settings) -> None:
    hidden = [topic["topic"] for topic in described if topic["error_code"] == TopicAuthorizationFailedError.errno]
    if hidden:
        raise ConfigurationError(
            f"Kafka does not show this user {', '.join(hidden)}: give it its rights, `geovelocity acls` says which"
        )
    missing = [topic["topic"] for topic in described if topic["error_code"] != 0]
    if missing:
        raise ConfigurationError(f"topics are missing: {', '.join(missing)}: run `geovelocity init`")
    counts = {topic["topic"]: len(topic["partitions"]) for topic in described}
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{topic} {count}" for topic, count in sorted(counts.items()))
        raise ConfigurationError(
            f"payments and fixes of a device would not meet, because partition counts differ ({found}): "
            "set a new GEOVELOCITY_TOPIC_PREFIX and GEOVELOCITY_NAMESPACE and run `geovelocity init`"
        )
    if (count := next(iter(counts.values()))) != settings.partitions:
        raise ConfigurationError(
            f"all topics have {count} partitions, not {settings.partitions}: set GEOVELOCITY_PARTITIONS={count}"
        )


async def _message_bytes_max(admin: AIOKafkaAdminClient, topic: str) -> int:
    responses = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    code, *_, entries = responses[0].resources[0]
    if code != 0:
        raise ConfigurationError(
            f"Kafka does not tell how topic {topic} is configured ({for_code(code).__name__}): "
            "give this user the right DescribeConfigs on it"
        )
    return next(int(entry[1]) for entry in entries if entry[0] == "max.message.bytes")
