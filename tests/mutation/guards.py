"""Guards: what stands between bad input, or a person's data, and the rest. Each has a test that fails without it."""

from typing import Final

from tests.mutation.guards_of_bridge import BRIDGE
from tests.mutation.guards_of_records import RECORDS

GUARDS: Final = (*RECORDS, *BRIDGE)
