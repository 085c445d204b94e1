"""Access rights of each role on the brokers, derived from the topology.

A user that writes with an idempotent producer needs no right on the cluster (since Kafka 3.0). `Describe` is implied by
`Read` and `Write`. A role that creates topics may create only the topics of this deployment.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

from app.provisioning.topics import changelog_of
from app.settings import Settings
from app.topology import ALERTS, DETECTOR, SINKS


class Resource(StrEnum):
    """Kinds of resource, as options of Kafka's tools."""

    TOPIC = "topic"
    GROUP = "group"


class Operation(StrEnum):
    """Operations, as Kafka names them."""

    READ = "Read"
    WRITE = "Write"
    CREATE = "Create"
    DESCRIBE = "Describe"
    DESCRIBE_CONFIGS = "DescribeConfigs"


class Grant(NamedTuple):
    """Operations that a role may use on one resource of this literal name."""

    resource: Resource
    name: str
    operations: tuple[Operation, ...]


ROLES: Final[Mapping[str, str]] = {
    "bridge": "writes position fixes",
    DETECTOR.name: "judges payments, and keeps its table in the changelog",
    **{sink.name: f"copies verdicts and feedback into {sink.label}" for sink in SINKS},
    ALERTS.name: "sends alerts about suspects",
    "api": "serves the console: reads verdicts, writes feedback",
    "payments": "writes payments: the card system",
    "forget": "requests the erasure of a device and follows it until it is complete",
    "init": "creates topics; not needed while the service runs",
    "doctor": "checks topics and consumer lag, without reading records",
}
"""Each role and its purpose."""


def grants(role: str, settings: Settings) -> tuple[Grant, ...]:
    """Return the rights of a role, with the names of these settings."""
    return tuple(_GRANTS[role](settings))


def user_of(role: str, settings: Settings) -> str:
    """Return the user name that this deployment suggests for a role."""
    return f"{settings.namespace}-{role}"


def commands(settings: Settings) -> Iterator[str]:
    """Yield a command line of Kafka's own tool for each grant. Its file `admin.properties` holds the login."""
    for role in ROLES:
        for grant in grants(role, settings):
            allowed = " ".join(f"--operation {operation}" for operation in grant.operations)
            yield (
                f"kafka-acls.sh --bootstrap-server {settings.kafka} --command-config admin.properties --add "
                f"--allow-principal User:{user_of(role, settings)} {allowed} --{grant.resource} {grant.name}"
            )


def table(settings: Settings) -> str:
    """Return the rows of the Markdown table in docs/operations/security.md."""
    return "".join(
        f"| {role} | {', '.join(grant.operations)} | {grant.resource} `{grant.name}` |\n"
        for role in ROLES
        for grant in grants(role, settings)
    )


def _bridge(settings: Settings) -> Iterator[Grant]:
    yield Grant(Resource.TOPIC, settings.topics.locations, (Operation.WRITE,))


def _payments(settings: Settings) -> Iterator[Grant]:
    yield Grant(Resource.TOPIC, settings.topics.transactions, (Operation.WRITE,))


def _detector(settings: Settings) -> Iterator[Grant]:
    for topic in dict.fromkeys((*DETECTOR.agents, *DETECTOR.writes)):
        reads = (Operation.READ,) if topic in DETECTOR.agents else ()
        writes = (Operation.WRITE,) if topic in DETECTOR.writes else ()
        yield Grant(Resource.TOPIC, getattr(settings.topics, topic), reads + writes)
    yield Grant(Resource.TOPIC, changelog_of(settings), (Operation.READ, Operation.WRITE, Operation.DESCRIBE_CONFIGS))
    yield _group(DETECTOR.name, Operation.READ, settings)


def _consumer(
    reads: Iterable[str], writes: Iterable[str], groups: Iterable[str], settings: Settings
) -> Iterator[Grant]:
    for topic in reads:
        yield Grant(Resource.TOPIC, getattr(settings.topics, topic), (Operation.READ,))
    for topic in writes:
        yield Grant(Resource.TOPIC, getattr(settings.topics, topic), (Operation.WRITE,))
    for group in groups:
        yield _group(group, Operation.READ, settings)


def _api(settings: Settings) -> Iterator[Grant]:
    """Yield the console's rights. It joins no group, and reads only offsets of payments and of the detector's group."""
    for topic in ("verdicts", "suspects", "locations"):
        yield Grant(Resource.TOPIC, getattr(settings.topics, topic), (Operation.READ,))
    yield Grant(Resource.TOPIC, settings.topics.transactions, (Operation.DESCRIBE,))
    yield Grant(Resource.TOPIC, settings.topics.feedback, (Operation.WRITE,))
    yield _group(DETECTOR.name, Operation.DESCRIBE, settings)


def _forget(settings: Settings) -> Iterator[Grant]:
    yield Grant(Resource.TOPIC, settings.topics.erasures, (Operation.WRITE,))
    for topic in settings.topics.stored:
        yield Grant(Resource.TOPIC, topic, (Operation.READ,))
    for sink in SINKS:
        yield _group(sink.name, Operation.DESCRIBE, settings)


def _init(settings: Settings) -> Iterator[Grant]:
    for topic in (*settings.topics.all, changelog_of(settings)):
        yield Grant(Resource.TOPIC, topic, (Operation.CREATE, Operation.DESCRIBE))


def _doctor(settings: Settings) -> Iterator[Grant]:
    for topic in settings.topics.all:
        yield Grant(Resource.TOPIC, topic, (Operation.DESCRIBE,))
    yield Grant(Resource.TOPIC, changelog_of(settings), (Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS))
    for group in (DETECTOR.name, *(sink.name for sink in SINKS), *ALERTS.groups.values()):
        yield _group(group, Operation.DESCRIBE, settings)


def _group(name: str, operation: Operation, settings: Settings) -> Grant:
    return Grant(Resource.GROUP, f"{settings.namespace}-{name}", (operation,))


_GRANTS: Final[Mapping[str, Callable[[Settings], Iterator[Grant]]]] = {
    "bridge": _bridge,
    DETECTOR.name: _detector,
    **{sink.name: partial(_consumer, sink.reads, sink.writes, (sink.name,)) for sink in SINKS},
    ALERTS.name: partial(_consumer, ALERTS.reads, ALERTS.writes, ALERTS.groups.values()),
    "api": _api,
    "payments": _payments,
    "forget": _forget,
    "init": _init,
    "doctor": _doctor,
}
