"""Static files as the console's server delivers them: the page's own files and listed library files only."""

from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from app.api.auth.middleware import AuthMiddleware
from app.api.auth.users import Users
from app.api.server import console
from app.api.static_files import StaticFiles


async def test_no_path_leads_out_of_the_folder_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page"
    (page / "node_modules" / "leaflet").mkdir(parents=True)
    (page / "map.js").write_text("export {}")
    (page / "package.json").write_text("{}")
    (page / "node_modules" / "leaflet" / "other.js").write_text("export {}")
    (tmp_path / "secret.js").write_text("x")
    access = AuthMiddleware(Users(tmp_path / "users.jsonl"), is_open=True)
    async with TestClient(TestServer(console(access, [StaticFiles(page)]))) as client:
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
