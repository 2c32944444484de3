"""The sheets of the planning room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from models.errors import BadInput
from models.language import _, listed
from models.planning import drawing, draws, queries, rules
from models.planning.tables import SpotDraw
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import today
from models.registry.units import label_of
from models.rooms import Cell, Fact, Section, Sheet, label, labels

if TYPE_CHECKING:
    from models.store.seat import Seat

_PARTS = {
    "overdue": "bad",
    "declined": "bad",
    "waiting": "warn",
    "begun": "",
    "done": "good",
    "recalled": "quiet",
    "replaced": "quiet",
}
_DRAW_PARTS = {"frozen": "warn", "drawn": "strong", "annulled": "bad", "published": "good"}


def state_cell(state: str) -> Cell:
    """Where an assignment stands."""
    return Cell(label(rules.STATES, state), _PARTS.get(state, ""))


def draw_cell(state: str) -> Cell:
    """Where a draw stands."""
    return Cell(label(rules.DRAW_STATES, state), _DRAW_PARTS.get(state, ""))


def officer_name(seat: Seat, officer_id: str | None) -> str:
    """The officer's name; the id where the register does not have them."""
    found = registry.officer(seat, officer_id) if officer_id else None
    return (found.name if found is not None else None) or officer_id or ""


def pair_names(seat: Seat, *ids: str | None) -> str:
    """Names of officers, listed."""
    return listed(officer_name(seat, each) for each in ids if each)


def _facts(*facts: Fact) -> tuple[Fact, ...]:
    return tuple(each for each in facts if each.value)


def _section(title: str, facts: Iterable[Fact]) -> tuple[Section, ...]:
    found = tuple(facts)
    return (Section(title, found),) if found else ()


def class_sheet(seat: Seat, record_id: str) -> Sheet:
    """The class of a site in a year, and how many inspections of it count."""
    row = keeping.kept(seat, "site_class", record_id)
    year = int(row.year or today(seat).year)
    made = queries.visits(seat, [row.site], year)[row.site] if row.site else 0
    most = rules.cap(row.category or "", today(seat))
    cap = _("{count} of {most} ({basis}[{mark}])").format(
        count=made,
        most=most.value if most else "-",
        basis=most.basis if most else "",
        mark=most.mark if most else "",
    )
    held = keeping.row_of(seat, "site", row.site or "") is not None
    state = (
        Cell(_("Withdrawn"), "bad") if row.voided is not None else Cell(label(rules.CLASSES, row.category))
    )
    return Sheet(
        row.site_name or "",
        state,
        (
            Section(
                _("Class of a site"),
                _facts(
                    Fact(
                        _("Site"),
                        row.site_name or "",
                        kind="site" if held else "",
                        id=row.site if held else "",
                    ),
                    Fact(_("Year"), str(row.year or "")),
                    Fact(_("Class"), label(rules.CLASSES, row.category)),
                    Fact(_("What makes it special"), labels(rules.SPECIAL, row.reasons)),
                    Fact(_("List or document"), row.basis or ""),
                    Fact(_("Inspections that count this year"), cap if most else ""),
                ),
            ),
        ),
    )


def draw_sheet(seat: Seat, draw_id: str) -> Sheet:
    """A draw: the plan, the frozen list by its hash, seed, result, and what was given out."""
    row: SpotDraw = keeping.kept(seat, "spot_draw", draw_id)
    notices = queries.notices_of(seat, [draw_id])[draw_id]
    state = queries.draw_state(row, notices)
    broken = draws.why_changed(row)
    plan = _facts(
        Fact(_("Unit"), label_of(row.unit)),
        Fact(_("Drawn from"), label(rules.CATEGORIES, row.category)),
        Fact(_("Period of the draw"), row.period or ""),
        Fact(_("Items to check"), row.items or ""),
        Fact(_("Sites wanted"), str(row.wanted or "")),
        Fact(
            _("The plan still asked for"),
            str(row.least if row.least is not None else ""),
            "warn" if (row.least or 0) > (row.wanted or 0) else "",
        ),
        Fact(_("Counted by"), row.least_basis or ""),
        Fact(_("Why another draw"), row.reason or ""),
    )
    fixed = _facts(
        Fact(_("Number"), row.number or ""),
        Fact(_("List frozen on"), row.frozen_on or ""),
        Fact(_("By"), officer_name(seat, row.frozen_by)),
        Fact(_("SHA-256 of the list"), row.list_hash or "", "strong"),
        Fact(_("Algorithm"), row.algorithm or ""),
        Fact(_("Seed"), row.seed or ""),
        Fact(_("Where the seed was published"), _seed_words(row)),
        Fact(_("Drawn on"), row.drawn_on or ""),
        Fact(_("By"), officer_name(seat, row.drawn_by)),
        Fact(_("Witnesses of the draw"), row.witness or ""),
        Fact(_("Repeated now"), broken.text() if broken else _("the same"), "bad" if broken else "good"),
    )
    return Sheet(
        f"{row.number or ''} {label(rules.CATEGORIES, row.category)} {row.period or ''}".strip(),
        draw_cell(state),
        (
            Section(_("Plan"), plan),
            Section(_("Draw by lot"), fixed),
            *_section(_("Notices"), _notices(notices)),
            *_section(_("Drawn sites"), _drawn(seat, row)),
            *_section(_("Left out"), _left_out(row.listed)),
        ),
    )


def _seed_words(row: Any) -> str:
    if not row.seed:
        return ""
    if not row.seed_source:
        return _("made by the program")
    return f"{row.seed_source} {row.seed_on or ''}".strip()


def _notices(notices: Iterable[Any]) -> Iterable[Fact]:
    for each in notices:
        words = f"{each.on or ''} {each.reason or ''}".strip()
        yield Fact(
            label(rules.NOTICES, each.kind),
            words,
            "bad" if each.kind == "annulled" else "",
            "draw_notice",
            each.id,
        )


def _drawn(seat: Seat, row: SpotDraw) -> Iterable[Fact]:
    given = queries.assignments_from(seat, row.id)
    found = queries.stands(seat, [each.id for each in given])
    by_site = {each.row.site: each for each in found.values()}
    for at, (name, first, second, site) in enumerate(draws.drawn_rows(row), 1):
        stand = by_site.get(site)
        pair = f"{first.name}、{second.name}"
        if stand is None:
            waits = _("not given out")
            yield Fact(f"{at} {name}", f"{pair}  {waits}", "quiet")
        else:
            cell = state_cell(stand.state)
            yield Fact(f"{at} {name}", f"{pair}  {cell.text}", cell.part, "assignment", stand.row.id)


def _left_out(listed_text: str | None) -> Iterable[Fact]:
    try:
        found = drawing.read(listed_text or "")
    except BadInput:
        return
    for each in found.left_out:
        name, _sign, why = each.partition("：")
        yield Fact(name, why, "quiet")


def notice_sheet(seat: Seat, notice_id: str) -> Sheet:
    """What all may read of a draw."""
    row = keeping.kept(seat, "draw_notice", notice_id)
    facts = _facts(
        Fact(_("Unit"), label_of(row.unit)),
        Fact(_("Number"), row.number or ""),
        Fact(_("Drawn from"), label(rules.CATEGORIES, row.category)),
        Fact(_("Period of the draw"), row.period or ""),
        Fact(_("Date"), row.on or ""),
        Fact(_("Reason"), row.reason or ""),
        Fact(_("SHA-256 of the list"), row.list_hash or ""),
        Fact(_("Algorithm"), row.algorithm or ""),
        Fact(_("Seed"), row.seed or ""),
        Fact(_("Where the seed was published"), _seed_words(row)),
        Fact(_("Seal"), row.seal or ""),
    )
    drawn = [
        Fact(f"{at} {name}", f"{first.name}、{second.name}")
        for at, (name, first, second, _site) in enumerate(draws.drawn_rows(row), 1)
    ]
    return Sheet(
        f"{row.number or ''} {label(rules.NOTICES, row.kind)}".strip(),
        Cell(label(rules.NOTICES, row.kind), "bad" if row.kind == "annulled" else "good"),
        (
            Section(_("Notice of a draw"), facts),
            *_section(_("Drawn sites"), drawn),
            *_section(_("Left out"), _left_out(row.listed)),
        ),
    )


def assignment_sheet(seat: Seat, assignment_id: str) -> Sheet:
    """An assignment: what, who, why, until when, and what its officers answered."""
    row = keeping.kept(seat, "assignment", assignment_id)
    found = queries.stands(seat, [assignment_id])[assignment_id]
    visit = found.inspection
    officers = pair_names(
        seat,
        visit.first_officer if visit is not None else row.first_officer,
        visit.second_officer if visit is not None else row.second_officer,
    )
    comes = keeping.row_of(seat, row.origin_kind, row.origin_id) if _known(row.origin_kind) else None
    number = str(getattr(comes, "number", "") or "") if comes is not None else ""
    link = (row.origin_kind or "", row.origin_id or "") if comes is not None else ("", "")
    facts = _facts(
        Fact(_("Site"), row.site_name or "", kind="site", id=row.site or ""),
        Fact(
            _("Inspection"),
            row.number or "",
            kind="inspection" if visit is not None else "",
            id=row.inspection or "",
        ),
        Fact(_("Officers"), officers),
        Fact(_("Purpose of the inspection"), row.purpose or ""),
        Fact(_("Where it comes from"), f"{label(rules.ORIGINS, row.origin)} {number}".strip(), "", *link),
        Fact(_("Number of the approval"), row.approval_number or ""),
        Fact(_("Number of the notice"), row.notice_number or ""),
        Fact(_("To be done by"), row.due or "", "bad" if found.state == "overdue" else ""),
        Fact(_("Checklists"), (visit.checklists or "") if visit is not None else ""),
        Fact(_("Covert check"), _("Yes") if row.covert else ""),
        Fact(_("Counts towards the yearly cap"), _("Yes") if row.counted else _("No")),
        Fact(_("Assigned by"), officer_name(seat, row.made_by)),
        Fact(_("Recalled"), row.voided or "", "bad"),
    )
    before = keeping.row_of(seat, "assignment", row.replaces) if row.replaces else None
    answers = []
    if found.reply is not None:
        to = f" → {officer_name(seat, found.reply.to)}" if found.reply.to else ""
        who = f"{officer_name(seat, found.reply.officer)}{to}"
        words = f"{found.reply.on or ''} {who}：{found.reply.reason or ''}"
        answers.append(
            Fact(label(rules.REPLIES, found.reply.kind), words, "warn", "assignment_reply", found.reply.id)
        )
    if before is not None:
        answers.append(Fact(_("Takes the place of"), before.number or "", "", "assignment", before.id))
    return Sheet(
        f"{row.site_name or ''} {row.due or ''}".strip(),
        state_cell(found.state),
        (Section(_("Assignment"), facts), *_section(_("Answers"), answers)),
    )


def _known(kind: str | None) -> bool:
    from models import catalogue

    return bool(kind) and catalogue.kind(kind or "") is not None


def reply_sheet(seat: Seat, reply_id: str) -> Sheet:
    """What an officer answered."""
    row = keeping.kept(seat, "assignment_reply", reply_id)
    of = keeping.row_of(seat, "assignment", row.assignment or "")
    return Sheet(
        label(rules.REPLIES, row.kind),
        Cell(row.on or "", "strong"),
        (
            Section(
                label(rules.REPLIES, row.kind),
                _facts(
                    Fact(_("Officer"), officer_name(seat, row.officer)),
                    Fact(_("Handed on to"), officer_name(seat, row.to)),
                    Fact(_("Reason"), row.reason or ""),
                    *(
                        (Fact(_("Assignment"), of.site_name or "", kind="assignment", id=of.id),)
                        if of is not None
                        else ()
                    ),
                ),
            ),
        ),
    )
