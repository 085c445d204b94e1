"""Addresses and topics of MQTT brokers, as an operator sets them."""

import pytest

from app.errors import SettingsError
from app.settings import Settings, read_settings
from sensor_logger_bridge.mqtt.address import MqttAddress, parse_mqtt_url
from tests.support.bad_inputs import CANARY, shows_canary

ADDRESSES = [
    ("mqtt://broker", MqttAddress("tcp", tls=False, host="broker", port=1883)),
    ("mqtts://broker", MqttAddress("tcp", tls=True, host="broker", port=8883)),
    ("ws://broker", MqttAddress("websockets", tls=False, host="broker", port=80)),
    ("wss://broker:9001/", MqttAddress("websockets", tls=True, host="broker", port=9001)),
    ("ws://broker/deep/path", MqttAddress("websockets", tls=False, host="broker", port=80, path="/deep/path")),
    ("mqtt://pat:a%3Ab%40c@[::1]:77", MqttAddress("tcp", False, "::1", 77, "pat", "a:b@c")),
]


@pytest.mark.parametrize(("url", "address"), ADDRESSES)
def test_an_address_has_transport_host_port_and_login(url: str, address: MqttAddress) -> None:
    assert parse_mqtt_url(url) == address


@pytest.mark.parametrize(
    "url", ["broker", "http://broker", "mqtt://", "mqtt://h:x", "mqtt://h:99999", "mqtt://h?q=1", f"x://{CANARY}"]
)
def test_an_invalid_address_is_rejected_and_not_quoted(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOVELOCITY_BRIDGE_MQTT_URL", url)
    with pytest.raises(SettingsError, match="BRIDGE_MQTT_URL: is not the address of an MQTT broker") as caught:
        read_settings()
    assert not shows_canary(str(caught.value))


@pytest.mark.parametrize("topic", ["", "phones", "phones/#", "+/phones", "phones/+/+", "#", "phones+"])
def test_a_topic_without_a_token_as_last_part_is_rejected(topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOVELOCITY_BRIDGE_MQTT_TOPIC", topic)
    with pytest.raises(SettingsError, match="BRIDGE_MQTT_TOPIC"):
        read_settings()


def test_the_password_is_not_in_the_representation() -> None:
    settings = Settings(bridge_mqtt_url=f"mqtt://pat:{CANARY}@127.0.0.1")
    assert settings.mqtt is not None
    assert settings.mqtt.password == CANARY
    assert not shows_canary(repr(settings) + repr(settings.mqtt))


def test_the_demo_key_requires_an_mqtt_broker_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOVELOCITY_BRIDGE_MQTT_URL", "mqtt://elsewhere")
    with pytest.raises(SettingsError, match="bridge_mqtt_url is not on this machine"):
        read_settings()
