"""What the verbs of outreach share: closed lists, and a change that must leave the whole record right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from models.outreach import rules
from models.registry import keeping

if TYPE_CHECKING:
    from models.store.seat import Seat

Check = Callable[["Seat", dict[str, Any], str], object]
"""`check(seat, values, own)`: refuses what a record must not hold and tidies it in place; `own` is its id."""
CHOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "education_base": {"themes": rules.values(rules.THEMES)},
    "activity": {"themes": rules.values(rules.THEMES), "form": rules.values(rules.FORMS)},
    "publicity": {"channel": rules.values(rules.CHANNELS)},
    "training": {
        "kind": rules.values(rules.KINDS),
        "form": rules.values(rules.TRAINING_FORMS),
    },
}


def _held(row: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """What a record would hold with these fields set."""
    names = [name for name in row._meta.fields if not name.startswith("_")]
    return {**{name: getattr(row, name) for name in names}, **fields}


def edit_checked(seat: Seat, kind: str, record_id: str, fields: dict[str, Any], check: Check) -> None:
    """Change a record if what it then holds passes the check.

    Raises:
        RuleBroken: it does not, or the person may not.
    """
    keeping.allow(seat, kind)
    with seat.writing():
        row = keeping.standing(seat, kind, record_id)
        values = keeping.tidy(kind, fields, CHOICES.get(kind))
        whole = _held(row, values)
        check(seat, whole, row.id)
        keeping.change(seat, row, kind, {name: whole[name] for name in values})
