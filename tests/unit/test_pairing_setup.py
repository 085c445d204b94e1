"""What each app is told: every link, taken apart again by other means than those it was made with."""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import segno
from backports import zstd

from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.apps.setup import AppSetup, PhoneSetup
from sensor_logger_bridge.pairing.qr import QUIET_ZONE, QUIET_ZONE_IN_TERMINAL, qr_code, terminal
from tests.support.paired_phone import setup_of

TOKEN = "A7b-defgh_jklmnopqrstuvwxyz0123456789-BCDEFG"
BASES = ("http://192.168.1.20:8100", "https://phones.bank.example", "http://[fd00::2]:8100", "https://bank.example/geo")
DEVICES = ("phone-1", "x", "A.b_c-" * 20)


def phones() -> list[PhoneSetup]:
    return [PhoneSetup(base, device, TOKEN) for base in BASES for device in DEVICES]


def only(query: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(query, strict_parsing=True).items()}


def values(setup: AppSetup) -> dict[str, str]:
    return {value.name: value.value for value in setup.values}


@pytest.mark.parametrize("phone", phones())
def test_sensor_loggers_link_is_base64_of_zstd_of_its_configuration(phone: PhoneSetup) -> None:
    setup = setup_of("sensor-logger", phone)
    packed = base64.b64decode(setup.link.removeprefix("sensorlogger://config/"), validate=True)
    told: dict[str, Any] = json.loads(zstd.decompress(packed))
    assert told["http"] == {
        "enabled": True,
        "url": f"{phone.base_url}/sensor-logger",
        "batchPeriod": 1000,
        "authToken": f"Bearer {TOKEN}",
    }
    assert told["sensorState"] == {"Location": {"enabled": True, "speed": 1000}}
    assert values(setup) == {"Push URL": told["http"]["url"], "Auth Header": told["http"]["authToken"]}


@pytest.mark.parametrize("phone", phones())
def test_owntracks_link_survives_being_read_as_a_query(phone: PhoneSetup) -> None:
    setup = setup_of("owntracks", phone)
    parts = urlsplit(setup.link)
    assert (parts.scheme, parts.netloc, parts.path) == ("owntracks", "", "/config")
    told = json.loads(base64.b64decode(only(parts.query)["inline"], validate=True))
    assert told | {"_type": "configuration", "mode": 3, "auth": True, "url": f"{phone.base_url}/owntracks"} == told
    assert (told["username"], told["password"], told["deviceId"]) == (phone.device_id, TOKEN, phone.device_id)
    assert 1 <= len(told["tid"]) <= 2
    assert values(setup) == {"URL": told["url"], "User ID": phone.device_id, "Password": TOKEN}


def test_owntracks_link_has_nothing_that_some_reader_of_queries_would_change() -> None:
    links = [setup_of("owntracks", PhoneSetup(BASES[0], f"phone-{number}", TOKEN)).link for number in range(300)]
    for link in links:
        inline = link.partition("inline=")[2]
        assert re.fullmatch(r"[A-Za-z0-9%]+", inline)
        assert json.loads(base64.b64decode(unquote(inline)))["_type"] == "configuration"


@pytest.mark.parametrize("phone", phones())
def test_overlands_link_has_its_three_parameters(phone: PhoneSetup) -> None:
    setup = setup_of("overland", phone)
    parts = urlsplit(setup.link)
    assert (parts.scheme, parts.netloc) == ("overland", "setup")
    assert only(parts.query) == {"url": f"{phone.base_url}/overland", "token": TOKEN, "device_id": phone.device_id}
    assert set(values(setup).values()) == set(only(parts.query).values())


@pytest.mark.parametrize("phone", phones())
def test_traccars_link_and_its_code_say_the_same(phone: PhoneSetup) -> None:
    setup = setup_of("traccar", phone)
    link, scanned = urlsplit(setup.link), urlsplit(setup.code)
    assert (link.scheme, link.netloc) == ("org.traccar.client", "config")
    told = only(link.query)
    # As the app takes a scanned address apart: what stands before the query is where it will post.
    assert (
        f"{scanned.scheme}://{scanned.netloc}{scanned.path}" == told.pop("url") == f"{phone.base_url}/traccar/{TOKEN}"
    )
    assert only(scanned.query) == told
    assert (told["id"], told["accuracy"]) == (phone.device_id, "highest")
    assert all(told[name].isdigit() for name in ("distance", "interval", "fastest_interval"))


def test_gpslogger_has_no_link_and_each_of_its_placeholders_is_one_of_the_apps() -> None:
    setup = setup_of("gpslogger", PhoneSetup(BASES[0], "phone-1", TOKEN))
    assert (setup.link, setup.code) == ("", "")
    told = values(setup)
    assert told["HTTP headers"] == f"Authorization: Bearer {TOKEN}"
    url = urlsplit(told["URL"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{BASES[0]}/gpslogger"
    placeholders = {pair.partition("=")[2] for pair in url.query.split("&")}
    assert {"%LAT", "%LON", "%ACC", "%ALT", "%SPD", "%DIR", "%TIMESTAMP"} <= placeholders
    assert TOKEN not in url.query


def test_every_app_is_told_something_and_by_its_path_at_the_bridge() -> None:
    for app in APPS:
        setup = app.setup(PhoneSetup(BASES[0], "phone-1", TOKEN))
        assert any(f"{BASES[0]}/{app.name}" in value.value for value in setup.values)
        assert any(TOKEN in value.value for value in setup.values)


def texts() -> list[str]:
    made = [app.setup(PhoneSetup(BASES[1], "phone-1", TOKEN)) for app in APPS]
    return [f"{BASES[0]}/pair#{TOKEN}", *(setup.code or setup.link for setup in made if setup.link)]


def matrix_of(text: str, quiet: int) -> list[list[bool]]:
    rows = segno.make(text, error="l", micro=False, boost_error=False).matrix_iter(border=quiet)
    return [[bool(module) for module in row] for row in rows]


@pytest.mark.parametrize("text", texts())
def test_a_code_that_is_drawn_has_exactly_the_dark_modules_of_its_text(text: str) -> None:
    drawn = qr_code(text)
    dark = [[False] * drawn.size for _ in range(drawn.size)]
    bars = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn.path)
    assert "".join(f"M{x} {y}h{length}v1h-{back}z" for x, y, length, back in bars) == drawn.path
    for x, y, length, back in bars:
        assert length == back
        for column in range(int(x), int(x) + int(length)):
            dark[int(y)][column] = True
    assert dark == matrix_of(text, QUIET_ZONE)


@pytest.mark.parametrize("coloured", [True, False])
@pytest.mark.parametrize("text", texts())
def test_a_code_in_a_terminal_has_exactly_the_dark_modules_of_its_text(text: str, coloured: bool) -> None:
    dark = []
    for line in terminal(text, coloured=coloured).splitlines():
        assert line.startswith("\x1b[97;40m") is coloured
        plain = line.removeprefix("\x1b[97;40m").removesuffix("\x1b[0m")
        dark.append([block in " ▄" for block in plain])
        dark.append([block in " ▀" for block in plain])
    matrix = matrix_of(text, QUIET_ZONE_IN_TERMINAL)
    assert dark[: len(matrix)] == matrix
    assert len(dark) - len(matrix) <= 1  # two rows a line, and the number of rows is odd
