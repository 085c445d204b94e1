"""How to reach the brokers, said in each client's own words."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import faust
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
NOT_ALLOWED: Final = frozenset(
    error.__name__
    for error in (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)
)


@asynccontextmanager
async def kafka_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client for topics and groups, closed in the end.

    Raises:
        UnavailableError: no broker answers, or one stopped answering.
        ConfigurationError: a broker answers, but its certificate, our login or our rights are wrong.
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
    """What to tell a person after an error of this kind.

    The driver says of a wrong certificate and of a wrong password only that it could not connect, so the first broker
    is asked once more, by the part of it that does say why.
    """
    if kind in NOT_ALLOWED:
        return ConfigurationError(
            f"Kafka does not let this user do that ({kind}): give it its rights, `geovelocity acls` says which"
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
            "set GEOVELOCITY_KAFKA_CA_FILE to the certificate of whoever signed it"
        )
    except (ssl.SSLError, ConnectionResetError):  # a broker hangs up on what it does not understand
        if settings.kafka_protocol.endswith("SSL"):
            return ConfigurationError(f"Kafka at {first} does not speak TLS there: set GEOVELOCITY_KAFKA_PROTOCOL")
    except (AuthenticationFailedError, SaslAuthenticationFailed, UnsupportedSaslMechanismError):
        return ConfigurationError(
            f"Kafka at {first} does not let this user in: check GEOVELOCITY_KAFKA_USERNAME, GEOVELOCITY_KAFKA_PASSWORD "
            "and GEOVELOCITY_KAFKA_SASL_MECHANISM"
        )
    except (KafkaError, OSError, ValueError):
        pass  # what was to be said of it, the first error has said
    return UnavailableError(
        f"Kafka at {settings.kafka} does not answer ({kind}): start it (`make up`) or set GEOVELOCITY_KAFKA_BOOTSTRAP"
    )


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
