"""All guards: the checks that stop bad input or protect personal data."""

from typing import Final

from tests.nightly.mutation.guard_catalogue_bridge import BRIDGE
from tests.nightly.mutation.guard_catalogue_records import RECORDS

GUARDS: Final = (*RECORDS, *BRIDGE)
