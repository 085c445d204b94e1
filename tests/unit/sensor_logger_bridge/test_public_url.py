"""The URL at which phones reach the bridge."""

import pytest

from sensor_logger_bridge import public_url as module
from sensor_logger_bridge.public_url import PublicUrl


@pytest.fixture(autouse=True)
def _in_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "lan_address", lambda: "192.168.1.20")


@pytest.mark.parametrize(
    ("host", "url", "host_header", "base_url"),
    [
        ("127.0.0.1", "", "", "http://127.0.0.1:8100"),
        ("0.0.0.0", "", "", "http://192.168.1.20:8100"),
        ("::", "", "", "http://192.168.1.20:8100"),
        ("10.0.0.7", "", "", "http://10.0.0.7:8100"),
        ("fd00::2", "", "", "http://[fd00::2]:8100"),
        ("0.0.0.0", "", "127.0.0.1:8100", "http://192.168.1.20:8100"),
        ("0.0.0.0", "", "localhost:8100", "http://192.168.1.20:8100"),
        ("0.0.0.0", "", "[::1]:8100", "http://192.168.1.20:8100"),
        ("0.0.0.0", "", "10.0.0.9:8100", "http://10.0.0.9:8100"),
        ("0.0.0.0", "", "laptop.local:8100", "http://laptop.local:8100"),
        ("0.0.0.0", "", "[fd00::9]:8100", "http://[fd00::9]:8100"),
        ("0.0.0.0", "", "laptop", "http://laptop"),
        ("0.0.0.0", "", "evil.example/x?y=", "http://192.168.1.20:8100"),
        ("0.0.0.0", "", "user@evil.example", "http://192.168.1.20:8100"),
        ("0.0.0.0", "", "laptop:8100:8100", "http://192.168.1.20:8100"),
        ("0.0.0.0", "", "laptop:8100\n", "http://192.168.1.20:8100"),
        ("127.0.0.1", "https://phones.bank.example/", "10.0.0.9:8100", "https://phones.bank.example"),
    ],
)
def test_the_public_url_is_the_most_reliable_address(host: str, url: str, host_header: str, base_url: str) -> None:
    assert PublicUrl(host, 8100, url).base_url(host_header) == base_url


def test_a_machine_without_a_network_has_a_loopback_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "lan_address", lambda: None)
    assert PublicUrl("0.0.0.0", 8100).base_url() == "http://127.0.0.1:8100"


@pytest.mark.parametrize(
    ("host", "url", "loopback_only"),
    [
        ("127.0.0.1", "", True),
        ("localhost", "", True),
        ("::1", "", True),
        ("0.0.0.0", "", False),
        ("10.0.0.7", "", False),
        ("127.0.0.1", "https://phones.bank.example", False),
    ],
)
def test_a_bridge_on_loopback_without_a_proxy_is_loopback_only(host: str, url: str, loopback_only: bool) -> None:
    assert PublicUrl(host, 8100, url).is_loopback_only is loopback_only
