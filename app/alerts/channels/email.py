"""Mail: an alert as plain text, handed in at a mail server."""

import asyncio
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from typing import Final

import aiosmtplib

from app.alerts.alert import Alert
from app.alerts.channels.base import SEND_WITHIN_S
from app.alerts.config import EMAIL, SmtpConfig
from app.alerts.delivery_result import Delivered, DeliveryResult, Rejected, Retryable
from app.alerts.templates import plain, subject

FOR_GOOD: Final = 500


class EmailChannel:
    """A connection a mail: servers end those that are silent for minutes."""

    name = EMAIL

    def __init__(self, server: SmtpConfig, sender: str, recipients: Sequence[str], trusted: ssl.SSLContext) -> None:
        self._server = server
        self._sender = sender
        self._recipients = list(recipients)
        self._trusted = trusted

    async def send(self, alert: Alert) -> DeliveryResult:
        """As `Channel.send`. Delivered: at least one of the recipients was taken; to the others it says nothing."""
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                refused = await self._hand_in(self._message(alert))
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [one.code for one in error.recipients]
            return _code(max(codes), for_good=min(codes) >= FOR_GOOD)
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            return _code(error.code, for_good=error.code >= FOR_GOOD)
        except aiosmtplib.SMTPResponseException as error:  # as a login that is refused: not because of this mail
            return _code(error.code, for_good=False)
        except (aiosmtplib.SMTPTimeoutError, TimeoutError):
            return Retryable(f"no answer within {SEND_WITHIN_S:.0f} s")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return Retryable(f"not reached ({type(error).__name__})")
        taken = len(self._recipients) - refused
        return Delivered(f"taken for {taken} of {len(self._recipients)}")

    async def close(self) -> None:
        """Nothing is open."""

    async def _hand_in(self, message: EmailMessage) -> int:
        """How many recipients were refused, of whom some were not."""
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=True if server.starttls else None,
            username=server.username,
            password=server.password,
            tls_context=self._trusted,
            timeout=SEND_WITHIN_S,
        )
        async with client:
            refusals, _ = await client.send_message(message, sender=self._sender, recipients=self._recipients)
        return len(refusals)

    def _message(self, alert: Alert) -> EmailMessage:
        """`Message-ID` is the same whenever the alert is sent, so that a mailbox can tell that it has it."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(self._recipients)
        message["Subject"] = subject(alert)
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = f"<{alert.id}@{self._sender.rpartition('@')[2].strip('> ')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(plain(alert))
        return message


def _code(code: int, *, for_good: bool) -> DeliveryResult:
    return Rejected(f"refused with {code}") if for_good else Retryable(f"not taken now ({code})")
