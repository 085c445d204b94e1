"""Access rights on the brokers."""

import re

import pytest

from app.provisioning.acl import ROLES, Operation, commands, grants
from app.settings import Settings
from app.topology import SINKS


def settings() -> Settings:
    return Settings(_env_file=None)


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
def test_each_right_has_a_command_with_the_configured_names(role: str) -> None:
    renamed = Settings(_env_file=None, namespace="bank", topic_prefix="bank.")
    printed = [line for line in commands(renamed) if f"--allow-principal User:bank-{role} " in line]
    assert len(printed) == len(grants(role, renamed))
    assert all(
        re.search(r"--(topic bank\.|group bank-|topic bank-detector-devices-changelog)", line) for line in printed
    )


def test_the_purpose_of_a_sink_names_its_store() -> None:
    assert [ROLES[sink.name] for sink in SINKS] == [f"copies verdicts and feedback into {sink.label}" for sink in SINKS]
