"""The generated reference: the page of the HTTP API and the files of the page are up to date."""

from app.api.reference import MARKDOWN, REASONS, TYPES, http_console_document, reason_labels, typescript_types

ADVICE = "run `python -m app.api.reference`"


def test_the_page_of_the_http_api_is_up_to_date() -> None:
    assert MARKDOWN.read_text(encoding="utf-8") == http_console_document(), ADVICE


def test_the_typescript_types_are_up_to_date() -> None:
    assert TYPES.read_text(encoding="utf-8") == typescript_types(), ADVICE


def test_the_meanings_of_reason_codes_on_the_page_are_up_to_date() -> None:
    assert REASONS.read_text(encoding="utf-8") == reason_labels(), ADVICE
