"""`geovelocity alert` with a real broker, and receivers that refuse, or are away for a while."""

from app.provisioning.provision import create_topics
from app.settings import Settings
from schemas.erasure import Erasure, encode_erasure
from tests.support.alerting import (
    alerting,
    case,
    ids,
    letters,
    logged,
    metrics,
    positions,
    publish,
    says,
    stands_at,
    taken,
    told,
)
from tests.support.receivers import Mailbox, Receiver, mailbox, receiving
from tests.support.scrape import total
from tests.support.service import until


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
        await until(lambda: says(settings, "webhook does not take alerts"))
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


async def test_what_waits_of_a_device_that_is_forgotten_is_not_sent(settings: Settings) -> None:
    await create_topics(settings)
    async with receiving(Receiver(always=500)) as hook:
        settings = told(settings, hook)
        async with alerting(settings):
            await publish(settings, case(1), case(2))
            await until(lambda: says(settings, "webhook does not take alerts"))
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
