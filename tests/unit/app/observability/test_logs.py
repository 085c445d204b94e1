"""Logs contain no personal data."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from functools import partial

import msgspec
import pytest
from pydantic import TypeAdapter

from app.observability.logs import DRIVERS, JsonFormatter, logging_config
from tests.support.canary import Scanner
from tests.support.make import CARD


def line(message: str, *args: object, error: bool = False) -> str:
    info = None
    if error:
        try:
            float(CARD + "x")
        except ValueError:
            info = sys.exc_info()
    record = logging.LogRecord("app", logging.WARNING, __file__, 1, message, args, info)
    return JsonFormatter().format(record)


def test_a_line_is_one_json_object_on_one_line() -> None:
    written = line("two\nlines and \x1b[31mred")
    assert "\n" not in written
    assert json.loads(written)["message"] == "two\nlines and \x1b[31mred"


def test_a_line_has_time_level_and_logger() -> None:
    fields = json.loads(line("x"))
    assert fields["at"].endswith("Z")
    assert (fields["level"], fields["logger"]) == ("warning", "app")


def test_a_card_number_that_a_library_logs_is_redacted() -> None:
    assert CARD not in line("key=%r", CARD)
    assert "4556 7375" not in line("key=%r", "4556 7375 8689 9855")


def test_a_card_number_in_an_exception_is_redacted() -> None:
    written = line("failed", error=True)
    assert CARD not in written
    assert "ValueError" in written


WRITTEN = (CARD, "4556 7375 8689 9855", "4556-7375-8689-9855", "4556.7375.8689.9855")


def failures() -> Iterator[Callable[[], object]]:
    """Yield calls of Python and of our parsers that raise an exception which quotes a card number."""
    for text in (*WRITTEN, CARD.translate(str.maketrans("0123456789", "０１２３４５６７８９"))):
        yield partial(float, f"{text}x")
        yield partial(int, f"{text}x")
        yield partial(datetime.fromisoformat, text)
        yield partial(dict[str, int]().__getitem__, text)
        yield partial(getattr, object(), text)
        yield partial(msgspec.convert, text, Color)
        yield partial(open, f"/no/{text}", encoding="utf-8")
    yield from (partial(TypeAdapter(int).validate_python, f"{text}x") for text in WRITTEN)


class Color(Enum):
    """Not a card number."""

    RED = "red"


@pytest.mark.parametrize("fail", list(failures()))
def test_a_card_number_that_an_exception_quotes_is_redacted(fail: Callable[[], object]) -> None:
    scanner = Scanner([CARD])
    with pytest.raises(Exception, match=r"\d{4}") as failed:
        fail()
    info = (failed.type, failed.value, failed.tb)
    record = logging.LogRecord("app", logging.ERROR, __file__, 1, "failed: %s", (failed.value,), info)
    assert scanner.find(str(failed.value).encode()), "the exception quotes it"
    assert scanner.find(JsonFormatter().format(record).encode()) == []


def test_an_ip_address_is_kept() -> None:
    assert "192.168.100.200:9092" in line("connecting to 192.168.100.200:9092")


@pytest.mark.parametrize("driver", DRIVERS)
def test_client_libraries_never_log_at_debug(driver: str) -> None:
    for level, driver_level in (("DEBUG", "INFO"), ("INFO", "INFO"), ("WARNING", "WARNING")):
        config = logging_config(level)
        assert (config["root"]["level"], config["loggers"][driver]["level"]) == (level, driver_level)


def test_a_password_in_an_address_is_redacted() -> None:
    assert "hunter2" not in line("connecting to mongodb://user:hunter2@host:27017/db")
