"""The OpenAPI document as the console's server delivers it."""

import json
from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from app.api.auth.middleware import AuthMiddleware
from app.api.openapi import PATH, document
from app.api.server import console
from app.settings import Settings


async def test_the_console_serves_its_document_without_login(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, mode="production", keys="k9:" + "QUJD" * 16, api_users_file=tmp_path / "users")
    async with TestClient(TestServer(console(AuthMiddleware.from_settings(settings), []))) as client:
        answer = await client.get(PATH)
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert json.loads(await answer.text()) == document()
