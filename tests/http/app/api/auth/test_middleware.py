"""Authentication at the console: logins, sessions, roles and requests from other origins."""

from pathlib import Path
from typing import Any

import pytest

from app.api.auth.middleware import COOKIE, SESSION_S
from app.api.auth.users import Role, Users
from tests.support.console_routes import console_with_sample_routes

JSON = {"Content-Type": "application/json"}
CARD = "4111111111111111"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "users.jsonl"


async def log_in(client: Any, token: str) -> None:
    answer = await client.post("/api/login", json={"token": token})
    assert answer.status == 204


async def test_a_request_without_login_gets_nothing_of_the_api(file: Path) -> None:
    async with console_with_sample_routes(file) as client:
        for path in ("/api/me", "/api/unavailable", "/api/there-is-none"):
            answer = await client.get(path)
            assert (answer.status, set(await answer.json())) == (401, {"error"})


async def test_a_token_opens_a_session_and_a_logout_ends_it(file: Path) -> None:
    token = Users(file).add("pat", Role.VIEWER)
    async with console_with_sample_routes(file) as client:
        await log_in(client, token)
        assert await (await client.get("/api/me")).json() == {"name": "pat", "role": "viewer", "demo": False}
        (kept,) = [cookie for cookie in client.session.cookie_jar if cookie.key == COOKIE]
        assert (kept["httponly"], kept["samesite"], kept["secure"]) == (True, "Strict", "")
        assert token not in kept.value
        await client.post("/api/logout", headers=JSON)
        assert (await client.get("/api/me")).status == 401
        assert (await client.get("/api/me", cookies={COOKIE: kept.value})).status == 401


async def test_an_invalid_token_opens_no_session_and_is_not_quoted(file: Path) -> None:
    Users(file).add("pat", Role.VIEWER)
    async with console_with_sample_routes(file) as client:
        bodies: list[Any] = [{"token": CARD}, {"token": ""}, {"token": 1}, {}, [], {"token": "x", "name": "pat"}]
        for body in bodies:
            answer = await client.post("/api/login", json=body)
            assert answer.status in (400, 401)
            assert CARD not in await answer.text()
            assert COOKIE not in answer.cookies


async def test_the_cookie_is_secure_behind_a_tls_proxy(file: Path) -> None:
    token = Users(file).add("pat", Role.VIEWER)
    async with console_with_sample_routes(file) as client:
        answer = await client.post("/api/login", json={"token": token}, headers={"X-Forwarded-Proto": "https"})
        assert answer.cookies[COOKIE]["secure"] is True


async def test_a_session_survives_a_restart_and_ends_by_time_or_new_token(file: Path) -> None:
    token = Users(file).add("pat", Role.VIEWER)
    times = [1_000_000.0]
    async with console_with_sample_routes(file, now_s=times) as client:
        await log_in(client, token)
        (kept,) = [cookie.value for cookie in client.session.cookie_jar]
    async with console_with_sample_routes(file, now_s=times) as client:
        assert (await client.get("/api/me", cookies={COOKIE: kept})).status == 200
        times[0] += SESSION_S
        assert (await client.get("/api/me", cookies={COOKIE: kept})).status == 401
        times[0] -= 1
        assert (await client.get("/api/me", cookies={COOKIE: kept})).status == 200
        Users(file).add("pat", Role.VIEWER)
        assert (await client.get("/api/me", cookies={COOKIE: kept})).status == 401


@pytest.mark.parametrize("role", Role)
async def test_only_analysts_may_give_feedback(file: Path, role: Role) -> None:
    token = Users(file).add("pat", role)
    async with console_with_sample_routes(file) as client:
        await log_in(client, token)
        answer = await client.post("/api/judge", json={})
        assert answer.status == (201 if role is Role.ANALYST else 403)


async def test_a_page_of_another_origin_cannot_use_the_session(file: Path) -> None:
    token = Users(file).add("pat", Role.ANALYST)
    async with console_with_sample_routes(file) as client:
        await log_in(client, token)
        here = f"http://{client.host}:{client.port}"
        for origin, status in ((here, 201), ("http://evil.example", 403), ("null", 403), (here + "0", 403)):
            assert (await client.post("/api/judge", json={}, headers={"Origin": origin})).status == status
        assert (await client.post("/api/judge", data="{}", headers={"Content-Type": "text/plain"})).status == 415
        assert (await client.post("/api/judge")).status == 415


async def test_an_open_console_accepts_only_localhost_as_host(file: Path) -> None:
    async with console_with_sample_routes(file, is_open=True) as client:
        assert await (await client.get("/api/me")).json() == {"name": "demo", "role": "analyst", "demo": True}
        assert (await client.get("/api/me", headers={"Host": "localhost:8080"})).status == 200
        assert (await client.get("/api/me", headers={"Host": "rebound.example:8080"})).status == 403
