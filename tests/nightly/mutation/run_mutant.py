"""Test runs in a fork of this process, in which one module is a mutant."""

import gc
import json
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Final

import pytest

LIMIT_S: Final = 300.0
OURS: Final = ("agents", "app", "schemas", "sensor_logger_bridge", "deploy", "tests")
_NEEDED: Final = (
    "tests.support.random_day tests.support.bridge app.cli.judge jsonschema hypothesis.internal.conjecture.engine"
)
_OPTIONS: Final = "-x -q -p no:cacheprovider -p no:schemathesis --tb=no --assert=plain".split()


@dataclass(frozen=True)
class TestResult:
    """Result of the tests. `test`: the one that failed, if any."""

    __test__ = False  # for pytest, which collects classes by name

    passed: bool
    test: str
    took_s: float


def warm_up() -> None:
    """Import once the modules that every fork needs, without the project's own: a fork imports the mutant instead."""
    for name in _NEEDED.split():
        import_module(name)
    for name in list(sys.modules):
        if name.partition(".")[0] in OURS and not name.startswith("tests.nightly.mutation") and name != "tests":
            del sys.modules[name]
    gc.freeze()


def run_tests(module: str, code: CodeType | None, tests: Sequence[str], limit_s: float = LIMIT_S) -> TestResult:
    """Run the tests with this code as `module`; None: unchanged. Stop at the first failure or at the time limit."""
    began = time.monotonic()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _run_and_exit(module, code, tests, writer)
    os.close(writer)
    output = _read(reader, child, began + limit_s)
    os.close(reader)
    passed, test = json.loads(output) if output else (False, "(it ended, or ran forever)")
    return TestResult(passed, test, time.monotonic() - began)


def _read(reader: int, child: int, until: float) -> bytes:
    """Return the output of the child, which ends at the time limit at the latest."""
    output = b""
    while select.select([reader], [], [], max(0.0, until - time.monotonic()))[0]:
        part = os.read(reader, 65536)
        if not part:
            break
        output += part
    else:
        output = b""
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return output


def _run_and_exit(module: str, code: CodeType | None, tests: Sequence[str], writer: int) -> None:
    try:
        os.setpgid(0, 0)
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        if code is not None:
            sys.meta_path.insert(0, _Finder(module, code))
        first = _First()
        status = pytest.main([*_OPTIONS, *tests], plugins=[first])
        os.write(writer, json.dumps((status == pytest.ExitCode.OK, first.test or f"(pytest: {status!r})")).encode())
    finally:
        os._exit(0)  # skip the exit handlers of the parent


class _First:
    """A plugin that records the first failure."""

    test = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.test = self.test or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.test = self.test or f"{report.nodeid} (import)"


class _Finder(MetaPathFinder, Loader):
    """A finder of one module, the mutant."""

    def __init__(self, module: str, code: CodeType) -> None:
        self._module = module
        self._code = code

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        del path, target
        return ModuleSpec(fullname, self, origin=self._code.co_filename) if fullname == self._module else None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self._code.co_filename
        exec(self._code, module.__dict__)
