"""Metrics of `geovelocity bridge`."""

from pathlib import Path

from app.cli.bridge import metrics_of
from sensor_logger_bridge.mqtt.address import MqttAddress
from sensor_logger_bridge.mqtt.client import MqttBroker, MqttSubscriber
from sensor_logger_bridge.server import Bridge
from tests.support.bridge import ListeningBridge

UNREACHABLE = MqttBroker(MqttAddress("tcp", tls=False, host="127.0.0.1", port=1))


def test_a_metric_shows_whether_the_mqtt_subscriber_is_connected(tmp_path: Path) -> None:
    def is_up(bridge: Bridge, subscriber: MqttSubscriber | None) -> bool:
        return "geovelocity_bridge_mqtt_up 1.0" in metrics_of(bridge, subscriber).text().decode()

    bridge = ListeningBridge(tmp_path).bridge
    subscriber = MqttSubscriber(bridge.handler, UNREACHABLE)
    assert not is_up(bridge, None)
    assert not is_up(bridge, subscriber)
    subscriber._report_connection("")
    assert is_up(bridge, subscriber)
