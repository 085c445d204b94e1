"""docs/operations/security.md matches the code."""

import json
import re
from pathlib import Path

from app.provisioning.acl import table
from app.settings import PREFIX, Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import NAMES

TEXT = (Path(__file__).parents[3] / "docs" / "operations" / "security.md").read_text(encoding="utf-8")


def settings() -> Settings:
    return Settings(_env_file=None)


def test_the_table_of_rights_matches_the_declared_rights() -> None:
    rows = re.findall(r"^\| [a-z-]+ \| [A-Za-z, ]+ \| (?:topic|group) `.*\n", TEXT, flags=re.MULTILINE)
    assert "".join(rows) == table(settings())


def test_every_setting_that_the_page_names_exists() -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)", TEXT))
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_roles_at_elasticsearch_name_the_indexes_of_the_sinks() -> None:
    roles = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, flags=re.DOTALL)]
    datasets = {
        "sink-elastic": Dataset,
        "api": (Dataset.VERDICTS, Dataset.FEEDBACK),
        "init": Dataset,
        "retention": Dataset,
    }
    named = {name: described["indices"][0]["names"] for role in roles for name, described in role.items()}
    assert named == {name: [f"geovelocity-{NAMES[dataset]}*" for dataset in of] for name, of in datasets.items()}
