"""Outages of server and broker: a page has every case once afterwards. Without a session it receives nothing."""

from pathlib import Path

import aiohttp
import pytest

from app.api.auth.users import Role, Users
from app.provisioning.topics import create_topics
from app.settings import Settings
from tests.support.console_fixture import console_url, id_of, publish, running_console, suspect
from tests.support.events import open_event_page
from tests.support.isolation import isolated_broker
from tests.support.service import changed


async def test_a_page_that_resumes_after_a_restart_has_every_case_once(settings: Settings) -> None:
    await create_topics(settings)
    keys = [f"phone-{number}" for number in range(8)]
    async with running_console(settings), open_event_page(console_url(settings)) as seen:
        for number, key in enumerate(keys):
            await publish(settings, suspect(number), key=key)
        await seen.wait_for_cases(*map(id_of, range(8)))
        await seen.wait_for("pulse")
    before = seen.received_revisions()
    assert sorted(before) == [(id_of(number), 1) for number in range(8)]
    for number, key in enumerate(keys[:3]):
        await publish(settings, suspect(number, 2), suspect(100 + number), key=key)
    async with running_console(settings):
        await publish(settings, suspect(200), key="phone-9")
        async with open_event_page(console_url(settings), cursor=seen.cursor) as again:
            await again.wait_for_cases(*map(id_of, (100, 101, 102, 200)))
            await again.wait_for("pulse")
            await publish(settings, suspect(201), key="phone-9")
            await again.wait_for_cases(id_of(201))
    assert [one.name for one in again.received].count("snapshot") == 0
    missed = [
        *((id_of(number), 2) for number in range(3)),
        *((id_of(number), 1) for number in (100, 101, 102, 200, 201)),
    ]
    assert sorted(again.received_revisions()) == sorted(missed)


async def test_the_stream_needs_a_login_and_ends_when_the_user_is_removed(settings: Settings, tmp_path: Path) -> None:
    guarded = changed(settings, mode="production", keys="k9:" + "QUJD" * 16, api_users_file=tmp_path / "users.jsonl")
    await create_topics(guarded)
    users = Users(guarded.api_users_file)
    token = users.add("pat", Role.VIEWER)
    async with running_console(guarded), aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        for path in ("/api/stream", "/api/me", "/api/cases"):
            async with session.get(console_url(guarded) + path) as answer:
                assert answer.status == 401
        async with session.post(console_url(guarded) + "/api/login", json={"token": token}) as answer:
            assert answer.status == 204
            cookie = answer.cookies["geovelocity"].value
        async with session.post(console_url(guarded) + "/api/alerts/test", json={}) as answer:
            assert answer.status == 403
        async with open_event_page(console_url(guarded), geovelocity=cookie) as seen:
            await seen.wait_for("snapshot")
            users.remove("pat")
            with pytest.raises(EOFError):
                await seen.wait_for("no such event", within_s=30)
        async with session.get(console_url(guarded) + "/api/me") as answer:
            assert answer.status == 401


@pytest.mark.timeout(300)
async def test_the_console_survives_a_broker_outage_and_loses_no_case(settings: Settings) -> None:
    async with isolated_broker(settings) as broker:
        apart = broker.settings
        await broker.start()
        await create_topics(apart)
        async with running_console(apart) as server, open_event_page(console_url(apart)) as seen:
            await publish(apart, suspect(1))
            await seen.wait_for_cases(id_of(1))
            broker.kill()
            while await ready(apart) != 503:
                await seen.wait_for("pulse")
            await broker.start()
            await publish(apart, suspect(2))
            await seen.wait_for_cases(id_of(2), within_s=60)
            while await ready(apart) != 200:
                await seen.wait_for("pulse")
            assert server.alive
    assert seen.received_revisions() == [(id_of(1), 1), (id_of(2), 1)]


async def ready(settings: Settings) -> int:
    async with aiohttp.ClientSession() as session, session.get(console_url(settings) + "/readyz") as answer:
        return answer.status
