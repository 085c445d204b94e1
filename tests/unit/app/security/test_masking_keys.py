"""Masking keys as they are configured."""

import base64
from pathlib import Path

import pytest

from app.security.agent_context import agent_context
from app.security.masking_keys import masking_keys
from app.settings import read_settings
from tests.support.environment import isolate, rejection

KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path)


@pytest.mark.parametrize("text", ["", "\n", " , \n"])
def test_a_keys_file_without_a_key_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    for mode in ("demo", "production"):
        assert "there is no key in keys" in rejection(monkeypatch, KEYS_FILE="keys", MODE=mode)


def test_a_keys_file_that_is_not_text_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys").write_bytes(b"k1:\xff\xfe")
    assert rejection(monkeypatch, KEYS_FILE="keys") == "GEOVELOCITY_KEYS_FILE is not a text file: keys"
    (tmp_path / "keys").write_text("k1:é")
    assert "geovelocity key" in rejection(monkeypatch, KEYS_FILE="keys")


def test_the_error_about_a_secret_does_not_quote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    message = rejection(monkeypatch, KEYS="k1:not-base64-secret")
    assert "not-base64-secret" not in message
    assert "geovelocity key" in message


def test_keys_are_read_from_a_file_newest_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"k2:{KEY}\nk1:{KEY}\n")
    monkeypatch.setenv("GEOVELOCITY_MODE", "production")
    monkeypatch.setenv("GEOVELOCITY_KEYS_FILE", str(tmp_path / "keys"))
    assert [key.id for key in masking_keys(read_settings())] == ["k2", "k1"]


def test_a_missing_keys_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No such file" in rejection(monkeypatch, MODE="production", KEYS_FILE="/nowhere")


def test_a_short_key_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "at least 32 bytes" in rejection(monkeypatch, KEYS="k1:" + base64.b64encode(b"short").decode())


def test_two_keys_with_one_id_are_rejected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"k1:{KEY}\nk1:{KEY}\n")
    assert "share an id" in rejection(monkeypatch, MODE="production", KEYS_FILE=str(tmp_path / "keys"))


def test_the_first_key_is_active_and_the_others_are_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOVELOCITY_KEYS", f"k2:{KEY},k1:{KEY}")
    tokens = agent_context(read_settings()).masker.tokens("device", "phone-1")
    assert [token.split("_")[1] for token in tokens] == ["k2", "k1"]
