"""`geovelocity alert` with a real broker, and receivers that fail, reject alerts, or are down for a while."""

from app.provisioning.topics import create_topics
from app.settings import Settings
from schemas.erasure import Erasure, encode_erasure
from tests.support.alerting import (
    accepted,
    alerting,
    case,
    committed_offsets,
    dead_letters,
    has_committed,
    ids,
    log_text,
    logs,
    metrics,
    publish,
    with_webhook,
)
from tests.support.receivers import Mailbox, Receiver, mailbox, receiving
from tests.support.scrape import total
from tests.support.service import until


async def test_a_failed_alert_is_retried_and_a_rejected_one_is_a_dead_letter(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver(script=[500, 503, 429, 204, 400], headers={"Retry-After": "1"})) as hook:
        settings = with_webhook(settings, hook)
        async with alerting(settings):
            await publish(settings, case(1))
            await until(lambda: has_committed(settings, 1))
            await publish(settings, case(2), case(3))
            await until(lambda: has_committed(settings, 3))
            seen = await metrics(settings)
    assert [post.headers["Geovelocity-Alert-Id"] for post in hook.posts[:4]] == ids([1, 1, 1, 1])
    assert hook.ids() == [case(1).id, *({case(2).id, case(3).id} & set(hook.ids()))]
    delays_s = [later.at_s - sooner.at_s for sooner, later in zip(hook.posts[:3], hook.posts[1:4], strict=True)]
    assert all(delay_s >= 1 for delay_s in delays_s), "not before the Retry-After of the receiver"
    (letter,) = await dead_letters(settings)
    rejected = {"topic": settings.topics.suspects, "partition": 0, "code": "undelivered", "fields": ["webhook"]}
    assert rejected.items() <= letter.items()
    assert letter["offset"] in {1, 2}
    assert total(seen, "geovelocity_alert_retries_total", channel="webhook") == 3
    assert total(seen, "geovelocity_alerts_total", channel="webhook", end="dead-letter") == 1


async def test_an_alert_without_retries_left_is_a_dead_letter(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver(rejects={case(1).id})) as hook:
        settings = with_webhook(settings, hook, alert_attempts_max=2)
        async with alerting(settings):
            await publish(settings, case(1), case(2))
            await until(lambda: has_committed(settings, 2))
    assert hook.ids() == ids([2])
    assert len(hook.posts) == 3
    (letter,) = await dead_letters(settings)
    assert (letter["offset"], letter["code"]) == (0, "undelivered")
    assert "no retry left after attempt 2" in log_text(settings)


async def test_a_channel_outage_delays_no_other_channel_and_loses_no_alert(
    settings: Settings,
) -> None:
    await create_topics(settings)
    async with receiving(Receiver()) as hook, mailbox(Mailbox()) as box:
        pass  # now nothing listens on the two ports
    settings = with_webhook(
        settings,
        hook,
        alert_smtp_url=f"smtp://127.0.0.1:{box.port}",
        alert_mail_from="geovelocity@bank.example",
        alert_mail_to="fraud@bank.example",
    )
    async with alerting(settings):
        await publish(settings, *map(case, range(150)))  # more than may be pending
        await until(lambda: logs(settings, "webhook does not accept alerts"))
        async with receiving(hook):
            await accepted(hook, 150)
        assert sorted(hook.ids()) == ids(range(150))
        assert box.mails == []
        await until(lambda: has_committed(settings, 150))
        assert (await committed_offsets(settings, "email"))[0] == 0
        seen = await metrics(settings)
        assert total(seen, "geovelocity_alert_channel_away_seconds", channel="webhook") == 0
        assert total(seen, "geovelocity_alert_channel_away_seconds", channel="email") > 1
        assert total(seen, "geovelocity_alerts_waiting", channel="email") == 100
        async with mailbox(box):
            await until(lambda: has_committed(settings, 150, "email"), within_s=60)
    assert len(box.mails) == 150
    assert await dead_letters(settings) == []


async def test_the_pending_alerts_of_an_erased_device_are_not_sent(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver(always=500)) as hook:
        settings = with_webhook(settings, hook)
        async with alerting(settings):
            await publish(settings, case(1), case(2))
            await until(lambda: logs(settings, "webhook does not accept alerts"))
            tokens = (case(1).device_token,)
            erasure = Erasure(device_tokens=tokens, request=1, forgotten_at="", rows=1, open_payments=0)
            await publish(settings, encode_erasure(erasure))
            await until(lambda: _is_erased(settings))
            hook.always = None
            await until(lambda: has_committed(settings, 3), within_s=60)
    assert hook.ids() == ids([2])
    assert await dead_letters(settings) == []


async def _is_erased(settings: Settings) -> bool:
    return total(await metrics(settings), "geovelocity_alerts_total", channel="webhook", end="erased") == 1
