"""Pages: the console's page and what it loads, from this machine alone."""

from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

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
"""What is served of the libraries, by the name the page calls it, and nothing else of them."""

SUFFIXES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PAGES: Final = ("/", "/search", "/case/{id}")


class StaticFiles:
    """The page at each of its addresses, its own files and those of libraries."""

    def __init__(self, folder: Path = WEB_DIR) -> None:
        self._folder = folder
        self._libraries = folder / "node_modules"

    def check(self) -> None:
        """Whether all is there.

        Raises:
            ConfigurationError: it is not.
        """
        wanted = [self._folder / "index.html", *(self._libraries / path for path in LIBRARIES.values())]
        if missing := [path.name for path in wanted if not path.is_file()]:
            raise ConfigurationError(f"the console's page lacks {', '.join(missing)}: run `make up`, which installs it")

    def mount(self, application: web.Application) -> None:
        for path in PAGES:
            application.router.add_get(path, self._page)
        application.router.add_get("/assets/{file}", self._asset)
        application.router.add_get("/lib/{file}", self._library)

    async def _page(self, _request: web.Request) -> web.StreamResponse:
        return _file_response(self._folder / "index.html", "text/html")

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        """Only what is found by looking, so that no name leads elsewhere."""
        name = request.match_info["file"]
        for path in self._folder.iterdir():
            if path.name == name and path.suffix in SUFFIXES:
                return _file_response(path, SUFFIXES[path.suffix])
        raise ApiError(404, "There is no such file.")

    async def _library(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        if name not in LIBRARIES:
            raise ApiError(404, "There is no such file.")
        path = self._libraries / LIBRARIES[name]
        return _file_response(path, SUFFIXES.get(path.suffix, "application/json"))


def _file_response(path: Path, content_type: str) -> web.StreamResponse:
    """The file; the browser asks each time whether its copy is still good."""
    if not path.is_file():
        raise ApiError(404, "This part of the console is not installed: run `make up`.")
    charset = f"{content_type}; charset=utf-8"
    return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: charset, hdrs.CACHE_CONTROL: "no-cache"})
