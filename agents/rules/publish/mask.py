"""Mask: the first step for a payment, which replaces identities by tokens. Later steps see the masked payment only."""

import re
from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from typing import Final, NamedTuple, Self

from schemas.json.identifier import find_pans
from schemas.json.timestamps import format_us
from schemas.payment import Payment
from schemas.verdict import MaskedPayment, MerchantLocation

REMOVED: Final = "[card number]"

_TWELVE_DIGITS: Final = re.compile(r"\d(?:\D{0,3}\d){11}")
"""Text without twelve digits close together cannot hold a card number. Nearly all text passes this fast test."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret with its public name."""

    id: str
    secret: bytes = field(repr=False)


class Aliases(NamedTuple):
    """The tokens of a payment and its card under older keys. One of them was the newest key when it was first read."""

    ids: tuple[str, ...]
    cards: tuple[str, ...]


NO_ALIASES: Final = Aliases((), ())


@dataclass(frozen=True, slots=True)
class Masker:
    """A converter of identities into tokens under one key, which also computes their tokens under older keys.

    Equal input and key give equal tokens. Each kind of token has its own key, derived from the secret, so that tokens
    of different kinds never match. A payment is masked once, when the detector reads it. It keeps its tokens and its id
    in all revisions, even after a key rotation. A repeat under a newer key is recognised by the aliases.
    """

    key: Key
    older: "tuple[Masker, ...]" = field(default=(), repr=False)
    _derived: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def token(self, kind: str, identity: str | bytes) -> str:
        """Return `<kind>_<key id>_<base32 of HMAC-SHA-256>`."""
        purpose = self._derived.get(kind)
        if purpose is None:
            purpose = self._derived[kind] = digest(self.key.secret, kind.encode(), sha256)
        raw = identity.encode() if isinstance(identity, str) else identity
        return f"{kind}_{self.key.id}_{_base32(digest(purpose, raw, sha256))}"

    @classmethod
    def of(cls, keys: Sequence[Key]) -> Self:
        """Return a masker that writes with the first key and recognises all of them. Needs at least one key."""
        return cls(keys[0], tuple(map(cls, keys[1:])))

    @property
    def keys(self) -> tuple[Key, ...]:
        """All recognised keys, the one that the masker writes with first."""
        return (self.key, *(masker.key for masker in self.older))

    def tokens(self, kind: str, identity: str | bytes) -> tuple[str, ...]:
        """Return the token under every recognised key, the newest first."""
        return tuple(masker.token(kind, identity) for masker in (self, *self.older))

    def aliases(self, payment: Payment) -> Aliases:
        """Return the tokens of a payment under older keys. Costs nothing while there is only one key."""
        if not self.older:
            return NO_ALIASES
        pan = payment.card_number.get_secret_value()
        return Aliases(
            tuple(masker.token("transaction", payment.transaction_id) for masker in self.older),
            tuple(masker.token("card", pan) for masker in self.older),
        )

    def mask(self, payment: Payment) -> MaskedPayment:
        """Return the payment without card number, name, user id and device id. Removes card numbers from text also."""
        pan = payment.card_number.get_secret_value()
        scrubbed = _scrubber(pan)
        return MaskedPayment(
            id=self.token("transaction", payment.transaction_id),
            transaction_id=scrubbed(payment.transaction_id) or "",
            timestamp=format_us(payment.at_us),
            amount=f"{payment.amount:.2f}",
            currency=payment.currency,
            merchant_id=scrubbed(payment.merchant_id),
            merchant=scrubbed(payment.merchant),
            merchant_category=scrubbed(payment.merchant_category),
            transaction_type=scrubbed(payment.transaction_type),
            transaction_device=scrubbed(payment.transaction_device),
            place=_place(payment),
            card_token=self.token("card", pan),
            card_last4=pan[-4:],
            user_token=None if payment.user_id is None else self.token("user", payment.user_id),
            device_token=self.token("device", payment.device_id),
        )


@lru_cache(4096)
def _base32(hashed: bytes) -> str:
    """Return the base32 text of a hash, cached: the standard library is slow, and few devices repeat.

    The cache holds hashes, no identities.
    """
    return b32encode(hashed).decode().rstrip("=")


def _place(payment: Payment) -> MerchantLocation | None:
    if payment.latitude is None or payment.longitude is None:
        return None
    return MerchantLocation(payment.latitude, payment.longitude)


def _scrubber(pan: str) -> Callable[[str | None], str | None]:
    """Return a function that removes card numbers from text: this one in any spacing, and others that look like one."""

    def scrub(text: str | None) -> str | None:
        if text is None or not _TWELVE_DIGITS.search(text):
            return text
        plain = "".join(str(int(character)) if character.isdecimal() else character for character in text)
        this_one = re.compile(r"\D{0,3}".join(pan))
        spans = [match.span() for match in this_one.finditer(plain)] + find_pans(plain)
        return _without(text, sorted(spans))

    return scrub


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    parts, kept_from = [], 0
    for start, end in spans:
        if start >= kept_from:
            parts += [text[kept_from:start], REMOVED]
        kept_from = max(kept_from, end)
    return "".join([*parts, text[kept_from:]])
