"""What screens and verbs ask of draws and assignments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from models.inspections.tables import Inspection
from models.language import _
from models.law.due import Due, day_or_none
from models.planning import drawing, rules
from models.planning.tables import Assignment, AssignmentReply, DrawNotice, SiteClass, SpotDraw
from models.registry import queries as registry
from models.registry import units
from models.registry.days import local, today
from models.registry.tables import Officer, Site

if TYPE_CHECKING:
    from models.store.seat import Seat

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Stand:
    """An assignment with what became of it."""

    row: Assignment
    state: str
    """One of `rules.STATES`."""
    inspection: Any
    """The inspection's row; None where this notebook does not hold it."""
    reply: AssignmentReply | None
    """The last answer of an officer."""


# -- sites and officers ------------------------------------------------------------------------------------


def classes(seat: Seat, year: int, sites: Collection[str] | None = None) -> dict[str, SiteClass]:
    """The class of each site in a year: of its list, else of the last one before; general sites have none."""
    with seat:
        rows = SiteClass.select().where(SiteClass.voided.is_null(), SiteClass.year <= year)
        found = {row.site or "": row for row in rows.order_by(SiteClass.year, SiteClass.id)}
    return {site: row for site, row in found.items() if sites is None or site in sites}


def class_of(seat: Seat, site: str, year: int) -> str:
    """The class of a site in a year; "general" for one that no list names."""
    found = classes(seat, year, {site}).get(site)
    return (found.category or "general") if found is not None else "general"


def sites_in(seat: Seat, unit: str) -> list[Site]:
    """The standing sites that a unit inspects: the city all that this notebook holds."""
    with seat:
        rows = Site.select().where(Site.voided.is_null())
        if unit != units.city().code:
            rows = rows.where((Site.unit_code == unit) | (Site.unit_code.is_null() & (Site.unit == unit)))
        return list(rows.order_by(Site.id))


def officers_in(seat: Seat, unit: str, *, all_units: bool = False) -> list[Officer]:
    """The active officers of a unit, or of all units, whose role lets them inspect; nobody twice.

    A person with two records would be drawn twice as often.
    """
    able = [row for row in registry.officers(seat) if registry.may_inspect(row)]
    found = registry.one_per_certificate(seat, able)
    return found if all_units else [row for row in found if (row.unit_code or row.unit) == unit]


def visits(seat: Seat, sites: Iterable[str], year: int) -> Counter[str]:
    """How many inspections of a year count towards the cap of each site: begun in it, or due in it."""
    wanted = list(dict.fromkeys(sites))
    found: Counter[str] = Counter()
    with seat:
        for at in range(0, len(wanted), _CHUNK):
            rows = list(
                Inspection.select().where(
                    Inspection.voided.is_null(), Inspection.site.in_(wanted[at : at + _CHUNK])
                )
            )
            given = {
                row.inspection: row
                for part in range(0, len(rows), _CHUNK)
                for row in Assignment.select().where(
                    Assignment.inspection.in_([each.id for each in rows[part : part + _CHUNK]])
                )
            }
            for row in rows:
                day = _day_of(row)
                if day is not None and day.year == year and _counts(row, given.get(row.id), day):
                    found[row.site or ""] += 1
    return found


def _day_of(row: Inspection) -> date | None:
    return local(row.began_at).date() if row.began_at is not None else day_or_none(row.due)


def _counts(row: Inspection, given: Assignment | None, day: date) -> bool:
    if given is None:
        return rules.source_is_counted(row.source, day)
    if given.voided is not None and row.began_at is None:
        return False  # recalled and never made
    return given.counted is not False


def proposed_checklists(seat: Seat, site: str) -> str:
    """The checklists of the last visit to a site; "A" for one that was never visited."""
    with seat:
        rows = Inspection.select().where(Inspection.site == site, Inspection.voided.is_null())
        last = rows.where(Inspection.began_at.is_null(False)).order_by(Inspection.began_at.desc()).first()
    return (last.checklists or "A") if last is not None else "A"


# -- draws -------------------------------------------------------------------------------------------------


def notices_of(seat: Seat, draws: Iterable[str]) -> dict[str, list[DrawNotice]]:
    """What was told of each draw, in order."""
    wanted = list(draws)
    found: dict[str, list[DrawNotice]] = {each: [] for each in wanted}
    with seat:
        rows = DrawNotice.select().where(DrawNotice.draw.in_(wanted), DrawNotice.voided.is_null())
        for row in rows.order_by(DrawNotice.made_at, DrawNotice.id):
            found[row.draw or ""].append(row)
    return found


def draw_state(row: SpotDraw, notices: Sequence[DrawNotice]) -> str:
    """One of `rules.DRAW_STATES`: what was annulled stays so."""
    told = {each.kind for each in notices}
    if row.voided is not None or "annulled" in told:
        return "annulled"
    if "published" in told:
        return "published"
    return "drawn" if row.result else "frozen"


def draws_of(seat: Seat, unit: str, category: str, period: str) -> list[tuple[SpotDraw, str]]:
    """The draws of a unit, category and period with their states, in order; annulled ones too."""
    with seat:
        rows = list(
            SpotDraw.select()
            .where(SpotDraw.unit == unit, SpotDraw.category == category, SpotDraw.period == period)
            .order_by(SpotDraw.made_at, SpotDraw.id)
        )
    notices = notices_of(seat, [row.id for row in rows])
    return [(row, draw_state(row, notices[row.id])) for row in rows]


def drawn_before(seat: Seat, unit: str, period: str) -> dict[str, str]:
    """Sites that a draw of the period, not annulled, holds already: to the number of that draw.

    A quarter's draws and those of its whole year are each looked at by themselves.
    """
    with seat:
        rows = list(SpotDraw.select().where(SpotDraw.unit == unit, SpotDraw.period == period))
    notices = notices_of(seat, [row.id for row in rows])
    return {
        each.site: row.number or ""
        for row in rows
        if draw_state(row, notices[row.id]) != "annulled"
        for each in drawing.read_result(row.result)
    }


# -- assignments -------------------------------------------------------------------------------------------


def stands(seat: Seat, ids: Sequence[str]) -> dict[str, Stand]:
    """Assignments with what became of them, by id."""
    found: dict[str, Stand] = {}
    on = today(seat).isoformat()
    with seat:
        for at in range(0, len(ids), _CHUNK):
            part = list(ids[at : at + _CHUNK])
            rows = list(Assignment.select().where(Assignment.id.in_(part)))
            wanted = [row.inspection for row in rows if row.inspection]
            visited = {row.id: row for row in Inspection.select().where(Inspection.id.in_(wanted))}
            replies: dict[str, AssignmentReply] = {}
            told = AssignmentReply.select().where(
                AssignmentReply.assignment.in_(part), AssignmentReply.voided.is_null()
            )
            for reply in told.order_by(AssignmentReply.made_at, AssignmentReply.id):
                replies[reply.assignment or ""] = reply
            anew = Assignment.select(Assignment.replaces).where(
                Assignment.replaces.in_(part), Assignment.voided.is_null()
            )
            replaced = {row.replaces for row in anew}
            for row in rows:
                visit = visited.get(row.inspection or "")
                state = _state(row, visit, on, replaced=row.id in replaced)
                found[row.id] = Stand(row, state, visit, replies.get(row.id))
    return found


def _state(row: Assignment, visit: Inspection | None, on: str, *, replaced: bool) -> str:
    if visit is not None and visit.sealed:
        return "done"
    if visit is not None and visit.began_at is not None and visit.voided is None:
        return "begun"
    if replaced:
        return "replaced"
    if row.voided is not None:
        return "recalled"
    if visit is not None and visit.voided is not None:
        return "declined"  # also where its officers withdrew it without a word
    return "overdue" if (row.due or "9999") < on else "waiting"


def assignment_of(seat: Seat, inspection: str) -> Assignment | None:
    """The assignment that an inspection was made for, recalled or not."""
    with seat:
        found: Assignment | None = Assignment.get_or_none(Assignment.inspection == inspection)
    return found


def assignments_of(seat: Seat, inspections: Sequence[str]) -> dict[str, Assignment]:
    """Inspection to its assignment, of those that stand."""
    with seat:
        rows = Assignment.select().where(
            Assignment.inspection.in_(list(inspections)), Assignment.voided.is_null()
        )
        return {row.inspection or "": row for row in rows}


def recalled(seat: Seat, inspections: Sequence[str]) -> frozenset[str]:
    """Those of some inspections whose assignment was recalled."""
    with seat:
        rows = Assignment.select(Assignment.inspection).where(
            Assignment.inspection.in_(list(inspections)), Assignment.voided.is_null(False)
        )
        return frozenset(row.inspection or "" for row in rows)


def assignments_from(seat: Seat, origin: str) -> list[Assignment]:
    """The assignments that come from a record, in order; recalled ones too."""
    with seat:
        rows = Assignment.select().where(Assignment.origin_id == origin)
        return list(rows.order_by(Assignment.made_at, Assignment.id))


def open_ids(seat: Seat) -> list[str]:
    """Ids of the assignments that still wait, or came back, by due day."""
    with seat:
        waiting = Inspection.select(Inspection.id).where(
            Inspection.began_at.is_null() | Inspection.voided.is_null(False)
        )
        rows = Assignment.select(Assignment.id).where(
            Assignment.voided.is_null(), Assignment.inspection.in_(waiting)
        )
        ids = [row.id for row in rows.order_by(Assignment.due.is_null(), Assignment.due, Assignment.id)]
    found = stands(seat, ids)
    return [each for each in ids if found[each].state in ("overdue", "declined", "waiting")]


def is_dispatcher(seat: Seat) -> bool:
    """Whether who is unlocked assigns inspections."""
    return registry.may(seat, "assign")


def dues(seat: Seat) -> list[Due]:
    """Assignments that came back, by the day they run out: for who assigns.

    What waits and what is overdue stands on Today as an assigned inspection already.
    """
    if not is_dispatcher(seat):
        return []
    found = []
    for each in stands(seat, open_ids(seat)).values():
        due = day_or_none(each.row.due)
        if due is None or each.state != "declined":
            continue
        what = _("Assignment declined: assign it anew")
        about = f"{each.row.site_name or ''}  {each.row.number or ''}".strip()
        found.append(Due("assignment", "assignment", each.row.id, about, what, due, rules.CAP_BASIS, "S2"))
    return found
