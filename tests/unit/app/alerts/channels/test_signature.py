"""The signature of a webhook."""

from app.alerts.channels.signature import signature


def test_a_signature_equals_that_of_openssl() -> None:
    """`printf '1795262400.{"id":"a"}' | openssl dgst -sha256 -hmac 'a secret of ours'`."""
    expected = "t=1795262400,v1=488a4437f11649f26e709fe6b97691dfcd316f4fccd68d2556b768c411051f0f"
    assert signature("a secret of ours", b'{"id":"a"}', 1_795_262_400.9) == expected
