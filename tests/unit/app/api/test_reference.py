"""The generated files: the page of the HTTP interface and the files of the web page."""

from app.api.openapi import document
from app.api.reference import REASONS, TYPES, http_console_document, reason_labels, typescript_types

ADVICE = "run `python -m app.api.reference`"


def test_the_page_of_the_http_interface_has_every_operation_and_message() -> None:
    page, described = http_console_document(), document()
    for path, methods in described["paths"].items():
        assert all(f"### `{method.upper()} {path}`\n" in page for method in methods)
    assert all(f"### {name}\n" in page for name in described["components"]["schemas"])


def test_the_typescript_types_are_up_to_date() -> None:
    assert TYPES.read_text(encoding="utf-8") == typescript_types(), ADVICE


def test_the_meanings_of_reason_codes_on_the_page_are_up_to_date() -> None:
    assert REASONS.read_text(encoding="utf-8") == reason_labels(), ADVICE
