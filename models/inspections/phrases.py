"""Stock phrases (常用语) and earlier words of this notebook, found by pinyin initials or by words."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.inspections.tables import Answer, Finding
from models.store.search_terms import initials

if TYPE_CHECKING:
    from models.store.seat import Seat

_DATA = Path(__file__).parent / "phrases.toml"
_EARLIER = 20


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to take over."""

    text: str
    places: tuple[str, ...]
    """Items or fields where it comes first; empty for an earlier entry."""
    earlier: bool = False
    """Whether it was written in this notebook before, rather than kept in stock."""


def phrases(seat: Seat, text: str = "", place: str = "", limit: int = 20) -> list[Phrase]:
    """Phrases whose pinyin initials hold `text`, or whose words do; those of the place first.

    Args:
        text: as "pskcb" for 排水口超标; empty for all of the place, then all.
        place: code of an item, or a field as "situation".
        limit: at most so many.
    """
    wanted = "".join(text.split()).casefold()
    found: list[tuple[bool, int, int, Phrase]] = []
    for each, letters in _stock():
        at = letters.find(wanted) if wanted.isascii() else each.text.casefold().find(wanted)
        if at >= 0:
            found.append((place not in each.places, at, len(found), each))
    stock = [each for *_, each in sorted(found, key=lambda one: one[:3])]
    earlier = _earlier(seat, wanted) if wanted else []
    return list({each.text: each for each in [*stock, *earlier]}.values())[:limit]


def _earlier(seat: Seat, wanted: str) -> list[Phrase]:
    hits = seat.search(wanted, kinds=("answer", "finding"), limit=_EARLIER)
    with seat:
        ids = [record for _, record in hits]
        notes = [row.note for row in Answer.select().where(Answer.id.in_(ids), Answer.voided.is_null())]
        notes += [row.text for row in Finding.select().where(Finding.id.in_(ids), Finding.voided.is_null())]
    return [Phrase(note, (), earlier=True) for note in notes if note]


@lru_cache(maxsize=1)
def _stock() -> list[tuple[Phrase, str]]:
    raw = tomllib.loads(_DATA.read_text("utf-8"))["phrase"]
    return [(Phrase(each["text"], tuple(each["for"])), initials(each["text"])) for each in raw]
