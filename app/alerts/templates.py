"""The texts of an alert: subject and body of a mail, and the message in a chat."""

from typing import Final

from app.alerts.alert import Alert

TEST: Final = "TEST, no real payment: "


def subject(alert: Alert) -> str:
    """Return one line without any text from a payment."""
    return f"{TEST if alert.test else ''}Suspect payment, risk {alert.risk} of 100"


def plain(alert: Alert) -> str:
    """Return the body of a mail."""
    return (
        f"{subject(alert)}\n\n{alert.reason}\n\n"
        f"amount    {_amount(alert)}\ntime      {_time(alert)}\nlocation  {_location(alert)}\n"
        f"category  {alert.merchant_category or 'unknown'}\ndevice    {_device(alert)}\n\n{alert.link}\n"
    )


def chat(alert: Alert) -> str:
    """Return a message in Slack's markup, which Slack-compatible webhooks of other chats also accept."""
    about = ", ".join(
        part for part in (_amount(alert), alert.merchant_category, _location(alert), _time(alert)) if part is not None
    )
    return (
        f"*{subject(alert)}*\n{_escaped(about)}\n{_escaped(alert.reason)}\n"
        f"Device {_escaped(_device(alert))}. <{_escaped(alert.link)}|Open the case>"
    )


def _amount(alert: Alert) -> str:
    return alert.amount if alert.currency is None else f"{alert.amount} {alert.currency}"


def _time(alert: Alert) -> str:
    return alert.at.replace("T", " ").replace("Z", " UTC")


def _location(alert: Alert) -> str:
    return "unknown location" if alert.place is None else f"near {alert.place.lat:.1f}, {alert.place.lon:.1f}"


def _device(alert: Alert) -> str:
    count = alert.suppressed_count
    more = f" ({count} more suspect payment{'' if count == 1 else 's'} since its last alert)" if count else ""
    return alert.device + more


def _escaped(text: str) -> str:
    """Escape Slack's markup. Without it, a merchant category of `<!channel>` would notify everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
