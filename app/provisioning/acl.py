"""ACL: what each role may do on the brokers. Follows from the map of the topology; nothing else is needed.

A user that writes with an idempotent producer needs no right on the cluster (since Kafka 3.0), `Describe` comes with
`Read` and `Write`, and a role that makes topics may make those and no others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

from app.provisioning.provision import changelog_of
from app.settings import Settings
from app.topology import ALERTS, DETECTOR, SINKS


class Resource(StrEnum):
    """As Kafka's tools name the option."""

    TOPIC = "topic"
    GROUP = "group"


class Operation(StrEnum):
    """As Kafka names it."""

    READ = "Read"
    WRITE = "Write"
    CREATE = "Create"
    DESCRIBE = "Describe"
    DESCRIBE_CONFIGS = "DescribeConfigs"


class Grant(NamedTuple):
    """Allows operations on one resource, called by its whole name."""

    resource: Resource
    name: str
    operations: tuple[Operation, ...]


ROLES: Final[Mapping[str, str]] = {
    "bridge": "puts positions on their topic",
    "detector": "judges; its table lies in the changelog",
    **{copier.name: f"copies verdicts into {copier.store.__name__.removesuffix('Sink')}" for copier in SINKS},
    ALERTS.name: "tells people of suspects",
    "api": "the console: shows what is said, and writes what analysts say of it",
    "payments": "whoever writes payments",
    "forget": "asks that a device be forgotten, and follows that to its end",
    "init": "makes topics; not needed while the service runs",
    "doctor": "looks whether all is well, at no record",
}
"""Every role, and what it does."""


def grants(role: str, settings: Settings) -> tuple[Grant, ...]:
    """What the role needs, with the names these settings give."""
    return tuple(_GRANTS[role](settings))


def user_of(role: str, settings: Settings) -> str:
    """The user that we suggest for a role."""
    return f"{settings.namespace}-{role}"


def commands(settings: Settings) -> Iterator[str]:
    """A command line of Kafka's own tool for each grant; who runs it says how to log in."""
    for role in ROLES:
        for grant in grants(role, settings):
            allowed = " ".join(f"--operation {operation}" for operation in grant.operations)
            yield (
                f"kafka-acls.sh --bootstrap-server {settings.kafka} --command-config admin.properties --add "
                f"--allow-principal User:{user_of(role, settings)} {allowed} --{grant.resource} {grant.name}"
            )


def table(settings: Settings) -> str:
    """Rows of a Markdown table, as docs/security.md has them."""
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
    yield Grant(Resource.GROUP, f"{settings.namespace}-{DETECTOR.name}", (Operation.READ,))


def _reader(reads: Iterable[str], writes: Iterable[str], groups: Iterable[str], settings: Settings) -> Iterator[Grant]:
    for topic in reads:
        yield Grant(Resource.TOPIC, getattr(settings.topics, topic), (Operation.READ,))
    for topic in writes:
        yield Grant(Resource.TOPIC, getattr(settings.topics, topic), (Operation.WRITE,))
    for group in groups:
        yield Grant(Resource.GROUP, f"{settings.namespace}-{group}", (Operation.READ,))


def _api(settings: Settings) -> Iterator[Grant]:
    """It is in no group. Of payments it asks how many there are, and of the detector's group how far it is."""
    for topic in ("verdicts", "suspects", "locations"):
        yield Grant(Resource.TOPIC, getattr(settings.topics, topic), (Operation.READ,))
    yield Grant(Resource.TOPIC, settings.topics.transactions, (Operation.DESCRIBE,))
    yield Grant(Resource.TOPIC, settings.topics.feedback, (Operation.WRITE,))
    yield Grant(Resource.GROUP, f"{settings.namespace}-{DETECTOR.name}", (Operation.DESCRIBE,))


def _forget(settings: Settings) -> Iterator[Grant]:
    yield Grant(Resource.TOPIC, settings.topics.erasures, (Operation.WRITE,))
    for topic in settings.topics.stored:
        yield Grant(Resource.TOPIC, topic, (Operation.READ,))
    for copier in SINKS:
        yield Grant(Resource.GROUP, f"{settings.namespace}-{copier.name}", (Operation.DESCRIBE,))


def _init(settings: Settings) -> Iterator[Grant]:
    for topic in (*settings.topics.all, changelog_of(settings)):
        yield Grant(Resource.TOPIC, topic, (Operation.CREATE, Operation.DESCRIBE))


def _doctor(settings: Settings) -> Iterator[Grant]:
    for topic in settings.topics.all:
        yield Grant(Resource.TOPIC, topic, (Operation.DESCRIBE,))
    yield Grant(Resource.TOPIC, changelog_of(settings), (Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS))
    for name in (DETECTOR.name, *(copier.name for copier in SINKS), *ALERTS.groups.values()):
        yield Grant(Resource.GROUP, f"{settings.namespace}-{name}", (Operation.DESCRIBE,))


_GRANTS: Final[Mapping[str, Callable[[Settings], Iterator[Grant]]]] = {
    "bridge": _bridge,
    "detector": _detector,
    **{copier.name: partial(_reader, copier.reads, copier.writes, (copier.name,)) for copier in SINKS},
    ALERTS.name: partial(_reader, ALERTS.reads, ALERTS.writes, ALERTS.groups.values()),
    "api": _api,
    "payments": _payments,
    "forget": _forget,
    "init": _init,
    "doctor": _doctor,
}
