"""What every verb of a visit shares: the open record, tidy values, one transaction, and the way back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from models.errors import RuleBroken
from models.inspections import rules
from models.inspections.items import visit_items
from models.inspections.tables import Inspection
from models.language import N_, translate
from models.registry import access, keeping
from models.registry.access import NO_GRID_WORKERS
from models.registry.keeping import row_of
from models.registry.queries import role_of
from models.registry.typed import read_day
from models.store.change import Change, Scalar, put, restore, void
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

_UNDO_DEPTH = 200

FIXED = frozenset(
    [
        "inspection",
        "evidence",
        "sha256",
        "sm3",
        "size",
        "mime",
        "title",
        "taken_in_at",
        "claim_time",
        "claim_time_source",
        "claim_place",
        "claim_place_source",
        "claim_problems",
        "verdict",
        "times",
        "excess",
        "compared",
        "limit_text",
        "clause",
        "reasons",
        "sampling",
        "sample",
        "report",
        "limit_source",
    ]
)
"""What nobody types: where a part belongs, what a file is and says of itself, what the limits say."""

CHOICES: dict[str, dict[str, Iterable[str]]] = {
    "inspection": {
        "source": rules.SOURCES,
        "avoidance": rules.AVOIDANCE,
        "signed": rules.SIGNATURES,
    },
    "answer": {"result": rules.RESULTS},
    "finding": {"severity": rules.SEVERITIES},
    "evidence": {"kind": rules.EVIDENCE_KINDS, "form": rules.FORMS},
    "custody": {"action": rules.CUSTODY_ACTIONS},
    "statement": {"kind": rules.STATEMENT_KINDS},
    "measurement": {
        "medium": ("water", "air", "noise", "solid"),
        "period": ("day", "night"),
        "sampled": ("instant", "composite"),
    },
}
"""Fields with a closed list, by kind."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo took back."""

    msgid: str
    records: tuple[tuple[str, str], ...]
    """(kind, id) of the records that changed."""

    @property
    def text(self) -> str:
        """What was taken back, in the reader's language."""
        return translate(self.msgid)


@dataclass(frozen=True, slots=True)
class _Step:
    msgid: str
    inspection: str
    back: tuple[Change, ...]
    wrote: tuple[tuple[str, str, dict[str, Scalar]], ...]
    """What the rows held afterwards: (kind, record, fields); undone only while they still do."""


_steps: WeakKeyDictionary[Seat, deque[_Step]] = WeakKeyDictionary()


def open_inspection(seat: Seat, inspection_id: str, *, withdrawn: bool = False) -> Inspection:
    """The row of an inspection that may still be changed, by someone who may.

    Args:
        withdrawn: whether a withdrawn one will do too.

    Raises:
        RuleBroken: there is none, it is withdrawn or sealed, or the person may not inspect, or not there.
    """
    with seat:
        row = by_id(Inspection, inspection_id)
    if row is None or (row.voided is not None and not withdrawn):
        raise RuleBroken(N_("There is no such inspection."), field="inspection")
    if row.sealed:
        raise RuleBroken(
            N_("{number} is sealed and stays as it is. Write an amendment instead."),
            field="inspection",
            number=row.number,
        )
    refuse_who_may_not_inspect(seat)
    keeping.allow_unit(seat, "inspection", row.unit)
    return row


def refuse_who_may_not_inspect(seat: Seat) -> None:
    """Refuse grid workers, experts, readers and whoever else may not inspect.

    Raises:
        RuleBroken: with 国办发〔2024〕54号 as its basis.
    """
    found = role_of(seat)
    if found is not None and not access.may_write(found.may, "inspection"):
        if found.is_grid_worker:
            raise RuleBroken(
                N_("A grid worker may patrol, dissuade and report, but never write an inspection record."),
                field="role",
                basis=NO_GRID_WORKERS,
            )
        raise RuleBroken(
            N_("As {role} you cannot write an inspection record."),
            field="role",
            basis=NO_GRID_WORKERS,
            role=found.label,
        )


def tidy(kind: str, fields: dict[str, Any]) -> dict[str, Scalar]:
    """Fields of a visit as they are kept. Errors as `keeping.tidy`, and RuleBroken for a day that is none."""
    if kind == "evidence" and fields.get("compared_on"):
        fields = {**fields, "compared_on": read_day(str(fields["compared_on"]), "compared_on")}
    return keeping.tidy(kind, fields, CHOICES.get(kind))


def refuse_unknown_item(visit: Inspection, item: str | None) -> None:
    """Refuse what is tied to an item that the visit does not have.

    Raises:
        RuleBroken: the item is in none of its checklists.
    """
    if item is not None and item not in visit_items(visit):
        raise RuleBroken(N_("Item {item} is in none of the chosen checklists."), field="item", item=item)


def keep(seat: Seat, msgid: str, visit: Inspection, kind: str, record: str, /, **fields: Scalar) -> None:
    """Write fields of one record of an inspection and remember the way back. Call inside `seat.writing()`."""
    before = row_of(seat, kind, record)
    seat.write(put(kind, record, visit.unit, **fields))
    if before is None:
        back: Change = void(kind, record, visit.unit, translate(N_("undone")))
    else:
        old = {name: getattr(before, name) for name in fields if getattr(before, name) != fields[name]}
        if not old:
            return
        back = put(kind, record, visit.unit, **old)
        fields = {name: fields[name] for name in old}
    remember(seat, msgid, visit.id, (back,), ((kind, record, fields),))


def take_away(seat: Seat, inspection: Inspection, kind: str, record: str, why: str) -> None:
    """Withdraw one record of an inspection and remember the way back. Call inside `seat.writing()`."""
    seat.write(void(kind, record, inspection.unit, why))
    back = restore(kind, record, inspection.unit)
    remember(seat, N_("Withdrawal"), inspection.id, (back,), ((kind, record, {"voided": why}),))


def remember(
    seat: Seat,
    msgid: str,
    inspection: str,
    back: tuple[Change, ...],
    wrote: tuple[tuple[str, str, dict[str, Scalar]], ...],
) -> None:
    """Keep how to take one action back, for as long as this notebook stays open."""
    _steps.setdefault(seat, deque(maxlen=_UNDO_DEPTH)).append(_Step(msgid, inspection, back, wrote))


def undo(seat: Seat) -> Undone:
    """Take the last action at this seat back by a compensating entry, which its history shows.

    Raises:
        RuleBroken: there is nothing to undo, the inspection was sealed, or the value has changed since.
    """
    with seat.writing():
        steps = _steps.get(seat)
        if not steps:
            raise RuleBroken(N_("There is nothing to undo."))
        step = steps[-1]
        try:
            withdrawal = any(kind == "inspection" and "voided" in fields for kind, _, fields in step.wrote)
            open_inspection(seat, step.inspection, withdrawn=withdrawal)
            for kind, record, fields in step.wrote:
                row = row_of(seat, kind, record)
                if row is None or any(getattr(row, name) != value for name, value in fields.items()):
                    raise RuleBroken(
                        N_("This was changed again since, and is not undone. Correct it by hand.")
                    )
        except RuleBroken:
            steps.pop()
            raise
        seat.write(*step.back)
        steps.pop()
    return Undone(step.msgid, tuple((change.record_kind, change.record) for change in step.back))
