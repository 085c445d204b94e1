"""Digest: a short name for a long one, for rows that are written again and again.

While masking keys overlap, one thing has several tokens, one under each key. Its digests then stand behind each other,
the newest key's first: two rows mean the same when they share one of them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Final

DIGEST_BYTES: Final = 8


def short_hash(name: str) -> bytes:
    """Short, and the same for the same name."""
    return blake2b(name.encode(), digest_size=DIGEST_BYTES).digest()


def short_hashes(names: Iterable[str]) -> bytes:
    """Those of all names, in their order."""
    return b"".join(map(short_hash, names))


def split(joined: bytes) -> Iterator[bytes]:
    """The digests one by one."""
    return (joined[at : at + DIGEST_BYTES] for at in range(0, len(joined), DIGEST_BYTES))


def canonical_id(joined: Collection[bytes]) -> Mapping[bytes, bytes]:
    """By each of the given: one digest for all that share some, directly or through others. A function of the set."""
    if all(len(one) == DIGEST_BYTES for one in joined):
        return {one: one for one in joined}  # as always but while keys overlap
    names: dict[bytes, bytes] = {}
    for one in joined:
        met = {names.get(part, part) for part in split(one)}
        least = min(met)
        names |= dict.fromkeys(split(one), least)
        names = {part: least if name in met else name for part, name in names.items()}
    return {one: names[one[:DIGEST_BYTES]] for one in joined}
