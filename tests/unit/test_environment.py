"""The page's libraries are installed when they have to be, and a failure is one sentence."""

from pathlib import Path

import pytest

from deploy import bootstrap as environment


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose npm notes what it was told, and has no registry behind it."""
    web, npm = tmp_path / "app" / "api" / "web", tmp_path / ".venv" / "bin" / "npm"
    web.mkdir(parents=True)
    npm.parent.mkdir(parents=True)
    (web / "package.json").write_text("{}")
    (web / "package-lock.json").write_text("{}")
    npm.write_text('#!/bin/sh\necho "$@" >> told\nrm -rf node_modules\nmkdir node_modules\nexit "${NPM_EXIT:-0}"\n')
    npm.chmod(0o755)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "WEB", web)
    monkeypatch.setattr(environment, "LIBRARIES_STAMP", web / "node_modules" / "installed")
    monkeypatch.setattr(environment, "is_there", lambda _kind: True)
    return tmp_path


def make(kind: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["environment.py", kind])
    return environment.main()


def told(root: Path) -> list[str]:
    return (root / "app" / "api" / "web" / "told").read_text().splitlines()


def test_libraries_are_installed_once_and_again_when_the_lock_changes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [make("dev", monkeypatch) for _ in range(2)] == [0, 0]
    assert len(told(root)) == 1
    (root / "app" / "api" / "web" / "package-lock.json").write_text('{"packages": {}}')
    assert make("dev", monkeypatch) == 0
    assert len(told(root)) == 2


def test_who_only_runs_the_service_is_spared_what_it_is_checked_with(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [make(kind, monkeypatch) for kind in ("local", "dev", "local")] == [0, 0, 0]
    assert ["--omit=dev" in line for line in told(root)] == [True, False]


@pytest.mark.usefixtures("root")
def test_a_failure_is_one_sentence_and_leaves_nothing_that_looks_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NPM_EXIT", "1")
    assert make("local", monkeypatch) == 1
    assert capsys.readouterr().err == (
        "geovelocity: npm failed: check the connection and try again; what it said stands above\n"
    )
    assert not environment.has_libraries("local")
