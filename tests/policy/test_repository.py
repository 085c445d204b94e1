"""The repository follows its own rules: topology, file sizes, pinned dependencies, README."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.topology import ALERTS, DETECTOR, SINKS
from deploy.local.jars import read_lock
from schemas.codes.fix_fault import FAULT_HELP, FixFault
from schemas.codes.reason import REASON_HELP, ReasonCode
from schemas.topics import TOPICS, Topics

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("app", "agents", "schemas", "sensor_logger_bridge", "deploy")
LIBRARIES = ROOT / "app" / "api" / "web" / "package-lock.json"
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
REGISTRY_HOSTS = re.compile(
    r"pypi\.org|pythonhosted|maven\.org|apache\.org/maven2|npmjs|docker\.elastic|ghcr\.io|quay\.io"
)


def test_the_topology_names_existing_topics() -> None:
    of_detector = {*DETECTOR.agents, *DETECTOR.writes, *DETECTOR.time_topics, DETECTOR.ticks}
    of_sinks = {topic for sink in SINKS for topic in (*sink.reads, *sink.writes)}
    assert {*of_detector, *of_sinks, *ALERTS.reads, *ALERTS.writes} == TOPICS.keys()


def test_the_detector_reads_every_topic_that_advances_its_event_time() -> None:
    assert {*DETECTOR.time_topics, DETECTOR.ticks} <= DETECTOR.agents.keys()


def test_sinks_read_exactly_the_topics_that_are_stored() -> None:
    stored = {topic for topic, spec in TOPICS.items() if spec.stored}
    assert [set(sink.reads) for sink in SINKS] == [stored for _ in SINKS]


def test_every_topic_has_a_name_and_a_declaration() -> None:
    assert tuple(field.name for field in fields(Topics)) == tuple(TOPICS)
    assert Topics().all == tuple(spec.name for spec in TOPICS.values())


def test_every_reason_code_has_a_help_text() -> None:
    assert set(REASON_HELP) == set(ReasonCode)


def test_every_fix_fault_has_a_help_text() -> None:
    assert set(FAULT_HELP) == set(FixFault)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_file_is_short_and_has_a_specific_name(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 260
    assert path.stem not in {"utils", "helpers", "common", "misc"}


def test_no_file_names_a_package_registry() -> None:
    tracked = [
        *SOURCES,
        *ROOT.glob("*.md"),
        *ROOT.glob("requirements/*"),
        *ROOT.glob("deploy/**/*.lock"),
        ROOT / "Makefile",
        LIBRARIES,
    ]
    assert [path for path in tracked if REGISTRY_HOSTS.search(path.read_text(encoding="utf-8"))] == []


def test_every_requirement_is_pinned_with_hashes() -> None:
    for path in ROOT.glob("requirements/*.txt"):
        entries = re.split(
            r"\n(?=[a-z])", re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        )
        assert all("==" in entry and "--hash=sha256:" in entry for entry in entries if entry.strip())


def test_every_library_of_the_console_is_pinned_without_its_registry() -> None:
    locked = json.loads(LIBRARIES.read_text(encoding="utf-8"))["packages"]
    del locked[""]
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in locked.values())
    assert {f"node_modules/{name}" for name in ("leaflet", "uplot", "topojson-client", "world-atlas")} <= locked.keys()


def test_every_jar_is_pinned_with_its_checksum() -> None:
    jars = read_lock()
    assert {jar.room.split("/")[0] for jar in jars} == {"kafka", "elastic", "mongo"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in jars)
