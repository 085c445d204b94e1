"""The URL at which phones reach the bridge."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Final

ANY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not listened on
DOCUMENTATION_ADDRESS: Final = ("198.51.100.1", 9)
"""An unused address (RFC 5737). The system reports which of its own addresses it would use to reach it."""

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_PORT: Final = re.compile(r":[0-9]{1,5}")


def lan_address() -> str | None:
    """Return this machine's address in its network, or None if it is in none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(DOCUMENTATION_ADDRESS)  # for a datagram socket this looks up the route and sends nothing
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if is_loopback(address) or address in ANY_ADDRESS else address


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """Address on which the bridge listens. `url`: its public URL if it is behind a proxy."""

    host: str
    port: int
    url: str = ""

    def base_url(self, host_header: str = "") -> str:
        """Return the URL without a final slash, to which callers append a path.

        `host_header`: name and port by which a client reached the bridge. If they are not loopback, the client came
        from another machine, and they are more reliable than a detected address.
        """
        if self.url:
            return self.url.rstrip("/")
        if (name := host_of(host_header)) and not is_loopback(name):
            return f"http://{host_header}"
        host = (lan_address() or "127.0.0.1") if self.host in ANY_ADDRESS else self.host
        return f"http://{bracket_ipv6(host)}:{self.port}"

    @property
    def local_url(self) -> str:
        """The bridge's URL for clients on this machine."""
        return f"http://{'127.0.0.1' if self.host in ANY_ADDRESS else bracket_ipv6(self.host)}:{self.port}"

    @property
    def is_loopback_only(self) -> bool:
        """True if no phone can reach the bridge: it listens on loopback only, and no proxy is configured."""
        return not self.url and is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Return True for loopback names and addresses. An IPv6 address may have brackets."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def bracket_ipv6(host: str) -> str:
    """Return the host as a URL contains it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def host_of(text: str) -> str | None:
    """Return the host in a `Host` header or in a person's input, or None if the text is not a host."""
    found = _HOST.match(text)
    if found is None or not (_PORT.fullmatch(text, found.end()) or found.end() == len(text)):
        return None
    return found[0]
