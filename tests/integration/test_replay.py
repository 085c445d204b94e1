"""Replay of a simulation in real time: directly to a real broker and through the bridge."""

import time
from collections import Counter

import pytest

from app.errors import UnavailableError
from app.kafka.topic_reader import read_all
from app.local import runner
from app.local.ports import reserved_ports
from app.provisioning.topics import create_topics
from app.settings import Settings
from app.simulate.conditions import CONDITIONS
from app.simulate.replay import Replay
from app.simulate.simulation import Plan, live
from schemas.payment import Payment, parse_payment
from schemas.push import Push, parse_push
from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.support.service import changed, running

SECONDS = 6
ALL = tuple(CONDITIONS.values())


def plan(payments_per_s: int, *conditions: str) -> Plan:
    chosen = tuple(CONDITIONS[name] for name in conditions) or ALL
    return live(5, SECONDS, SECONDS * payments_per_s, a_session=2, conditions=chosen)


async def published_pushes(settings: Settings) -> list[Push]:
    pushes = [parse_push(record.value) for record in await read_all(settings, settings.topics.locations)]
    assert all(isinstance(push, Push) for push in pushes)
    return [push for push in pushes if isinstance(push, Push)]


async def published_payments(settings: Settings) -> list[Payment]:
    records = await read_all(settings, settings.topics.transactions)
    payments = [parse_payment(record.value) for record in records]
    assert [record.key.decode() for record in records] == [
        payment.device_id for payment in payments if isinstance(payment, Payment)
    ]
    return [payment for payment in payments if isinstance(payment, Payment)]


async def test_a_direct_replay_keeps_up_with_240_payments_a_second(settings: Settings) -> None:
    await create_topics(settings)
    lines: list[str] = []
    replay = Replay(settings, plan(240), by_bridge=False)
    began_s = time.time()
    counts = await replay.run(lines.append)
    took_s = time.time() - began_s
    assert SECONDS < took_s < SECONDS + 9
    assert counts.behind_s < 2
    payments, pushes = await published_payments(settings), await published_pushes(settings)
    assert Counter(payment.transaction_id for payment in payments) == Counter(dict.fromkeys(counts.labels, 1))
    assert len(payments) >= 240 * SECONDS
    assert sum(len(push.fixes) for push in pushes) == counts.fixes
    assert all(abs(payment.at_us / 1e6 - counts.sent_at_s[payment.transaction_id]) < 26 for payment in payments)
    assert all(began_s < (push.received_at_ms or 0) / 1000 < began_s + took_s for push in pushes)
    assert lines
    assert lines[0].startswith("playing: ")


async def test_a_replay_through_the_bridge_delivers_all_fixes_and_removes_its_tokens(settings: Settings) -> None:
    await create_topics(settings)
    with reserved_ports() as ports:
        bridged = changed(settings, bridge_port=ports.bridge)
        async with running(runner.bridge(bridged, restart=False), folder=settings.state_dir):
            counts = await Replay(bridged, plan(10, "live 1 Hz")).run(lambda _line: None)
    pushes = await published_pushes(bridged)
    assert sum(len(push.fixes) for push in pushes) == counts.fixes > 100
    assert counts.rejected == 0
    assert len(await published_payments(bridged)) == len(counts.labels) >= 10 * SECONDS
    assert DeviceRegistry(bridged.bridge_devices_file).ids() == []


async def test_a_replay_without_a_bridge_ends_with_an_error(settings: Settings) -> None:
    await create_topics(settings)
    with reserved_ports() as ports, pytest.raises(UnavailableError, match=r"the bridge at .* does not answer"):
        await Replay(changed(settings, bridge_port=ports.bridge), plan(2, "live 1 Hz")).run(lambda _line: None)


async def test_a_replay_without_a_broker_ends_with_an_error(settings: Settings) -> None:
    with reserved_ports() as ports, pytest.raises(UnavailableError, match=r"Kafka at .* does not"):
        await Replay(changed(settings, port_base=ports.kafka), plan(2, "live 1 Hz"), by_bridge=False).run(print)
