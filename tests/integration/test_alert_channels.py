"""Alert channels against real receivers on this machine: what arrives, and how each answer counts."""

import asyncio
import email
import ssl
from email import policy
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from click.testing import CliRunner

from app.alerts.alert import Alert, alert_from_verdict
from app.alerts.channels.registry import build_channels
from app.alerts.delivery_result import Delivered, DeliveryResult, Rejected, Retryable
from app.api.alerts import AlertRoutes
from app.api.auth.middleware import AuthMiddleware
from app.api.auth.users import Role, Users
from app.api.server import console, serve
from app.cli.alert import command
from app.settings import Settings
from tests.support.receivers import SECRET, Mailbox, Receiver, mailbox, receiving
from tests.support.suspect import suspect
from tests.support.tls import Authority

ALERT = alert_from_verdict(suspect(7), 3, "http://127.0.0.1:8080")


def settings(**changes: Any) -> Settings:
    return Settings(_env_file=None, **changes)


def webhook(receiver: Receiver) -> dict[str, Any]:
    return {"alert_webhook_url": receiver.url, "alert_webhook_secret": SECRET}


def mail(box: Mailbox, scheme: str = "smtp://", **changes: Any) -> dict[str, Any]:
    url = f"{scheme}127.0.0.1:{box.port}"
    to = "fraud@bank.example, night@bank.example"
    return {"alert_smtp_url": url, "alert_mail_from": "geovelocity@bank.example", "alert_mail_to": to} | changes


async def sent(alert: Alert = ALERT, **changes: Any) -> DeliveryResult:
    """Return the result of the one configured channel."""
    async with build_channels(settings(**changes)) as (one,):
        return await one.send(alert)


async def test_a_webhook_receives_the_signed_alert_with_its_id() -> None:
    async with receiving(Receiver()) as receiver:
        assert await sent(**webhook(receiver)) == Delivered("204")
    (post,) = receiver.posts
    assert post.is_signed
    assert post.headers["Geovelocity-Alert-Id"] == post.json["id"] == "transaction_k1_0007"
    assert post.headers["Content-Type"] == "application/json"
    assert post.json["more_of_device"] == 3
    assert post.json.keys() == set(Alert.__struct_encode_fields__)


async def test_a_chat_receives_one_text_without_signature() -> None:
    async with receiving(Receiver()) as receiver:
        assert await sent(alert_slack_url=receiver.url) == Delivered("204")
    (post,) = receiver.posts
    assert list(post.json) == ["text"]
    assert post.json["text"].startswith("*Suspect payment, risk 80 of 100*")
    assert "Geovelocity-Signature" not in post.headers


async def test_the_status_decides_the_result_and_redirects_are_not_followed() -> None:
    async with receiving(Receiver(script=[400, 429, 500, 302], headers={"Retry-After": "7"})) as receiver:
        answers = [await sent(**webhook(receiver)) for _ in range(4)]
    assert answers == [
        Rejected("answered 400"),
        Retryable("answered 429", 7.0),
        Retryable("answered 500", 7.0),
        Retryable("answered 302"),
    ]
    assert len(receiver.posts) == 4


async def test_a_receiver_without_answer_is_retryable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.alerts.channels.http.SEND_WITHIN_S", 0.2)
    async with receiving(Receiver(script=["slow"])) as receiver:
        assert await sent(**webhook(receiver)) == Retryable("no answer within 0 s")
    assert await sent(**webhook(receiver)) == Retryable("connection failed (ClientConnectorError)")


async def test_a_webhook_with_an_untrusted_certificate_receives_nothing(tmp_path: Path) -> None:
    good, stranger = Authority(tmp_path), Authority(tmp_path, "another-ca")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(good.key_and_chain())
    seen = Receiver()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        seen.posts.append(None)  # type: ignore[arg-type]  # only counted
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
        changes: dict[str, Any] = {"alert_webhook_url": url, "alert_webhook_secret": SECRET}
        assert await sent(**changes, alert_ca_file=good.file) == Delivered("204")
        rejected = await sent(**changes, alert_ca_file=stranger.file)
    assert rejected == Retryable("connection failed (ClientConnectorCertificateError)")
    assert len(seen.posts) == 1


async def test_a_mail_arrives_as_text_with_a_stable_message_id() -> None:
    async with mailbox(Mailbox()) as box:
        assert await sent(**mail(box)) == Delivered("accepted for 2 of 2 recipients")
    (envelope,) = box.mails
    assert isinstance(envelope.content, bytes)
    message = email.message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == ["fraud@bank.example", "night@bank.example"]
    assert message["Subject"] == "Suspect payment, risk 80 of 100"
    assert message["Message-ID"] == "<transaction_k1_0007@bank.example>"
    assert message.get_content_type() == "text/plain"
    assert "(3 more suspect payments since its last alert)" in message.get_content()


@pytest.mark.parametrize(
    ("refuses", "data", "expected"),
    [
        ({"night@bank.example": "550 who?"}, "", Delivered("accepted for 1 of 2 recipients")),
        ({"night@bank.example": "550 who?", "fraud@bank.example": "550 who?"}, "", Rejected("rejected with 550")),
        (
            {"night@bank.example": "450 later", "fraud@bank.example": "550 who?"},
            "",
            Retryable("not accepted now (550)"),
        ),
        ({}, "451 later", Retryable("not accepted now (451)")),
        ({}, "554 never", Rejected("rejected with 554")),
    ],
)
async def test_the_replies_of_a_mail_server_decide_the_result(
    refuses: dict[str, str], data: str, expected: DeliveryResult
) -> None:
    async with mailbox(Mailbox()) as box:
        box.refuses, box.data = refuses, data
        assert await sent(**mail(box)) == expected


async def test_a_mail_server_that_is_down_is_retryable() -> None:
    async with mailbox(Mailbox()) as box:
        pass
    assert await sent(**mail(box)) == Retryable("connection failed (SMTPConnectError)")


async def test_credentials_go_to_a_mail_server_only_over_trusted_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.key_and_chain())
    logins = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: LoginPassword) -> AuthResult:
        logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"p@ss", handled=False)

    options = {"tls_context": context, "auth_required": True, "authenticator": check}
    async with mailbox(Mailbox(), **options) as box:
        good = await sent(**mail(box, "smtp://us:p%40ss@"), alert_ca_file=authority.file)
        bad = await sent(**mail(box, "smtp://us:wrong@"), alert_ca_file=authority.file)
        stranger = await sent(**mail(box, "smtp://us:p%40ss@"), alert_ca_file=Authority(tmp_path, "another-ca").file)
    assert (good, bad) == (Delivered("accepted for 2 of 2 recipients"), Retryable("not accepted now (535)"))
    assert isinstance(stranger, Retryable)
    assert set(logins) == {(b"us", b"p@ss"), (b"us", b"wrong")}, "no login before the certificate is verified"


def test_the_test_option_prints_results_and_exits_with_1_after_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    async def run_test(*script: int) -> tuple[int, str, Receiver]:
        async with receiving(Receiver(script=list(script))) as receiver, mailbox(Mailbox()) as box:
            changes = {**webhook(receiver), **mail(box)}
            for name, value in changes.items():
                monkeypatch.setenv(f"GEOVELOCITY_{name.upper()}", value)
            result = await asyncio.to_thread(CliRunner().invoke, command, ["--test"])
            return result.exit_code, result.output, receiver

    code, output, receiver = asyncio.run(run_test())
    assert code == 0
    assert [line.split()[:2] for line in output.splitlines()] == [["accepted", "webhook"], ["accepted", "email"]]
    assert receiver.accepted[0].json["test"] is True
    code, output, _ = asyncio.run(run_test(500))
    assert (code, "failed" in output, "answered 500" in output) == (1, True, True)


async def test_analysts_may_send_test_alerts_from_the_console_at_a_limited_rate(tmp_path: Path) -> None:
    users = Users(tmp_path / "users.jsonl")
    tokens = {role: users.add(role.value, role) for role in Role}
    now_s = [100.0]
    async with receiving(Receiver()) as receiver:
        of = settings(**webhook(receiver))
        application = console(AuthMiddleware(users, is_open=False), [AlertRoutes(of, lambda: now_s[0])])
        runner = await serve(application, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:

                async def asked(method: str, path: str, body: Any = None) -> tuple[int, Any]:
                    async with session.request(method, url + path, json=body) as answer:
                        return answer.status, await answer.json() if answer.status != 204 else None

                assert (await asked("POST", "/api/alerts/test", {}))[0] == 401
                await asked("POST", "/api/login", {"token": tokens[Role.VIEWER]})
                target = {"channels": [{"name": "webhook", "target": "127.0.0.1"}]}
                assert await asked("GET", "/api/alerts") == (200, target)
                assert (await asked("POST", "/api/alerts/test", {}))[0] == 403
                await asked("POST", "/api/login", {"token": tokens[Role.ANALYST]})
                status, answer = await asked("POST", "/api/alerts/test", {})
                assert (status, answer["results"][0]["channel"], answer["results"][0]["ok"]) == (200, "webhook", True)
                now_s[0] += 9
                status, answer = await asked("POST", "/api/alerts/test", {})
                assert (status, answer) == (429, {"error": "A test alert was sent a moment ago: wait 1 s."})
                now_s[0] += 1
                assert (await asked("POST", "/api/alerts/test", {}))[0] == 200
        finally:
            await runner.cleanup()
    assert len(receiver.accepted) == 2
