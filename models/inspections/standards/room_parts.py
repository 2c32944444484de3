"""The acts and sheets of permit limits, which the room of sampling takes in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import BadInput, RuleBroken
from models.inspections.sampling.lab import error_texts
from models.inspections.standards import verbs
from models.inspections.standards.queries import limits_of
from models.inspections.standards.tables import PermitLimit
from models.language import N_, _, listed_long, translate
from models.registry import keeping
from models.registry.act_parts import held, may_write
from models.rooms import Act, Cell, Fact, Field, Section, Sheet, label

if TYPE_CHECKING:
    from models.store.seat import Seat

MEDIA = (("water", N_("Water")), ("air", N_("Exhaust air")), ("noise", N_("Noise")))
_SHOWN = 5
_FIELDS = (
    Field("permit_number", N_("Discharge permit"), hint=N_("that of the site, unless given")),
    Field("outlet", N_("Outlet"), hint=N_("number or name; empty: at every outlet")),
    Field("medium", N_("Medium"), "choice", choices=MEDIA),
    Field("parameter", N_("Parameter"), required=True),
    Field("limit", N_("Limit"), required=True, hint=N_("as 60, 6-9, <0.5, 不得检出")),
    Field("unit_of_limit", N_("Unit of the limit"), hint=N_("as mg/L; empty for pH")),
    Field("since", N_("In force from"), "day"),
    Field("until", N_("In force until"), "day"),
    Field("note", N_("Remark")),
)


def limit_words(row: PermitLimit) -> str:
    """A limit in one line."""
    days = " – ".join(each for each in (row.since or "", row.until or "") if each)
    parts = (
        f"{row.limit or ''} {row.unit_of_limit or ''}".strip(),
        row.outlet or "",
        row.permit_number or "",
        days,
    )
    return " · ".join(each for each in parts if each)


def site_section(seat: Seat, site_id: str) -> Section:
    """The limits of a site's permits, for its sheet."""
    facts = (
        Fact(each.parameter or "", limit_words(each), "", "permit_limit", each.id)
        for each in limits_of(seat, site_id)
    )
    return Section(_("Limits of the permit"), tuple(facts))


def limit_sheet(seat: Seat, limit_id: str) -> Sheet:
    """One limit of a permit."""
    row: PermitLimit = keeping.kept(seat, "permit_limit", limit_id)
    site = keeping.row_of(seat, "site", row.site or "")
    facts = [Fact(_("Site"), (site.name or "") if site is not None else "", "", "site", row.site or "")]
    for field in _FIELDS:
        value = getattr(row, field.key) or ""
        facts.append(Fact(translate(field.label), label(MEDIA, value) if field.key == "medium" else value))
    state = Cell(_("Withdrawn"), "bad") if row.voided is not None else Cell("")
    shown = tuple(each for each in facts if each.value)
    return Sheet(
        f"{row.parameter or ''} {row.limit or ''} {row.unit_of_limit or ''}".strip(),
        state,
        (Section(_("Limit"), shown),),
    )


def _import(seat: Seat, site_id: str, *, file: str) -> None:
    path = Path(file.strip().strip("'\"")).expanduser()
    if not path.is_file():
        raise RuleBroken(N_("There is no file {name}. Give its whole path."), field="file", name=file)
    try:
        done = verbs.import_limits(seat, site_id, path)
    except BadInput as wrong:
        raise RuleBroken("{reason}", field="file", reason=wrong.text()) from wrong
    if done.errors:
        shown = listed_long(error_texts(done.errors)[:_SHOWN])
        refused = BadInput(
            N_("Nothing was taken in. Rows that are wrong: {count}. {errors}"),
            count=len(done.errors),
            errors=shown,
        )
        raise RuleBroken("{reason}", field="file", reason=refused.text())


ACTS = (
    Act(
        "add_permit_limit",
        N_("Enter a limit of the permit"),
        N_("Keeps a limit that the site's own permit sets: it comes before every standard."),
        verbs.add_limit,
        "site",
        _FIELDS,
        why_not=may_write("permit_limit"),
    ),
    Act(
        "import_permit_limits",
        N_("Take in limits of the permit"),
        N_("Reads a .csv or .xlsx list of the permit's limits, all rows or none."),
        _import,
        "site",
        (Field("file", N_("File of the limits"), required=True, hint=N_("path of the .xlsx or .csv file")),),
        why_not=may_write("permit_limit"),
    ),
    Act(
        "edit_permit_limit",
        N_("Correct the limit"),
        N_("Changes the limit; what was judged before stays as it is."),
        verbs.edit_limit,
        "permit_limit",
        _FIELDS,
        preset=held("permit_limit", _FIELDS),
    ),
    Act(
        "withdraw_permit_limit",
        N_("Withdraw the limit"),
        N_("Withdraws the limit with a reason; it stays in the history."),
        verbs.withdraw_limit,
        "permit_limit",
        (Field("why", N_("Reason for withdrawing"), "long", required=True),),
    ),
)

__all__ = ["ACTS", "limit_sheet", "limit_words", "site_section"]
