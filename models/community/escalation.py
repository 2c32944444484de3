"""What a patrol found that has to go upward, and nobody has reported."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from peewee import chunked

from models.community import rules
from models.community.facts import grid_items
from models.community.tables import Patrol, PatrolAnswer, UpwardReport
from models.language import _
from models.law.due import Due, day_or_none

if TYPE_CHECKING:
    from models.store.seat import Seat

_SOME = 500
"""Ids in one query; SQLite takes some thousand variables at most."""


@dataclass(frozen=True, slots=True)
class Unreported:
    """A problem that has to go upward and was not reported."""

    patrol: Patrol
    item: str
    """Code of the item; empty where the patrol says that it was reported and names no item."""
    times: int
    """Found so many times running in its grid."""

    @property
    def due(self) -> Due | None:
        """To be reported on the day on which it was first seen; None for a patrol without a day."""
        patrol, item = self.patrol, grid_items().get(self.item)
        seen = day_or_none(rules.moment_text(patrol.first_seen_at)[:10]) or day_or_none(patrol.on)
        if seen is None:
            return None
        return Due(
            "grid_report",
            "patrol",
            patrol.id,
            patrol.number or "",
            _("Report {item} upward").format(item=self.item),
            seen,
            item.basis(seen) if item is not None else rules.NOTICE,
            "D",
        )


def unreported(seat: Seat, as_of: date) -> list[Unreported]:
    """The problems of the last half year that go upward by the checklist and nobody has reported."""
    first, last = (as_of - timedelta(days=183)).isoformat(), as_of.isoformat()
    with seat:
        rows = Patrol.select().where(
            Patrol.on >= first, Patrol.on <= last, Patrol.voided.is_null(), Patrol.grid.is_null(False)
        )
        patrols = list(rows.order_by(Patrol.on, Patrol.began_at, Patrol.id))
    results = _results(seat, patrols)
    reported = _reported(seat, [row.id for row in patrols])
    running: dict[tuple[str, str], list[Patrol]] = defaultdict(list)
    found = []
    for row in patrols:
        for item, result in results[row.id].items():
            streak = running[row.grid or "", item]
            if result == "ok":
                streak.clear()
            elif result == "problem":
                streak.append(row)
                if (row.id, item) in reported:
                    streak.clear()  # it is with the superior now; what comes after is counted anew
                elif rules.escalates(grid_items()[item], len(streak)):
                    found.append(Unreported(row, item, len(streak)))
    done = {(each.patrol.grid or "", each.item): each for each in found}  # the latest speaks for its streak
    left = [
        each
        for (place, item), each in done.items()
        if each.patrol in running[place, item]  # neither mended nor reported since
    ]
    told = {record for record, _item in reported} | {each.patrol.id for each in left}
    return left + [
        Unreported(row, row.item or "", 1)
        for row in patrols
        if row.outcome == "reported" and row.id not in told
    ]


def _results(seat: Seat, patrols: list[Patrol]) -> dict[str, dict[str, str]]:
    """By patrol: what was found at each item, by its answers and by what the patrol is about."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    known = grid_items()
    with seat:
        for some in chunked([row.id for row in patrols], _SOME):
            rows = PatrolAnswer.select().where(
                PatrolAnswer.patrol.in_(list(some)), PatrolAnswer.voided.is_null()
            )
            for row in rows.order_by(PatrolAnswer.id):
                if row.patrol and row.item in known and row.result:
                    found[row.patrol][row.item] = row.result
    for patrol in patrols:
        if patrol.item in known and patrol.problem_class:
            found[patrol.id][patrol.item] = "problem"
    return found


def _reported(seat: Seat, patrol_ids: list[str]) -> set[tuple[str, str | None]]:
    found: set[tuple[str, str | None]] = set()
    with seat:
        for some in chunked(patrol_ids, _SOME):
            rows = UpwardReport.select(UpwardReport.patrol, UpwardReport.item).where(
                UpwardReport.patrol.in_(list(some)), UpwardReport.voided.is_null()
            )
            found.update((row.patrol or "", row.item) for row in rows)
    return found
