"""Faust's settings for a worker."""

from typing import Any, Final

import faust

from app.kafka.client import tls_context
from app.observability.logs import logging_config
from app.settings import Settings
from app.stream.source.scheduler import RoundRobinScheduler
from app.stream.state.batch import BATCH_BYTES_MAX
from app.stream.state.durable_table import DurableTable

FETCH_BYTES_MAX: Final = 2 << 20
"""Bytes of one fetch from one partition."""

BATCHES_BUFFERED: Final = 4
"""Fetched batches in an agent's queue. A full queue slows the fetcher down."""

POLL_INTERVAL_MAX_S: Final = 7 * 86_400.0
"""A sink keeps its partitions while it waits for a store that is down. Its group must not remove it for that."""


def faust_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments of `faust.App`."""
    return {
        "broker": [f"kafka://{server}" for server in settings.kafka.split(",")],
        "broker_credentials": _credentials(settings),
        "broker_session_timeout": settings.session_timeout_s,
        "broker_heartbeat_interval": 1.0,
        "broker_commit_interval": settings.commit_interval_s,
        "broker_max_poll_interval": POLL_INTERVAL_MAX_S,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": FETCH_BYTES_MAX,
        "producer_acks": -1,
        "producer_max_batch_size": BATCH_BYTES_MAX,
        "producer_max_request_size": BATCH_BYTES_MAX,
        "stream_buffer_maxsize": BATCHES_BUFFERED,
        "stream_wait_empty": True,
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "topic_partitions": settings.partitions,
        "topic_replication_factor": settings.replication_factor,
        "table_standby_replicas": 0,
        "key_serializer": "raw",
        "value_serializer": "raw",
        "store": "memory://",
        "logging_config": logging_config(settings.log_level),
        "ConsumerScheduler": RoundRobinScheduler,
        "Table": DurableTable,
    }


def _credentials(settings: Settings) -> faust.SASLCredentials | faust.SSLCredentials | None:
    """Return Faust's form of the connection settings. None: neither encryption nor a login, as on a local broker."""
    context = tls_context(settings)
    if settings.kafka_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=settings.kafka_password.get_secret_value(),
            mechanism=settings.kafka_sasl_mechanism,
            ssl_context=context,
        )
    return None if context is None else faust.SSLCredentials(context)
