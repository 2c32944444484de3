"""The one catalogue of record kinds, so that the store folds what it does not import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record: the table that its entries fold into."""

    name: str
    table: Any
    """A subclass of `models.store.records.Record`."""
    version: int
    """Raised whenever the fold of this kind would give other rows; the store then refolds it."""
    search: tuple[str, ...]
    """The fields whose text is found by full-text search and pinyin initials."""
    parent: str = ""
    """The field that names the record this one belongs to."""
    owner: str = ""
    """The field that names the record whose unit this one must share; a seal on that does not cover it."""


_kinds: dict[str, RecordKind] = {}


def register(kind: RecordKind) -> None:
    """Enter a kind.

    Raises:
        ValueError: when another table holds the name already.
    """
    known = _kinds.get(kind.name)
    if known is not None and known.table is not kind.table:
        raise ValueError(f"record kind {kind.name!r} is registered twice")
    _kinds[kind.name] = kind


def kind(name: str) -> RecordKind | None:
    """The kind of that name; None for one that this version does not know."""
    return _kinds.get(name)


def kinds() -> tuple[RecordKind, ...]:
    """All kinds, in the order in which their areas were imported."""
    return tuple(_kinds.values())
