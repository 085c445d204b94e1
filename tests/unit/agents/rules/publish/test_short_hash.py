"""Short hash: one thing under several tokens."""

from itertools import permutations

from agents.rules.publish.short_hash import DIGEST_BYTES, canonical_id, short_hash, short_hashes, split

K1, K2, K3, OTHER = (short_hash(name) for name in ("card_k1_A", "card_k2_A", "card_k3_A", "card_k1_B"))


def test_a_digest_is_short_and_the_same_for_the_same_name() -> None:
    assert short_hash("card_k1_A") == K1 != OTHER
    assert len(K1) == DIGEST_BYTES


def test_digests_stand_behind_each_other_and_come_apart_again() -> None:
    assert short_hashes(["card_k2_A", "card_k1_A"]) == K2 + K1
    assert list(split(K2 + K1)) == [K2, K1]


def test_under_one_key_each_is_its_own_name() -> None:
    assert canonical_id({K1, OTHER}) == {K1: K1, OTHER: OTHER}


def test_what_shares_a_digest_is_one_thing_also_through_a_third() -> None:
    for order in permutations((K1, K2 + K1, K3 + K2, OTHER)):
        names = canonical_id(order)
        assert names[K1] == names[K2 + K1] == names[K3 + K2] == min(K1, K2, K3)
        assert names[OTHER] == OTHER


def test_what_shares_nothing_stays_apart() -> None:
    names = canonical_id({K1, K3 + K2})
    assert names[K1] != names[K3 + K2]
