"""How to reach the brokers, said in each client's own words."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import faust
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context

from app.errors import UnavailableError
from app.settings import Settings


@asynccontextmanager
async def kafka_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for topics and groups, closed in the end.

    Raises:
        UnavailableError: no broker answers, or one stopped answering.
    """
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        raise UnavailableError(
            f"Kafka at {settings.kafka} does not answer ({type(error).__name__}): "
            "start it (`make up`) or set GEOVELOCITY_KAFKA_BOOTSTRAP"
        ) from None
    finally:
        await admin.close()


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments for any aiokafka client."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka.split(","),
        "security_protocol": settings.kafka_protocol,
        "ssl_context": _ssl_context(settings),
    }
    if settings.kafka_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_username
        options["sasl_plain_password"] = settings.kafka_password.get_secret_value()
    return options


def faust_credentials(settings: Settings) -> faust.SASLCredentials | faust.SSLCredentials | None:
    """The same for Faust. None: no encryption and no login, as on a local broker."""
    context = _ssl_context(settings)
    if settings.kafka_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=settings.kafka_password.get_secret_value(),
            mechanism=settings.kafka_sasl_mechanism,
            ssl_context=context,
        )
    return None if context is None else faust.SSLCredentials(context)


def _ssl_context(settings: Settings) -> ssl.SSLContext | None:
    if not settings.kafka_protocol.endswith("SSL"):
        return None
    ca_file = settings.kafka_ca_file
    context: ssl.SSLContext = create_ssl_context(cafile=None if ca_file is None else str(ca_file))
    return context
