"""Settings: valid ones, and the errors about invalid ones."""

import base64
from pathlib import Path

import pytest

from app.security.masking_keys import DEMO_KEY, masking_keys
from app.settings import Settings, as_environment, read_settings
from tests.support.environment import isolate, rejection

KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path)


def test_default_settings_name_only_this_machine() -> None:
    settings = read_settings()
    assert (settings.kafka, settings.elastic, settings.mongo, settings.bridge) == (
        "127.0.0.1:9092",
        "http://127.0.0.1:9200",
        "mongodb://127.0.0.1:27017",
        ("127.0.0.1", 8100),
    )
    assert masking_keys(settings) == (DEMO_KEY,)


def test_a_port_base_moves_all_default_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOVELOCITY_PORT_BASE", "30000")
    settings = read_settings()
    assert (settings.kafka, settings.bridge[1]) == ("127.0.0.1:30000", 30005)


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GEOVELOCITY_PARTITIONS=3\n")
    assert read_settings().partitions == 3


def test_an_unknown_variable_in_a_dotenv_file_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("OTHER=1\ngeovelocity_modee=production\n")
    assert rejection(monkeypatch) == "GEOVELOCITY_MODEE is not a setting: did you mean GEOVELOCITY_MODE?"


def test_an_empty_list_of_keys_is_rejected_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "needs a masking key" in rejection(monkeypatch, KEYS=" , ", MODE="production")


def test_a_missing_certificate_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rejection(monkeypatch, KAFKA_CA_FILE="none.pem").startswith("bad setting: GEOVELOCITY_KAFKA_CA_FILE: ")


def test_an_unknown_variable_is_reported_with_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    message = rejection(monkeypatch, KAFKA_BOOTSTRP="x")
    assert message == "GEOVELOCITY_KAFKA_BOOTSTRP is not a setting: did you mean GEOVELOCITY_KAFKA_BOOTSTRAP?"


def test_an_invalid_value_is_reported_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rejection(monkeypatch, PARTITIONS="many").startswith("bad setting: GEOVELOCITY_PARTITIONS: ")


def test_the_demo_key_is_rejected_for_remote_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("KAFKA_BOOTSTRAP", "broker.bank:9092"),
        ("KAFKA_BOOTSTRAP", "127.0.0.1:9092,broker.bank:9092"),
        ("KAFKA_BOOTSTRAP", "127.0.0.1.bank:9092"),
        ("MONGO_URL", "mongodb://u:p@db.bank/"),
        ("MONGO_URL", "mongodb://localhost,db.bank/?authSource=admin"),
        ("ELASTIC_URL", "https://search.bank"),
        ("ELASTIC_URL", "https://localhost:9200@search.bank"),
        ("BRIDGE_HOST", "0.0.0.0"),
        ("BRIDGE_HOST", "::"),
        ("ALERT_SLACK_URL", "https://chat.bank/hook"),
    ):
        with monkeypatch.context() as one:
            message = rejection(one, **{name: value})
        assert name.lower() in message
        assert "GEOVELOCITY_KEYS_FILE" in message


def test_the_demo_key_is_accepted_for_every_name_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("KAFKA_BOOTSTRAP", "127.0.0.1:9092, localhost:9094"),
        ("MONGO_URL", "mongodb://u:p@[::1]:27017,127.0.0.1/?authSource=admin"),
        ("ELASTIC_URL", "http://localhost:9200/"),
        ("BRIDGE_HOST", "::1"),
    ):
        monkeypatch.setenv(f"GEOVELOCITY_{name}", value)
    assert masking_keys(read_settings()) == (DEMO_KEY,)


def test_production_mode_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "GEOVELOCITY_KEYS_FILE" in rejection(monkeypatch, MODE="production")


def test_a_topic_gets_its_own_name_and_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOVELOCITY_TOPIC_PREFIX", "eu.")
    monkeypatch.setenv("GEOVELOCITY_TOPIC_VERDICTS", "answers")
    topics = read_settings().topics
    assert (topics.verdicts, topics.suspects) == ("eu.answers", "eu.potential_fraud_transactions")


def test_another_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(port_base=31000, namespace="here", state_dir=tmp_path, luhn=True)
    files = {"bridge_devices_file", "api_users_file"}
    absolute = {name: getattr(settings, name).absolute() for name in files}
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)  # local processes run in a folder of their own
    there = read_settings()
    assert there.model_dump() == settings.model_dump() | absolute


def test_the_representation_of_settings_hides_secrets() -> None:
    settings = Settings(
        mode="production", keys=f"k1:{KEY}", kafka_password="hunter2", mongo_url="mongodb://u:hunter2@h/"
    )
    assert "hunter2" not in repr(settings)
    assert KEY not in repr(settings)


def test_the_error_about_an_alert_url_does_not_quote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    message = rejection(
        monkeypatch, ALERT_WEBHOOK_URL="http://hooks.bank/hunter2", ALERT_WEBHOOK_SECRET="0123456789abcdef"
    )
    assert message.startswith("bad setting: alert_webhook_url must begin with https://")
    assert "hunter2" not in message
