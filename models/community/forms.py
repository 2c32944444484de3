"""What the forms of community work share: why not, what is held, days, withdrawals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from models.community import verbs
from models.community.sheets import today
from models.errors import RuleBroken
from models.language import N_, _
from models.registry import keeping
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

WhyNot: TypeAlias = "Callable[[Seat, str], str]"
"""Of an act: empty, or why it cannot be done now."""


def may(kind: str, further: Callable[[Any], str] | None = None, subject: str = "") -> WhyNot:
    """Why not: the person may not write records of a kind, or what the subject's row says."""

    def why_not(seat: Seat, record_id: str) -> str:
        try:
            keeping.allow(seat, kind)
        except RuleBroken as broken:
            return broken.text()
        return where(further, subject)(seat, record_id) if further is not None else ""

    return why_not


def where(reason: Callable[[Any], str], kind: str) -> WhyNot:
    """Why not: what the row says."""

    def why_not(seat: Seat, record_id: str) -> str:
        row = keeping.row_of(seat, kind, record_id)
        return reason(row) if row is not None else ""

    return why_not


def held(kind: str, fields: tuple[Field, ...], names: Mapping[str, str] | None = None) -> Any:
    """A form that shows what the record holds; `names` gives the record's field where the form's differs."""

    def preset(seat: Seat, record_id: str) -> Mapping[str, Any]:
        row = keeping.kept(seat, kind, record_id)
        return {each.key: getattr(row, (names or {}).get(each.key, each.key), None) for each in fields}

    return preset


def from_today(seat: Seat, _record_id: str) -> Mapping[str, Any]:
    """Today, as the day on which something was done."""
    return {"on": today(seat).isoformat()}


WHY = (Field("why", N_("Reason for withdrawing"), "long", required=True),)
ON = Field("on", N_("On what day"), "day", required=True)


def withdrawal(kind: str, title: str, run: Any = None) -> Act:
    """The act that withdraws a record of a kind, by its own verb where it has one."""
    return Act(
        f"withdraw_{kind}",
        title,
        N_("Takes a record back that was made by mistake; it stays in the history with the reason."),
        run or partial(verbs.withdraw, kind=kind),
        subject=kind,
        fields=WHY,
        why_not=where(lambda row: _("It was withdrawn already.") if row.voided is not None else "", kind),
    )
