"""The page cursor: opaque text for the client, strict when decoded."""

from typing import Any

import pytest

from app.api.cases.page_cursor import PageCursor, Sort, decode, encode

TOKEN = "card_k1_" + "A" * 52
AFTER = PageCursor(Sort.NEWEST, (1_795_262_400_000, "tx-1", TOKEN))


@pytest.mark.parametrize(
    "after",
    [
        (),
        (1,),
        (1, "tx"),
        ("1", "tx", TOKEN),
        (1, 2, TOKEN),
        (-1, "tx", TOKEN),
        (2**60, "tx", TOKEN),
        (1, "tx", TOKEN, "more"),
    ],
)
def test_a_cursor_that_fits_no_order_is_rejected(after: tuple[Any, ...]) -> None:
    assert decode(encode(PageCursor(Sort.NEWEST, after))) is None


@pytest.mark.parametrize("text", ["%", "é", "AAAA", "W10", "x" * 5_000, encode(AFTER) + "==", "bnVsbA"])
def test_a_malformed_cursor_is_rejected(text: str) -> None:
    assert decode(text) in {None, AFTER}


@pytest.mark.parametrize("cursor", [AFTER, PageCursor(Sort.HIGHEST_RISK, (71, 1_795_262_400_000, "tx-é", TOKEN))])
def test_a_cursor_survives_encoding(cursor: PageCursor) -> None:
    assert decode(encode(cursor)) == cursor
