"""Who may do what at the console: logins, sessions, roles, and pages of others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from app.api.auth.middleware import COOKIE, SESSION_S, AuthMiddleware, analyst_of
from app.api.auth.session import decode, encode, is_valid
from app.api.auth.users import Role, Users
from app.api.errors import ApiError
from app.api.server import console, serve
from app.api.static_files import StaticFiles
from app.errors import ConfigurationError, UnavailableError
from app.local.ports import reserved_ports
from deploy.local.ports import HOST

JSON = {"Content-Type": "application/json"}
CARD = "4111111111111111"


class Odd:
    """A room whose routes each end otherwise."""

    def mount(self, application: web.Application) -> None:
        application.router.add_post("/api/judge", self._judge)
        application.router.add_get("/api/away", self._away)
        application.router.add_get("/api/broken", self._broken)
        application.router.add_get("/api/wrong", self._wrong)

    async def _judge(self, request: web.Request) -> web.Response:
        return web.json_response({"by": analyst_of(request).name}, status=201)

    async def _away(self, _request: web.Request) -> web.Response:
        raise UnavailableError("Elasticsearch does not answer: start it")

    async def _broken(self, _request: web.Request) -> web.Response:
        raise ValueError(f"could not convert string to float: {CARD}")

    async def _wrong(self, _request: web.Request) -> web.Response:
        raise ApiError(400, "amount_min is not a number", field="amount_min")


@asynccontextmanager
async def visiting(path: Path, *, is_open: bool = False, now_s: list[float] | None = None) -> AsyncIterator[Any]:
    times = now_s or [1_000_000.0]
    access = AuthMiddleware(Users(path), is_open=is_open, clock=lambda: times[0])
    async with TestClient(TestServer(console(access, [StaticFiles(path.parent), Odd()]))) as client:
        yield client


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "users.jsonl"


async def log_in(client: Any, token: str) -> None:
    answer = await client.post("/api/login", json={"token": token})
    assert answer.status == 204


async def test_whoever_has_not_logged_in_gets_nothing_of_the_api(file: Path) -> None:
    async with visiting(file) as client:
        for path in ("/api/me", "/api/away", "/api/there-is-none"):
            answer = await client.get(path)
            assert (answer.status, set(await answer.json())) == (401, {"error"})


async def test_a_token_opens_a_session_and_leaving_ends_it(file: Path) -> None:
    token = Users(file).add("pat", Role.VIEWER)
    async with visiting(file) as client:
        await log_in(client, token)
        assert await (await client.get("/api/me")).json() == {"name": "pat", "role": "viewer", "demo": False}
        (kept,) = [cookie for cookie in client.session.cookie_jar if cookie.key == COOKIE]
        assert (kept["httponly"], kept["samesite"], kept["secure"]) == (True, "Strict", "")
        assert token not in kept.value
        await client.post("/api/logout", headers=JSON)
        assert (await client.get("/api/me")).status == 401
        assert (await client.get("/api/me", cookies={COOKIE: kept.value})).status == 401


async def test_a_wrong_token_opens_nothing_and_is_not_quoted(file: Path) -> None:
    Users(file).add("pat", Role.VIEWER)
    async with visiting(file) as client:
        bodies: list[Any] = [{"token": CARD}, {"token": ""}, {"token": 1}, {}, [], {"token": "x", "name": "pat"}]
        for body in bodies:
            answer = await client.post("/api/login", json=body)
            assert answer.status in (400, 401)
            assert CARD not in await answer.text()
            assert COOKIE not in answer.cookies


async def test_behind_tls_the_cookie_is_for_tls_alone(file: Path) -> None:
    token = Users(file).add("pat", Role.VIEWER)
    async with visiting(file) as client:
        answer = await client.post("/api/login", json={"token": token}, headers={"X-Forwarded-Proto": "https"})
        assert answer.cookies[COOKIE]["secure"] is True


async def test_a_session_outlives_the_server_and_ends_with_the_day_or_with_the_token(file: Path) -> None:
    token = Users(file).add("pat", Role.VIEWER)
    times = [1_000_000.0]
    async with visiting(file, now_s=times) as client:
        await log_in(client, token)
        (kept,) = [cookie.value for cookie in client.session.cookie_jar]
    async with visiting(file, now_s=times) as client:
        assert (await client.get("/api/me", cookies={COOKIE: kept})).status == 200
        times[0] += SESSION_S
        assert (await client.get("/api/me", cookies={COOKIE: kept})).status == 401
        times[0] -= 1
        assert (await client.get("/api/me", cookies={COOKIE: kept})).status == 200
        Users(file).add("pat", Role.VIEWER)
        assert (await client.get("/api/me", cookies={COOKIE: kept})).status == 401


@pytest.mark.parametrize("role", Role)
async def test_only_analysts_say_what_a_case_was(file: Path, role: Role) -> None:
    token = Users(file).add("pat", role)
    async with visiting(file) as client:
        await log_in(client, token)
        answer = await client.post("/api/judge", json={})
        assert answer.status == (201 if role is Role.ANALYST else 403)


async def test_another_page_cannot_speak_through_the_browser(file: Path) -> None:
    token = Users(file).add("pat", Role.ANALYST)
    async with visiting(file) as client:
        await log_in(client, token)
        here = f"http://{client.host}:{client.port}"
        for origin, status in ((here, 201), ("http://evil.example", 403), ("null", 403), (here + "0", 403)):
            assert (await client.post("/api/judge", json={}, headers={"Origin": origin})).status == status
        assert (await client.post("/api/judge", data="{}", headers={"Content-Type": "text/plain"})).status == 415
        assert (await client.post("/api/judge")).status == 415


async def test_a_console_that_is_open_answers_to_no_name_but_this_machines(file: Path) -> None:
    async with visiting(file, is_open=True) as client:
        assert await (await client.get("/api/me")).json() == {"name": "demo", "role": "analyst", "demo": True}
        assert (await client.get("/api/me", headers={"Host": "localhost:8080"})).status == 200
        assert (await client.get("/api/me", headers={"Host": "rebound.example:8080"})).status == 403


async def test_what_goes_wrong_is_a_sentence_that_quotes_nothing(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with visiting(file, is_open=True) as client:
        for path, status, told in (
            ("/api/away", 503, {"error": "Elasticsearch does not answer: start it"}),
            ("/api/wrong", 400, {"error": "amount_min is not a number", "field": "amount_min"}),
            ("/api/there-is-none", 404, {"error": "Not Found."}),
        ):
            answer = await client.get(path)
            assert (answer.status, await answer.json()) == (status, told)
        broken = await client.get("/api/broken")
        assert broken.status == 500
        assert CARD not in await broken.text() + caplog.text
        assert "ValueError at" in caplog.text


async def test_every_answer_has_the_headers_that_keep_a_page_to_itself(file: Path) -> None:
    (file.parent / "index.html").write_text("<!doctype html>")
    async with visiting(file) as client:
        for path, status in (
            ("/", 200),
            ("/case/x", 200),
            ("/search", 200),
            ("/assets/none.js", 404),
            ("/api/me", 401),
        ):
            answer = await client.get(path)
            assert answer.status == status
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert (answer.headers.get("Cache-Control") == "no-store") == path.startswith("/api/")


async def test_no_name_leads_out_of_the_folder_of_the_page(file: Path) -> None:
    page = file.parent / "page"
    (page / "node_modules" / "leaflet").mkdir(parents=True)
    (page / "map.js").write_text("export {}")
    (page / "package.json").write_text("{}")
    (page / "node_modules" / "leaflet" / "other.js").write_text("export {}")
    (file.parent / "secret.js").write_text("x")
    async with TestClient(
        TestServer(console(AuthMiddleware(Users(file), is_open=True), [StaticFiles(page)]))
    ) as client:
        answer = await client.get("/assets/map.js")
        assert (answer.status, answer.content_type) == (200, "text/javascript")
        for path in (
            "/assets/../secret.js",
            "/assets/%2e%2e/secret.js",
            "/assets/..%2fsecret.js",
            "/assets/node_modules/leaflet/other.js",
            "/assets/package.json",
            "/lib/other.js",
            "/lib/leaflet.js",
            "/lib/..%2f..%2fsecret.js",
        ):
            assert (await client.get(path)).status == 404, path


def test_a_page_that_is_not_installed_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"lacks index.html, .*leaflet.* run `make up`"):
        StaticFiles(tmp_path).check()


@pytest.mark.parametrize("name", ["", "Pat", "pat doe", "p:t", "ä", "x" * 65])
def test_a_name_that_a_cookie_or_a_person_could_misread_is_not_registered(file: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="small letters"):
        Users(file).add(name, Role.VIEWER)


def test_the_file_of_users_holds_no_token(file: Path) -> None:
    users = Users(file)
    token = users.add("pat", Role.ANALYST)
    users.add("kim", Role.VIEWER)
    assert token not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert [(user.name, user.role.value) for user in users.all()] == [("kim", "viewer"), ("pat", "analyst")]
    assert (users.remove("kim"), users.remove("kim")) == (True, False)


@pytest.mark.parametrize("text", ["", "a:b:c", "a:1:c:d:e", "a:-1:n:s", "a:x:n:s", "a:٣:n:s", "a:" + "9" * 13 + ":n:s"])
def test_a_text_that_is_no_note_is_none(text: str) -> None:
    assert decode(text) is None


def test_a_note_is_good_for_its_user_key_and_time_alone() -> None:
    note = decode(encode("pat", "key", 100, "n"))
    assert note is not None
    assert is_valid(note, "key", 99.9)
    assert not is_valid(note, "key", 100)
    assert not is_valid(note, "other", 99)
    for changed in (
        note._replace(name="kim"),
        note._replace(until_s=101),
        note._replace(nonce="m"),
        note._replace(signature="ü"),
    ):
        assert not is_valid(changed, "key", 99)


async def test_what_is_no_http_is_not_logged(file: Path, caplog: pytest.LogCaptureFixture) -> None:
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
