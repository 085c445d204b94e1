"""The session token: a signed text that is valid for one user, one key and a limited time."""

import pytest

from app.api.auth.session import decode, encode, is_valid


@pytest.mark.parametrize("text", ["", "a:b:c", "a:1:c:d:e", "a:-1:n:s", "a:x:n:s", "a:٣:n:s", "a:" + "9" * 13 + ":n:s"])
def test_a_malformed_text_is_no_session_token(text: str) -> None:
    assert decode(text) is None


def test_a_session_token_is_valid_only_for_its_user_key_and_time() -> None:
    token = decode(encode("pat", "key", 100, "n"))
    assert token is not None
    assert is_valid(token, "key", 99.9)
    assert not is_valid(token, "key", 100)
    assert not is_valid(token, "other", 99)
    for changed in (
        token._replace(name="kim"),
        token._replace(until_s=101),
        token._replace(nonce="m"),
        token._replace(signature="ü"),
    ):
        assert not is_valid(changed, "key", 99)
