"""App: what the server has to know of an app that sends positions; five of them stand behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sensor_logger_bridge.translation import Fixes, Refused, Translation, Understood

JSON: Final = frozenset({"application/json"})


@dataclass(frozen=True, slots=True)
class Sent:
    """What came, not yet believed. `query`: what stands behind the `?` of the address, as it came."""

    body: bytes
    query: str = ""
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the app is answered. It decides whether the app sends the same again."""

    status: int
    text: str
    media_type: str = "text/plain"


Translate = Callable[[Sent, str, int], Translation]
"""What was sent, by whose token (a device id), and when that was, in epoch ms. Pure and total."""


@dataclass(frozen=True, slots=True)
class App:
    """One app. `name`: its path and the `source` of its pushes; `title`: what people call it.

    `reply` is asked once positions are confirmed, or once nothing will become of them.
    """

    name: str
    title: str
    translate: Translate
    reply: Callable[[Fixes | Understood | Refused], Reply]
    methods: tuple[str, ...] = ("POST",)
    media_types: frozenset[str] = JSON
