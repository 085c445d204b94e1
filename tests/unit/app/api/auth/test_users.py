"""The registered users: names, roles and hashed tokens in a private file."""

from pathlib import Path

import pytest

from app.api.auth.users import Role, Users
from app.errors import ConfigurationError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "users.jsonl"


@pytest.mark.parametrize("name", ["", "Pat", "pat doe", "p:t", "ä", "x" * 65])
def test_a_name_that_a_cookie_or_a_person_could_misread_is_rejected(file: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="lowercase letters"):
        Users(file).add(name, Role.VIEWER)


def test_the_users_file_contains_no_token(file: Path) -> None:
    users = Users(file)
    token = users.add("pat", Role.ANALYST)
    users.add("kim", Role.VIEWER)
    assert token not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert [(user.name, user.role.value) for user in users.all()] == [("kim", "viewer"), ("pat", "analyst")]
    assert (users.remove("kim"), users.remove("kim")) == (True, False)
