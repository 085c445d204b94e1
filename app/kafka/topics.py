"""Checks of topics before a process starts to use them."""

from collections.abc import Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAuthorizationFailedError, for_code

from app.errors import ConfigurationError
from app.kafka.client import kafka_admin
from app.settings import Settings


async def check_topics(
    settings: Settings, topics: Sequence[str], changelogs: Sequence[str] = (), batch_bytes_max: int = 0
) -> None:
    """Check that all topics exist with one partition count, and that each changelog accepts a whole batch.

    Args:
        settings: where Kafka is, and the partition count.
        topics: topics that the process reads or writes. Payments and fixes of a device must meet in one partition, and
            an output goes to the partition with the number of its input.
        changelogs: changelog topics of the process.
        batch_bytes_max: the largest record batch that the process writes to a changelog, in bytes.

    Raises:
        UnavailableError: no broker answers.
        ConfigurationError: a topic is missing, hidden from this user or configured differently.
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
                f"topic {topic} accepts record batches of {limit} bytes but a batch may have {batch_bytes_max}: "
                "raise its max.message.bytes to that"
            )


async def cluster_id(settings: Settings) -> str:
    """Return the id that the Kafka cluster received when it was created.

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
            f"Kafka hides topics from this user ({', '.join(hidden)}): grant the rights that `geovelocity acls` lists"
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
            f"Kafka hides the configuration of topic {topic} ({for_code(code).__name__}): "
            "grant this user DescribeConfigs on it"
        )
    return next(int(entry[1]) for entry in entries if entry[0] == "max.message.bytes")
