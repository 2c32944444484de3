"""Which signed heads a notebook keeps: some of every age, as a restored server may be of long ago (R8)."""

from __future__ import annotations

from collections.abc import Iterable

HEADS_KEPT = 64
"""As many as the server compares after a restore."""
_NEWEST = 32


def superfluous(sizes: Iterable[int]) -> list[int]:
    """The sizes of heads to forget, so that `HEADS_KEPT` are left.

    The newest stay, and the oldest. Of those between goes the one whose neighbours are nearest to one
    another, as seen from the newest: what is left stands ever further apart, and whatever backup is put back,
    the log and the notebook have a head in common not far before its end.
    """
    left = sorted(sizes, reverse=True)
    gone = []
    while len(left) > HEADS_KEPT:
        newest = left[0]
        apart = [
            (newest - left[place + 1]) / (newest - left[place - 1]) for place in range(_NEWEST, len(left) - 1)
        ]
        gone.append(left.pop(_NEWEST + apart.index(min(apart))))
    return gone
