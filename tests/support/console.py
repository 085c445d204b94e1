"""An HTTP client of the console's case routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from app.api.auth.middleware import AuthMiddleware
from app.api.cases.routes import CaseRoutes
from app.api.server import console
from app.security.agent_context import agent_context
from app.settings import Settings
from schemas.verdict import Outcome, Verdict
from tests.support.make import verdict

ConsoleClient = TestClient[web.Request, web.Application]


@asynccontextmanager
async def console_client(settings: Settings) -> AsyncIterator[ConsoleClient]:
    """Yield a client of a console with only the case routes."""
    async with TestClient(
        TestServer(console(AuthMiddleware.from_settings(settings), [CaseRoutes(settings)]))
    ) as client:
        yield client


async def get_json(client: ConsoleClient, address: str, status: int = 200) -> Any:
    """Return the body of the response, which must have this status."""
    async with client.get(address) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


def suspect(settings: Settings, number: int = 1, device: str = "phone-1", **changes: Any) -> Verdict:
    """Return a suspect of a device, with the ids and tokens of the detector."""
    masker = agent_context(settings).masker
    fields: dict[str, Any] = {
        "id": masker.token("transaction", f"tx-{number}"),
        "device_token": masker.token("device", device),
        "user_token": masker.token("user", device),
        "card_token": masker.token("card", device),
        "verdict": Outcome.SUSPECT,
        "codes": ("UNREACHABLE_BEFORE",),
        "risk": 50,
    }
    return verdict(number, **fields | changes)
