"""Differences between two sides: missing and additional entries, as an invariant lists them."""

from collections.abc import Iterable
from typing import Any


def differ(wanted: Iterable[Any], found: Iterable[Any]) -> list[str]:
    wanted, found = set(wanted), set(found)
    lacking, beside = sorted(map(str, wanted - found)), sorted(map(str, found - wanted))
    return [f"lacks {one}" for one in lacking] + [f"beside {one}" for one in beside]


def count(**numbers: int) -> list[str]:
    return [f"{number} {name}" for name, number in numbers.items() if number]
