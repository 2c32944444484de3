"""The tree against a brute-force reading of RFC 9162's definitions."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import merkle


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(sha256(str(n).encode()).digest()) for n in range(count)]


def brute_root(hashes: list[bytes]) -> bytes:
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\1" + brute_root(hashes[:split]) + brute_root(hashes[split:])).digest()


class Nodes(dict[tuple[int, int], bytes]):
    def __init__(self, hashes: list[bytes]) -> None:
        super().__init__()
        frontier = merkle.Frontier()
        for index, leaf in enumerate(hashes):
            self[0, index] = leaf
            for level, place, hash_ in frontier.append(leaf):
                self[level, place] = hash_

    def read(self, level: int, index: int) -> bytes:
        return self[level, index]


@given(st.integers(0, 200))
def test_the_frontier_gives_the_root_of_the_definition(size: int) -> None:
    hashes = leaves(size)
    assert merkle.root_of(hashes) == brute_root(hashes)
    assert merkle.root_at(size, Nodes(hashes).read) == brute_root(hashes)


def test_leaves_and_nodes_are_told_apart_by_their_first_byte() -> None:
    one, other = sha256(b"1").digest(), sha256(b"2").digest()
    assert merkle.leaf_hash(one) == sha256(b"\0" + one).digest()
    assert merkle.parent_hash(one, other) == sha256(b"\1" + one + other).digest()


def test_known_answers_of_rfc_6962_test_vectors() -> None:
    inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    hashes = [sha256(b"\0" + bytes.fromhex(text)).digest() for text in inputs]
    assert merkle.root_of(hashes).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert (
        merkle.root_of(hashes[:3]).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    )


@pytest.mark.requirement("R086")
@given(st.data())
def test_every_leaf_has_a_proof_and_a_changed_one_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 150))
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    path = merkle.inclusion_path(index, size, Nodes(hashes).read)
    root = brute_root(hashes)
    merkle.verify_inclusion(hashes[index], index, size, path, root)
    other = data.draw(st.integers(0, size + 3).filter(lambda n: n != index))
    with pytest.raises(merkle.ProofRefused):
        merkle.verify_inclusion(hashes[index], other, size, path, root)
    with pytest.raises(merkle.ProofRefused):
        merkle.verify_inclusion(merkle.leaf_hash(b"forged"), index, size, path, root)
    with pytest.raises(merkle.ProofRefused):
        merkle.verify_inclusion(hashes[index], index, size, [*path, b"\0" * 32], root)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        bent = [*path]
        bent[place] = bytes([bent[place][0] ^ 1]) + bent[place][1:]
        with pytest.raises(merkle.ProofRefused):
            merkle.verify_inclusion(hashes[index], index, size, bent, root)
        with pytest.raises(merkle.ProofRefused):
            merkle.verify_inclusion(hashes[index], index, size, path[:-1], root)


@pytest.mark.requirement("R086")
@given(st.data())
def test_a_grown_log_proves_that_it_only_grew(data: st.DataObject) -> None:
    second = data.draw(st.integers(1, 150))
    first = data.draw(st.integers(0, second))
    hashes = leaves(second)
    path = merkle.consistency_path(first, second, Nodes(hashes).read)
    old, new = brute_root(hashes[:first]), brute_root(hashes)
    merkle.verify_consistency(first, second, old, new, path)
    if first > 0:
        rewritten = brute_root([*hashes[: first - 1], merkle.leaf_hash(b"other")])
        with pytest.raises(merkle.ProofRefused):
            merkle.verify_consistency(first, second, rewritten, new, path)
    if 0 < first < second:
        with pytest.raises(merkle.ProofRefused):
            merkle.verify_consistency(first, second, old, merkle.leaf_hash(b"x"), path)
        with pytest.raises(merkle.ProofRefused):
            merkle.verify_consistency(second, first, new, old, path)


@pytest.mark.parametrize("size", range(1, 18))
def test_each_leaf_of_each_small_tree_by_the_definition(size: int) -> None:
    """By RFC 6962's recursive definitions, so that neither side of the check is ours."""

    def path_of(index: int, hashes: list[bytes]) -> list[bytes]:
        if len(hashes) == 1:
            return []
        split = 1 << (len(hashes) - 1).bit_length() - 1
        if index < split:
            return [*path_of(index, hashes[:split]), brute_root(hashes[split:])]
        return [*path_of(index - split, hashes[split:]), brute_root(hashes[:split])]

    def proof_of(first: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
        if first == len(hashes):
            return [] if whole else [brute_root(hashes)]
        split = 1 << (len(hashes) - 1).bit_length() - 1
        if first <= split:
            return [*proof_of(first, hashes[:split], whole), brute_root(hashes[split:])]
        return [*proof_of(first - split, hashes[split:], False), brute_root(hashes[:split])]

    hashes = leaves(size)
    root, node = brute_root(hashes), Nodes(hashes).read
    for index in range(size):
        path = path_of(index, hashes)
        assert merkle.inclusion_path(index, size, node) == path
        merkle.verify_inclusion(hashes[index], index, size, path, root)
        for bad in ([*path, root], path[1:] if path else [root], [step[:31] for step in path] or [b""]):
            with pytest.raises(merkle.ProofRefused):
                merkle.verify_inclusion(hashes[index], index, size, bad, root)
    for first in range(1, size):
        path = proof_of(first, hashes)
        old = brute_root(hashes[:first])
        assert merkle.consistency_path(first, size, node) == path
        merkle.verify_consistency(first, size, old, root, path)
        for bad in ([*path, root], path[:-1], [step[:31] for step in path], []):
            with pytest.raises(merkle.ProofRefused):
                merkle.verify_consistency(first, size, old, root, bad)
    assert merkle.consistency_path(size, size, node) == merkle.consistency_path(0, size, node) == []


def test_a_step_that_is_no_hash_is_refused_though_what_it_gives_is_the_root() -> None:
    """Else bytes that stand for two nodes would pass for one."""
    one, two, three, four = leaves(4)
    long = merkle.leaf_hash(two)[:16] * 3
    root = merkle.parent_hash(one, long)
    with pytest.raises(merkle.ProofRefused):
        merkle.verify_inclusion(one, 0, 2, [long], root)
    with pytest.raises(merkle.ProofRefused):
        merkle.verify_consistency(1, 2, one, root, [long])
    merkle.verify_inclusion(one, 0, 2, [three], merkle.parent_hash(one, three))
    assert brute_root([one, two, three, four]) != root


def test_no_leaf_outside_a_tree_has_a_proof() -> None:
    hashes = leaves(5)
    node, root = Nodes(hashes).read, brute_root(hashes)
    for index in (-1, 5, 6):
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion_path(index, 5, node)
        with pytest.raises(merkle.ProofRefused):
            merkle.verify_inclusion(hashes[0], index, 5, [], root)
    with pytest.raises(merkle.ProofRefused):
        merkle.verify_inclusion(hashes[0], 0, 0, [], hashes[0])


def test_a_log_never_proves_to_have_shrunk() -> None:
    hashes = leaves(5)
    node, root = Nodes(hashes).read, brute_root(hashes)
    for first, second in ((3, 2), (-1, 2), (6, 5)):
        with pytest.raises(ValueError, match="in order"):
            merkle.consistency_path(first, second, node)
        with pytest.raises(merkle.ProofRefused):
            merkle.verify_consistency(first, second, root, root, [])


def test_one_size_has_one_root_and_no_proof() -> None:
    hashes = leaves(5)
    root, other = brute_root(hashes), merkle.leaf_hash(b"other")
    merkle.verify_consistency(5, 5, root, root, [])
    merkle.verify_consistency(0, 5, merkle.EMPTY_ROOT, root, [])
    merkle.verify_consistency(0, 0, merkle.EMPTY_ROOT, merkle.EMPTY_ROOT, [])
    for first, old, new, path in (
        (5, root, other, []),
        (5, other, root, []),
        (5, root, root, [root]),
        (0, other, root, []),
        (0, root, root, []),
        (0, merkle.EMPTY_ROOT, root, [root]),
    ):
        with pytest.raises(merkle.ProofRefused):
            merkle.verify_consistency(first, 5, old, new, path)
    assert merkle.root_of([]) == merkle.EMPTY_ROOT == sha256(b"").digest()


def test_a_frontier_has_a_peak_for_each_part_of_its_size_and_its_copy_grows_alone() -> None:
    hashes = leaves(7)
    frontier = merkle.Frontier.load(6, Nodes(hashes[:6]).read)
    copy = frontier.copy()
    assert copy.append(hashes[6]) == []
    assert (copy.size, copy.root()) == (7, brute_root(hashes))
    assert (frontier.size, frontier.root()) == (6, brute_root(hashes[:6]))
    assert frontier.append(hashes[6]) == []
    for size, peaks in ((1, []), (2, hashes[:2]), (3, hashes[:1]), (0, hashes[:1])):
        with pytest.raises(ValueError, match="peaks"):
            merkle.Frontier(size, peaks)


def test_a_leaf_fills_the_nodes_above_it_lowest_first() -> None:
    frontier = merkle.Frontier()
    hashes = leaves(8)
    made = [frontier.append(leaf) for leaf in hashes]
    two = [merkle.parent_hash(*hashes[place : place + 2]) for place in range(0, 8, 2)]
    four = [merkle.parent_hash(*two[place : place + 2]) for place in (0, 2)]
    assert made[:3] == [[], [(1, 0, two[0])], []]
    assert made[3] == [(1, 1, two[1]), (2, 0, four[0])]
    assert made[7] == [(1, 3, two[3]), (2, 1, four[1]), (3, 0, merkle.parent_hash(*four))]


@given(st.integers(0, 300), st.integers(0, 60))
def test_a_frontier_loaded_from_its_nodes_grows_like_the_first(size: int, more: int) -> None:
    hashes = leaves(size + more)
    grown = merkle.Frontier.load(size, Nodes(hashes[:size]).read)
    for leaf in hashes[size:]:
        grown.append(leaf)
    assert grown.root() == brute_root(hashes)
