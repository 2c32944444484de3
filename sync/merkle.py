"""The Merkle tree over all entries of the server's log (RFC 6962 section 2.1, RFC 9162 section 2.1).

The tree is kept as its full nodes: node (level, index) covers the leaves from `index << level` on,
`1 << level` of them. Whoever holds the nodes can grow the tree and make proofs in O(log n); nothing
here reads or writes a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves (RFC 9162 section 2.1.1)."""

Node = tuple[int, int, bytes]
"""A full node: level, index at that level, hash."""
NodeReader = Callable[[int, int], bytes]
"""Gives the hash of the full node (level, index)."""


class ProofRefused(ValueError):
    """A Merkle proof does not prove what it should."""


def leaf_hash(entry_hash: bytes) -> bytes:
    """The leaf of an entry: SHA-256(0x00 || entry hash)."""
    return sha256(b"\0" + entry_hash).digest()


def parent_hash(left: bytes, right: bytes) -> bytes:
    """The node over two nodes: SHA-256(0x01 || left || right)."""
    return sha256(b"\1" + left + right).digest()


class Frontier:
    """The right edge of a tree: all that is needed to append a leaf and to tell the root."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError("a tree of that size has another number of peaks")
        self.size = size
        """Number of leaves."""
        self._peaks = list(peaks)

    @classmethod
    def load(cls, size: int, node: NodeReader) -> Frontier:
        """The frontier of a stored tree of `size` leaves."""
        peaks = []
        start = 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                peaks.append(node(level, start >> level))
                start += 1 << level
        return cls(size, peaks)

    def copy(self) -> Frontier:
        """An independent frontier of the same tree."""
        return Frontier(self.size, self._peaks)

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf hash; the nodes above it that it fills, lowest first, without the leaf itself."""
        made: list[Node] = []
        index, level, hash_ = self.size, 0, leaf
        while index & 1:
            hash_ = parent_hash(self._peaks.pop(), hash_)
            index >>= 1
            level += 1
            made.append((level, index, hash_))
        self._peaks.append(hash_)
        self.size += 1
        return made

    def root(self) -> bytes:
        """The root hash of the tree as it stands."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = parent_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, computed anew from every leaf: what a stored tree is checked against."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def root_at(size: int, node: NodeReader) -> bytes:
    """The root that a stored tree had at an earlier size."""
    return Frontier.load(size, node).root()


def inclusion_path(index: int, size: int, node: NodeReader) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves (RFC 9162 section 2.1.3.1).

    Raises:
        ValueError: when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_subtree(middle, high, node))
            high = middle
        else:
            path.append(_subtree(low, middle, node))
            low = middle
    path.reverse()
    return path


def consistency_path(first: int, second: int, node: NodeReader) -> list[bytes]:
    """The proof that the tree of `second` leaves begins with that of `first` (RFC 9162 section 2.1.4.1).

    Raises:
        ValueError: when the sizes are not in order.
    """
    if not 0 <= first <= second:
        raise ValueError("sizes are not in order")
    if first in (0, second):
        return []
    path: list[bytes] = []
    low, high, wanted, whole = 0, second, first, True
    while wanted != high - low:
        middle = _split(high - low)
        if wanted <= middle:
            path.append(_subtree(low + middle, high, node))
            high = low + middle
        else:
            path.append(_subtree(low, low + middle, node))
            low, wanted, whole = low + middle, wanted - middle, False
    if not whole:
        path.append(_subtree(low, high, node))
    path.reverse()
    return path


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check an audit path (RFC 9162 section 2.1.3.2).

    Raises:
        ProofRefused: when it does not lead from the leaf to the root.
    """
    if not 0 <= index < size:
        raise ProofRefused("the leaf is outside the tree")
    number, last, hash_ = index, size - 1, leaf
    for step in path:
        if last == 0 or len(step) != HASH_SIZE:
            raise ProofRefused("the path is too long")
        if number & 1 or number == last:
            hash_ = parent_hash(step, hash_)
            while number and not number & 1:
                number >>= 1
                last >>= 1
        else:
            hash_ = parent_hash(hash_, step)
        number >>= 1
        last >>= 1
    if last or hash_ != root:
        raise ProofRefused("the path does not lead to the root")


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that one tree head extends another (RFC 9162 section 2.1.4.2).

    Raises:
        ProofRefused: when the later tree does not begin with the earlier one.
    """
    if not 0 <= first <= second:
        raise ProofRefused("the log is shorter than it was")
    if first == 0 or first == second:
        expected = EMPTY_ROOT if first == 0 else second_root
        if path or first_root != expected:
            raise ProofRefused("two roots for one size")
        return
    steps = list(path)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    if not steps:
        raise ProofRefused("the proof is empty")
    number, last = first - 1, second - 1
    while number & 1:
        number >>= 1
        last >>= 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0 or len(step) != HASH_SIZE:
            raise ProofRefused("the proof is too long")
        if number & 1 or number == last:
            old = parent_hash(step, old)
            new = parent_hash(step, new)
            while number and not number & 1:
                number >>= 1
                last >>= 1
        else:
            new = parent_hash(new, step)
        number >>= 1
        last >>= 1
    if last or old != first_root or new != second_root:
        raise ProofRefused("the log was rewritten")


def _split(count: int) -> int:
    """The largest power of two below `count` (count > 1)."""
    return 1 << (count - 1).bit_length() - 1


def _subtree(low: int, high: int, node: NodeReader) -> bytes:
    """The hash over the leaves low..high-1, which RFC 9162's recursion always aligns to full nodes."""
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(count)
    return parent_hash(_subtree(low, middle, node), _subtree(middle, high, node))
