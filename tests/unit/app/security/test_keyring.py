"""The masking keys of a process while their file changes."""

import base64
import os
from pathlib import Path

import pytest

from app.observability.registry import MetricsRegistry
from app.security.keyring import CHECK_EVERY_S, Keyring
from app.settings import Settings

SECRETS = {
    name: base64.b64encode(f"{name} is a key of tests, long enough to be one".encode()).decode() for name in "abc"
}


class Clock:
    """A monotonic clock that the test advances."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "keys", "a")


@pytest.fixture
def metrics() -> MetricsRegistry:
    return MetricsRegistry()


@pytest.fixture
def keyring(file: Path, clock: Clock, metrics: MetricsRegistry) -> Keyring:
    settings = Settings(_env_file=None, mode="production", keys_file=file)
    ring = Keyring(settings, metrics, clock)
    after_checks(ring, clock, 3)
    return ring


def text(*ids: str, secrets: str = "") -> str:
    return "".join(f"{id_}:{SECRETS[secrets or id_]}\n" for id_ in ids)


def write(path: Path, *ids: str, secrets: str = "") -> Path:
    put(path, text(*ids, secrets=secrets))
    return path


def put(path: Path, written: str) -> None:
    """Write the text with another modification time than before."""
    before_ns = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(written, encoding="utf-8")
    os.utime(path, ns=(before_ns + 10**9, before_ns + 10**9))


def after_checks(ring: Keyring, clock: Clock, times: int = 2) -> list[str]:
    """Let the keyring check its file this many times and return the ids of its keys."""
    for _ in range(times):
        clock.now_s += CHECK_EVERY_S
        ring.current()
    return [key.id for key in ring.context.masker.keys]


def test_a_changed_file_is_read_after_two_equal_checks(keyring: Keyring, file: Path, clock: Clock) -> None:
    write(file, "b", "a")
    assert after_checks(keyring, clock, 1) == ["a"]
    assert after_checks(keyring, clock, 1) == ["b", "a"]
    assert keyring.current().masker.token("card", "1").startswith("card_b_")


def test_a_file_that_is_still_being_written_is_not_read(keyring: Keyring, file: Path, clock: Clock) -> None:
    whole = text("b", "a")
    for length in (10, 30, 60, len(whole)):
        put(file, whole[:length])
        assert after_checks(keyring, clock, 1) == ["a"]
    assert after_checks(keyring, clock, 1) == ["b", "a"]


def test_a_file_that_replaces_another_is_read(keyring: Keyring, file: Path, clock: Clock) -> None:
    moment_ns = file.stat().st_mtime_ns
    other = write(file.with_name("other"), "b", "a")
    os.utime(other, ns=(moment_ns, moment_ns))
    other.replace(file)
    assert after_checks(keyring, clock) == ["b", "a"]


def test_the_file_is_not_read_between_two_checks(keyring: Keyring, file: Path, clock: Clock) -> None:
    after_checks(keyring, clock, 1)
    file.unlink()
    assert keyring.current() is keyring.context
    clock.now_s += CHECK_EVERY_S * 0.9
    assert keyring.current() is keyring.context


def test_reload_now_reads_the_file_with_the_next_batch(keyring: Keyring, file: Path) -> None:
    write(file, "b", "a")
    keyring.reload_now()
    assert [key.id for key in keyring.current().masker.keys] == ["b", "a"]


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("", "there is no key"),
        ("b:short\n", "at least 32 bytes"),
        (text("b"), "the active key a is missing"),
        (text("b", "a", secrets="c"), "key a has another secret than before"),
        (text("a", "a"), "share an id"),
        (None, "No such file"),
    ],
)
def test_an_unusable_file_is_logged_once_and_changes_nothing(
    keyring: Keyring, file: Path, clock: Clock, caplog: pytest.LogCaptureFixture, written: str | None, error: str
) -> None:
    if written is None:
        file.unlink()
    else:
        put(file, written)
    assert after_checks(keyring, clock, 5) == ["a"]
    assert [error in message for message in caplog.messages] == [True]
    assert not any(secret in caplog.text for secret in SECRETS.values())
    write(file, "b", "a")
    assert after_checks(keyring, clock) == ["b", "a"]


def test_an_older_key_may_be_removed_and_the_active_one_may_not(keyring: Keyring, file: Path, clock: Clock) -> None:
    write(file, "b", "a")
    after_checks(keyring, clock)
    write(file, "b")
    assert after_checks(keyring, clock) == ["b"]


def test_an_unchanged_key_is_not_logged(
    keyring: Keyring, file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    policy = keyring.context
    write(file, "a")
    after_checks(keyring, clock)
    assert keyring.context is policy
    assert caplog.messages == []


def test_metrics_export_which_key_is_active(
    keyring: Keyring, file: Path, clock: Clock, metrics: MetricsRegistry
) -> None:
    assert 'geovelocity_masking_key_writes{key="a"} 1.0' in metrics.text().decode()
    write(file, "b", "a")
    after_checks(keyring, clock)
    exported = metrics.text().decode()
    assert 'geovelocity_masking_key_writes{key="b"} 1.0' in exported
    assert 'geovelocity_masking_key_writes{key="a"} 0.0' in exported


def test_keys_from_the_environment_stay_until_restart(clock: Clock, metrics: MetricsRegistry) -> None:
    ring = Keyring(Settings(_env_file=None, keys=text("a").strip()), metrics, clock)
    ring.reload_now()
    assert after_checks(ring, clock, 3) == ["a"]
