"""Short hash: one thing under several tokens."""

from itertools import permutations

from agents.rules.publish.short_hash import DIGEST_BYTES, canonical_id, short_hash, short_hashes, split

K1, K2, K3, OTHER = (short_hash(name) for name in ("card_k1_A", "card_k2_A", "card_k3_A", "card_k1_B"))


def test_a_short_hash_is_short_and_equal_for_equal_names() -> None:
    assert short_hash("card_k1_A") == K1 != OTHER
    assert len(K1) == DIGEST_BYTES


def test_short_hashes_are_joined_in_order_and_split_again() -> None:
    assert short_hashes(["card_k2_A", "card_k1_A"]) == K2 + K1
    assert list(split(K2 + K1)) == [K2, K1]


def test_under_one_key_every_hash_is_its_own_canonical_id() -> None:
    assert canonical_id({K1, OTHER}) == {K1: K1, OTHER: OTHER}


def test_values_that_share_a_hash_have_one_id_also_through_a_third() -> None:
    for order in permutations((K1, K2 + K1, K3 + K2, OTHER)):
        names = canonical_id(order)
        assert names[K1] == names[K2 + K1] == names[K3 + K2] == min(K1, K2, K3)
        assert names[OTHER] == OTHER


def test_values_without_a_shared_hash_keep_different_ids() -> None:
    names = canonical_id({K1, K3 + K2})
    assert names[K1] != names[K3 + K2]
