"""The field: who takes part in `make bench`, in the order of the report."""

import sys
from typing import Final

from app.settings import Settings
from tests.bench.contestant import Contestant, Entry, detector, started


async def _faust(base: Settings, name: str) -> Entry:
    argv = [sys.executable, "-m", "faust", "-A", "tests.bench.contestants.faust_stock"]
    return await started(base, name, [*argv, "worker", "-l", "info", "--without-web"], {})


OURS: Final = Contestant("ours", "this service", "", detector)
STOCK: Final = Contestant(
    "faust",
    "stock Faust",
    "the last fix alone, no validation, no masking; loses records in a crash (DECISIONS 3)",
    _faust,
)
FIELD: Final = (OURS, STOCK)
