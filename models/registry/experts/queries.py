"""What screens, draws and statistics ask about the pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from models.listing import matching
from models.registry.days import today
from models.registry.experts import distance, rules
from models.registry.experts.tables import Expert
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class Ranked:
    """An expert as a search found them."""

    expert: Expert
    km: int | None
    """Kilometres from the place asked for; None without one."""
    here: bool
    """Whether they are in the pool on the day asked for."""


@dataclass(frozen=True, slots=True)
class Composition:
    """Who makes up the pool on a day."""

    total: int
    by_source: dict[str, int]
    """Every one of `rules.SOURCES`; together they are the total."""
    by_field: dict[str, int]
    """Every one of `rules.FIELDS`; who has several is counted in each."""

    @property
    def fields_covered(self) -> int:
        """How many of the six named fields have at least one expert."""
        return sum(count > 0 for field, count in self.by_field.items() if field != "other")


def expert(seat: Seat, expert_id: str) -> Expert | None:
    """One expert; None where there is none."""
    with seat:
        return by_id(Expert, expert_id)


def named(seat: Seat, ids: Iterable[str]) -> dict[str, Expert]:
    """Some experts by id, whether they still are in the pool or not."""
    with seat:
        return {row.id: row for row in Expert.select().where(Expert.id.in_(list(ids)))}


def experts(seat: Seat, as_of: date) -> list[Expert]:
    """Who was in the pool on the day, by name."""
    with seat:
        rows = Expert.select().where(Expert.voided.is_null()).order_by(Expert.name, Expert.id)
        return [row for row in rows if rules.in_pool(row, as_of)]


def find(
    seat: Seat, text: str = "", *, field: str = "", near: str = "", as_of: date | None = None
) -> list[Ranked]:
    """Experts by words of name, employer or title, or by initials: of a field, the nearest first.

    Who is not in the pool on the day (today unless given) comes last. Without a place they are ordered by
    grade, the highest first, then by name.
    """
    day = as_of or today(seat)
    text = text.strip()
    with seat:
        rows = Expert.select().where(Expert.voided.is_null())
        if text:
            rows = rows.where(Expert.id.in_(matching(seat, text, "expert")))
        found = [row for row in rows if not field or field in (row.fields or "").split(",")]
    ranked = [Ranked(row, _km(near, row.unit_code), rules.in_pool(row, day)) for row in found]
    return sorted(ranked, key=_order)


def composition(seat: Seat, as_of: date) -> Composition:
    """How many were in the pool on the day, by source and by field."""
    rows = experts(seat, as_of)
    sources = Counter(row.source or "" for row in rows)
    fields = Counter(field for row in rows for field in (row.fields or "").split(","))
    return Composition(
        len(rows),
        {key: sources[key] for key, _words in rules.SOURCES},
        {key: fields[key] for key, _words in rules.FIELDS},
    )


def _km(near: str, code: str | None) -> int | None:
    away = distance.kilometres(near, code) if near else None
    return None if away is None else round(away)


def _order(each: Ranked) -> tuple[bool, int, int, str, str]:
    grade = rules.grade(each.expert.title_grade)
    far = 100_000 if each.km is None else each.km
    return (not each.here, far, -(grade.order if grade else 0), each.expert.name or "", each.expert.id)
