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


@given(st.integers(0, 300), st.integers(0, 60))
def test_a_frontier_loaded_from_its_nodes_grows_like_the_first(size: int, more: int) -> None:
    hashes = leaves(size + more)
    grown = merkle.Frontier.load(size, Nodes(hashes[:size]).read)
    for leaf in hashes[size:]:
        grown.append(leaf)
    assert grown.root() == brute_root(hashes)
