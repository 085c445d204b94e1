"""Address: of a server, in any of the forms our clients take: `[scheme://][user:password@]host[:port][,…][/…]`."""

from typing import Final

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def without_login(address: str) -> str:
    """The address as it may be shown: without user and password."""
    scheme, between, rest = address.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{between}{authority.rpartition('@')[2]}{slash}{path}"


def hosts_of(address: str) -> set[str]:
    """Every host that is named in it."""
    authority = without_login(address).rpartition("://")[2].partition("/")[0]
    return {_without_port(server.strip()) for server in authority.split(",") if server.strip()}


def _without_port(server: str) -> str:
    if server.startswith("["):
        return server[1:].partition("]")[0]
    return server if server.count(":") > 1 else server.partition(":")[0]
