"""docs/security.md says what is so."""

import json
import re
from pathlib import Path

import pytest

from app.provisioning.acl import ROLES, Operation, commands, grants, table
from app.settings import PREFIX, Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import NAMES

TEXT = (Path(__file__).parent.parent.parent / "docs" / "security.md").read_text(encoding="utf-8")


def settings() -> Settings:
    return Settings(_env_file=None)


def test_the_table_of_rights_is_the_one_that_is_declared() -> None:
    rows = re.findall(r"^\| [a-z-]+ \| [A-Za-z, ]+ \| (?:topic|group) `.*\n", TEXT, flags=re.MULTILINE)
    assert "".join(rows) == table(settings())


def test_every_setting_that_is_named_exists() -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)", TEXT))
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_roles_of_elasticsearch_are_for_the_indexes_we_write() -> None:
    roles = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, flags=re.DOTALL)]
    shelves = {
        "sink-elastic": Dataset,
        "api": (Dataset.VERDICTS, Dataset.FEEDBACK),
        "init": Dataset,
        "retention": Dataset,
    }
    named = {name: described["indices"][0]["names"] for role in roles for name, described in role.items()}
    assert named == {name: [f"geovelocity-{NAMES[shelf]}*" for shelf in of] for name, of in shelves.items()}


def test_only_the_detector_may_read_card_numbers() -> None:
    topic = settings().topics.transactions
    readers = {
        role
        for role in ROLES
        for grant in grants(role, settings())
        if grant.name == topic and Operation.READ in grant.operations
    }
    assert readers == {"detector"}


@pytest.mark.parametrize("role", ROLES)
def test_a_command_is_printed_for_each_right_with_the_names_of_the_settings(role: str) -> None:
    renamed = Settings(_env_file=None, namespace="bank", topic_prefix="bank.")
    printed = [line for line in commands(renamed) if f"--allow-principal User:bank-{role} " in line]
    assert len(printed) == len(grants(role, renamed))
    assert all(
        re.search(r"--(topic bank\.|group bank-|topic bank-detector-devices-changelog)", line) for line in printed
    )
