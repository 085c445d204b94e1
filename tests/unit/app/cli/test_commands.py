"""The commands that need no server."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import COMMANDS, main
from tests.support.invoke import judge, run, write
from tests.support.make import payment, push


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: geovelocity {command}")


def test_the_help_lists_every_command_with_a_sentence() -> None:
    output = run("--help").output
    assert all(command in output for command in COMMANDS)
    assert "\n  First steps:  make demo            see it work on this machine\n" in output


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--latitude", "91", "latitude: a number or a length outside the possible range"),
        ("--amount", "much", "amount: characters that the field does not allow"),
        ("--device", "4111111111111111", "device_id: a device id that looks like a card number"),
    ],
)
def test_an_invalid_payment_is_not_written(option: str, value: str, message: str) -> None:
    options = {"--device": "phone-1", "--latitude": "48.1", "--longitude": "11.6", option: value}
    result = run("pay", *(word for pair in options.items() for word in pair))
    assert result.exit_code == 2
    assert message in result.output


@pytest.fixture
def production(files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set up a production service."""
    (files / "keys").write_text(run("key", "k1").output)
    monkeypatch.setenv("GEOVELOCITY_MODE", "production")
    monkeypatch.setenv("GEOVELOCITY_KEYS_FILE", str(files / "keys"))
    monkeypatch.setenv("GEOVELOCITY_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    return files


def error_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["geovelocity", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 1
    return capsys.readouterr().err.splitlines()[-1]


def test_pay_refuses_in_production(
    production: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = error_of(monkeypatch, capsys, "pay", "--device", "phone-1", "--latitude", "48.1", "--longitude", "11.6")
    assert "`geovelocity pay` writes made-up records, and GEOVELOCITY_MODE is production" in error
    assert sorted(path.name for path in production.iterdir()) == ["keys"]


def test_simulate_refuses_live_but_writes_files_in_production(
    production: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = error_of(monkeypatch, capsys, "simulate", "--live", "--seed", "1", "--seconds", "5")
    assert "`geovelocity simulate --live` writes made-up records, and GEOVELOCITY_MODE is production" in error
    assert sorted(path.name for path in production.iterdir()) == ["keys"]  # no labels were written
    assert run("simulate", "--out", str(production / "out"), "--payments", "20").exit_code == 0


def test_a_missing_folder_is_reported_in_one_line(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = write(files / "empty.jsonl")
    options = ["--locations", empty, "--transactions", empty, "--out", "nowhere/v.jsonl"]
    monkeypatch.setattr("sys.argv", ["geovelocity", "judge", *options])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert capsys.readouterr().err == "geovelocity: nowhere/v.jsonl: No such file or directory\n"


@pytest.mark.parametrize("options", [(), ("--live", "--out", "made")])
def test_a_simulation_writes_either_files_or_topics(options: tuple[str, ...]) -> None:
    result = run("simulate", *options)
    assert result.exit_code == 2
    assert "give either --out FOLDER or --live" in result.output


def test_files_are_simulated_and_scored_without_loading_faust() -> None:
    program = "import sys, app.cli.simulate, app.cli.score, app.cli.scoreboard; sys.exit('faust' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_detector_and_alerts_load_no_driver_of_a_store() -> None:
    program = (
        "import sys, app.main, app.alerts.service; sys.exit(bool({'pymongo', 'elasticsearch'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_printed_key_is_a_valid_key(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = run("key", "k7").output.strip()
    (files / "keys").write_text(printed)
    monkeypatch.setenv("GEOVELOCITY_KEYS_FILE", "keys")
    _, (verdict,) = judge(files, [push()], [payment()])
    assert verdict.card_token.startswith("card_k7_")


def test_schemas_of_all_records_are_written(files: Path) -> None:
    assert run("schema", "out").exit_code == 0
    names = {path.name.split(".")[0] for path in (files / "out").iterdir()}
    assert names == {"transactions", "locations", "verdicts", "feedback", "erased", "erasures", "dead_letters"}


def test_down_reports_that_nothing_runs() -> None:
    assert run("down").output == "nothing runs here\n"


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_a_user_is_registered_with_a_role_in_lower_case(role: str) -> None:
    result = run("user", "add", "pat", "--role", role)
    assert result.exit_code == 0, result.output
    assert run("user", "list").output == f"pat {role}\n"
