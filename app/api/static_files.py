"""Static files of the console: the page, its scripts and styles, and the libraries. Nothing comes from another host."""

from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from app.api.endpoint import Endpoint, Parameter, mount_endpoints, serves
from app.api.errors import ApiError
from app.errors import ConfigurationError

WEB_DIR: Final = Path(__file__).parent / "web"
LIBRARIES: Final = {
    "leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet.js": "leaflet/dist/leaflet-src.esm.js",
    "topojson-client.js": "topojson-client/dist/topojson-client.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "uplot.js": "uplot/dist/uPlot.esm.js",
    "countries-110m.json": "world-atlas/countries-110m.json",
    "countries-50m.json": "world-atlas/countries-50m.json",
}
"""Library files by the name under `/lib`. The server delivers no other file of the libraries."""

SUFFIXES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HTML: Final = "text/html"
_ID: Final = Parameter(name="id", place="path", description="Id of the case. The page itself reads it.")
_FILE: Final = Parameter(name="file", place="path", description="Name of the file.")


class StaticFiles:
    """The page under each of its paths, its own files, and library files."""

    def __init__(self, folder: Path = WEB_DIR) -> None:
        self._folder = folder
        self._libraries = folder / "node_modules"

    def check(self) -> None:
        """Check that all files are installed.

        Raises:
            ConfigurationError: a file is missing.
        """
        wanted = [self._folder / "index.html", *(self._libraries / path for path in LIBRARIES.values())]
        if missing := [path.name for path in wanted if not path.is_file()]:
            raise ConfigurationError(f"files of the console are missing ({', '.join(missing)}): run `make up`")

    def mount(self, application: web.Application) -> None:
        mount_endpoints(application, self)

    @serves(Endpoint(method="GET", path="/", media_type=HTML))
    @serves(Endpoint(method="GET", path="/search", media_type=HTML))
    @serves(Endpoint(method="GET", path="/case/{id}", media_type=HTML, parameters=(_ID,)))
    async def _page(self, _request: web.Request) -> web.StreamResponse:
        """Return the page. Its script shows the view of the path."""
        return _file_response(self._folder / "index.html", HTML)

    @serves(Endpoint(method="GET", path="/assets/{file}", media_type="*/*", parameters=(_FILE,), errors=(404,)))
    async def _asset(self, request: web.Request) -> web.StreamResponse:
        """Return a script, style sheet or picture of the page.

        The name must equal a name in the folder, so no path can lead outside.
        """
        name = request.match_info["file"]
        for path in self._folder.iterdir():
            if path.name == name and path.suffix in SUFFIXES:
                return _file_response(path, SUFFIXES[path.suffix])
        raise ApiError(404, "There is no such file.")

    @serves(Endpoint(method="GET", path="/lib/{file}", media_type="*/*", parameters=(_FILE,), errors=(404,)))
    async def _library(self, request: web.Request) -> web.StreamResponse:
        """Return a file of a library: Leaflet, uPlot, topojson-client or world-atlas."""
        name = request.match_info["file"]
        if name not in LIBRARIES:
            raise ApiError(404, "There is no such file.")
        path = self._libraries / LIBRARIES[name]
        return _file_response(path, SUFFIXES.get(path.suffix, "application/json"))


def _file_response(path: Path, content_type: str) -> web.StreamResponse:
    """Return the file. The browser revalidates its copy with each request."""
    if not path.is_file():
        raise ApiError(404, "This file of the console is not installed: run `make up`.")
    charset = f"{content_type}; charset=utf-8"
    return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: charset, hdrs.CACHE_CONTROL: "no-cache"})
