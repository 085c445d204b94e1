"""The bridge answers valid and invalid requests as its OpenAPI document says. The requests are generated from it."""

import asyncio
import threading
import time
from base64 import b64encode
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

from schemas.json.timestamps import format_us
from sensor_logger_bridge.apps.registry import SOURCES
from sensor_logger_bridge.http import openapi
from sensor_logger_bridge.http.rate_limiter import TokenBucket
from tests.support.bad_inputs import CANARY, shows_canary
from tests.support.bridge import ListeningBridge, listening, location

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 30


class Boundless(TokenBucket):
    """A rate limiter without a limit, so that the code after it is tested."""

    def try_acquire(self, device_id: str, now_s: float) -> bool:
        del device_id, now_s
        return True


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ListeningBridge]:
    """Yield a bridge that listens in its own thread."""
    listens, done = threading.Event(), asyncio.Event()
    found: list[tuple[ListeningBridge, asyncio.AbstractEventLoop]] = []

    async def run() -> None:
        async with listening(tmp_path_factory.mktemp("bridge")) as there:
            there.bridge.handler.rate_limiter = Boundless()
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


def test_the_document_is_valid_openapi(bridge: ListeningBridge) -> None:
    schema = schemathesis.openapi.from_url(f"{bridge.url}{openapi.PATH}")
    schema.validate()
    results: list[Any] = list(schema.get_all_operations())
    names = {result.ok().label for result in results}
    read_from = {f"GET {openapi.PATH}"}  # schemathesis omits it
    assert names | read_from == {f"{verb} {path}" for path, verb in documented()}


def documented() -> Iterator[tuple[str, str]]:
    for path, item in openapi.document()["paths"].items():
        for verb in item.keys() - {"parameters"}:
            yield path, verb.upper()


def test_every_route_is_documented(bridge: ListeningBridge) -> None:
    routes = {
        (route.resource.canonical, route.method)
        for route in bridge.bridge.application().router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert routes == set(documented())


@pytest.mark.parametrize(("path", "verb"), sorted(documented()))
@seed(1)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.data())
def test_every_answer_is_documented(bridge: ListeningBridge, path: str, verb: str, data: st.DataObject) -> None:
    schema = schemathesis.openapi.from_dict(openapi.document())
    schema.config.base_url = bridge.url
    case: Any = data.draw(schema[path][verb].as_strategy(generation_mode=data.draw(st.sampled_from(modes()))))
    if isinstance(case.body, dict) and data.draw(st.booleans()):
        case.body |= {"deviceId": "phone-1", CANARY: CANARY}
        if data.draw(st.booleans()):
            case.body |= good(path.split("/")[1])
    if verb == "GET" and isinstance(case.query, dict) and data.draw(st.booleans()):
        case.query = good(path.split("/")[1])
    token = data.draw(st.sampled_from((*spelled(bridge.token), "x")))
    answer = case.call(headers={"Authorization": token})
    case.validate_response(answer, checks=CHECKS)
    assert not shows_canary(answer.text)


def test_the_generated_requests_were_both_published_and_rejected(bridge: ListeningBridge) -> None:
    tried = set(bridge.bridge.answered)
    assert tried >= {"ok", "unknown-token", "foreign-device", "type"}
    assert {push.source for push in bridge.publisher.pushes} == set(SOURCES)


def spelled(token: str) -> tuple[str, ...]:
    """Return the token in each form that apps send."""
    return token, f"Bearer {token}", f"Basic {b64encode(b'pat:' + token.encode()).decode()}"


def good(app: str) -> dict[str, Any]:
    """Return the fields of a valid message."""
    now_s = int(time.time())
    iso = format_us(now_s * 1_000_000)
    query = {"lat": "40.5", "lon": "-75.123456", "timestamp": str(now_s)}
    coords = {"latitude": 40.5, "longitude": -75.123456}
    feature = {"geometry": {"coordinates": [-75.123456, 40.5]}, "properties": {"timestamp": iso}}
    messages: dict[str, dict[str, Any]] = {
        "sensor-logger": {"sessionId": "s", "messageId": 1, "payload": [location(time.time_ns())]},
        "owntracks": {"_type": "location", "lat": 40.5, "lon": -75.123456, "tst": now_s},
        "overland": {"locations": [feature]},
        "traccar": {"location": {"timestamp": iso, "coords": coords}, "device_id": "phone-1"} | query,
        "gpslogger": query,
    }
    return messages.get(app, {})


def modes() -> list[schemathesis.GenerationMode]:
    return list(schemathesis.GenerationMode)
