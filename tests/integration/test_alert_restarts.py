"""Restarts of `geovelocity alert`: kills, stops, a second process and broker outages lose no alert."""

import asyncio
import signal
from collections import Counter

from app.local import runner
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.process import Command, LocalProcess
from tests.support.alerting import (
    accepted,
    alerting,
    case,
    dead_letters,
    has_committed,
    has_started,
    ids,
    publish,
    with_webhook,
)
from tests.support.isolation import isolated_broker
from tests.support.receivers import Receiver, receiving
from tests.support.scrape import ask
from tests.support.service import FREE_PORTS, running, until
from tests.support.suspect import suspect


async def test_the_throttle_remembers_suppressed_suspects_after_a_kill(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver()) as hook:
        settings = with_webhook(settings, hook)
        async with alerting(settings) as process:
            await publish(settings, suspect(1), suspect(2), suspect(3))
            await until(lambda: has_committed(settings, 3))
            process.kill()
            await process.wait()
        async with alerting(settings):
            await publish(settings, suspect(4), at_s=800)
            await publish(settings, suspect(5), at_s=901)
            await publish(settings, suspect(1, revision=2), at_s=902)
            await until(lambda: has_committed(settings, 6))
    assert [(post.json["id"], post.json["more_of_device"]) for post in hook.accepted] == [
        (suspect(1).id, 0),
        (suspect(5).id, 3),
    ]


async def test_a_killed_process_loses_no_alert_and_repeats_only_attempts_in_flight(settings: Settings) -> None:
    await create_topics(settings)
    count, repeated = 300, Counter[str]()
    async with receiving(Receiver(delay_s=0.02, rejects={case(5).id})) as hook:
        settings = with_webhook(settings, hook)
        async with alerting(settings) as process:
            await publish(settings, *map(case, range(count)))
            await accepted(hook, 50)
            process.kill()
            await process.wait()
        at_kill = len(hook.accepted)
        for more in (120, 200):
            async with alerting(settings) as process:
                await accepted(hook, more)
                process.kill()
                await process.wait()
        async with alerting(settings):
            await accepted(hook, count - 1)
            hook.rejects.clear()
            await until(lambda: has_committed(settings, count), within_s=60)
        repeated.update(hook.ids())
    assert 50 <= at_kill < count - 1
    assert sorted(set(repeated)) == ids(range(count)), "every alert is delivered"
    twice = sum(times - 1 for times in repeated.values())
    print(f"{twice} of {count} alerts were repeated after three kills, while one alert failed all the time")
    assert twice <= 3 * 40, "alerts delivered out of order are not repeated"
    assert await dead_letters(settings) == []


async def test_a_process_that_stops_on_sigterm_repeats_no_alert(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver(delay_s=0.05, rejects={case(2).id})) as hook:
        settings = with_webhook(settings, hook)
        async with alerting(settings) as process:
            await publish(settings, *map(case, range(60)))
            await accepted(hook, 20)
            process.signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 30) == 0
        assert len(hook.accepted) < 59
        hook.rejects.clear()
        async with alerting(settings):
            await until(lambda: has_committed(settings, 60))
    assert sorted(hook.ids()) == ids(range(60))


async def test_two_processes_share_partitions_and_one_takes_over_the_others(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver()) as hook:
        settings = with_webhook(settings, hook)
        second = runner.alert(settings, restart=False)
        port = (settings.port_base or 0) + FREE_PORTS
        environment = {**second.env, "GEOVELOCITY_HEALTH_PORT": str(port)}
        async with alerting(settings):
            second = Command("alert-2", second.argv, runner.ready_check(port), ports=(port,), env=environment)
            async with running(second, folder=settings.state_dir) as (other,):
                await publish(settings, *map(case, range(20)))
                await accepted(hook, 20)
                other.signal(signal.SIGTERM)
                await other.wait()
            await publish(settings, *map(case, range(20, 40)))
            await until(lambda: has_committed(settings, 40))
    assert sorted(hook.ids()) == ids(range(40))


async def test_the_process_survives_broker_outages_at_the_start_and_later(settings: Settings) -> None:
    async with receiving(Receiver()) as hook, isolated_broker(settings) as broker:
        apart = with_webhook(broker.settings, hook)
        await broker.start()
        await create_topics(apart)
        broker.kill()
        process = LocalProcess(runner.alert(apart, restart=False), apart.state_dir)
        process.start()
        try:
            await until(lambda: _is_not_ready(apart), within_s=30)
            await broker.start()
            await until(lambda: _is_ready(apart))
            await until(lambda: has_started(apart, "webhook"))
            await publish(apart, case(1))
            await until(lambda: has_committed(apart, 1))
            broker.kill()
            await until(lambda: _is_not_ready(apart), within_s=60)
            await broker.start()
            await until(lambda: _is_ready(apart), within_s=90)
            await publish(apart, case(2))
            await until(lambda: has_committed(apart, 2), within_s=60)
            assert process.alive
        finally:
            await process.stop()
    assert hook.ids() == ids([1, 2])


async def _is_not_ready(settings: Settings) -> bool:
    try:
        status, why = await ask(settings.ports.alert_health, "/readyz")
    except OSError:
        return False
    return status == 503 and f"Kafka at {settings.kafka}" in why


async def _is_ready(settings: Settings) -> bool:
    return (await ask(settings.ports.alert_health, "/readyz")) == (200, "ready")
