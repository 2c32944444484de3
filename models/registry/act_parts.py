"""What the acts of every area share: whether they can be done now, what their forms show at first.

`why_not` of an act says only what is particular to it; that who is unlocked may write such records, and that
the record still stands, is asked here for all acts alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models import catalogue
from models.errors import RuleBroken
from models.language import _
from models.registry import keeping
from models.registry.days import today
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

WhyNot = Callable[["Seat", str], str]
"""Of an act: empty, or why it cannot be done now."""
Preset = Callable[["Seat", str], Mapping[str, Any]]
"""Of an act: what its form shows at first."""


def refusal(seat: Seat, act: Act, record: str) -> str:
    """Why an act cannot be done now by who is unlocked; empty when it can."""
    if act.right or act.subject:
        try:
            keeping.allow(seat, act.subject, act.right)
        except RuleBroken as broken:
            return broken.text()
    if act.subject and catalogue.kind(act.subject) is not None:
        row = keeping.row_of(seat, act.subject, record)
        if row is None:
            return _("There is no such record here. Choose one from the list.")
        if row.voided is not None:
            return _("This was withdrawn.")
    return act.why_not(seat, record) if act.why_not is not None else ""


def may_write(kind: str) -> WhyNot:
    """Why not: the role may write no records of a kind, which the act makes beside its subject."""

    def why_not(seat: Seat, _record: str) -> str:
        try:
            keeping.allow(seat, kind)
        except RuleBroken as broken:
            return broken.text()
        return ""

    return why_not


def where(kind: str, reason: Callable[[Any], str]) -> WhyNot:
    """Why not: what the row of the record says."""

    def why_not(seat: Seat, record: str) -> str:
        row = keeping.row_of(seat, kind, record)
        return reason(row) if row is not None else ""

    return why_not


def first_of(*reasons: WhyNot) -> WhyNot:
    """Why not: the first of several reasons that holds."""
    return lambda seat, record: next((said for each in reasons if (said := each(seat, record))), "")


@dataclass(frozen=True)
class Held:
    """A form that shows what the record holds in some fields."""

    kind: str
    names: tuple[str, ...]

    def __call__(self, seat: Seat, record: str) -> Mapping[str, Any]:
        """What the form shows."""
        row = keeping.kept(seat, self.kind, record)
        return {name: getattr(row, name) for name in self.names}


def held(kind: str, fields: Iterable[Field | str]) -> Held:
    """A form that shows what the record holds in these fields."""
    return Held(kind, tuple(each.key if isinstance(each, Field) else each for each in fields))


def todays(*names: str) -> Preset:
    """A form whose days are today, as most that is written down is."""
    return lambda seat, _record: dict.fromkeys(names, today(seat).isoformat())


def whole(run: Callable[..., Any], fields: Iterable[Field]) -> Callable[..., Any]:
    """The verb with every field of the form: what is left empty is emptied."""
    names = [each.key for each in fields]
    return lambda seat, record, **values: run(seat, record, **{name: values.get(name) for name in names})
