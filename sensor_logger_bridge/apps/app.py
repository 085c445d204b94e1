"""App: what the bridge has to know of an app that sends positions. All of them stand behind this."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sensor_logger_bridge.translation import SHOWN_ON_PHONE, Fixes, NoPosition, Translation, Unusable

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
BYTES_MAX: Final = 256 << 10
OK: Final = 200
UNAUTHORIZED: Final = 401


@dataclass(frozen=True, slots=True)
class Request:
    """What came, not yet believed. `query`: what stands behind the `?` of the address, still escaped."""

    body: bytes
    query: str = ""
    media_type: str = JSON


@dataclass(frozen=True, slots=True)
class Response:
    """What the app is answered. It decides whether the app sends the same again."""

    status: int
    text: str
    media_type: str = "text/plain"


Translate = Callable[[Request, str, int], Translation]
"""What was sent, the device whose token came with it, the time of receipt in epoch ms. Pure and total."""


@dataclass(frozen=True, slots=True)
class App:
    """One app. `name`: its path and the `source` of its pushes; `title`: what people call it.

    `thanks`: what it waits for, word for word, or else it sends everything again; None: it takes any text.
    `shows_texts`: what its holder has to put right is shown on the phone. If not, that is answered with thanks: the app
    would send it again for ever, and a fix of the future would some day be taken for one of the past.
    """

    name: str
    title: str
    translate: Translate
    success_response: Response | None = None
    shows_texts: bool = False
    unknown_token_status: int = UNAUTHORIZED
    methods: tuple[str, ...] = ("POST",)
    media_types: tuple[str, ...] = (JSON,)
    bytes_max: int = BYTES_MAX

    def response_to(self, outcome: Fixes | NoPosition | Unusable) -> Response:
        """Asked once positions are confirmed, or once nothing will become of them."""
        refused = outcome.problem if isinstance(outcome, Fixes) else outcome
        if isinstance(refused, Unusable) and (self.shows_texts or refused.status != SHOWN_ON_PHONE):
            return Response(refused.status, refused.text)
        return self.success_response or Response(OK, _in_words(outcome))


def _in_words(ending: Fixes | NoPosition | Unusable) -> str:
    if not isinstance(ending, Fixes):
        return ending.text
    kept = len(ending.push.fixes)
    return "1 position kept" if kept == 1 else f"{kept} positions kept"
