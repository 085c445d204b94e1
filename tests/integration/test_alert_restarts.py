"""`geovelocity alert` is killed, stopped, joined by another, or without its broker: nothing is lost."""

import asyncio
import signal
from collections import Counter

from app.local import runner
from app.provisioning.provision import create_topics
from app.settings import Settings
from deploy.local.process import Command, LocalProcess
from tests.support.alerting import alerting, case, ids, is_begun, letters, publish, stands_at, taken, told
from tests.support.isolation import broker_apart
from tests.support.receivers import Receiver, receiving
from tests.support.scrape import ask
from tests.support.service import FREE_PORTS, running, until
from tests.support.suspect import suspect


async def test_what_was_held_back_is_remembered_when_the_process_is_killed(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver()) as hook:
        settings = told(settings, hook)
        async with alerting(settings) as process:
            await publish(settings, suspect(1), suspect(2), suspect(3))
            await until(lambda: stands_at(settings, 3))
            process.kill()
            await process.wait()
        async with alerting(settings):
            await publish(settings, suspect(4), at_s=800)
            await publish(settings, suspect(5), at_s=901)
            await publish(settings, suspect(1, revision=2), at_s=902)
            await until(lambda: stands_at(settings, 6))
    assert [(post.json["id"], post.json["more_of_device"]) for post in hook.taken] == [
        (suspect(1).id, 0),
        (suspect(5).id, 3),
    ]


async def test_who_is_killed_in_the_middle_loses_nothing_and_repeats_what_was_under_way(settings: Settings) -> None:
    await create_topics(settings)
    count, repeated = 300, Counter[str]()
    async with receiving(Receiver(takes_s=0.02, never={case(5).id})) as hook:
        settings = told(settings, hook)
        async with alerting(settings) as process:
            await publish(settings, *map(case, range(count)))
            await taken(hook, 50)
            process.kill()
            await process.wait()
        at_kill = len(hook.taken)
        for more in (120, 200):
            async with alerting(settings) as process:
                await taken(hook, more)
                process.kill()
                await process.wait()
        async with alerting(settings):
            await taken(hook, count - 1)
            hook.never.clear()
            await until(lambda: stands_at(settings, count), within_s=60)
        repeated.update(hook.ids())
    assert 50 <= at_kill < count - 1
    assert sorted(set(repeated)) == ids(range(count)), "nothing is lost"
    twice = sum(times - 1 for times in repeated.values())
    print(f"{twice} of {count} alerts were repeated in three kills, while one was refused all the time")
    assert twice <= 3 * 40, "what was done beyond the one that waits is not done again"
    assert await letters(settings) == []


async def test_who_is_asked_to_stop_repeats_nothing(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver(takes_s=0.05, never={case(2).id})) as hook:
        settings = told(settings, hook)
        async with alerting(settings) as process:
            await publish(settings, *map(case, range(60)))
            await taken(hook, 20)
            process.signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 30) == 0
        assert len(hook.taken) < 59
        hook.never.clear()
        async with alerting(settings):
            await until(lambda: stands_at(settings, 60))
    assert sorted(hook.ids()) == ids(range(60))


async def test_two_processes_share_the_work_and_one_goes_on_alone(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver()) as hook:
        settings = told(settings, hook)
        second = runner.alert(settings, restart=False)
        port = (settings.port_base or 0) + FREE_PORTS
        environment = {**second.env, "GEOVELOCITY_HEALTH_PORT": str(port)}
        async with alerting(settings):
            second = Command("alert-2", second.argv, runner._answers(port), ports=(port,), env=environment)
            async with running(second, folder=settings.state_dir) as (other,):
                await publish(settings, *map(case, range(20)))
                await taken(hook, 20)
                other.signal(signal.SIGTERM)
                await other.wait()
            await publish(settings, *map(case, range(20, 40)))
            await until(lambda: stands_at(settings, 40))
    assert sorted(hook.ids()) == ids(range(40))


async def test_a_broker_that_is_away_is_waited_for_at_the_start_and_later(settings: Settings) -> None:
    async with receiving(Receiver()) as hook, broker_apart(settings) as broker:
        apart = told(broker.settings, hook)
        await broker.start()
        await create_topics(apart)
        broker.kill()
        process = LocalProcess(runner.alert(apart, restart=False), apart.state_dir)
        process.start()
        try:
            await until(lambda: _is_waiting(apart), within_s=30)
            await broker.start()
            await until(lambda: _is_ready(apart))
            await until(lambda: is_begun(apart, "webhook"))
            await publish(apart, case(1))
            await until(lambda: stands_at(apart, 1))
            broker.kill()
            await until(lambda: _is_waiting(apart), within_s=60)
            await broker.start()
            await until(lambda: _is_ready(apart), within_s=90)
            await publish(apart, case(2))
            await until(lambda: stands_at(apart, 2), within_s=60)
            assert process.alive
        finally:
            await process.stop()
    assert hook.ids() == ids([1, 2])


async def _is_waiting(settings: Settings) -> bool:
    try:
        status, why = await ask(settings.ports.alert_health, "/readyz")
    except OSError:
        return False
    return status == 503 and f"Kafka at {settings.kafka}" in why


async def _is_ready(settings: Settings) -> bool:
    return (await ask(settings.ports.alert_health, "/readyz")) == (200, "ready")
