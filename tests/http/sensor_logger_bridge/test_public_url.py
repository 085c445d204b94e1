"""The address of this machine in its network."""

import socket

import pytest

from sensor_logger_bridge.public_url import is_loopback, lan_address


def test_the_lan_address_of_this_machine_can_be_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    address = lan_address()
    if address is None:
        pytest.skip("this machine is in no network")
    assert not is_loopback(address)
    with socket.socket() as listener:
        listener.bind((address, 0))
