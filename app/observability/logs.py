"""Logs: one JSON object a line, with nothing in it that belongs to a person.

No code of ours logs identities. What libraries log (a key, a value, an address with a password) is caught here: long
runs of digits and credentials in addresses are taken out of every line, whoever wrote it. Drivers quote whole messages
when asked to say everything, in escapes that no pattern undoes: they are not asked.
"""

import logging
import re
from typing import Any, Final

import msgspec

from schemas.json.timestamps import format_us

_DIGITS: Final = re.compile(r"\d(?:[\s\-.]?\d){12,18}|\d(?:[\s\-]?\d){11}")
"""Twelve digits with dots between them are an address of this network."""

_CREDENTIALS: Final = re.compile(r"://[^/\s@]+@")

DRIVERS: Final = ("aiokafka", "aiohttp", "elastic_transport", "elasticsearch", "motor", "mqtt", "pymongo")
"""At DEBUG they show what they carry: payments as sent, exact positions, ids of devices, tokens."""


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message, and the error's type and place. Line breaks are escaped by JSON."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "at": format_us(round(record.created * 1_000_000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            # An exception's text can quote the value it is about
            fields["error"] = redact(self.formatException(record.exc_info))
        return msgspec.json.encode(fields).decode()


def redact(text: str) -> str:
    """The text without what may be a card number or a password in an address."""
    return _DIGITS.sub("[digits]", _CREDENTIALS.sub("://[hidden]@", text))


def logging_config(level: str = "INFO") -> dict[str, Any]:
    """For `logging.config.dictConfig` and for Faust."""
    of_drivers = "INFO" if level == "DEBUG" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "loggers": {name: {"level": of_drivers} for name in DRIVERS},
        "root": {"level": level, "handlers": ["stderr"]},
    }
