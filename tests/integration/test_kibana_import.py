"""The import into Kibana, against a server that takes it as Kibana does: Kibana itself is not to be had here."""

import asyncio
import os
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import BodyPartReader, web

from app.errors import ConfigurationError, GeovelocityError, SettingsError, UnavailableError
from app.settings import Settings, as_environment
from app.sinks.elasticsearch.kibana import import_dashboards
from deploy.kibana.objects import saved_objects
from deploy.kibana.saved_object import ndjson
from deploy.local.ports import HOST
from tests.support.service import changed
from tests.support.tls import Authority

KEY = "id-and-secret-of-the-key"
MISSING = {
    "type": "dashboard",
    "id": "geovelocity-board-suspects",
    "error": {"type": "missing_references", "references": [{"type": "map", "id": "geovelocity-suspects-places"}]},
}
UNKNOWN = {"type": "map", "id": "geovelocity-suspects-places", "error": {"type": "unsupported_type"}}


@dataclass
class Taken:
    """What the server was given."""

    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    files: list[tuple[str | None, str | None, str]] = field(default_factory=list)


@dataclass
class Door:
    """A server on a port of its own."""

    port: int
    taken: Taken


Answer = Callable[[], web.Response]


def took_all() -> web.Response:
    return web.json_response({"success": True, "successCount": 7, "warnings": [], "successResults": []})


@asynccontextmanager
async def door(answer: Answer = took_all, authority: Authority | None = None) -> AsyncIterator[Door]:
    taken = Taken()

    async def take(request: web.Request) -> web.Response:
        taken.paths.append(request.path_qs)
        taken.headers.append(dict(request.headers))
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader), "no parts in parts"
            taken.files.append((part.name, part.filename, (await part.read(decode=True)).decode()))
        return answer()

    app = web.Application(client_max_size=16 << 20)
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0, ssl_context=None if authority is None else authority.server_context())
    await site.start()
    try:
        yield Door(runner.addresses[0][1], taken)
    finally:
        await runner.cleanup()


def at(url: str, **changes: Any) -> Settings:
    return Settings(_env_file=None, kibana_url=url, **changes)


async def test_it_is_sent_as_the_file_it_is_and_with_the_header_that_kibana_wants() -> None:
    async with door() as kibana:
        assert await import_dashboards(at(f"http://{HOST}:{kibana.port}/", kibana_api_key=KEY, namespace="eu")) == 7
    (headers,) = kibana.taken.headers
    assert kibana.taken.paths == ["/api/saved_objects/_import?overwrite=true"]
    assert (headers["kbn-xsrf"], headers["Authorization"]) == ("geovelocity", f"ApiKey {KEY}")
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert kibana.taken.files == [("file", "geovelocity.ndjson", ndjson(saved_objects("eu")))]


async def test_a_space_and_a_login_in_the_address_are_used() -> None:
    async with door() as kibana:
        await import_dashboards(at(f"http://pat:s3cret@{HOST}:{kibana.port}/base/s/fraud"))
    assert kibana.taken.paths == ["/base/s/fraud/api/saved_objects/_import?overwrite=true"]
    assert kibana.taken.headers[0]["Authorization"] == f"Basic {b64encode(b'pat:s3cret').decode()}"


async def test_a_certificate_is_checked_against_the_authority_that_was_set(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with door(authority=authority) as kibana:
        url = f"https://{HOST}:{kibana.port}"
        assert await import_dashboards(at(url, kibana_ca_file=authority.file)) == 7
        with pytest.raises(UnavailableError, match="GEOVELOCITY_KIBANA_CA_FILE"):
            await import_dashboards(at(url))
    assert len(kibana.taken.files) == 1


def refused(status: int, **said: Any) -> Answer:
    return lambda: web.json_response(said, status=status)


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (
            refused(200, success=False, successCount=5, errors=[MISSING, UNKNOWN]),
            ConfigurationError,
            "(dashboard geovelocity-board-suspects: missing_references map geovelocity-suspects-places; map geo",
        ),
        (
            refused(200, success=False, successCount=6, errors=[UNKNOWN]),
            ConfigurationError,
            "1 of 7 objects (map geovelocity-suspects-places: unsupported_type): mend that and import them again",
        ),
        (refused(401), ConfigurationError, "status 401): check GEOVELOCITY_KIBANA_API_KEY"),
        (refused(403), ConfigurationError, "status 403): check GEOVELOCITY_KIBANA_API_KEY"),
        (refused(503), UnavailableError, "Kibana is not ready (status 503): try again"),
        (refused(400, message="Invalid file extension"), ConfigurationError, "(status 400, Invalid file extension)"),
        (refused(404, message="Not Found"), ConfigurationError, "base path"),
        (refused(302), ConfigurationError, "(status 302, it says nothing more)"),
        (refused(200, hello="I am something else"), ConfigurationError, "what answers is no Kibana"),
        (lambda: web.Response(text="<html>"), ConfigurationError, "what answers is no Kibana"),
        (lambda: web.Response(text="[1]", content_type="application/json"), ConfigurationError, "is no Kibana"),
    ],
)
async def test_what_kibana_says_is_one_sentence_with_what_to_do(
    answer: Answer, kind: type[GeovelocityError], said: str
) -> None:
    async with door(answer) as kibana:
        with pytest.raises(kind) as caught:
            await import_dashboards(at(f"http://{HOST}:{kibana.port}", kibana_api_key=KEY))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("", SettingsError, "set GEOVELOCITY_KIBANA_URL"),
        ("http://", SettingsError, "GEOVELOCITY_KIBANA_URL cannot be used"),
        ("kibana:5601", SettingsError, "GEOVELOCITY_KIBANA_URL cannot be used"),
        ("ftp://kibana", SettingsError, "GEOVELOCITY_KIBANA_URL cannot be used"),
        (f"http://{HOST}:1", UnavailableError, "Kibana does not answer (ClientConnectorError)"),
    ],
)
async def test_an_address_that_leads_nowhere_is_said_with_its_setting(
    url: str, kind: type[GeovelocityError], said: str
) -> None:
    with pytest.raises(kind) as caught:
        await import_dashboards(at(url))
    assert said in str(caught.value)


async def test_a_file_without_a_certificate_is_said_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(SettingsError, match="GEOVELOCITY_KIBANA_CA_FILE has no certificate"):
        await import_dashboards(at(f"https://{HOST}:1", kibana_ca_file=tmp_path / "ca.pem"))


async def test_init_makes_all_else_first_and_says_what_was_imported(settings: Settings) -> None:
    async with door() as kibana:
        environment = as_environment(changed(settings, kibana_url=f"http://{HOST}:{kibana.port}"))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli", "init", "--kibana"),
            cwd=settings.state_dir,
            env=os.environ | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    assert (process.returncode, output.decode().splitlines()[-1]) == (0, "Kibana         7 objects imported"), output
    assert kibana.taken.files == [("file", "geovelocity.ndjson", ndjson(saved_objects(settings.namespace)))]
