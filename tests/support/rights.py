"""The effective rights of a user on a broker, found by trying each operation on each topic and group."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    TopicAuthorizationFailedError,
)
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.fetch import FetchRequest

from app.kafka.client import client_options, kafka_admin
from app.provisioning.acl import Grant, Operation, Resource
from app.settings import Settings

Right = tuple[Resource, str, str]

DELETE = "Delete"
TOPIC_DENIED, GROUP_DENIED, CLUSTER_DENIED = 29, 30, 31
ALREADY_THERE = 36
STARTING = {14, 15, 16}
"""Codes of a coordinator that is starting: the first request about groups creates their topic."""
IMPLY_DESCRIBE = {Operation.READ, Operation.WRITE}


def rights_in(grants: Iterable[Grant]) -> set[Right]:
    """Return the rights in these grants, and those that Kafka implies."""
    rights: set[Right] = set()
    for grant in grants:
        rights |= {(grant.resource, grant.name, operation) for operation in grant.operations}
        if IMPLY_DESCRIBE & set(grant.operations):
            rights.add((grant.resource, grant.name, Operation.DESCRIBE))
    return rights


async def rights_found(settings: Settings, topics: Iterable[str], groups: Iterable[str]) -> set[Right]:
    """Return the rights of this user. The topics must exist; a user with the right to delete deletes them."""
    found: set[Right] = {(Resource.TOPIC, topic, Operation.WRITE) for topic in await _written(settings, topics)}
    async with kafka_admin(settings) as admin:
        for topic in topics:
            found |= await _on_topic(admin, topic)
        for group in groups:
            found |= await _on_group(admin, group)
    return found


async def _written(settings: Settings, topics: Iterable[str]) -> list[str]:
    producer = AIOKafkaProducer(**client_options(settings), acks="all", enable_idempotence=True)
    try:
        await producer.start()
        return [topic for topic in topics if await _writes(producer, topic)]
    except ClusterAuthorizationFailedError:  # a user without any write right gets no producer id
        return []
    finally:
        await producer.stop()


async def _on_topic(admin: AIOKafkaAdminClient, topic: str) -> set[Right]:
    fetched = await admin._send_request(FetchRequest(0, 0, 1, 0, [(topic, [(0, 0, 1)])]))
    described = await admin.describe_topics([topic])
    configs = (await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)]))[0]
    made = await admin.create_topics([NewTopic(topic, 1, 1)], validate_only=True)
    deleted = await admin.delete_topics([topic])
    codes = {
        Operation.READ: _code_of_first_partition(fetched),
        Operation.DESCRIBE: described[0]["error_code"],
        Operation.DESCRIBE_CONFIGS: configs.resources[0][0],
        Operation.CREATE: made.topic_errors[0][1],
        DELETE: deleted.topic_error_codes[0][1],
    }
    assert set(codes.values()) <= {0, TOPIC_DENIED, ALREADY_THERE}, codes
    return {(Resource.TOPIC, topic, operation) for operation, code in codes.items() if code != TOPIC_DENIED}


async def _on_group(admin: AIOKafkaAdminClient, group: str) -> set[Right]:
    """Try to commit, which needs `Read` on the group. The broker checks the topic afterwards."""
    committing = OffsetCommitRequest(group, -1, "", -1, [("no-such-topic", [(0, 0, "")])])
    while (code := _code_of_first_partition(await admin._send_request(committing))) in STARTING:
        await asyncio.sleep(0.2)
    codes = {Operation.READ: code, Operation.DESCRIBE: await _described(admin, group)}
    return {(Resource.GROUP, group, operation) for operation, code in codes.items() if code != GROUP_DENIED}


async def _described(admin: AIOKafkaAdminClient, group: str) -> int:
    while True:
        try:
            return int((await admin.describe_consumer_groups([group]))[0].groups[0][0])
        except GroupAuthorizationFailedError:  # the broker already denies the lookup of the coordinator
            return GROUP_DENIED
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(0.2)


async def _writes(producer: AIOKafkaProducer, topic: str) -> bool:
    try:
        await producer.send_and_wait(topic, b"{}", key=b"k", partition=0)
    except TopicAuthorizationFailedError:
        return False
    return True


def _code_of_first_partition(answer: Any) -> int:
    return int(answer.topics[0][1][0][1])
