"""A new phone app is one `App`: with it in the list of apps, the bridge serves, documents and pairs it.

`BEACON` is a worked example. A real app is a file in `sensor_logger_bridge/apps/` and an entry in `APPS`.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from schemas.codes.reject import Reject
from schemas.json.strict_json import decode_as
from schemas.push import Fix
from sensor_logger_bridge import server
from sensor_logger_bridge.apps.app import JSON, App, Request, Response
from sensor_logger_bridge.apps.message_schemas import LATITUDE, LONGITUDE, MessageSchemas, ref
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.apps.setup import AppSetup, PhoneSetup, SetupValue
from sensor_logger_bridge.apps.stored_batch import StoredMessage, combine
from sensor_logger_bridge.http import openapi
from sensor_logger_bridge.http.reference import http_bridge_document
from sensor_logger_bridge.translation import Translation, malformed
from tests.support.bridge import ListeningBridge, listening
from tests.support.make import NOON_MS


class _Position(msgspec.Struct):
    north: float
    east: float


_decode = msgspec.json.Decoder(_Position).decode


def translate(request: Request, owner: str, received_at_ms: int) -> Translation:
    position = decode_as(_decode, request.body)
    if isinstance(position, Reject):
        return malformed("Beacon", position)
    fix = Fix(received_at_ms, position.north, position.east)
    return combine(StoredMessage(owner, "beacon", "Beacon", received_at_ms), [fix])


def setup(phone: PhoneSetup) -> AppSetup:
    return AppSetup(
        systems="Android",
        where="Settings, Server",
        values=(SetupValue("URL", f"{phone.base_url}/beacon"), SetupValue("Token", phone.token)),
        link=f"beacon://setup?token={phone.token}",
    )


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["north", "east"],
    "properties": {"north": LATITUDE, "east": LONGITUDE},
}

BEACON = App(
    name="beacon",
    title="Beacon",
    translate=translate,
    openapi=MessageSchemas({JSON: ref("Beacon")}, named={"Beacon": SCHEMA}),
    setup=setup,
    success_response=Response(200, "stored"),
)


@pytest.fixture
async def bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ListeningBridge]:
    monkeypatch.setattr(server, "_now_ms", lambda: NOON_MS)
    async with listening(tmp_path, apps=(*APPS, BEACON)) as there:
        yield there


async def get(bridge: ListeningBridge, path: str) -> Any:
    headers = {"Authorization": f"Bearer {bridge.token}"}
    async with aiohttp.ClientSession() as session, session.get(bridge.url + path, headers=headers) as answer:
        return await answer.json()


async def post(bridge: ListeningBridge, body: dict[str, float], *, token: str) -> tuple[int, str]:
    headers = {"Authorization": token}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{bridge.url}/beacon", json=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def test_the_bridge_translates_and_publishes_messages_of_a_new_app(bridge: ListeningBridge) -> None:
    assert await post(bridge, {"north": 48.85837, "east": 2.294481}, token=bridge.token) == (200, "stored")
    (push,) = bridge.publisher.pushes
    assert (push.device_id, push.source, push.fixes) == ("phone-1", "beacon", (Fix(NOON_MS, 48.85837, 2.294481),))
    assert bridge.bridge.handler.published == {"beacon": 1}


async def test_a_new_app_gets_the_checks_of_every_app(bridge: ListeningBridge) -> None:
    assert await post(bridge, {"north": 48.85837}, token=bridge.token) == (
        400,
        "Not a valid Beacon message: missing (east).",
    )
    assert (await post(bridge, {"north": 48.85837, "east": 2.294481}, token="x"))[0] == 401
    assert bridge.bridge.answered == {"missing": 1, "unknown-token": 1}


async def test_the_openapi_document_describes_a_new_app(bridge: ListeningBridge) -> None:
    document = await get(bridge, openapi.PATH)
    content = document["paths"]["/beacon"]["post"]["requestBody"]["content"]
    assert content == {JSON: {"schema": {"$ref": "#/components/schemas/Beacon"}}}
    assert document["components"]["schemas"]["Beacon"] == SCHEMA
    assert "/beacon/{token}" in document["paths"]


async def test_the_pairing_page_has_the_setup_of_a_new_app(bridge: ListeningBridge) -> None:
    (app,) = [app for app in (await get(bridge, "/pair/setup"))["apps"] if app["name"] == "beacon"]
    assert (app["title"], app["link"]) == ("Beacon", f"beacon://setup?token={bridge.token}")
    values = {value["name"]: value["value"] for value in app["values"]}
    assert (values["URL"].rpartition("/")[2], values["Token"]) == ("beacon", bridge.token)
    assert app["qr"]["size"] > 0


def test_the_reference_page_describes_a_new_app() -> None:
    page = http_bridge_document((*APPS, BEACON))
    assert "### Beacon\n\n`POST /beacon`, `POST /beacon/{token}`" in page
    assert "| `north` | number from -90 to 90 | yes |" in page


@pytest.mark.parametrize("field", ["translate", "openapi", "setup"])
def test_an_app_without_a_required_part_is_a_type_error(field: str) -> None:
    parts: dict[str, Any] = {"translate": translate, "openapi": BEACON.openapi, "setup": setup}
    del parts[field]
    with pytest.raises(TypeError, match=field):
        App(name="x", title="X", **parts)
