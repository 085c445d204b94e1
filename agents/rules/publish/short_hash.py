"""Short hash: eight bytes for a long name, for rows that are written often.

While masking keys overlap, a payment or card has several tokens, one under each key. Its short hashes are joined, the
newest key's first. Two joined values mean the same thing if they share one hash.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Final

DIGEST_BYTES: Final = 8


def short_hash(name: str) -> bytes:
    """Return eight bytes, equal for equal names."""
    return blake2b(name.encode(), digest_size=DIGEST_BYTES).digest()


def short_hashes(names: Iterable[str]) -> bytes:
    """Return the joined short hashes of the names, in their order."""
    return b"".join(map(short_hash, names))


def split(joined: bytes) -> Iterator[bytes]:
    """Yield the short hashes of a joined value."""
    return (joined[at : at + DIGEST_BYTES] for at in range(0, len(joined), DIGEST_BYTES))


def canonical_id(joined: Collection[bytes]) -> Mapping[bytes, bytes]:
    """Return one short hash for each joined value, equal for values that share a hash, directly or through others.

    This is a union-find over aliases. The result is a function of the set.
    """
    if all(len(one) == DIGEST_BYTES for one in joined):
        return {one: one for one in joined}  # always, except while keys overlap
    names: dict[bytes, bytes] = {}
    for one in joined:
        met = {names.get(part, part) for part in split(one)}
        least = min(met)
        names |= dict.fromkeys(split(one), least)
        names = {part: least if name in met else name for part, name in names.items()}
    return {one: names[one[:DIGEST_BYTES]] for one in joined}
