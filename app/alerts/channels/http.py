"""Post: an alert as one POST of JSON, to the bank's own webhook or to a chat's."""

import ssl
import time
from collections.abc import Callable, Mapping

import aiohttp
import msgspec

from app.alerts.alert import Alert
from app.alerts.channels.base import SEND_WITHIN_S
from app.alerts.channels.signature import ID_HEADER, SIGNATURE_HEADER, signature
from app.alerts.config import SLACK, WEBHOOK
from app.alerts.delivery_result import DeliveryResult, Retryable, result_of_status
from app.alerts.templates import chat

Headers = Callable[[Alert, bytes], Mapping[str, str]]


class HttpChannel:
    """A connection that is kept. Make it where an event loop runs."""

    def __init__(
        self, name: str, url: str, trusted: ssl.SSLContext, body: Callable[[Alert], bytes], headers: Headers
    ) -> None:
        self.name = name
        self._url = url
        self._body = body
        self._headers = headers
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=SEND_WITHIN_S),
            connector=aiohttp.TCPConnector(ssl=trusted),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def send(self, alert: Alert) -> DeliveryResult:
        """As `Channel.send`. What the other side says beside its status is not read: it could be anything."""
        body = self._body(alert)
        headers = {"Content-Type": "application/json", "User-Agent": "geovelocity", **self._headers(alert, body)}
        try:
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                return result_of_status(answer.status, answer.headers.get("Retry-After"), time.time())
        except TimeoutError:
            return Retryable(f"no answer within {SEND_WITHIN_S:.0f} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:  # their texts have the URL in them
            return Retryable(f"not reached ({type(error).__name__})")

    async def close(self) -> None:
        await self._session.close()


def webhook(url: str, secret: str, trusted: ssl.SSLContext) -> HttpChannel:
    """All of the alert, signed."""

    def headers(alert: Alert, body: bytes) -> Mapping[str, str]:
        return {ID_HEADER: alert.id, SIGNATURE_HEADER: signature(secret, body, time.time())}

    return HttpChannel(WEBHOOK, url, trusted, msgspec.json.encode, headers)


def slack(url: str, trusted: ssl.SSLContext) -> HttpChannel:
    """Its text alone; who knows the URL may write."""
    return HttpChannel(SLACK, url, trusted, lambda alert: msgspec.json.encode({"text": chat(alert)}), lambda *_: {})
