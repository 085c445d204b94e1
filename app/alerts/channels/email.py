"""The e-mail channel: the alert as plain text, submitted to a mail server."""

import asyncio
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from typing import Final

import aiosmtplib

from app.alerts.alert import Alert
from app.alerts.channels.base import SEND_WITHIN_S
from app.alerts.delivery_result import Delivered, DeliveryResult, Rejected, Retryable
from app.alerts.templates import plain, subject
from app.settings import Settings
from app.settings.alerts import EMAIL, SmtpConfig

PERMANENT_CODE_MIN: Final = 500
"""Lowest SMTP reply code of a permanent failure (RFC 5321, 4.2.1)."""


def make(settings: Settings, trusted: ssl.SSLContext) -> "EmailChannel":
    """Return the channel that submits mails to the server of `alert_smtp_url`."""
    server = SmtpConfig.of(settings.alert_smtp_url.get_secret_value())
    return EmailChannel(server, settings.alert_mail_from, settings.alert_recipients, trusted)


class EmailChannel:
    """A channel over SMTP. It opens one connection per mail, because servers close idle ones after minutes."""

    name = EMAIL

    def __init__(self, server: SmtpConfig, sender: str, recipients: Sequence[str], trusted: ssl.SSLContext) -> None:
        self._server = server
        self._sender = sender
        self._recipients = list(recipients)
        self._trusted = trusted

    async def send(self, alert: Alert) -> DeliveryResult:
        """Make one delivery attempt as `Channel.send`.

        `Delivered` means that the server accepted at least one recipient. A rejected recipient beside an accepted one
        is not tried again.
        """
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                rejected = await self._submit(self._message(alert))
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [one.code for one in error.recipients]
            return _result(max(codes), permanent=min(codes) >= PERMANENT_CODE_MIN)
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            return _result(error.code, permanent=error.code >= PERMANENT_CODE_MIN)
        except aiosmtplib.SMTPResponseException as error:  # such as a failed login: not a fault of this mail
            return _result(error.code, permanent=False)
        except (aiosmtplib.SMTPTimeoutError, TimeoutError):
            return Retryable(f"no answer within {SEND_WITHIN_S:.0f} s")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return Retryable(f"connection failed ({type(error).__name__})")
        accepted = len(self._recipients) - rejected
        return Delivered(f"accepted for {accepted} of {len(self._recipients)} recipients")

    async def close(self) -> None:
        """Do nothing: no connection stays open."""

    async def _submit(self, message: EmailMessage) -> int:
        """Submit the mail and return the number of rejected recipients, which is less than all of them."""
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
        """Return the mail. Its `Message-ID` stays the same when it is sent again, so that a mailbox can deduplicate."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(self._recipients)
        message["Subject"] = subject(alert)
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = f"<{alert.id}@{self._sender.rpartition('@')[2].strip('> ')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(plain(alert))
        return message


def _result(code: int, *, permanent: bool) -> DeliveryResult:
    return Rejected(f"rejected with {code}") if permanent else Retryable(f"not accepted now ({code})")
