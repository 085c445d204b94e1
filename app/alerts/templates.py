"""Text: an alert as people read it, in a mail and in a chat."""

from typing import Final

from app.alerts.alert import Alert

TEST: Final = "TEST, no real payment: "


def subject(alert: Alert) -> str:
    """One line, in which nothing stands that others wrote."""
    return f"{TEST if alert.test else ''}Suspect payment, risk {alert.risk} of 100"


def plain(alert: Alert) -> str:
    """The body of a mail."""
    return (
        f"{subject(alert)}\n\n{alert.reason}\n\n"
        f"amount    {_amount(alert)}\nwhen      {_when(alert)}\nwhere     {_where(alert)}\n"
        f"category  {alert.merchant_category or 'not known'}\ndevice    {_device(alert)}\n\n{alert.link}\n"
    )


def chat(alert: Alert) -> str:
    """In the marks of Slack, which others' incoming webhooks understand, too."""
    about = ", ".join(
        part for part in (_amount(alert), alert.merchant_category, _where(alert), _when(alert)) if part is not None
    )
    return (
        f"*{subject(alert)}*\n{_escaped(about)}\n{_escaped(alert.reason)}\n"
        f"Device {_escaped(_device(alert))}. <{_escaped(alert.link)}|Open the case>"
    )


def _amount(alert: Alert) -> str:
    return alert.amount if alert.currency is None else f"{alert.amount} {alert.currency}"


def _when(alert: Alert) -> str:
    return alert.at.replace("T", " ").replace("Z", " UTC")


def _where(alert: Alert) -> str:
    return "place not known" if alert.place is None else f"near {alert.place.lat:.1f}, {alert.place.lon:.1f}"


def _device(alert: Alert) -> str:
    more = f", and {alert.more_of_device} more of the same device" if alert.more_of_device else ""
    return alert.device + more


def _escaped(text: str) -> str:
    """Without it, a category of `<!channel>` would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
