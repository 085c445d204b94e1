"""Feedback reaches the topic and both stores, is visible at once, and is erased with its device."""

import time
from datetime import datetime
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from app.api.auth.middleware import AuthMiddleware
from app.api.auth.users import Role, Users
from app.api.cases.routes import CaseRoutes
from app.api.server import console
from app.errors import UnavailableError
from app.kafka.topic_reader import read_all
from app.privacy.erasure import request_erasure
from app.security.agent_context import agent_context
from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from schemas.feedback import Feedback, encode_feedback, parse_feedback
from schemas.json.timestamps import format_us
from schemas.verdict import encode_verdict
from tests.support.console import ConsoleClient, console_client, get_json, suspect
from tests.support.make import CARD, as_bytes, fix, payment, push
from tests.support.phone import east_of_home
from tests.support.service import changed, provision, running, send, until, worker

FRAUD = {"verdict": "fraud", "revision": 1, "note": 'She was at home – "all day".'}


async def submit(client: ConsoleClient, id_: str, body: object, status: int = 201) -> dict[str, Any]:
    async with client.post(f"/api/cases/{id_}/feedback", json=body) as answer:
        assert answer.status == status, await answer.text()
        stored: dict[str, Any] = await answer.json()
        return stored


async def on_topic(settings: Settings) -> list[tuple[bytes | None, int, Feedback]]:
    found = []
    for record in await read_all(settings, settings.topics.feedback):
        feedback = parse_feedback(record.value)
        assert isinstance(feedback, Feedback)
        found.append((record.key, record.partition, feedback))
    return found


@pytest.fixture
async def case_id(settings: Settings) -> str:
    """Write a suspect to its topic and to Elasticsearch, without workers. Return its id."""
    await provision(settings)
    case = suspect(settings)
    await send(settings, settings.topics.suspects, ("phone-1", encode_verdict(case)))
    sink = ElasticSink(settings)
    await sink.store(Dataset.VERDICTS, [case])
    assert await sink.count(Dataset.VERDICTS) == 1
    await sink.close()
    return case.id


async def test_feedback_is_on_the_topic_under_its_device_before_the_response(settings: Settings, case_id: str) -> None:
    async with console_client(settings) as client:
        response = await submit(client, case_id, FRAUD)
    ((key, partition, feedback),) = await on_topic(settings)
    (case,) = await read_all(settings, settings.topics.suspects)
    assert (key, partition) == (b"phone-1", case.partition)
    assert response == {
        "id": case_id,
        "transaction_id": "tx-1",
        "verdict": "fraud",
        "note": FRAUD["note"],
        "analyst": "demo",
        "given_at": feedback.given_at,
        "revision": 1,
    }
    assert feedback.device_token == agent_context(settings).masker.token("device", "phone-1")


async def test_the_latest_feedback_is_visible_before_a_store_has_it(settings: Settings, case_id: str) -> None:
    """The clock stands still, so that the order does not depend on it."""
    application = console(AuthMiddleware.from_settings(settings), [CaseRoutes(settings, clock=lambda: 1_795_262_400.0)])
    async with TestClient(TestServer(application)) as client:
        first = await submit(client, case_id, FRAUD | {"verdict": "unsure"})
        second = await submit(client, case_id, {"verdict": "not_fraud", "revision": 2})
        assert (await get_json(client, f"/api/cases/{case_id}"))["feedback"] == second
    assert datetime.fromisoformat(first["given_at"]) < datetime.fromisoformat(second["given_at"])
    sink = ElasticSink(settings)
    await sink.store(Dataset.FEEDBACK, [one for _, _, one in await on_topic(settings)][::-1])
    assert await sink.count(Dataset.FEEDBACK) == 1
    await sink.close()
    async with console_client(settings) as client:  # a new process without pending feedback
        assert (await get_json(client, f"/api/cases/{case_id}"))["feedback"] == second


async def test_lists_show_the_latest_disposition_before_a_store_has_it(settings: Settings, case_id: str) -> None:
    other = suspect(settings, 2)
    sink = ElasticSink(settings)
    await sink.store(Dataset.VERDICTS, [other])
    await sink.count(Dataset.VERDICTS)
    lists = ("/api/cases", f"/api/cases/{other.id}", "/api/judged")
    async with console_client(settings) as client:
        assert [(await get_json(client, address))["judged"] for address in lists] == [{}, {}, {}]
        await submit(client, case_id, FRAUD)
        # pending feedback is in responses with the case, but not in `/api/judged`
        assert [(await get_json(client, address))["judged"] for address in lists] == [{case_id: "fraud"}] * 2 + [{}]
        await sink.store(Dataset.FEEDBACK, [one for _, _, one in await on_topic(settings)])
        assert await sink.count(Dataset.FEEDBACK) == 1
        await submit(client, case_id, FRAUD | {"verdict": "unsure"})
        assert [(await get_json(client, address))["judged"] for address in lists] == [{case_id: "unsure"}] * 3
    async with console_client(settings) as client:  # a new process without pending feedback
        assert [(await get_json(client, address))["judged"] for address in lists] == [{case_id: "fraud"}] * 3
    await sink.close()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (FRAUD | {"note": f"card {CARD}"}, "a card number: remove it"),
        (FRAUD | {"note": "4556 7375 8689 9855 is hers"}, "a card number: remove it"),
        (FRAUD | {"note": "x" * 1001}, "not a valid feedback"),
        (FRAUD | {"verdict": "suspect"}, "not a valid feedback"),
        (FRAUD | {"revision": 0}, "not a valid feedback"),
        (FRAUD | {"analyst": "somebody else"}, "not a valid feedback"),
        ({"verdict": "fraud"}, "not a valid feedback"),
        ([], "not a valid feedback"),
    ],
)
async def test_invalid_feedback_is_rejected_unquoted_and_not_written(
    settings: Settings, case_id: str, body: object, message: str
) -> None:
    async with console_client(settings) as client:
        error = (await submit(client, case_id, body, 400))["error"]
    assert message in error
    assert CARD not in error
    assert await on_topic(settings) == []


async def test_a_viewer_reads_feedback_and_cannot_submit_it(settings: Settings, case_id: str) -> None:
    users = Users(settings.state_dir / "users.jsonl")
    tokens = {role: users.add(f"pat-{role}", role) for role in Role}
    application = console(AuthMiddleware(users, is_open=False), [CaseRoutes(settings)])
    async with TestClient(TestServer(application)) as client:
        for role, status in ((Role.ANALYST, 201), (Role.VIEWER, 403)):
            async with client.post("/api/login", json={"token": tokens[role]}) as answer:
                assert answer.status == 204
            await submit(client, case_id, FRAUD, status)
            assert (await get_json(client, f"/api/cases/{case_id}"))["feedback"]["analyst"] == "pat-analyst"
    assert len(await on_topic(settings)) == 1


async def test_a_case_that_the_topics_no_longer_hold_accepts_no_feedback(settings: Settings, case_id: str) -> None:
    sink = ElasticSink(settings)
    old = suspect(settings, 2)
    await sink.store(Dataset.VERDICTS, [old])
    await sink.count(Dataset.VERDICTS)
    await sink.close()
    async with console_client(settings) as client:
        assert "topics no longer hold this case" in (await submit(client, old.id, FRAUD, 409))["error"]
        assert "no such case" in (await submit(client, "nobody", FRAUD, 404))["error"]
    async with console_client(changed(settings, kafka_bootstrap="127.0.0.1:1")) as client:
        assert "does not answer" in (await submit(client, case_id, FRAUD, 503))["error"]
    assert await on_topic(settings) == []


async def _has_one_case(client: ConsoleClient) -> bool:
    async with client.get("/api/cases") as answer:  # 503 while the first index is created
        return answer.status == 200 and (await answer.json())["total"] == 1


@pytest.mark.timeout(420)
async def test_feedback_reaches_both_stores_and_is_removed_by_an_erasure(settings: Settings) -> None:
    await provision(settings)
    workers = [worker(app, settings, number) for number, app in enumerate(("detector", "mongo", "elastic"))]
    stores = (MongoSink(settings), ElasticSink(settings))
    now_s = time.time()
    latitude, longitude = east_of_home(900_000)
    at_ms = round(1000 * now_s)
    near = [fix(latitude=40.1234567, at_ms=at_ms - 1000 * second) for second in range(60, 0, -1)]

    async def counts(dataset: Dataset) -> list[int]:
        return [await store.count(dataset) for store in stores]

    async with running(*workers, folder=settings.state_dir), console_client(settings) as client:
        await send(settings, settings.topics.locations, ("phone-1", as_bytes(push(*near))))
        paid = payment(1, timestamp=now_s, latitude=latitude, longitude=longitude)
        await send(settings, settings.topics.transactions, ("phone-1", as_bytes(paid)))
        await until(lambda: _has_one_case(client))
        (case,) = (await get_json(client, "/api/cases"))["cases"]

        history = await get_json(client, f"/api/cases/{case['id']}/history")
        published = [record.value for record in await read_all(settings, settings.topics.suspects)]
        assert (len(history["revisions"]), history["complete"]) == (len(published), True)
        track = await get_json(client, f"/api/cases/{case['id']}/track")
        assert {one["latitude"] for one in track["fixes"]} == {40.12}
        assert len(track["fixes"]) == 60

        given = await submit(client, case["id"], FRAUD)

        async def is_stored() -> bool:
            try:
                return await counts(Dataset.FEEDBACK) == [1, 1]
            except UnavailableError:  # while the first index is created
                return False

        await until(is_stored)
        for store in stores:
            (document,) = (await store.find(Dataset.FEEDBACK)).values()
            assert {name: document[name] for name in given if name != "id"} == {
                name: value for name, value in given.items() if name != "id"
            }
        ((_, _, feedback),) = await on_topic(settings)

        await request_erasure(settings, "phone-1")

        async def is_gone() -> bool:
            return [await counts(dataset) for dataset in Dataset] == [[0, 0]] * 3

        await until(is_gone)
        for path in ("", "/history", "/track"):
            await get_json(client, f"/api/cases/{case['id']}{path}", 404)
        await submit(client, case["id"], FRAUD, 404)
        # A store may still have the case, but the topics show that its device was erased.
        elastic = stores[1]
        await elastic.store(Dataset.VERDICTS, [suspect(settings, timestamp=case["timestamp"], revision=9)])
        assert (await counts(Dataset.VERDICTS))[1] == 1
        await submit(client, case["id"], FRAUD, 404)
        # A record after the erasure is stored again. A second erasure removes it.
        later = msgspec.structs.replace(feedback, given_at=format_us(feedback.version + 1_000_000))
        await send(settings, settings.topics.feedback, ("phone-1", encode_feedback(later)))
        await until(is_stored)
        await request_erasure(settings, "phone-1")
        await until(is_gone)
    for store in stores:
        await store.close()
