"""A unit test opens no socket: such a test belongs to tests/http or tests/integration."""

from collections.abc import Iterator

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def _no_socket() -> Iterator[None]:
    """Make every socket raise `SocketBlockedError`. The event loop keeps its own pair of Unix sockets."""
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
