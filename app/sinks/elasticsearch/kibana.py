"""Kibana's door: takes saved objects in."""

import re
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp

from app.errors import ConfigurationError, SettingsError, UnavailableError
from app.settings import Settings

ANSWER_WITHIN_S: Final = 60.0
FILE_NAME: Final = "geovelocity.ndjson"
"""Kibana checks the file extension."""

_FILE: Final = Path(__file__).with_name("dashboards.ndjson")
"""Written by `python -m deploy.kibana` for the default namespace."""

_NAMESPACED: Final = re.compile(r"geovelocity(?=-(?:verdicts|suspects|feedback|board)|: )")
"""Names of data views and boards, their ids and titles. Fields that begin with `geovelocity` stay."""

NOT_LET_IN: Final = frozenset({401, 403})
NOT_READY: Final = frozenset({429, 502, 503, 504})
SAID_CHARACTERS_MAX: Final = 300


async def import_dashboards(settings: Settings) -> int:
    """Imports the boards of this namespace with all they need, over what is there, and returns how many objects.

    Raises:
        SettingsError: no address of Kibana is set, or it is none.
        UnavailableError: Kibana does not answer, or is not ready.
        ConfigurationError: Kibana does not let us in, or did not take all of it.
    """
    address = settings.kibana_url.get_secret_value().rstrip("/")
    if not address:
        raise SettingsError("there is no Kibana to import into: set GEOVELOCITY_KIBANA_URL, like https://host:5601")
    objects = dashboards(settings.namespace)
    status, answer = await _post(settings, f"{address}/api/saved_objects/_import", objects)
    _check_status(status, answer)
    if not answer.get("success"):
        raise ConfigurationError(_refused(answer.get("errors", ()), objects.count("\n")))
    return int(answer.get("successCount", 0))


def dashboards(namespace: str) -> str:
    """Return the saved objects of a namespace as the file that Kibana imports, one object a line."""
    return _NAMESPACED.sub(namespace, _FILE.read_text(encoding="utf-8"))


async def _post(settings: Settings, url: str, text: str) -> tuple[int, Mapping[str, Any]]:
    """The status, and what the answer says where it is JSON."""
    form = aiohttp.FormData()
    form.add_field("file", text.encode(), filename=FILE_NAME, content_type="application/ndjson")
    headers = {"kbn-xsrf": "geovelocity"}
    if key := settings.kibana_api_key.get_secret_value():
        headers["Authorization"] = f"ApiKey {key}"
    trust = _trust(settings)
    timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
            # A redirect would carry the key and the boards to wherever it says.
            session.post(url, params={"overwrite": "true"}, data=form, ssl=trust, allow_redirects=False) as answer,
        ):
            return answer.status, await _json(answer)
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        raise SettingsError("GEOVELOCITY_KIBANA_URL cannot be used: write it as https://host:5601") from None
    except aiohttp.ClientConnectorCertificateError:
        raise UnavailableError(
            "Kibana's certificate is not trusted: set GEOVELOCITY_KIBANA_CA_FILE to that of whoever signed it"
        ) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise UnavailableError(
            f"Kibana does not answer ({type(error).__name__}): start it, or set GEOVELOCITY_KIBANA_URL to where it is"
        ) from None


def _trust(settings: Settings) -> ssl.SSLContext | bool:
    if settings.kibana_ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=settings.kibana_ca_file)
    except ssl.SSLError:
        raise SettingsError(f"GEOVELOCITY_KIBANA_CA_FILE has no certificate in it: {settings.kibana_ca_file}") from None


async def _json(answer: aiohttp.ClientResponse) -> Mapping[str, Any]:
    try:
        said = await answer.json(content_type=None)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _check_status(status: int, answer: Mapping[str, Any]) -> None:
    if status in NOT_LET_IN:
        raise ConfigurationError(
            f"Kibana does not let us in (status {status}): check GEOVELOCITY_KIBANA_API_KEY and what its role may write"
        )
    if status in NOT_READY:
        raise UnavailableError(f"Kibana is not ready (status {status}): try again in a minute")
    if status != 200:
        said = str(answer.get("message", "it says nothing more"))[:SAID_CHARACTERS_MAX]
        raise ConfigurationError(
            f"Kibana refused the boards (status {status}, {said}): "
            "is GEOVELOCITY_KIBANA_URL that of a Kibana 9, with its base path?"
        )
    if "success" not in answer:
        raise ConfigurationError("what answers is no Kibana: check GEOVELOCITY_KIBANA_URL and its base path")


def _refused(errors: Sequence[Mapping[str, Any]], wanted: int) -> str:
    each = [f"{one.get('type')} {one.get('id')}: {_why(one.get('error', {}))}" for one in errors]
    return (
        f"Kibana did not take {len(each)} of {wanted} objects ({'; '.join(each)}): mend that and import them again, "
        "which replaces what is there"
    )


def _why(error: Mapping[str, Any]) -> str:
    """The kind of error, with what it needs or says."""
    lacking = [f"{one.get('type')} {one.get('id')}" for one in error.get("references", ())]
    more = ", ".join(lacking) or str(error.get("message", ""))[:SAID_CHARACTERS_MAX]
    return f"{error.get('type', 'unknown')} {more}".strip()
