"""Server addresses in every form that clients accept: `[scheme://][user:password@]host[:port][,…][/…]`."""

from typing import Final

LOOPBACK_HOST: Final = "127.0.0.1"
"""Local servers and health endpoints listen here, so that other machines cannot reach them."""

LOOPBACK: Final = frozenset({LOOPBACK_HOST, "localhost", "::1"})
"""Every name of this machine that keeps traffic on it."""


def without_login(address: str) -> str:
    """Return the address without user and password, fit to be shown."""
    scheme, between, rest = address.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{between}{authority.rpartition('@')[2]}{slash}{path}"


def hosts_of(address: str) -> set[str]:
    """Return every host that the address names."""
    authority = without_login(address).rpartition("://")[2].partition("/")[0]
    return {_without_port(server.strip()) for server in authority.split(",") if server.strip()}


def _without_port(server: str) -> str:
    if server.startswith("["):
        return server[1:].partition("]")[0]
    return server if server.count(":") > 1 else server.partition(":")[0]
