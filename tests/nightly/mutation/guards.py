"""Guards: what stands between bad input, or a person's data, and the rest. Each has a test that fails without it."""

from typing import Final

from tests.nightly.mutation.guard_catalogue_bridge import BRIDGE
from tests.nightly.mutation.guard_catalogue_records import RECORDS

GUARDS: Final = (*RECORDS, *BRIDGE)
