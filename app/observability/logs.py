"""Logging: one JSON object a line, without personal data.

Our own code logs no identities. Libraries may log a key, a value or an address with a password, so the formatter
removes long digit sequences and credentials from every line. At DEBUG client libraries quote whole messages, in escapes
that no pattern recognises, so their loggers never go below INFO.
"""

import logging
import re
from typing import Any, Final

import msgspec

from schemas.json.timestamps import format_us

_DIGITS: Final = re.compile(r"\d(?:[\s\-.]?\d){12,18}|\d(?:[\s\-]?\d){11}")
"""A possible card number. Twelve digits with dots between them stay: they are an IP address."""

_CREDENTIALS: Final = re.compile(r"://[^/\s@]+@")

DRIVERS: Final = ("aiokafka", "aiohttp", "elastic_transport", "elasticsearch", "motor", "mqtt", "pymongo")
"""Client libraries. At DEBUG they log their content: card numbers, exact positions, device ids, tokens."""


class JsonFormatter(logging.Formatter):
    """Formatter with time, level, logger, message and traceback. JSON escapes the line breaks."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the log line without card numbers and passwords."""
        fields: dict[str, Any] = {
            "at": format_us(round(record.created * 1_000_000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            # The text of an exception can quote the value that caused it.
            fields["error"] = redact(self.formatException(record.exc_info))
        return msgspec.json.encode(fields).decode()


def redact(text: str) -> str:
    """Replace possible card numbers and the credentials of addresses."""
    return _DIGITS.sub("[digits]", _CREDENTIALS.sub("://[hidden]@", text))


def logging_config(level: str = "INFO") -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig` and for Faust."""
    driver_level = "INFO" if level == "DEBUG" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "loggers": {name: {"level": driver_level} for name in DRIVERS},
        "root": {"level": level, "handlers": ["stderr"]},
    }
