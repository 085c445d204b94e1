"""`geovelocity alert` as a process, with a real broker, and receivers that fail in every way they can."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from email import message_from_bytes
from typing import Any

from app import local
from app.kafka import kafka_admin
from app.provision import create_topics
from app.settings import Settings
from app.topic import read_all
from app.topology import ALERTS
from deploy.local import kafka
from deploy.local.ports import reserved_ports
from deploy.local.process import Command, Process
from deploy.local.stack import Stack
from schemas.erasure import Erasure, encode_erasure
from schemas.verdict import Verdict, encode_verdict
from tests.support.canary import Scanner
from tests.support.make import NOON_MS
from tests.support.receivers import SECRET, Mailbox, Receiver, mailbox, receiving
from tests.support.scrape import Series, ask, series, total
from tests.support.service import FREE_PORTS, Load, changed, producer, running, until, worker
from tests.unit.test_alert import suspect

CARD = "4556737586899855"
WORDS = ("canary-transaction", "CANARYUSER", "CANARYCARD", "Canary Shop", "canary-merchant", "phone-canary", "40.12345")


def told(settings: Settings, receiver: Receiver, **changes: Any) -> Settings:
    """The settings with a webhook; retries come at once."""
    return changed(settings, alert_webhook_url=receiver.url, alert_webhook_secret=SECRET, **changes)


def case(number: int, **changes: Any) -> Verdict:
    """A final suspect, each of a device of its own."""
    letters = f"{number:04}".translate(str.maketrans("0123456789", "ABCDEFGHIJ"))
    return suspect(number, **{"device_token": f"device_k1_{letters}{'A' * 48}"} | changes)


def ids(numbers: Iterable[int]) -> list[str]:
    return [case(number).id for number in numbers]


async def publish(settings: Settings, *records: bytes | Verdict, at_s: float = 0.0) -> None:
    """Onto one partition, as made by the detector `at_s` after noon. The key is a device id: it comes out nowhere."""
    async with producer(settings) as opened:
        for one in records:
            value = encode_verdict(one) if isinstance(one, Verdict) else one
            at_ms = NOON_MS + round(1000 * at_s)
            await opened.send_and_wait(
                settings.topics.suspects, value, key=b"phone-canary", partition=0, timestamp_ms=at_ms
            )


async def positions(settings: Settings, channel: str = "webhook") -> dict[int, int]:
    """How far a channel is, by partition."""
    async with kafka_admin(settings) as admin:
        found = await admin.list_consumer_group_offsets(f"{settings.namespace}-{ALERTS.groups[channel]}")
    return {place.partition: int(where.offset) for place, where in found.items()}


async def stands_at(settings: Settings, position: int, channel: str = "webhook") -> bool:
    return (await positions(settings, channel)).get(0) == position


async def letters(settings: Settings) -> list[dict[str, Any]]:
    return [json.loads(record.value) for record in await read_all(settings, settings.topics.dead_letters)]


async def metrics(settings: Settings) -> Series:
    status, text = await ask(settings.ports.alert_health, "/metrics")
    assert status == 200
    return series(text)


@asynccontextmanager
async def alerting(settings: Settings) -> AsyncIterator[Process]:
    """The process, from before the first suspect on: each partition has a position."""
    async with running(local.alert(settings, restart=False), folder=settings.state_dir) as (process,):
        for channel in settings.alerts.targets:
            await until(lambda channel=channel: _is_begun(settings, channel), within_s=20)  # type: ignore[misc]  # bound at once
        yield process


async def _is_begun(settings: Settings, channel: str) -> bool:
    return len(await positions(settings, channel)) == settings.partitions


async def taken(receiver: Receiver, count: int, within_s: float = 30.0) -> None:
    async def enough() -> bool:
        return len(receiver.taken) >= count

    await until(enough, within_s, poll_s=0.05)


def logged(settings: Settings) -> str:
    return (settings.state_dir / "alert.log").read_text()


async def test_each_suspect_is_told_of_once_by_every_channel_and_nothing_of_a_person_gets_out(
    settings: Settings,
) -> None:
    await create_topics(settings)
    private = {
        "transaction_id": "canary-transaction",
        "user_token": "user_k1_CANARYUSER",
        "card_token": "card_k1_CANARYCARD",
        "merchant": "Canary Shop",
        "merchant_id": "canary-merchant",
        "merchant_category": "grocery",
    }
    async with receiving(Receiver()) as hook, receiving(Receiver()) as chat, mailbox(Mailbox()) as box:
        settings = told(
            settings,
            hook,
            alert_slack_url=chat.url,
            alert_smtp_url=f"smtp://127.0.0.1:{box.port}",
            alert_mail_from="geovelocity@bank.example",
            alert_mail_to="fraud@bank.example",
            log_level="DEBUG",
        )
        async with alerting(settings) as process:
            await publish(settings, *[case(number, **private) for number in range(10)])
            await publish(settings, case(3, revision=2), case(11, status="provisional"), case(12, risk=69), b"{", b"")
            for channel in settings.alerts.targets:
                await until(lambda channel=channel: stands_at(settings, 15, channel))  # type: ignore[misc]  # bound at once
            seen = await metrics(settings)
            process.signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 30) == 0
    assert sorted(hook.ids()) == ids(range(10))
    assert all(post.is_signed for post in hook.posts)
    assert len(hook.posts) == len(chat.posts) == len(box.mails) == 10
    assert await letters(settings) == []
    for channel in settings.alerts.targets:
        assert total(seen, "geovelocity_alerts_total", channel=channel, end="delivered") == 10
    assert total(seen, "geovelocity_ready") == 1
    mails = [message_from_bytes(mail.content).get_payload(decode=True) for mail in box.mails]  # type: ignore[arg-type]  # bytes, as asked
    scanner = Scanner([CARD], WORDS)
    for message in (*(post.body for post in (*hook.posts, *chat.posts)), *mails, logged(settings).encode()):
        assert isinstance(message, bytes)
        assert scanner.find(message) == []
    for secret in (SECRET, "/alerts", "fraud@bank.example"):
        assert secret not in logged(settings)


async def test_final_suspects_of_the_detector_are_told_of_each_once_and_without_what_it_was_given(
    settings: Settings,
) -> None:
    await create_topics(settings)
    async with receiving(Receiver()) as hook:
        settings = told(settings, hook, alert_cool_down_s=0, alert_min_risk=1)
        load = Load(settings, devices=8)
        async with alerting(settings), running(worker("detector", settings), folder=settings.state_dir):
            await load.run(seconds=5, pushes_per_s=80, payments_per_s=20)
            await until(load.all_answered)
            await until(lambda: _all_told(settings, hook))
    assert len(hook.posts) == len(set(hook.ids())) > 5
    scanner = Scanner([CARD], ("Pat Doe", "Corner Shop", "phone-1", "tx-"))
    assert scanner.find(b"".join(post.body for post in hook.posts) + logged(settings).encode()) == []


async def _all_told(settings: Settings, receiver: Receiver) -> bool:
    verdicts = [json.loads(record.value) for record in await read_all(settings, settings.topics.suspects)]
    final = {one["id"] for one in verdicts if (one["verdict"], one["status"]) == ("suspect", "final")}
    return len(final) > 5 and set(receiver.ids()) == final


async def test_what_fails_is_tried_again_and_what_is_refused_is_a_dead_letter(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver(script=[500, 503, 429, 204, 400], headers={"Retry-After": "1"})) as hook:
        settings = told(settings, hook)
        async with alerting(settings):
            await publish(settings, case(1))
            await until(lambda: stands_at(settings, 1))
            await publish(settings, case(2), case(3))
            await until(lambda: stands_at(settings, 3))
            seen = await metrics(settings)
    assert [post.headers["Geovelocity-Alert-Id"] for post in hook.posts[:4]] == ids([1, 1, 1, 1])
    assert hook.ids() == [case(1).id, *({case(2).id, case(3).id} & set(hook.ids()))]
    pauses_s = [later.at_s - sooner.at_s for sooner, later in zip(hook.posts[:3], hook.posts[1:4], strict=True)]
    assert all(pause_s >= 1 for pause_s in pauses_s), "no sooner than it was asked for"
    (letter,) = await letters(settings)
    refused = {"topic": settings.topics.suspects, "partition": 0, "code": "undelivered", "fields": ["webhook"]}
    assert refused.items() <= letter.items()
    assert letter["offset"] in {1, 2}
    assert total(seen, "geovelocity_alert_retries_total", channel="webhook") == 3
    assert total(seen, "geovelocity_alerts_total", channel="webhook", end="dead-letter") == 1


async def test_patience_ends_with_a_dead_letter(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver(never={case(1).id})) as hook:
        settings = told(settings, hook, alert_attempts_max=2)
        async with alerting(settings):
            await publish(settings, case(1), case(2))
            await until(lambda: stands_at(settings, 2))
    assert hook.ids() == ids([2])
    assert len(hook.posts) == 3
    (letter,) = await letters(settings)
    assert (letter["offset"], letter["code"]) == (0, "undelivered")
    assert "given up after attempt 2" in logged(settings)


async def test_a_channel_that_is_away_holds_up_no_other_and_gets_everything_when_it_is_back(
    settings: Settings,
) -> None:
    await create_topics(settings)
    async with receiving(Receiver()) as hook, mailbox(Mailbox()) as box:
        pass  # now there is nobody on the two ports
    settings = told(
        settings,
        hook,
        alert_smtp_url=f"smtp://127.0.0.1:{box.port}",
        alert_mail_from="geovelocity@bank.example",
        alert_mail_to="fraud@bank.example",
    )
    async with alerting(settings):
        await publish(settings, *map(case, range(150)))  # more than may be under way
        await until(lambda: _says(settings, "webhook does not take alerts"))
        async with receiving(hook):
            await taken(hook, 150)
        assert sorted(hook.ids()) == ids(range(150))
        assert box.mails == []
        await until(lambda: stands_at(settings, 150))
        assert (await positions(settings, "email"))[0] == 0
        seen = await metrics(settings)
        assert total(seen, "geovelocity_alert_channel_away_seconds", channel="webhook") == 0
        assert total(seen, "geovelocity_alert_channel_away_seconds", channel="email") > 1
        assert total(seen, "geovelocity_alerts_waiting", channel="email") == 100
        async with mailbox(box):
            await until(lambda: stands_at(settings, 150, "email"), within_s=60)
    assert len(box.mails) == 150
    assert await letters(settings) == []


async def _says(settings: Settings, text: str) -> bool:
    return text in logged(settings)


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
        second = local.alert(settings, restart=False)
        port = (settings.port_base or 0) + FREE_PORTS
        environment = {**second.env, "GEOVELOCITY_HEALTH_PORT": str(port)}
        async with alerting(settings):
            second = Command("alert-2", second.argv, local._answers(port), ports=(port,), env=environment)
            async with running(second, folder=settings.state_dir) as (other,):
                await publish(settings, *map(case, range(20)))
                await taken(hook, 20)
                other.signal(signal.SIGTERM)
                await other.wait()
            await publish(settings, *map(case, range(20, 40)))
            await until(lambda: stands_at(settings, 40))
    assert sorted(hook.ids()) == ids(range(40))


async def test_what_waits_of_a_device_that_is_forgotten_is_not_sent(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver(always=500)) as hook:
        settings = told(settings, hook)
        async with alerting(settings):
            await publish(settings, case(1), case(2))
            await until(lambda: _says(settings, "webhook does not take alerts"))
            tokens = (case(1).device_token,)
            erasure = Erasure(device_tokens=tokens, request=1, forgotten_at="", rows=1, open_payments=0)
            await publish(settings, encode_erasure(erasure))
            await until(lambda: _is_erased(settings))
            hook.always = None
            await until(lambda: stands_at(settings, 3), within_s=60)
    assert hook.ids() == ids([2])
    assert await letters(settings) == []


async def _is_erased(settings: Settings) -> bool:
    return total(await metrics(settings), "geovelocity_alerts_total", channel="webhook", end="erased") == 1


async def test_a_broker_that_is_away_is_waited_for_at_the_start_and_later(settings: Settings) -> None:
    folder = settings.state_dir / "apart"
    with reserved_ports() as ports:
        async with receiving(Receiver()) as hook, Stack(folder, ports) as stack:
            apart = told(changed(settings, port_base=ports.kafka, state_dir=folder), hook)
            process = Process(local.alert(apart, restart=False), folder)
            process.start()
            try:
                await until(lambda: _is_waiting(apart), within_s=30)
                await stack.start_servers([kafka.command])
                await create_topics(apart)
                await until(lambda: _is_ready(apart))
                await until(lambda: _is_begun(apart, "webhook"))
                await publish(apart, case(1))
                await until(lambda: stands_at(apart, 1))
                stack.processes["kafka"].kill()
                await until(lambda: _is_waiting(apart), within_s=60)
                await stack.start_servers([kafka.command])
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


async def test_without_a_channel_it_says_what_to_set_and_with_topics_missing_what_to_run(settings: Settings) -> None:
    process = Process(local.alert(settings, restart=False), settings.state_dir)
    process.start()
    assert await asyncio.wait_for(process.wait(), 60) == 1
    assert "no channel of alerts is configured: set GEOVELOCITY_ALERT_WEBHOOK_URL" in logged(settings)
    process = Process(local.alert(told(settings, Receiver(port=9)), restart=False), settings.state_dir)
    process.start()
    assert await asyncio.wait_for(process.wait(), 60) == 1
    assert "run `geovelocity init`" in logged(settings)
