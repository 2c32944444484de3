"""Repeating a draw from its exported file, on any machine and without a notebook (docs/draw.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from models.errors import BadInput, reason_of
from models.language import N_
from models.planning import drawing

FILE_LIMIT = 4 << 20
"""Bytes of a file at most."""
_NO_DRAW = N_("{name} is no exported draw: give the .json file of a draw, or its .txt list with --seed.")


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn site with its officers, by name."""

    site: str
    name: str
    officers: tuple[str, str]
    """Record ids."""
    names: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row in which the file states something else than drawing again gives."""

    row: int
    """From 1."""
    stated: tuple[str, ...]
    """Site and officers by name, or an id that the list does not know; empty where there is no such row."""
    found: tuple[str, ...]
    rows: int
    """How many rows differ."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """What came of drawing again."""

    list_hash: str
    stated_hash: str
    """What the file says of its list; empty for a bare list."""
    seed: str
    lines: tuple[Line, ...]
    stated: tuple[tuple[str, ...], ...] | None
    """Site and officers as the file states them; None for a bare list."""
    difference: Difference | None = None
    """Where the result differs from what is stated; None where it does not."""

    @property
    def same_list(self) -> bool:
        """Whether the list is the one that was frozen, as far as the file says."""
        return self.stated_hash in ("", self.list_hash)

    @property
    def same_result(self) -> bool:
        """Whether the result is the one stated, as far as the file says."""
        return self.stated is None or self.stated == tuple((each.site, *each.officers) for each in self.lines)

    @property
    def same(self) -> bool:
        """Whether all is as the file states it."""
        return self.same_list and self.same_result


def repeat(path: Path, seed: str = "") -> Repeated:
    """Draw again from a file.

    Args:
        path: an exported .json, or the exact text of a list.
        seed: for a list; for a .json another seed than its own, to see what it would have drawn.

    Raises:
        BadInput: the file cannot be read, is no draw, or no seed is known.
    """
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise BadInput(_NO_DRAW, name=path.name)
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadInput(
            N_("{name} cannot be read: {reason}."), name=path.name, reason=reason_of(error)
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(_NO_DRAW, name=path.name) from error
    if not text.lstrip().startswith("{"):
        return _again(text, seed, "", None, path.name)
    told = _told(text, path.name)
    listed, own = told.get("list"), told.get("seed")
    if not isinstance(listed, str) or not isinstance(own, str):
        raise BadInput(_NO_DRAW, name=path.name)
    stated = _stated(told.get("drawn"), path.name)
    return _again(listed, seed or own, str(told.get("list_hash") or "-"), stated, path.name)


def _told(text: str, name: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(_NO_DRAW, name=name) from error
    if not isinstance(told, dict) or told.get("algorithm") != drawing.ALGORITHM:
        raise BadInput(_NO_DRAW, name=name)
    return told


def _stated(drawn: Any, name: str) -> tuple[tuple[str, ...], ...]:
    try:
        return tuple((str(each["site"]), *map(str, each["officers"])) for each in drawn)
    except (TypeError, KeyError) as error:
        raise BadInput(_NO_DRAW, name=name) from error


def _again(
    text: str, seed: str, stated_hash: str, stated: tuple[tuple[str, ...], ...] | None, name: str
) -> Repeated:
    if not seed:
        raise BadInput(N_("{name} is a list without a seed: give it with --seed."), name=name)
    if not text.startswith(drawing.ALGORITHM):
        raise BadInput(_NO_DRAW, name=name)
    found, drawn = drawing.read(text), drawing.draw(text, seed)
    lines = tuple(
        Line(
            each.site,
            found.sites[each.site],
            (each.first, each.second),
            (found.officers[each.first].name, found.officers[each.second].name),
        )
        for each in drawn
    )
    difference = _difference(found, lines, stated) if stated is not None else None
    return Repeated(drawing.list_hash(text), stated_hash, seed, lines, stated, difference)


def _difference(
    listed: drawing.DrawList, lines: tuple[Line, ...], stated: tuple[tuple[str, ...], ...]
) -> Difference | None:
    drawn = [(each.site, *each.officers) for each in lines]
    pairs = list(zip_longest(stated, drawn, fillvalue=()))
    wrong = [at for at, (said, found) in enumerate(pairs) if said != found]
    if not wrong:
        return None
    names = {**listed.sites, **{key: each.name for key, each in listed.officers.items()}}
    said, found = (tuple(names.get(each, each) for each in ids) for ids in pairs[wrong[0]])
    return Difference(wrong[0] + 1, said, found, len(wrong))
