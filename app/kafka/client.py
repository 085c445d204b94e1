"""Connection options of aiokafka clients, the admin client, and connection errors as instructions."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.helpers import create_ssl_context

from app.errors import ConfigurationError, GeovelocityError, UnavailableError
from app.settings import Settings

REQUEST_TIMEOUT_S: Final = 5.0
"""Timeout of the connection that finds out why another one failed."""

NOT_ALLOWED: Final = frozenset(
    error.__name__
    for error in (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)
)


@asynccontextmanager
async def kafka_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Yield a client for topics and groups, and close it at the end.

    Raises:
        UnavailableError: no broker answers, or one stopped answering.
        ConfigurationError: a broker answers, but its certificate, the credentials or the user's rights are wrong.
    """
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        raise await translate_error(settings, type(error).__name__) from None
    finally:
        await admin.close()


async def translate_error(settings: Settings, kind: str) -> GeovelocityError:
    """Return the error to show to the operator for a driver's error of this kind (its class name).

    The driver reports a wrong certificate and a wrong password as a failed connection. So this opens one more
    connection to the first broker, with the part of the driver that reports the cause. It takes at most
    `REQUEST_TIMEOUT_S`.
    """
    if kind in NOT_ALLOWED:
        return ConfigurationError(
            f"Kafka denied this user the request ({kind}): grant the rights that `geovelocity acls` lists"
        )
    options = client_options(settings)
    (first, *_) = options.pop("bootstrap_servers")
    host, _, port = first.rpartition(":")
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            connection = await create_conn(host.strip("[]"), int(port), **options)
            connection.close()
    except ssl.SSLCertVerificationError as error:
        return ConfigurationError(
            f"the certificate of Kafka at {first} is not trusted ({error.verify_message}): "
            "set GEOVELOCITY_KAFKA_CA_FILE to the certificate of its issuer"
        )
    except (ssl.SSLError, ConnectionResetError):  # a broker closes a connection that speaks another protocol
        if settings.kafka_protocol.endswith("SSL"):
            return ConfigurationError(f"Kafka at {first} does not use TLS on that port: set GEOVELOCITY_KAFKA_PROTOCOL")
    except (AuthenticationFailedError, SaslAuthenticationFailed, UnsupportedSaslMechanismError):
        return ConfigurationError(
            f"Kafka at {first} rejected the credentials: check GEOVELOCITY_KAFKA_USERNAME, GEOVELOCITY_KAFKA_PASSWORD "
            "and GEOVELOCITY_KAFKA_SASL_MECHANISM"
        )
    except (KafkaError, OSError, ValueError):
        pass  # the first error already names the cause
    return UnavailableError(
        f"Kafka at {settings.kafka} does not answer ({kind}): start it (`make up`) or set GEOVELOCITY_KAFKA_BOOTSTRAP"
    )


def client_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments that connect any aiokafka client."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka.split(","),
        "security_protocol": settings.kafka_protocol,
        "ssl_context": tls_context(settings),
    }
    if settings.kafka_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_username
        options["sasl_plain_password"] = settings.kafka_password.get_secret_value()
    return options


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """Return the TLS context for the brokers. None: the protocol is not encrypted."""
    if not settings.kafka_protocol.endswith("SSL"):
        return None
    ca_file = settings.kafka_ca_file
    context: ssl.SSLContext = create_ssl_context(cafile=None if ca_file is None else str(ca_file))
    return context
