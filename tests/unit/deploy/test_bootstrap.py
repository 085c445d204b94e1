"""Installation of the console's libraries."""

from pathlib import Path

import pytest

from deploy import bootstrap


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout whose npm records its arguments and installs nothing."""
    web, npm = tmp_path / "app" / "api" / "web", tmp_path / ".venv" / "bin" / "npm"
    web.mkdir(parents=True)
    npm.parent.mkdir(parents=True)
    (web / "package.json").write_text("{}")
    (web / "package-lock.json").write_text("{}")
    npm.write_text('#!/bin/sh\necho "$@" >> calls\nrm -rf node_modules\nmkdir node_modules\nexit "${NPM_EXIT:-0}"\n')
    npm.chmod(0o755)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "WEB", web)
    monkeypatch.setattr(bootstrap, "LIBRARIES_STAMP", web / "node_modules" / "installed")
    monkeypatch.setattr(bootstrap, "is_installed", lambda _kind: True)
    return tmp_path


def make(kind: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["bootstrap.py", kind])
    return bootstrap.main()


def calls(root: Path) -> list[str]:
    return (root / "app" / "api" / "web" / "calls").read_text().splitlines()


def test_libraries_are_installed_again_only_when_the_lock_changes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [make("dev", monkeypatch) for _ in range(2)] == [0, 0]
    assert len(calls(root)) == 1
    (root / "app" / "api" / "web" / "package-lock.json").write_text('{"packages": {}}')
    assert make("dev", monkeypatch) == 0
    assert len(calls(root)) == 2


def test_the_local_installation_omits_development_libraries(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [make(kind, monkeypatch) for kind in ("local", "dev", "local")] == [0, 0, 0]
    assert ["--omit=dev" in line for line in calls(root)] == [True, False]


@pytest.mark.usefixtures("root")
def test_a_failed_installation_is_reported_and_not_stamped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NPM_EXIT", "1")
    assert make("local", monkeypatch) == 1
    assert capsys.readouterr().err == (
        "geovelocity: npm failed, its output is above: check the connection and run the command again\n"
    )
    assert not bootstrap.has_libraries("local")
