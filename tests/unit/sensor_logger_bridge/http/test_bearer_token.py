"""Where a token stands in a request."""

from base64 import b64encode

import pytest
from aiohttp.test_utils import make_mocked_request

from sensor_logger_bridge.http.bearer_token import token_of


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("abc", "abc"),
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        (basic("pat:abc"), "abc"),
        (basic(":abc"), "abc"),
        (basic("pat:a:b"), "a:b"),
        (basic("abc").replace("Basic", "BASIC"), "in-the-path"),
        (basic("pat:"), "in-the-path"),
        ("Basic ####", "in-the-path"),
        ("Basic /w==", "in-the-path"),
        ("Basic", "in-the-path"),
        ("Bearer", "in-the-path"),
        ("", "in-the-path"),
        (None, "in-the-path"),
    ],
)
def test_a_token_is_found_in_each_form_that_apps_send(header: str | None, token: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    request = make_mocked_request("POST", "/owntracks/in-the-path", headers, match_info={"token": "in-the-path"})
    assert token_of(request) == token


def test_a_request_without_a_token_has_an_empty_token() -> None:
    assert token_of(make_mocked_request("POST", "/owntracks")) == ""
