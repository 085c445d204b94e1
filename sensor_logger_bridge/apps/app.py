"""Types of a phone app: the request it sends, the response it expects, and everything else the bridge needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sensor_logger_bridge.apps.message_schemas import MessageSchemas
from sensor_logger_bridge.apps.setup import MakeSetup
from sensor_logger_bridge.translation import SHOWN_ON_PHONE, Fixes, NoPosition, Translation, Unusable

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
BYTES_MAX: Final = 256 << 10
"""Default limit of a body, after decompression."""

OK: Final = 200
UNAUTHORIZED: Final = 401


@dataclass(frozen=True, slots=True)
class Request:
    """An unvalidated message. `query`: the part of the URL after `?`, still percent-encoded."""

    body: bytes
    query: str = ""
    media_type: str = JSON


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a message. The app uses it to decide whether to send the message again."""

    status: int
    text: str
    media_type: str = "text/plain"


Translate = Callable[[Request, str, int], Translation]
"""Arguments: the request, the device id that the token belongs to, the time of receipt in epoch ms. Pure and total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One phone app.

    `name`: the app's path at the bridge and the `source` of its pushes. `title`: the app's display name. `openapi`:
    schemas of its messages. `setup`: makes the values that a person enters in the app.

    `success_response`: the exact answer that stops the app from sending again; None: it accepts any text.
    `shows_texts`: the app shows the text of a 499 on the phone. To other apps the bridge answers success instead. They
    would repeat the message for ever, and a fix with a future time would one day look like one of the past.
    `unknown_token_status`: HTTP status for a token that the bridge does not know.
    """

    name: str
    title: str
    translate: Translate
    openapi: MessageSchemas
    setup: MakeSetup
    success_response: Response | None = None
    shows_texts: bool = False
    unknown_token_status: int = UNAUTHORIZED
    methods: tuple[str, ...] = ("POST",)
    media_types: tuple[str, ...] = (JSON,)
    bytes_max: int = BYTES_MAX

    def response_to(self, outcome: Fixes | NoPosition | Unusable) -> Response:
        """Return the answer to a message whose positions are confirmed, or that is not published at all."""
        unusable = outcome.problem if isinstance(outcome, Fixes) else outcome
        if isinstance(unusable, Unusable) and (self.shows_texts or unusable.status != SHOWN_ON_PHONE):
            return Response(unusable.status, unusable.text)
        return self.success_response or Response(OK, _success_text(outcome))


def _success_text(outcome: Fixes | NoPosition | Unusable) -> str:
    if not isinstance(outcome, Fixes):
        return outcome.text
    accepted = len(outcome.push.fixes)
    return "1 position accepted" if accepted == 1 else f"{accepted} positions accepted"
