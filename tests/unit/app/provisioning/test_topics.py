"""Configuration of new topics."""

from app.provisioning.topics import changelog_of, wanted_topics
from app.settings import Settings
from app.stream.state.batch import BATCH_BYTES_MAX

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


def test_every_topic_has_its_retention_and_segments() -> None:
    settings = Settings(_env_file=None, min_insync_replicas=2, replication_factor=3)
    wanted = {name: dict(config) for name, config in wanted_topics(settings).items()}
    assert all(config.pop("min.insync.replicas") == "2" for config in wanted.values())
    week = {"retention.ms": str(7 * DAY_MS), "segment.ms": str(DAY_MS)}
    assert wanted == {
        "transactions": week,
        "locations": {"retention.ms": str(21 * HOUR_MS), "segment.ms": str(HOUR_MS)},
        "verdicts": week,
        "potential_fraud_transactions": week,
        "dead_letters": week,
        "ticks": {"retention.ms": str(DAY_MS)},
        "erasures": {
            "retention.ms": str(15 * DAY_MS),
            "segment.ms": str(DAY_MS),
            "message.timestamp.type": "LogAppendTime",
        },
        "feedback": week,
        changelog_of(settings): {
            "cleanup.policy": "compact",
            "segment.ms": str(HOUR_MS),
            "max.compaction.lag.ms": str(HOUR_MS),
            "segment.bytes": str(64 << 20),
            "min.cleanable.dirty.ratio": "0.1",
            "max.message.bytes": str(BATCH_BYTES_MAX + (1 << 20)),
        },
    }


def test_a_renamed_topic_keeps_its_configuration() -> None:
    settings = Settings(_env_file=None, topic_prefix="eu.", topic_ticks="beats")
    assert wanted_topics(settings)["eu.beats"]["retention.ms"] == str(DAY_MS)
