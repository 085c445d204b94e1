"""`geovelocity alert` with a real broker: its alerts by every channel, and its messages when it cannot start."""

import asyncio
import json
import signal
from email import message_from_bytes

from app.kafka.topic_reader import read_all
from app.local import runner
from app.provisioning.topics import create_topics
from app.settings import Settings
from deploy.local.process import LocalProcess
from tests.support.alerting import (
    alerting,
    case,
    dead_letters,
    has_committed,
    ids,
    log_text,
    metrics,
    publish,
    with_webhook,
)
from tests.support.canary import Scanner
from tests.support.receivers import SECRET, Mailbox, Receiver, mailbox, receiving
from tests.support.scrape import total
from tests.support.service import Load, running, until, worker

CARD = "4556737586899855"

WORDS = ("canary-transaction", "CANARYUSER", "CANARYCARD", "Canary Shop", "canary-merchant", "phone-canary", "40.12345")


async def test_every_channel_delivers_each_suspect_once_without_personal_data(settings: Settings) -> None:
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
        settings = with_webhook(
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
            for channel in settings.alert_targets:
                await until(lambda channel=channel: has_committed(settings, 15, channel))  # type: ignore[misc]  # bound at once
            seen = await metrics(settings)
            process.signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 30) == 0
    assert sorted(hook.ids()) == ids(range(10))
    assert all(post.is_signed for post in hook.posts)
    assert len(hook.posts) == len(chat.posts) == len(box.mails) == 10
    assert await dead_letters(settings) == []
    for channel in settings.alert_targets:
        assert total(seen, "geovelocity_alerts_total", channel=channel, end="delivered") == 10
    assert total(seen, "geovelocity_ready") == 1
    mails = [message_from_bytes(mail.content).get_payload(decode=True) for mail in box.mails]  # type: ignore[arg-type]  # bytes, as asked
    scanner = Scanner([CARD], WORDS)
    for message in (*(post.body for post in (*hook.posts, *chat.posts)), *mails, log_text(settings).encode()):
        assert isinstance(message, bytes)
        assert scanner.find(message) == []
    for secret in (SECRET, "/alerts", "fraud@bank.example"):
        assert secret not in log_text(settings)


async def test_final_suspects_of_the_detector_are_delivered_once_without_its_input(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver()) as hook:
        settings = with_webhook(settings, hook, alert_cool_down_s=0, alert_min_risk=1)
        load = Load(settings, devices=8)
        async with alerting(settings), running(worker("detector", settings), folder=settings.state_dir):
            await load.run(seconds=5, pushes_per_s=80, payments_per_s=20)
            await until(load.all_answered)
            await until(lambda: _all_delivered(settings, hook))
    assert len(hook.posts) == len(set(hook.ids())) > 5
    scanner = Scanner([CARD], ("Pat Doe", "Corner Shop", "phone-1", "tx-"))
    assert scanner.find(b"".join(post.body for post in hook.posts) + log_text(settings).encode()) == []


async def _all_delivered(settings: Settings, receiver: Receiver) -> bool:
    verdicts = [json.loads(record.value) for record in await read_all(settings, settings.topics.suspects)]
    final = {one["id"] for one in verdicts if (one["verdict"], one["status"]) == ("suspect", "final")}
    return len(final) > 5 and set(receiver.ids()) == final


async def test_a_start_without_channel_or_topics_fails_with_what_to_do(settings: Settings) -> None:
    process = LocalProcess(runner.alert(settings, restart=False), settings.state_dir)
    process.start()
    assert await asyncio.wait_for(process.wait(), 60) == 1
    assert "no alert channel is configured: set GEOVELOCITY_ALERT_WEBHOOK_URL" in log_text(settings)
    process = LocalProcess(runner.alert(with_webhook(settings, Receiver(port=9)), restart=False), settings.state_dir)
    process.start()
    assert await asyncio.wait_for(process.wait(), 60) == 1
    assert "run `geovelocity init`" in log_text(settings)
