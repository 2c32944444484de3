"""The case that a verb works on: there, not ended, and of somebody who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.cases.damage.stages import Progress
from models.cases.damage.tables import DamageCase
from models.errors import RuleBroken
from models.language import N_, translate
from models.registry import keeping

if TYPE_CHECKING:
    from models.store.seat import Seat


def open_case(seat: Seat, case_id: str) -> tuple[DamageCase, Progress]:
    """A case that has not ended, and where it stands.

    Raises:
        RuleBroken: there is none, it has ended, or the person may not handle cases.
    """
    keeping.allow(seat, "damage_case")
    case: DamageCase = keeping.standing(seat, "damage_case", case_id)
    at = damage.progress_of(seat, case_id)
    if at.ended:
        raise RuleBroken(
            N_("{number} has ended on {day}: {how}."),
            field="case",
            number=case.number,
            day=at.last_on,
            how=translate(stages.CONDITIONS[at.condition]),
        )
    return case, at


def refuse_ended(seat: Seat, case_id: str | None) -> None:
    """Refuse to change or withdraw what belongs to a case that has ended.

    Raises:
        RuleBroken: naming the case and how it ended.
    """
    case = damage.damage_case(seat, case_id) if case_id else None
    at = damage.progress_of(seat, case_id) if case is not None and case_id else None
    if case is not None and at is not None and at.ended:
        raise RuleBroken(
            N_("{number} has ended on {day}: {how}."),
            field="case",
            number=case.number,
            day=at.last_on,
            how=translate(stages.CONDITIONS[at.condition]),
        )
