r"""Drawing experts by lot, so that anyone can repeat it: the algorithm `qingcha-draw-1`.

1. The list has one line for each candidate, "id name（employer）", sorted by id, in UTF-8, with a line feed
   after each line. Its SHA-256 in hex is the list's hash.
2. For the counter 0, 1, 2, … the number is the first 15 hex digits (60 bits) of the SHA-256 of the seed, the
   list's hash and the counter, with one line feed between them and none at the end.
3. Where n lines remain, a number of 2^60 - (2^60 mod n) or more is passed over, so that no line is likelier
   than another. Else the line at place (number mod n), counted from 0, is chosen and taken out of the list.
4. This goes on, the counter never going back, until as many are chosen as were wanted.

The same in a shell, with the draw's `seed` and `count` and its list of candidates in `list.txt`:

    hash=$(sha256sum < list.txt | cut -c1-64); counter=0; left=()
    while IFS= read -r line; do left+=("$line"); done < list.txt
    while [ "$count" -gt 0 ]; do
      n=${#left[@]}
      number=$((16#$(printf '%s\n%s\n%d' "$seed" "$hash" "$counter" | sha256sum | cut -c1-15)))
      counter=$((counter + 1))
      [ "$number" -ge $(( (1 << 60) - (1 << 60) % n )) ] && continue
      i=$((number % n))
      echo "${left[$i]}"
      left=("${left[@]:0:i}" "${left[@]:i+1}")
      count=$((count - 1))
    done

No expert has a weight. Distance only decides who is on the list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from models.registry.rules import tidy_line

ALGORITHM = "qingcha-draw-1"
_DIGITS = 15
_SPACE = 16**_DIGITS


def line(expert_id: str, name: str, employer: str) -> str:
    """A candidate's line of the list."""
    return tidy_line(f"{expert_id} {name}（{employer}）")


def canonical(lines: Iterable[str]) -> tuple[str, ...]:
    """The list in its one order, whatever order it came in: by id, each once."""
    return tuple(sorted(set(lines)))


def list_hash(lines: Sequence[str]) -> str:
    """SHA-256, in hex, of the list with a line feed after each line."""
    return hashlib.sha256("".join(f"{each}\n" for each in lines).encode()).hexdigest()


def id_of(candidate: str) -> str:
    """The record id that a line begins with."""
    return candidate.partition(" ")[0]


def words_of(candidate: str) -> str:
    """Name and employer on a line."""
    return candidate.partition(" ")[2]


def number_at(seed: str, hashed: str, counter: int) -> int:
    """The 60-bit number of a counter."""
    digest = hashlib.sha256(f"{seed}\n{hashed}\n{counter}".encode()).hexdigest()
    return int(digest[:_DIGITS], 16)


def place_of(number: int, left: int, space: int = _SPACE) -> int | None:
    """The place among `left` lines that a number below `space` means; None where it is passed over."""
    return number % left if number < space - space % left else None


def choose(seed: str, lines: Sequence[str], count: int) -> tuple[str, ...]:
    """The ids chosen from a canonical list, in the order of the draw.

    Raises:
        ValueError: more are wanted than there are.
    """
    if not 0 <= count <= len(lines):
        raise ValueError(count)
    left = list(lines)
    hashed = list_hash(lines)
    chosen: list[str] = []
    counter = 0
    while len(chosen) < count:
        place = place_of(number_at(seed, hashed, counter), len(left))
        counter += 1
        if place is not None:
            chosen.append(id_of(left.pop(place)))
    return tuple(chosen)
