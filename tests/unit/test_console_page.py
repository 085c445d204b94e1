"""The console's page, as far as it can be checked without a browser."""

import re
from pathlib import Path

import pytest

from app.api.static_files import LIBRARIES
from schemas.codes.reason import REASON_HELP

WEB = Path(__file__).parent.parent.parent / "app" / "api" / "web"
SCRIPTS = sorted(WEB.glob("*.js"))


def test_reasons_mean_on_the_page_what_they_mean_in_verdicts() -> None:
    said = re.findall(r'^  ([A-Z_]+): "(.+)",$', (WEB / "words.js").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert dict(said) == REASON_HELP


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_data_never_becomes_markup_or_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", text)
    assert len(text.splitlines()) <= 260


def test_the_page_has_nothing_that_its_policy_forbids() -> None:
    page = (WEB / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|https?://", page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, flags=re.DOTALL) == [""]


def test_the_page_loads_nothing_that_is_not_served() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (*SCRIPTS, WEB / "index.html")]
    wanted = {name for text in texts for name in re.findall(r'"/lib/([^"]+)"', text)}
    assert wanted <= LIBRARIES.keys()
    assets = {name for text in texts for name in re.findall(r'"(?:/assets|\.)/([\w.]+\.(?:js|css|svg))"', text)}
    assert {name for name in assets if not (WEB / name).is_file()} == set()
