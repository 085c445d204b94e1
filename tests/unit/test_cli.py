"""The commands that need no server."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import COMMANDS, geovelocity, main
from app.simulate.place import CITIES
from app.simulate.receiver import WANDERING, Receiver
from app.simulate.trip import driving
from schemas.push import Push, encode_push
from schemas.verdict import Verdict, parse_verdict
from tests.support.make import CARD, NOON_MS, as_bytes, fix, payment, push
from tests.support.phone import east_of_home


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import os

    for name in [name for name in os.environ if name.startswith("GEOVELOCITY_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(geovelocity, list(arguments))


def write(path: Path, *records: dict[str, Any] | bytes) -> str:
    path.write_bytes(b"\n".join(one if isinstance(one, bytes) else as_bytes(one) for one in records) + b"\n")
    return str(path)


def judge(files: Path, pushes: list[Any], payments: list[Any], *options: str) -> tuple[Result, list[Verdict]]:
    out = files / "v.jsonl"
    result = run(
        "judge",
        *("--locations", write(files / "l.jsonl", *pushes)),
        *("--transactions", write(files / "t.jsonl", *payments)),
        *("--out", str(out)),
        *options,
    )
    lines = out.read_bytes().splitlines() if out.exists() else []
    verdicts = [parse_verdict(line) for line in lines]
    return result, [verdict for verdict in verdicts if isinstance(verdict, Verdict)]


def far(number: int, metres: float = 5_000) -> dict[str, Any]:
    latitude, longitude = east_of_home(metres)
    return payment(number, latitude=latitude, longitude=longitude)


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
    ("option", "value", "told"),
    [
        ("--latitude", "91", "latitude: a number or a length outside what can be true"),
        ("--amount", "much", "amount: characters that this field may not have"),
        ("--device", "4111111111111111", "device_id: a device id that looks like a card number"),
    ],
)
def test_a_payment_that_cannot_be_is_not_written(option: str, value: str, told: str) -> None:
    told_wrongly = {"--device": "phone-1", "--latitude": "48.1", "--longitude": "11.6", option: value}
    result = run("pay", *(word for pair in told_wrongly.items() for word in pair))
    assert result.exit_code == 2
    assert told in result.output


@pytest.fixture
def production(files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of a service whose records are real."""
    (files / "keys").write_text(run("key", "k1").output)
    monkeypatch.setenv("GEOVELOCITY_MODE", "production")
    monkeypatch.setenv("GEOVELOCITY_KEYS_FILE", str(files / "keys"))
    monkeypatch.setenv("GEOVELOCITY_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    return files


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["geovelocity", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 1
    return capsys.readouterr().err.splitlines()[-1]


def test_in_production_no_payment_is_made_up(
    production: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(monkeypatch, capsys, "pay", "--device", "phone-1", "--latitude", "48.1", "--longitude", "11.6")
    assert "`geovelocity pay` writes made-up records, and GEOVELOCITY_MODE is production" in said
    assert sorted(path.name for path in production.iterdir()) == ["keys"]


def test_in_production_nothing_is_simulated_live_but_files_are(
    production: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(monkeypatch, capsys, "simulate", "--live", "--seed", "1", "--seconds", "5")
    assert "`geovelocity simulate --live` writes made-up records, and GEOVELOCITY_MODE is production" in said
    assert sorted(path.name for path in production.iterdir()) == ["keys"]  # no labels of payments that never were
    assert run("simulate", "--out", str(production / "out"), "--payments", "20").exit_code == 0


def test_payments_are_judged_in_the_order_of_their_file_and_finally(files: Path) -> None:
    result, verdicts = judge(files, [push(fix(5), fix(-5))], [far(1), payment(2), far(3, 900_000)])
    assert result.exit_code == 0, result.output
    assert [(one.transaction_id, one.verdict, one.status) for one in verdicts] == [
        ("tx-1", "suspect", "final"),
        ("tx-2", "clear", "final"),
        ("tx-3", "suspect", "final"),
    ]


def test_lines_that_cannot_be_used_are_told_as_dead_letters_and_the_others_judged(files: Path) -> None:
    result, verdicts = judge(files, [push(), b"junk"], [payment(1), b"{", payment(2, amount=CARD + "x"), b""])
    assert result.exit_code == 3
    letters = [json.loads(line) for line in result.stderr.splitlines()]
    assert [(one["topic"], one["offset"], one["code"]) for one in letters] == [
        ("locations", 1, "not-json"),
        ("transactions", 1, "not-json"),
        ("transactions", 2, "pattern"),
    ]
    assert len(verdicts) == 1
    assert CARD not in result.stderr


def test_a_payment_that_stands_twice_has_one_verdict(files: Path) -> None:
    _, verdicts = judge(files, [push()], [payment(1), payment(1)])
    assert len(verdicts) == 1


def test_two_phones_whose_payments_share_an_id_both_get_a_verdict(files: Path) -> None:
    _, verdicts = judge(files, [push()], [payment(1), payment(1, device_id="phone-2")])
    assert [verdict.codes for verdict in verdicts] == [("REACHABLE",), ("NO_FIX",)]


def test_the_published_rule_looks_at_the_very_last_fix(files: Path) -> None:
    seconds = [-second / 10 for second in range(950, 1950)]
    pushes = [push(fix(second, horizontal_accuracy_m=3.0 + (second == seconds[0]))) for second in seconds]
    _, (verdict,) = judge(files, pushes, [payment()], "--preset", "paper")
    assert verdict.elapsed_s == 95.0


def test_a_folder_that_is_not_there_is_one_line(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = write(files / "empty.jsonl")
    options = ["--locations", empty, "--transactions", empty, "--out", "nowhere/v.jsonl"]
    monkeypatch.setattr("sys.argv", ["geovelocity", "judge", *options])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert capsys.readouterr().err == "geovelocity: nowhere/v.jsonl: No such file or directory\n"


def test_the_published_rule_can_be_asked_for(files: Path) -> None:
    _, (default,) = judge(files, [push(fix(-1))], [far(1, 60)])
    _, (published,) = judge(files, [push(fix(-1))], [far(1, 60)], "--preset", "paper")
    assert (default.verdict, published.verdict) == ("clear", "suspect")
    assert published.rule.preset == "paper"
    assert published.rule.parameters["top_speed_mps"] is None


def test_the_order_of_the_lines_does_not_matter(files: Path) -> None:
    pushes = [push(fix(second)) for second in range(-60, 60)]
    _, forwards = judge(files, pushes, [far(1, 500)])
    _, backwards = judge(files, pushes[::-1], [far(1, 500)])
    assert forwards == backwards
    assert forwards[0].verdict == "suspect"


def test_without_a_file_for_them_verdicts_go_to_the_terminal(files: Path) -> None:
    locations, transactions = write(files / "l", push()), write(files / "t", payment())
    result = run("judge", "--locations", locations, "--transactions", transactions)
    assert json.loads(result.stdout)["transaction_id"] == "tx-1"


@pytest.mark.parametrize("seed", range(3))
def test_a_drive_accuses_no_honest_payment_and_catches_one_5_km_away(files: Path, seed: int) -> None:
    chance = Random(seed)
    path, receiver = driving(CITIES[0], 1200, chance).phone, Receiver(WANDERING, chance)
    fixes = [receiver.sight(path, second, NOON_MS).fix for second in range(1200)]
    pushes = [encode_push(Push("phone-1", (one,))) for one in fixes]
    payments = []
    for number, one in enumerate(fixes[100:-100:20]):
        at = {"timestamp": one.at_ms / 1000, "longitude": one.longitude}
        payments.append(payment(2 * number, latitude=one.latitude, **at))
        payments.append(payment(2 * number + 1, latitude=one.latitude + 0.045, **at))
    _, verdicts = judge(files, pushes, payments)
    assert [one.verdict for one in verdicts] == ["clear", "suspect"] * (len(payments) // 2)


def test_verdicts_are_scored_by_condition(files: Path) -> None:
    labels = {
        "tx-1": {"impossible": True, "condition": "live"},
        "tx-2": {"impossible": False, "condition": "live"},
        "tx-3": {"impossible": True, "condition": "gap"},
        "tx-9": {"impossible": False, "condition": "gap"},
    }
    judge(files, [push()], [far(1, 900_000), payment(2), payment(3)])
    (files / "labels.json").write_text(json.dumps(labels))
    result = run("score", "--labels", "labels.json", "--verdicts", "v.jsonl")
    rows = [line.split("│") for line in result.output.splitlines() if "│" in line]
    table = {row[1].strip(): [cell.strip() for cell in row[2:8]] for row in rows}
    assert table["live"] == ["2", "1.0000 (1/1)", "0.0000 (0/1)", "1.0000 (1/1)", "0.0000 (0/2)", "0"]
    assert table["gap"][1] == "0.0000 (0/1)"
    assert table["all"] == ["4", "0.5000 (1/2)", "0.0000 (0/2)", "1.0000 (1/1)", "0.0000 (0/4)", "1"]


def test_missing_the_goal_is_told_by_condition_and_by_the_exit_code(files: Path) -> None:
    labels = {"tx-1": {"impossible": True, "condition": "live"}, "tx-2": {"impossible": True, "condition": "gap"}}
    (files / "labels.json").write_text(json.dumps(labels))
    judge(files, [push()], [far(1, 900_000), payment(2)])
    options = ("--labels", "labels.json", "--verdicts", "v.jsonl")
    assert run("score", *options).exit_code == 0
    result = run("score", *options, "--floors")
    assert result.exit_code == 1
    assert "gap: recall 0.0000 is below 0.995" in result.stderr
    assert "live: " not in result.stderr


def test_a_simulation_can_be_judged_and_scored_and_its_honest_payments_are_cleared(files: Path) -> None:
    conditions = ("--condition", "live 1 Hz", "--condition", "gap 5 min")
    made = run("simulate", "--out", "made", "--seed", "4", "--payments", "120", *conditions)
    assert made.exit_code == 0, made.output
    assert {path.name for path in (files / "made").iterdir()} == {
        "locations.jsonl",
        "transactions.jsonl",
        "labels.json",
    }
    inputs = ("--locations", "made/locations.jsonl", "--transactions", "made/transactions.jsonl")
    assert run("judge", *inputs, "--out", "v.jsonl").exit_code == 0
    result = run("score", "--labels", "made/labels.json", "--verdicts", "v.jsonl")
    rows = {line.split("│")[1].strip(): line.split("│") for line in result.output.splitlines() if "│" in line}
    assert rows.keys() == {"live 1 Hz", "gap 5 min", "all"}
    assert all("0.0000 (0/" in row[4] and row[7].strip() == "0" for row in rows.values())


@pytest.mark.parametrize("options", [(), ("--live", "--out", "made")])
def test_a_simulation_goes_either_into_files_or_onto_the_topics(options: tuple[str, ...]) -> None:
    result = run("simulate", *options)
    assert result.exit_code == 2
    assert "give either --out FOLDER or --live" in result.output


def test_the_scoreboard_has_both_presets_a_verdict_and_a_picture(files: Path) -> None:
    result = run("scoreboard", "--seed", "3", "--payments", "340", "--picture", "docs/recall.svg")
    assert "preset default" in result.stdout
    assert "preset paper" in result.stdout
    assert result.stdout.count("live 1 Hz") >= 2
    reached = "preset default reaches the goal in every condition" in result.stdout
    assert result.exit_code == (0 if reached else 1)
    assert reached is ("below the goal" not in result.stdout)
    assert "seeds 3\n" in result.stderr
    assert (files / "docs" / "recall.svg").read_text().startswith("<svg")


def test_files_are_simulated_and_scored_without_loading_faust() -> None:
    program = "import sys, app.cli.simulate, app.cli.score, app.cli.scoreboard; sys.exit('faust' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_neither_detector_nor_alerts_load_the_drivers_of_stores() -> None:
    program = (
        "import sys, app.main, app.alert.service; sys.exit(bool({'pymongo', 'elasticsearch'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_labels_that_are_none_are_said_in_one_line(files: Path) -> None:
    (files / "labels.json").write_text("[]")
    (files / "v.jsonl").write_text("")
    result = run("score", "--labels", "labels.json", "--verdicts", "v.jsonl")
    assert "labels.json is no file of labels" in str(result.exception)


def test_a_new_key_can_be_used_as_it_is_printed(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = run("key", "k7").output.strip()
    (files / "keys").write_text(printed)
    monkeypatch.setenv("GEOVELOCITY_KEYS_FILE", "keys")
    _, (verdict,) = judge(files, [push()], [payment()])
    assert verdict.card_token.startswith("card_k7_")


def test_schemas_of_all_records_are_written(files: Path) -> None:
    assert run("schema", "out").exit_code == 0
    names = {path.name.split(".")[0] for path in (files / "out").iterdir()}
    assert names == {"transactions", "locations", "verdicts", "feedback", "erased", "erasures", "dead_letters"}


def test_down_with_nothing_up_says_so() -> None:
    assert run("down").output == "nothing runs here\n"
