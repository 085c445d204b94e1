"""Reach: the address at which phones find the bridge."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Final

ANY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - to recognise it, not to listen there
DOCUMENTATION_ADDRESS: Final = ("198.51.100.1", 9)
"""An address that is nobody's (RFC 5737), to ask the system by which of its own it would go there."""

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_PORT: Final = re.compile(r":[0-9]{1,5}")


def lan_address() -> str | None:
    """This machine's address in its network, found without sending anything. None: it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(DOCUMENTATION_ADDRESS)  # of a datagram socket this looks the way up, and sends nothing
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if is_loopback(address) or address in ANY_ADDRESS else address


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """Where the bridge listens, and, behind a proxy, the `url` at which it is reached."""

    host: str
    port: int
    url: str = ""

    def base_url(self, host_header: str = "") -> str:
        """What the paths of apps are put behind. `asked`: the name and port by which somebody found the bridge.

        Whoever found it from another machine has a better address than this one can guess; loopback tells nothing.
        """
        if self.url:
            return self.url.rstrip("/")
        if (name := host_of(host_header)) and not is_loopback(name):
            return f"http://{host_header}"
        host = (lan_address() or "127.0.0.1") if self.host in ANY_ADDRESS else self.host
        return f"http://{bracket_ipv6(host)}:{self.port}"

    @property
    def local_url(self) -> str:
        """Its address for this machine itself."""
        return f"http://{'127.0.0.1' if self.host in ANY_ADDRESS else bracket_ipv6(self.host)}:{self.port}"

    @property
    def is_loopback_only(self) -> bool:
        """No phone can reach it: it listens on loopback, with no proxy before it that is known of."""
        return not self.url and is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """For names and addresses, an IPv6 one with or without brackets."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def bracket_ipv6(host: str) -> str:
    """The host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def host_of(asked: str) -> str | None:
    """The host in a `Host` header, or in what somebody typed. None: it is none."""
    found = _HOST.match(asked)
    if found is None or not (_PORT.fullmatch(asked, found.end()) or found.end() == len(asked)):
        return None
    return found[0]
