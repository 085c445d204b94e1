"""A real broker with TLS, passwords and ACLs: the service works with its declared rights and has no others."""

import time
from collections.abc import AsyncIterator
from dataclasses import astuple
from pathlib import Path

import aiohttp
import pytest

from app.errors import ConfigurationError, UnavailableError
from app.kafka.client import kafka_admin
from app.local import runner
from app.local.ports import reserved_ports
from app.provisioning.acl import ROLES, Operation, Resource, grants, user_of
from app.provisioning.stores import prepare_stores
from app.provisioning.topics import changelog_of, create_topics
from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from app.topology import ALERTS, DETECTOR, SINKS
from deploy.local.stack import Stack
from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.support.guarded_kafka import ADMIN, GuardedKafka, create_acl
from tests.support.make import as_bytes, payment
from tests.support.phone import east_of_home
from tests.support.rights import CLUSTER_DENIED, DELETE, Right, rights_found, rights_in
from tests.support.service import changed, running, send, until, worker
from tests.support.tls import Authority, TlsProxy

API_KEY = "bm90LWEta2V5OmJ1dC1hLXRlc3Q="


@pytest.fixture
async def guarded(settings: Settings, tmp_path: Path) -> AsyncIterator[GuardedKafka]:
    """Yield a broker with the rights of each role, on which the role `init` has created all topics."""
    with reserved_ports() as ports:
        broker = GuardedKafka(tmp_path, ports, Authority(tmp_path), settings)
        async with running(await broker.command(), folder=tmp_path):
            await broker.allow()
            await create_topics(broker.settings_of("init"))
            yield broker


async def test_each_role_has_exactly_its_declared_rights(guarded: GuardedKafka, settings: Settings) -> None:
    topics = [*astuple(settings.topics), changelog_of(settings)]
    apps = [DETECTOR.name, *(sink.name for sink in SINKS), *ALERTS.groups.values()]
    groups = [f"{settings.namespace}-{app}" for app in apps]
    found = {role: await rights_found(guarded.settings_of(role), topics, groups) for role in ROLES}
    assert found == {role: rights_in(grants(role, settings)) for role in ROLES}
    for role in ROLES:
        await _assert_grants_no_rights(guarded.settings_of(role), user_of(role, settings), topics[0])
    everything = {(Resource.TOPIC, topic, operation) for topic in topics for operation in (*Operation, DELETE)}
    everything |= {(Resource.GROUP, group, part) for group in groups for part in (Operation.READ, Operation.DESCRIBE)}
    assert await rights_found(guarded.settings_of(ADMIN), topics, groups) == everything, (
        "an administrator can do everything"
    )


async def _assert_grants_no_rights(settings: Settings, user: str, topic: str) -> None:
    async with kafka_admin(settings) as admin:
        assert await create_acl(admin, user, Resource.TOPIC, topic, Operation.READ) == CLUSTER_DENIED


async def test_a_wrong_certificate_or_password_gives_an_error_with_a_remedy(
    guarded: GuardedKafka, tmp_path: Path
) -> None:
    good = guarded.settings_of("init")
    stranger = Authority(tmp_path, "another-ca")
    for wrong, message in (
        (changed(good, kafka_ca_file=stranger.file), "is not trusted .*: set GEOVELOCITY_KAFKA_CA_FILE"),
        (changed(good, kafka_password="x"), "rejected the credentials: check GEOVELOCITY_KAFKA_USERNAME"),
        (changed(good, kafka_username="nobody"), "rejected the credentials: check GEOVELOCITY_KAFKA_USERNAME"),
        (changed(good, kafka_sasl_mechanism="PLAIN"), "rejected the credentials: .*GEOVELOCITY_KAFKA_SASL_MECHANISM"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            await create_topics(wrong)


async def test_the_service_works_with_tls_everywhere_and_its_declared_rights(
    guarded: GuardedKafka, settings: Settings, servers: Stack, tmp_path: Path
) -> None:
    authority = Authority(tmp_path, "stores")
    async with (
        TlsProxy(servers.ports.elastic, authority, f"ApiKey {API_KEY}") as elastic,
        TlsProxy(servers.ports.mongo, authority) as mongo,
    ):

        def of(role: str) -> Settings:
            return changed(
                guarded.settings_of(role),
                elastic_url=f"https://127.0.0.1:{elastic.port}",
                elastic_ca_file=authority.file,
                elastic_api_key=API_KEY,
                mongo_url=f"mongodb://127.0.0.1:{mongo.port}/?directConnection=true",
                mongo_ca_file=authority.file,
            )

        await prepare_stores(of("init"))
        token = DeviceRegistry(settings.bridge_devices_file).add("phone-1")
        commands = (
            worker("detector", of("detector"), 0),
            worker("mongo", of("sink-mongo"), 1),
            worker("elastic", of("sink-elastic"), 2),
            runner.bridge(of("bridge"), restart=False),
        )
        async with running(*commands, folder=tmp_path):
            now_s = time.time()
            await _post(settings, token)
            latitude, longitude = east_of_home(900_000)
            far = payment(1, timestamp=now_s, latitude=latitude, longitude=longitude)
            await send(of("payments"), settings.topics.transactions, ("phone-1", as_bytes(far)), ("phone-1", b"{"))
            for sink in (MongoSink(of("sink-mongo")), ElasticSink(of("sink-elastic"))):
                await until(lambda sink=sink: _has_one(sink))  # type: ignore[misc]  # called before the loop continues
                await sink.close()


async def _has_one(sink: MongoSink | ElasticSink) -> bool:
    return await sink.count(Dataset.SUSPECTS) == 1


async def _post(settings: Settings, token: str) -> None:
    host, port = settings.bridge
    item = {"name": "location", "time": time.time_ns(), "values": {"latitude": 40.1234567, "longitude": -75.7654321}}
    async with (
        aiohttp.ClientSession(headers={"Authorization": token}) as session,
        session.post(f"http://{host}:{port}/sensor-logger", json={"deviceId": "phone-1", "payload": [item]}) as answer,
    ):
        assert answer.status == 200


async def test_a_wrong_store_certificate_or_login_gives_an_error_with_a_remedy(
    settings: Settings, servers: Stack, tmp_path: Path
) -> None:
    good, stranger = Authority(tmp_path), Authority(tmp_path, "another-ca")
    async with (
        TlsProxy(servers.ports.elastic, good, f"ApiKey {API_KEY}") as elastic,
        TlsProxy(servers.ports.mongo, good) as mongo,
    ):
        secure = changed(
            settings,
            elastic_url=f"https://127.0.0.1:{elastic.port}",
            elastic_ca_file=good.file,
            elastic_api_key=API_KEY,
            mongo_url=f"mongodb://127.0.0.1:{mongo.port}/?directConnection=true",
            mongo_ca_file=good.file,
        )
        for sink in (ElasticSink(secure), MongoSink(secure)):
            await sink.prepare()
            await sink.close()
        for wrong, message in (
            (ElasticSink(changed(secure, elastic_ca_file=stranger.file)), "set GEOVELOCITY_ELASTIC_CA_FILE"),
            (ElasticSink(changed(secure, elastic_ca_file=None)), "set GEOVELOCITY_ELASTIC_CA_FILE"),
            (ElasticSink(changed(secure, elastic_api_key="eHh4")), "check GEOVELOCITY_ELASTIC_API_KEY"),
            (ElasticSink(changed(secure, elastic_api_key="")), "check GEOVELOCITY_ELASTIC_API_KEY"),
            (MongoSink(changed(secure, mongo_ca_file=stranger.file)), "set GEOVELOCITY_MONGO_CA_FILE"),
        ):
            with pytest.raises(UnavailableError, match=message):
                await wrong.count(Dataset.VERDICTS)
            await wrong.close()


async def test_a_broker_without_tls_gives_an_error_with_a_remedy(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="does not use TLS on that port: set GEOVELOCITY_KAFKA_PROTOCOL"):
        await create_topics(changed(settings, kafka_protocol="SSL"))


def test_only_one_role_writes_positions_and_only_one_payments(settings: Settings) -> None:
    writes: dict[str, set[Right]] = {
        role: {right for right in rights_in(grants(role, settings)) if right[2] == Operation.WRITE} for role in ROLES
    }
    assert {right[1] for right in writes["bridge"]} == {settings.topics.locations}
    assert {right[1] for right in writes["payments"]} == {settings.topics.transactions}
    assert writes["init"] == writes["doctor"] == set()
