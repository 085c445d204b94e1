"""The bridge keeps to its own description, whatever it is sent: requests made from the description, good and bad."""

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sensor_logger_bridge import openapi
from sensor_logger_bridge.rate import RateLimit
from tests.support.bad_inputs import CANARY, shows_canary
from tests.support.bridge import Listening, listening, location

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES_OF_AN_OPERATION = 24


class Boundless(RateLimit):
    """Lets every request pass, so that what lies behind is tried, too."""

    def allows(self, device_id: str, now_s: float) -> bool:
        del device_id, now_s
        return True


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """A bridge that listens in a thread of its own."""
    listens, done = threading.Event(), asyncio.Event()
    found: list[tuple[Listening, asyncio.AbstractEventLoop]] = []

    async def run() -> None:
        async with listening(tmp_path_factory.mktemp("bridge")) as there:
            there.bridge.intake.rate = Boundless()
            found.append((there, asyncio.get_running_loop()))
            listens.set()
            await done.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert listens.wait(10)
    there, loop = found[0]
    yield there
    loop.call_soon_threadsafe(done.set)
    thread.join()


def test_the_description_is_openapi(bridge: Listening) -> None:
    schema = schemathesis.openapi.from_url(f"{bridge.url}{openapi.PATH}")
    schema.validate()
    results: list[Any] = list(schema.get_all_operations())
    names = {result.ok().label for result in results}
    read_from = {f"GET {openapi.PATH}"}  # schemathesis leaves that out
    assert names | read_from == {f"{verb} {path}" for path, verb in described()}


def described() -> Iterator[tuple[str, str]]:
    for path, item in openapi.document()["paths"].items():
        for verb in item.keys() - {"parameters"}:
            yield path, verb.upper()


def test_every_route_is_described(bridge: Listening) -> None:
    routes = {
        (route.resource.canonical, route.method)
        for route in bridge.bridge.application().router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert routes == set(described())


@seed(1)
@settings(
    max_examples=EXAMPLES_OF_AN_OPERATION * len(list(described())),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(st.data())
def test_every_answer_is_one_that_is_described(bridge: Listening, data: st.DataObject) -> None:
    schema = schemathesis.openapi.from_dict(openapi.document())
    schema.config.base_url = bridge.url
    path, verb = data.draw(st.sampled_from(sorted(described())))
    case: Any = data.draw(schema[path][verb].as_strategy(generation_mode=data.draw(st.sampled_from(modes()))))
    if isinstance(case.body, dict) and data.draw(st.booleans()):
        case.body |= {"deviceId": "phone-1", CANARY: CANARY}
        if data.draw(st.booleans()):
            case.body |= {"sessionId": "s", "messageId": 1, "payload": [location(time.time_ns())]}
    token = data.draw(st.sampled_from((f"Bearer {bridge.token}", bridge.token, "x")))
    answer = case.call(headers={"Authorization": token})
    case.validate_response(answer, checks=CHECKS)
    assert not shows_canary(answer.text)


def test_what_was_tried_came_through_to_the_broker_and_was_refused_on_the_way(bridge: Listening) -> None:
    tried = set(bridge.bridge.answered)
    assert tried >= {"ok", "unknown-token", "foreign-device", "type"}
    assert bridge.kept.pushes


def modes() -> list[schemathesis.GenerationMode]:
    return list(schemathesis.GenerationMode)
