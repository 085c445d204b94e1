"""The resume token: one offset for each partition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.live.resume_token import START, decode, encode

PARTITIONS = 3


@pytest.mark.parametrize(
    "text",
    ["", START, "v", "v1.2", "v1.2.3.4", "v1.2.-3", "v1..3", "v1.2.x", "v1.2.٣", "1.2.3", "v" + "1" * 20 + ".2.3"],
)
def test_a_text_that_does_not_fit_the_partitions_is_no_resume_token(text: str) -> None:
    assert decode(text, PARTITIONS) is None


@given(st.tuples(*[st.integers(0, 2**63 - 1)] * PARTITIONS))
def test_a_resume_token_survives_encoding(token: tuple[int, ...]) -> None:
    assert decode(encode(token), PARTITIONS) == token
