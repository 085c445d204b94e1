"""An alert channel that sends each alert as one HTTP POST of JSON."""

import ssl
import time
from collections.abc import Callable, Mapping

import aiohttp

from app.alerts.alert import Alert
from app.alerts.channels.base import SEND_WITHIN_S
from app.alerts.delivery_result import DeliveryResult, Retryable, result_of_status

Headers = Callable[[Alert, bytes], Mapping[str, str]]


class HttpChannel:
    """A channel over HTTP with a connection that stays open. Make it inside a running event loop."""

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
        """Make one delivery attempt as `Channel.send`. Ignore the response body, which is not trusted."""
        body = self._body(alert)
        headers = {"Content-Type": "application/json", "User-Agent": "geovelocity", **self._headers(alert, body)}
        try:
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as response:
                return result_of_status(response.status, response.headers.get("Retry-After"), time.time())
        except TimeoutError:
            return Retryable(f"no answer within {SEND_WITHIN_S:.0f} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:  # their texts quote the URL
            return Retryable(f"connection failed ({type(error).__name__})")

    async def close(self) -> None:
        await self._session.close()
