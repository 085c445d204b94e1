"""The import of the shipped dashboards into Kibana."""

import re
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp

from app.errors import ConfigurationError, SettingsError, UnavailableError
from app.settings import Settings

REQUEST_TIMEOUT_S: Final = 60.0
FILE_NAME: Final = "geovelocity.ndjson"
"""Kibana checks the file extension."""

_FILE: Final = Path(__file__).with_name("dashboards.ndjson")
"""Written by `python -m deploy.kibana` for the default namespace."""

_NAMESPACED: Final = re.compile(r"geovelocity(?=-(?:verdicts|suspects|feedback|board)|: )")
"""Names of data views and boards, their ids and titles. Fields that begin with `geovelocity` stay."""

AUTH_ERRORS: Final = frozenset({401, 403})
NOT_READY: Final = frozenset({429, 502, 503, 504})
"""Statuses of a Kibana that starts or is overloaded, also from a proxy."""

QUOTED_CHARACTERS_MAX: Final = 300


async def import_dashboards(settings: Settings) -> int:
    """Import the dashboards of this namespace with all objects that they use. Return the number of objects.

    It overwrites existing objects.

    Raises:
        SettingsError: the URL of Kibana is missing or invalid.
        UnavailableError: Kibana does not answer, or is not ready.
        ConfigurationError: Kibana rejected the credentials or some of the objects.
    """
    address = settings.kibana_url.get_secret_value().rstrip("/")
    if not address:
        raise SettingsError("no Kibana is configured: set GEOVELOCITY_KIBANA_URL, for example https://host:5601")
    objects = dashboards(settings.namespace)
    status, answer = await _post(settings, f"{address}/api/saved_objects/_import", objects)
    _check_status(status, answer)
    if not answer.get("success"):
        raise ConfigurationError(_rejection(answer.get("errors", ()), objects.count("\n")))
    return int(answer.get("successCount", 0))


def dashboards(namespace: str) -> str:
    """Return the saved objects of a namespace as the file that Kibana imports, one object a line."""
    return _NAMESPACED.sub(namespace, _FILE.read_text(encoding="utf-8"))


async def _post(settings: Settings, url: str, text: str) -> tuple[int, Mapping[str, Any]]:
    """Return the status, and the body where it is a JSON object."""
    form = aiohttp.FormData()
    form.add_field("file", text.encode(), filename=FILE_NAME, content_type="application/ndjson")
    headers = {"kbn-xsrf": "geovelocity"}
    if key := settings.kibana_api_key.get_secret_value():
        headers["Authorization"] = f"ApiKey {key}"
    trusted = _ssl_context(settings)
    timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
            # A redirect would carry the key and the dashboards to another host.
            session.post(url, params={"overwrite": "true"}, data=form, ssl=trusted, allow_redirects=False) as response,
        ):
            return response.status, await _json(response)
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        raise SettingsError("GEOVELOCITY_KIBANA_URL cannot be used: write it as https://host:5601") from None
    except aiohttp.ClientConnectorCertificateError:
        raise UnavailableError(
            "Kibana's certificate is not trusted: set GEOVELOCITY_KIBANA_CA_FILE to the certificate of its authority"
        ) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise UnavailableError(
            f"Kibana does not answer ({type(error).__name__}): start it, or correct GEOVELOCITY_KIBANA_URL"
        ) from None


def _ssl_context(settings: Settings) -> ssl.SSLContext | bool:
    if settings.kibana_ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=settings.kibana_ca_file)
    except ssl.SSLError:
        raise SettingsError(
            f"GEOVELOCITY_KIBANA_CA_FILE contains no certificate: check {settings.kibana_ca_file}"
        ) from None


async def _json(response: aiohttp.ClientResponse) -> Mapping[str, Any]:
    try:
        body = await response.json(content_type=None)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _check_status(status: int, answer: Mapping[str, Any]) -> None:
    if status in AUTH_ERRORS:
        raise ConfigurationError(
            f"Kibana rejected the credentials (status {status}): "
            "check GEOVELOCITY_KIBANA_API_KEY and the rights of its role"
        )
    if status in NOT_READY:
        raise UnavailableError(f"Kibana is not ready (status {status}): try again in a minute")
    if status != 200:
        message = str(answer.get("message", "no message"))[:QUOTED_CHARACTERS_MAX]
        raise ConfigurationError(
            f"Kibana rejected the dashboards (status {status}, {message}): "
            "check that GEOVELOCITY_KIBANA_URL names a Kibana 9 with its base path"
        )
    if "success" not in answer:
        raise ConfigurationError("the server is not a Kibana: check GEOVELOCITY_KIBANA_URL and its base path")


def _rejection(errors: Sequence[Mapping[str, Any]], total: int) -> str:
    each = [f"{one.get('type')} {one.get('id')}: {_why(one.get('error', {}))}" for one in errors]
    return (
        f"Kibana rejected {len(each)} of {total} objects ({'; '.join(each)}): correct that and run the import again, "
        "which replaces existing objects"
    )


def _why(error: Mapping[str, Any]) -> str:
    """Return the type of the error with the missing references or its message."""
    missing = [f"{one.get('type')} {one.get('id')}" for one in error.get("references", ())]
    more = ", ".join(missing) or str(error.get("message", ""))[:QUOTED_CHARACTERS_MAX]
    return f"{error.get('type', 'unknown')} {more}".strip()
