"""A broker that requires TLS and a password, and denies every operation without an access rule."""

import asyncio
import secrets
import subprocess
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from app.kafka.client import kafka_admin
from app.provisioning.acl import ROLES, Grant, Operation, Resource, grants, user_of
from app.settings import Settings
from app.settings.ports import Ports
from deploy.local.kafka import cluster_id, java
from deploy.local.ports import HOST
from deploy.local.process import Command, port_answers
from tests.support.service import changed
from tests.support.tls import Authority

ADMIN = "admin"
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=SASL_SSL://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=SASL_SSL://{host}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=SASL_SSL
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={truststore}
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="{password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:admin;User:ANONYMOUS
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
"""
"""Only the controller's port accepts anonymous connections: the broker connects to itself there."""

_RESOURCES = {Resource.TOPIC: 2, Resource.GROUP: 3}
_OPERATIONS = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
}
_LITERAL, _ALLOW = 3, 3
"""Numbers of Kafka's protocol."""


class GuardedKafka:
    """The files of the broker, and a password for each role."""

    def __init__(self, folder: Path, ports: Ports, authority: Authority, settings: Settings) -> None:
        self._home = folder
        self._ports = ports
        self._authority = authority
        self._settings = settings
        self._passwords = {name: secrets.token_hex(16) for name in (ADMIN, *ROLES)}

    def settings_of(self, role: str) -> Settings:
        """Return the settings with which a role, or the administrator, logs in."""
        return changed(
            self._settings,
            kafka_bootstrap=f"{HOST}:{self._ports.kafka}",
            kafka_protocol="SASL_SSL",
            kafka_ca_file=self._authority.file,
            kafka_username=ADMIN if role == ADMIN else user_of(role, self._settings),
            kafka_password=self._passwords[role],
        )

    async def command(self) -> Command:
        properties = self._home / "guarded.properties"
        text = PROPERTIES.format(
            host=HOST,
            port=self._ports.kafka,
            controller=self._ports.kafka_controller,
            keystore=self._authority.key_and_chain(),
            truststore=self._authority.file,
            password=self._passwords[ADMIN],
            data=self._home / "guarded",
        )
        properties.write_text(text, encoding="utf-8")
        users = [part for role in self._passwords for part in ("--add-scram", self._scram(role))]
        options = ("format", "-t", cluster_id(), "-c", str(properties), *users)
        formatting = await asyncio.to_thread(
            subprocess.run, java("kafka.tools.StorageTool", *options), capture_output=True, text=True, check=False
        )
        assert formatting.returncode == 0, formatting.stderr
        ports = (self._ports.kafka, self._ports.kafka_controller)
        ready = lambda: port_answers(HOST, self._ports.kafka)  # noqa: E731 - as for the other servers
        return Command("guarded-kafka", java("kafka.Kafka", str(properties)), ready=ready, ports=ports)

    def _scram(self, role: str) -> str:
        user = self.settings_of(role).kafka_username
        return f"SCRAM-SHA-512=[name={user},password={self._passwords[role]}]"

    async def allow(self) -> None:
        """Grant each role its declared rights."""
        async with kafka_admin(self.settings_of(ADMIN)) as admin:
            for role in ROLES:
                for grant in grants(role, self._settings):
                    for operation in grant.operations:
                        await self._grant(admin, user_of(role, self._settings), grant, operation)

    @staticmethod
    async def _grant(admin: AIOKafkaAdminClient, user: str, grant: Grant, operation: Operation) -> None:
        assert await create_acl(admin, user, grant.resource, grant.name, operation) == 0


async def create_acl(admin: AIOKafkaAdminClient, user: str, resource: Resource, name: str, operation: Operation) -> int:
    """Return the broker's error code."""
    request = CreateAclsRequest(
        resource_type=_RESOURCES[resource],
        resource_name=name,
        resource_pattern_type_filter=_LITERAL,
        principal=f"User:{user}",
        host="*",
        operation=_OPERATIONS[operation],
        permission_type=_ALLOW,
    )
    answer = await admin._send_to_controller(request)
    ((code, _),) = answer.creation_responses
    return int(code)
