"""Seeds of random tests: fixed where a test gates a merge, random at night, printed in both cases."""

import os
import random
from typing import Final

VARIABLE: Final = "TEST_SEED"
"""Environment variable: unset, the fixed seed of each test; a number, that seed; `random`, a new one per test."""

SEED_MAX: Final = 999_999_999
"""The largest seed that `geovelocity simulate` accepts."""


def seed_of_test(fixed: int) -> int:
    """Return the seed of a test and print how to repeat the run with it."""
    wanted = os.environ.get(VARIABLE, "")
    seed = random.randrange(SEED_MAX) if wanted == "random" else int(wanted or fixed)
    print(f"seed {seed}: repeat with {VARIABLE}={seed}")
    return seed
