"""Whether fields of an inspection may be what they are to be: the rules that hold between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections import items as lists
from models.inspections import rules
from models.inspections.tables import Inspection
from models.inspections.writing import tidy
from models.language import N_
from models.registry import queries as registry
from models.registry.access import NO_GRID_WORKERS
from models.registry.rules import is_resident_id, tidy_code

if TYPE_CHECKING:
    from models.store.seat import Seat

_SET_BY_VERBS = ("number", "state", "assigned", "initials", "checklist_versions")


def checked(seat: Seat, row: Inspection | None, fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of an inspection as they are kept.

    Args:
        row: the inspection as it is; None for one that is being made.

    Raises:
        RuleBroken: naming the field, when a value is not possible beside the others.
        TypeError: for a field that only verbs set (a mistake of the caller).
    """
    if row is not None:
        for name in fields:
            if name in _SET_BY_VERBS:
                raise TypeError(f"{name} is set by verbs only")
    if "checklists" in fields:
        fields = {**fields, "checklists": rules.joined(fields["checklists"])}
    values = tidy("inspection", fields)

    def now(name: str) -> Any:
        return values[name] if name in values else getattr(row, name, None)

    for name in ("first_officer", "second_officer", "recorder"):
        if values.get(name):
            _refuse_non_inspector(seat, str(values[name]), name)
    if now("first_officer") and now("first_officer") == now("second_officer"):
        raise RuleBroken(
            N_("The two officers must be different people."),
            field="second_officer",
            basis="行政处罚法第四十二条",
        )
    began, ended = now("began_at"), now("ended_at")
    if ended is not None and began is not None and ended < began:
        raise RuleBroken(N_("The inspection ends before it begins."), field="ended_at")
    number = values.get("contact_id_number")
    if isinstance(number, str):
        values["contact_id_number"] = number = tidy_code(number)
        if len(number) == 18 and not is_resident_id(number):
            raise RuleBroken(
                N_("This citizen number does not check. Compare it with the card."),
                field="contact_id_number",
                basis="GB 11643-1999",
            )
    for code in str(values.get("checklists") or "").split(","):
        if code and lists.checklist(code) is None:
            raise RuleBroken(N_("There is no checklist {code}."), field="checklists", code=code)
    if "checklists" in values and now("began_at") is not None:
        values["checklist_versions"] = lists.stamped(str(values["checklists"] or ""), row)
    return values


def _refuse_non_inspector(seat: Seat, officer_id: str, place: str) -> None:
    officer = registry.officer(seat, officer_id)
    if officer is None or officer.voided is not None:
        raise RuleBroken(N_("This officer is not in the register."), field=place)
    if not registry.may_inspect(officer):
        raise RuleBroken(
            N_("{name} may not carry out inspections."), field=place, basis=NO_GRID_WORKERS, name=officer.name
        )
