"""Static files: only the page's own files and the listed library files are delivered."""

from pathlib import Path

import pytest

from app.api.static_files import StaticFiles
from app.errors import ConfigurationError


def test_a_missing_file_is_reported_with_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing \(index.html, .*leaflet.*\): run `make up`"):
        StaticFiles(tmp_path).check()
