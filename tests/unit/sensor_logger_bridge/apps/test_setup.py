"""Setup of each app: every link is decoded by other means than it was encoded."""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from backports import zstd

from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.apps.setup import AppSetup, PhoneSetup
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
    config: dict[str, Any] = json.loads(zstd.decompress(packed))
    assert config["http"] == {
        "enabled": True,
        "url": f"{phone.base_url}/sensor-logger",
        "batchPeriod": 1000,
        "authToken": f"Bearer {TOKEN}",
    }
    assert config["sensorState"] == {"Location": {"enabled": True, "speed": 1000}}
    assert values(setup) == {"Push URL": config["http"]["url"], "Auth Header": config["http"]["authToken"]}


@pytest.mark.parametrize("phone", phones())
def test_owntracks_link_survives_parsing_as_a_query(phone: PhoneSetup) -> None:
    setup = setup_of("owntracks", phone)
    parts = urlsplit(setup.link)
    assert (parts.scheme, parts.netloc, parts.path) == ("owntracks", "", "/config")
    config = json.loads(base64.b64decode(only(parts.query)["inline"], validate=True))
    assert config | {"_type": "configuration", "mode": 3, "auth": True, "url": f"{phone.base_url}/owntracks"} == config
    assert (config["username"], config["password"], config["deviceId"]) == (phone.device_id, TOKEN, phone.device_id)
    assert 1 <= len(config["tid"]) <= 2
    assert values(setup) == {"URL": config["url"], "User ID": phone.device_id, "Password": TOKEN}


def test_owntracks_link_has_no_character_that_query_parsers_change() -> None:
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
def test_traccars_link_and_its_code_have_the_same_settings(phone: PhoneSetup) -> None:
    setup = setup_of("traccar", phone)
    link, scanned = urlsplit(setup.link), urlsplit(setup.code)
    assert (link.scheme, link.netloc) == ("org.traccar.client", "config")
    config = only(link.query)
    # The app posts to the part of the scanned URL before the query.
    assert (
        f"{scanned.scheme}://{scanned.netloc}{scanned.path}" == config.pop("url") == f"{phone.base_url}/traccar/{TOKEN}"
    )
    assert only(scanned.query) == config
    assert (config["id"], config["accuracy"]) == (phone.device_id, "highest")
    assert all(config[name].isdigit() for name in ("distance", "interval", "fastest_interval"))


def test_gpslogger_has_no_link_and_only_placeholders_of_the_app() -> None:
    setup = setup_of("gpslogger", PhoneSetup(BASES[0], "phone-1", TOKEN))
    assert (setup.link, setup.code) == ("", "")
    config = values(setup)
    assert config["HTTP headers"] == f"Authorization: Bearer {TOKEN}"
    url = urlsplit(config["URL"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{BASES[0]}/gpslogger"
    placeholders = {pair.partition("=")[2] for pair in url.query.split("&")}
    assert {"%LAT", "%LON", "%ACC", "%ALT", "%SPD", "%DIR", "%TIMESTAMP"} <= placeholders
    assert TOKEN not in url.query


def test_every_setup_has_the_token_and_the_apps_path() -> None:
    for app in APPS:
        setup = app.setup(PhoneSetup(BASES[0], "phone-1", TOKEN))
        assert any(f"{BASES[0]}/{app.name}" in value.value for value in setup.values)
        assert any(TOKEN in value.value for value in setup.values)
