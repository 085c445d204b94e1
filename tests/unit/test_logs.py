"""Logs hold nothing of a person."""

import json
import logging
import sys

from app.logs import JsonFormatter
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


def test_a_line_says_when_how_grave_and_where() -> None:
    fields = json.loads(line("x"))
    assert fields["at"].endswith("Z")
    assert (fields["level"], fields["logger"]) == ("warning", "app")


def test_a_card_number_that_a_library_logs_is_taken_out() -> None:
    assert CARD not in line("key=%r", CARD)
    assert "4556 7375" not in line("key=%r", "4556 7375 8689 9855")


def test_a_card_number_in_an_exception_is_taken_out() -> None:
    written = line("it failed", error=True)
    assert CARD not in written
    assert "ValueError" in written


def test_a_password_in_an_address_is_taken_out() -> None:
    assert "hunter2" not in line("connecting to mongodb://user:hunter2@host:27017/db")
