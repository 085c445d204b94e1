"""The console's page, as far as it can be checked without a browser."""

import re
from pathlib import Path

import pytest

from app.api.static_files import LIBRARIES, WEB_DIR

SCRIPTS = sorted(WEB_DIR.glob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_data_never_becomes_markup_or_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", text)
    assert len(text.splitlines()) <= 260


def test_the_page_contains_nothing_that_its_policy_forbids() -> None:
    page = (WEB_DIR / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|https?://", page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, flags=re.DOTALL) == [""]


def test_the_page_loads_only_files_that_are_served() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (*SCRIPTS, WEB_DIR / "index.html")]
    wanted = {name for text in texts for name in re.findall(r'"/lib/([^"]+)"', text)}
    assert wanted <= LIBRARIES.keys()
    assets = {name for text in texts for name in re.findall(r'"(?:/assets|\.)/([\w.]+\.(?:js|css|svg))"', text)}
    assert {name for name in assets if not (WEB_DIR / name).is_file()} == set()
