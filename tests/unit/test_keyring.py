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
    """A steady clock that goes on by looks."""

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
    looked(ring, clock, 3)
    return ring


def text(*ids: str, secrets: str = "") -> str:
    return "".join(f"{id_}:{SECRETS[secrets or id_]}\n" for id_ in ids)


def write(path: Path, *ids: str, secrets: str = "") -> Path:
    put(path, text(*ids, secrets=secrets))
    return path


def put(path: Path, written: str) -> None:
    """Writes it, at another moment than before."""
    before_ns = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(written, encoding="utf-8")
    os.utime(path, ns=(before_ns + 10**9, before_ns + 10**9))


def looked(ring: Keyring, clock: Clock, times: int = 2) -> list[str]:
    """The ids of the keys after so many looks."""
    for _ in range(times):
        clock.now_s += CHECK_EVERY_S
        ring.current()
    return [key.id for key in ring.context.masker.keys]


def test_a_changed_file_is_believed_when_it_was_the_same_for_two_looks(
    keyring: Keyring, file: Path, clock: Clock
) -> None:
    write(file, "b", "a")
    assert looked(keyring, clock, 1) == ["a"]
    assert looked(keyring, clock, 1) == ["b", "a"]
    assert keyring.current().masker.token("card", "1").startswith("card_b_")


def test_a_file_in_the_middle_of_being_written_is_waited_for(keyring: Keyring, file: Path, clock: Clock) -> None:
    whole = text("b", "a")
    for length in (10, 30, 60, len(whole)):
        put(file, whole[:length])
        assert looked(keyring, clock, 1) == ["a"]
    assert looked(keyring, clock, 1) == ["b", "a"]


def test_a_file_that_takes_the_place_of_another_is_noticed(keyring: Keyring, file: Path, clock: Clock) -> None:
    moment_ns = file.stat().st_mtime_ns
    other = write(file.with_name("other"), "b", "a")
    os.utime(other, ns=(moment_ns, moment_ns))
    other.replace(file)
    assert looked(keyring, clock) == ["b", "a"]


def test_between_two_looks_the_file_is_left_alone(keyring: Keyring, file: Path, clock: Clock) -> None:
    looked(keyring, clock, 1)
    file.unlink()
    assert keyring.current() is keyring.context
    clock.now_s += CHECK_EVERY_S * 0.9
    assert keyring.current() is keyring.context


def test_whoever_says_that_the_file_is_whole_need_not_wait(keyring: Keyring, file: Path) -> None:
    write(file, "b", "a")
    keyring.reload_now()
    assert [key.id for key in keyring.current().masker.keys] == ["b", "a"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "there is no key"),
        ("b:short\n", "at least 32 bytes"),
        (text("b"), "the active key a is missing"),
        (text("b", "a", secrets="c"), "key a has another secret than before"),
        (text("a", "a"), "share an id"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing_and_is_said_once(
    keyring: Keyring, file: Path, clock: Clock, caplog: pytest.LogCaptureFixture, written: str | None, said: str
) -> None:
    if written is None:
        file.unlink()
    else:
        put(file, written)
    assert looked(keyring, clock, 5) == ["a"]
    assert [said in message for message in caplog.messages] == [True]
    assert not any(secret in caplog.text for secret in SECRETS.values())
    write(file, "b", "a")
    assert looked(keyring, clock) == ["b", "a"]


def test_an_older_key_may_go_and_the_one_that_writes_may_not(keyring: Keyring, file: Path, clock: Clock) -> None:
    write(file, "b", "a")
    looked(keyring, clock)
    write(file, "b")
    assert looked(keyring, clock) == ["b"]


def test_what_has_not_changed_is_not_told(
    keyring: Keyring, file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    policy = keyring.context
    write(file, "a")
    looked(keyring, clock)
    assert keyring.context is policy
    assert caplog.messages == []


def test_metrics_tell_which_key_writes(keyring: Keyring, file: Path, clock: Clock, metrics: MetricsRegistry) -> None:
    assert 'geovelocity_masking_key_writes{key="a"} 1.0' in metrics.text().decode()
    write(file, "b", "a")
    looked(keyring, clock)
    told = metrics.text().decode()
    assert 'geovelocity_masking_key_writes{key="b"} 1.0' in told
    assert 'geovelocity_masking_key_writes{key="a"} 0.0' in told


def test_keys_from_the_environment_do_not_change(clock: Clock, metrics: MetricsRegistry) -> None:
    ring = Keyring(Settings(_env_file=None, keys=text("a").strip()), metrics, clock)
    ring.reload_now()
    assert looked(ring, clock, 3) == ["a"]
