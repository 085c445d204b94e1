"""The console's server: error responses, headers and logging."""

import asyncio
from pathlib import Path

import pytest

from app.api.auth.middleware import AuthMiddleware
from app.api.auth.users import Users
from app.api.server import console, serve
from app.local.ports import reserved_ports
from deploy.local.ports import HOST
from tests.support.console_routes import CARD, console_with_sample_routes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "users.jsonl"


async def test_an_error_is_one_sentence_that_quotes_nothing(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with console_with_sample_routes(file, is_open=True) as client:
        for path, status, body in (
            ("/api/unavailable", 503, {"error": "Elasticsearch does not answer: start it"}),
            ("/api/invalid", 400, {"error": "amount_min must be a number", "field": "amount_min"}),
            ("/api/there-is-none", 404, {"error": "Not Found."}),
        ):
            answer = await client.get(path)
            assert (answer.status, await answer.json()) == (status, body)
        broken = await client.get("/api/broken")
        assert broken.status == 500
        assert CARD not in await broken.text() + caplog.text
        assert "ValueError at" in caplog.text


async def test_every_response_has_the_security_headers(file: Path) -> None:
    (file.parent / "index.html").write_text("<!doctype html>")
    async with console_with_sample_routes(file) as client:
        for path, status in (
            ("/", 200),
            ("/case/x", 200),
            ("/search", 200),
            ("/assets/none.js", 404),
            ("/api/me", 401),
            ("/openapi.json", 200),
        ):
            answer = await client.get(path)
            assert answer.status == status
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert (answer.headers.get("Cache-Control") == "no-store") == path.startswith("/api/")


async def test_a_malformed_request_is_not_logged(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with reserved_ports() as ports:
        runner = await serve(console(AuthMiddleware(Users(file), is_open=True), []), HOST, ports.api)
        try:
            reader, writer = await asyncio.open_connection(HOST, ports.api)
            writer.write(f"GET /{CARD} {CARD}\r\n\r\n".encode())
            assert b"400" in await reader.readline()
            writer.close()
        finally:
            await runner.cleanup()
    assert caplog.text == ""
