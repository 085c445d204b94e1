"""The import of dashboards, against a server that accepts it like Kibana, which is not available here."""

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
class Received:
    """The requests that the server received."""

    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    files: list[tuple[str | None, str | None, str]] = field(default_factory=list)


@dataclass
class KibanaServer:
    """A server on its own port."""

    port: int
    received: Received


Answer = Callable[[], web.Response]


def all_imported() -> web.Response:
    return web.json_response({"success": True, "successCount": 7, "warnings": [], "successResults": []})


@asynccontextmanager
async def kibana_server(
    answer: Answer = all_imported, authority: Authority | None = None
) -> AsyncIterator[KibanaServer]:
    received = Received()

    async def receive(request: web.Request) -> web.Response:
        received.paths.append(request.path_qs)
        received.headers.append(dict(request.headers))
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader), "parts are not nested"
            received.files.append((part.name, part.filename, (await part.read(decode=True)).decode()))
        return answer()

    app = web.Application(client_max_size=16 << 20)
    app.router.add_post("/{path:.*}", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0, ssl_context=None if authority is None else authority.server_context())
    await site.start()
    try:
        yield KibanaServer(runner.addresses[0][1], received)
    finally:
        await runner.cleanup()


def at(url: str, **changes: Any) -> Settings:
    return Settings(_env_file=None, kibana_url=url, **changes)


async def test_the_import_sends_the_file_with_the_headers_of_kibana() -> None:
    async with kibana_server() as kibana:
        assert await import_dashboards(at(f"http://{HOST}:{kibana.port}/", kibana_api_key=KEY, namespace="eu")) == 7
    (headers,) = kibana.received.headers
    assert kibana.received.paths == ["/api/saved_objects/_import?overwrite=true"]
    assert (headers["kbn-xsrf"], headers["Authorization"]) == ("geovelocity", f"ApiKey {KEY}")
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert kibana.received.files == [("file", "geovelocity.ndjson", ndjson(saved_objects("eu")))]


async def test_the_space_and_the_credentials_of_the_url_are_used() -> None:
    async with kibana_server() as kibana:
        await import_dashboards(at(f"http://pat:s3cret@{HOST}:{kibana.port}/base/s/fraud"))
    assert kibana.received.paths == ["/base/s/fraud/api/saved_objects/_import?overwrite=true"]
    assert kibana.received.headers[0]["Authorization"] == f"Basic {b64encode(b'pat:s3cret').decode()}"


async def test_the_certificate_is_verified_with_the_configured_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with kibana_server(authority=authority) as kibana:
        url = f"https://{HOST}:{kibana.port}"
        assert await import_dashboards(at(url, kibana_ca_file=authority.file)) == 7
        with pytest.raises(UnavailableError, match="GEOVELOCITY_KIBANA_CA_FILE"):
            await import_dashboards(at(url))
    assert len(kibana.received.files) == 1


def response(status: int, **body: Any) -> Answer:
    return lambda: web.json_response(body, status=status)


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (
            response(200, success=False, successCount=5, errors=[MISSING, UNKNOWN]),
            ConfigurationError,
            "(dashboard geovelocity-board-suspects: missing_references map geovelocity-suspects-places; map geo",
        ),
        (
            response(200, success=False, successCount=6, errors=[UNKNOWN]),
            ConfigurationError,
            "1 of 7 objects (map geovelocity-suspects-places: unsupported_type): correct that and run the import again",
        ),
        (response(401), ConfigurationError, "status 401): check GEOVELOCITY_KIBANA_API_KEY"),
        (response(403), ConfigurationError, "status 403): check GEOVELOCITY_KIBANA_API_KEY"),
        (response(503), UnavailableError, "Kibana is not ready (status 503): try again"),
        (response(400, message="Invalid file extension"), ConfigurationError, "(status 400, Invalid file extension)"),
        (response(404, message="Not Found"), ConfigurationError, "base path"),
        (response(302), ConfigurationError, "(status 302, no message)"),
        (response(200, hello="I am something else"), ConfigurationError, "the server is not a Kibana"),
        (lambda: web.Response(text="<html>"), ConfigurationError, "the server is not a Kibana"),
        (lambda: web.Response(text="[1]", content_type="application/json"), ConfigurationError, "is not a Kibana"),
    ],
)
async def test_a_rejection_is_one_line_with_what_to_do(
    answer: Answer, error: type[GeovelocityError], message: str
) -> None:
    async with kibana_server(answer) as kibana:
        with pytest.raises(error) as caught:
            await import_dashboards(at(f"http://{HOST}:{kibana.port}", kibana_api_key=KEY))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        ("", SettingsError, "set GEOVELOCITY_KIBANA_URL"),
        ("http://", SettingsError, "GEOVELOCITY_KIBANA_URL cannot be used"),
        ("kibana:5601", SettingsError, "GEOVELOCITY_KIBANA_URL cannot be used"),
        ("ftp://kibana", SettingsError, "GEOVELOCITY_KIBANA_URL cannot be used"),
        (f"http://{HOST}:1", UnavailableError, "Kibana does not answer (ClientConnectorError)"),
    ],
)
async def test_an_unusable_url_is_reported_with_its_setting(
    url: str, error: type[GeovelocityError], message: str
) -> None:
    with pytest.raises(error) as caught:
        await import_dashboards(at(url))
    assert message in str(caught.value)


async def test_a_file_without_certificate_is_reported_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(SettingsError, match="GEOVELOCITY_KIBANA_CA_FILE contains no certificate"):
        await import_dashboards(at(f"https://{HOST}:1", kibana_ca_file=tmp_path / "ca.pem"))


async def test_init_imports_last_and_prints_the_number_of_objects(settings: Settings) -> None:
    async with kibana_server() as kibana:
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
    assert kibana.received.files == [("file", "geovelocity.ndjson", ndjson(saved_objects(settings.namespace)))]
