"""The experts' room: the pool, the draws and the opinions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.assessment import queries, rules, verbs
from models.cases.assessment.sheets import (
    draw_sheet,
    expert_sheet,
    mode_label,
    opinion_expert_sheet,
    opinion_sheet,
)
from models.cases.assessment.tables import ExpertDraw, Opinion
from models.cases.damage import queries as damage
from models.cases.damage.tables import DamageCase
from models.errors import RuleBroken
from models.language import N_, _
from models.law.deadlines import day_of
from models.registry import keeping, units
from models.registry.experts import queries as pool
from models.registry.experts import verbs as experts
from models.registry.experts.imports import import_list
from models.registry.experts.rules import FIELDS, GRADES, SOURCES, grade
from models.registry.typed import yuan
from models.rooms import Act, Cell, Column, Field, Line, Listing, Room, label, labels

if TYPE_CHECKING:
    from models.store.seat import Seat

_WHY = (Field("why", N_("Reason"), "long", required=True),)
_NAMED = 5
"""Experts that one form can name."""
_EXPERT_FIELDS = (
    Field("name", N_("Name"), required=True),
    Field("employer", N_("Employer"), required=True, hint=N_("full name, as on its seal")),
    Field("title", N_("Professional title"), required=True, hint=N_("as on the certificate: 高级工程师")),
    Field(
        "title_grade",
        N_("Grade of the title"),
        "choice",
        choices=GRADES,
        hint=N_("empty: taken from the title"),
    ),
    Field("fields", N_("Fields of work"), "marks", required=True, choices=FIELDS),
    Field("source", N_("Taken from"), "choice", required=True, choices=SOURCES),
    Field("unit_code", N_("Home county"), "record", of="unit", hint=N_("empty: your own unit")),
    Field("employer_code", N_("Employer's credit code")),
    Field("phone", N_("Phone")),
    Field("entered_on", N_("In the pool since"), "day", hint=N_("empty: today")),
)
_DAY_OF_DRAW = Field("on", N_("Day of the draw"), "day", required=True)
_COMMON = (
    Field("declared", N_("Declared ties"), "long", hint=N_("name: tie, one expert a line")),
    Field("witness", N_("Witnesses of the draw"), hint=N_("who watched it")),
)
_DRAW_FIELDS = (
    _DAY_OF_DRAW,
    Field("count", N_("How many experts"), "count", required=True, hint=N_("an odd number: 3, 5")),
    Field("field", N_("Field wanted"), "choice", choices=FIELDS, hint=N_("empty: any field")),
    Field("nearest", N_("From the nearest counties"), "count", hint=N_("how many; empty: all")),
    Field("near", N_("Near to"), "record", of="unit", hint=N_("empty: the unit of the case")),
    *_COMMON,
    Field("seed", N_("Seed of the draw"), hint=N_("empty: made at random")),
    Field("reason", N_("Why another draw"), "long", hint=N_("only where there was one before")),
)
_OPINION_FIELDS = (
    Field("commissioned_by", N_("Commissioned by"), required=True),
    Field("matter", N_("Matter commissioned"), "long", required=True),
    Field("materials", N_("Materials examined"), "long", required=True),
    Field("surveyed_on", N_("Day of the survey"), "day", required=True),
    Field("surveyed_place", N_("Place of the survey"), required=True),
    Field("damage", N_("Damage confirmed"), "long", required=True),
    Field("causation", N_("Cause and effect"), "long", required=True),
    Field("formula", N_("Formula of the amount"), "long", required=True),
    Field("parameters", N_("Values put in"), "long", required=True),
    Field("parameter_source", N_("Where the values come from"), "long", required=True),
    Field("total_cents", N_("Amount of the damage"), "money", required=True, hint=N_("in yuan")),
    Field("restoration_mode", N_("Suggested restoration"), "choice", required=True, choices=rules.MODES),
    Field("restoration_amount", N_("Its amount"), required=True, hint=N_("number and unit: 鲢鱼苗 2万尾")),
    Field("restoration_place", N_("Its place"), required=True),
    Field("restoration_term", N_("Its term"), required=True),
    Field("dissent", N_("Dissent"), "long", required=True, hint=N_("write 无 where there is none")),
    Field("dated_on", N_("Day of the opinion"), "day", required=True),
)
_STATED = (
    Field("no_conflict", N_("All declared no tie"), "flag", required=True),
    Field("signed", N_("All signed"), "flag", required=True),
)


def _today(seat: Seat) -> date:
    return day_of(seat.clock.wall_ms())


def _find_experts(seat: Seat, text: str) -> list[str]:
    return [each.expert.id for each in pool.find(seat, text)]


def _expert_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    known, owed, today = pool.named(seat, ids), queries.load(seat, _today(seat)), _today(seat)
    present = {row.id for row in pool.experts(seat, today)}
    found = []
    for each in ids:
        row = known.get(each)
        if row is None:
            continue
        rung, home = grade(row.title_grade), units.unit(row.unit_code or "")
        cells = (
            Cell(row.name or "", "strong" if each in present else "quiet"),
            row.employer or "",
            labels(FIELDS, row.fields),
            rung.label if rung else "",
            home.label if home else "",
            Cell(_("left"), "quiet") if each not in present else str(owed[each] or ""),
            Cell(label(SOURCES, row.source), "quiet"),
        )
        found.append(Line(each, cells))
    return found


def _with_case(seat: Seat, table: Any, kind: str, day: Any, text: str) -> list[str]:
    """Records that belong to a case, latest first: by their own words or by those of the case."""
    with seat:
        rows = table.select().where(table.voided.is_null()).order_by(day.desc(), table.id.desc())
        if text.strip():
            hits = {each for _kind, each in seat.search(text, kinds=(kind, "damage_case"), limit=500)}
            rows = [row for row in rows if row.id in hits or row.case in hits]
        return [row.id for row in rows]


def _find_draws(seat: Seat, text: str) -> list[str]:
    return _with_case(seat, ExpertDraw, "expert_draw", ExpertDraw.drawn_on, text)


def _find_opinions(seat: Seat, text: str) -> list[str]:
    return _with_case(seat, Opinion, "opinion", Opinion.dated_on, text)


def _rows(seat: Seat, table: Any, ids: Sequence[str]) -> tuple[list[Any], dict[str, DamageCase]]:
    with seat:
        known = {row.id: row for row in table.select().where(table.id.in_(list(ids)))}
        rows = [known[each] for each in ids if each in known]
        cases = DamageCase.select().where(DamageCase.id.in_([row.case for row in rows]))
        return rows, {row.id: row for row in cases}


def _case_words(case: DamageCase | None) -> str:
    return (case.title or case.party or case.number or "") if case is not None else ""


def _draw_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, cases = _rows(seat, ExpertDraw, ids)
    found = []
    for row in rows:
        names = queries.names_in(row)
        chosen = "、".join(names.get(each, each).partition("（")[0] for each in queries.chosen(row))
        cells = (
            row.drawn_on or "",
            _case_words(cases.get(row.case or "")),
            Cell(chosen, "strong"),
            labels(FIELDS, row.field) or _("any"),
            label(rules.HOW, row.how) if queries.holds(row) else Cell(_("does not repeat"), "bad"),
            Cell(row.number or "", "quiet"),
        )
        found.append(Line(row.id, cells))
    return found


def _opinion_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows, cases = _rows(seat, Opinion, ids)
    by_opinion = queries.experts_of(seat, [row.id for row in rows])
    found = []
    for row in rows:
        cells = (
            row.dated_on or "",
            _case_words(cases.get(row.case or "")),
            yuan(row.total_cents or 0),
            mode_label(row.restoration_mode),
            "、".join(each.name or "" for each in by_opinion[row.id]),
            Cell(row.number or "", "quiet"),
        )
        found.append(Line(row.id, cells))
    return found


def _summary(seat: Seat) -> str:
    found = pool.composition(seat, _today(seat))
    text = _("{total} experts: {court} of the court's, {system} of the authorities; {fields} of six fields")
    return text.format(
        total=found.total,
        court=found.by_source["court"],
        system=found.by_source["system"],
        fields=found.fields_covered,
    )


def _expert_preset(seat: Seat, expert_id: str) -> Mapping[str, Any]:
    row = pool.expert(seat, expert_id)
    return {name: getattr(row, name) for name in experts.EDITABLE} if row is not None else {}


def _opinion_preset(seat: Seat, opinion_id: str) -> Mapping[str, Any]:
    row = queries.opinion(seat, opinion_id)
    return {name: getattr(row, name) for name in rules.NEEDED} if row is not None else {}


def _new_opinion_preset(seat: Seat, draw_id: str) -> Mapping[str, Any]:
    row = queries.draw(seat, draw_id)
    case = damage.damage_case(seat, row.case or "") if row is not None else None
    if case is None:
        return {}
    today = _today(seat).isoformat()
    return {
        "commissioned_by": case.handler or case.body,
        "surveyed_place": case.place,
        "surveyed_on": today,
        "dated_on": today,
        "dissent": "无",
    }


def _draw_preset(seat: Seat, case_id: str) -> Mapping[str, Any]:
    case = damage.damage_case(seat, case_id)
    today = _today(seat)
    least = queries.recommended(case, today.isoformat()) if case is not None else None
    return {"on": today.isoformat(), "count": least.value if least else None}


def _today_preset(seat: Seat, _record: str) -> Mapping[str, Any]:
    return {"on": _today(seat).isoformat()}


def _statement_preset(seat: Seat, expert_id: str) -> Mapping[str, Any]:
    row = queries.opinion_expert(seat, expert_id)
    return {"no_conflict": row.no_conflict, "signed_on": row.signed_on} if row is not None else {}


def _why_not_draw(seat: Seat, case_id: str) -> str:
    error = verbs.why_not_draw(seat, case_id)
    return error.text() if error is not None else ""


def _why_not_write(seat: Seat, kind: str) -> str:
    try:
        keeping.allow(seat, kind)
    except RuleBroken as error:
        return error.text()
    return ""


def _why_not_enter(seat: Seat, _record: str) -> str:
    return _why_not_write(seat, "expert")


def _why_not_opine(seat: Seat, draw_id: str) -> str:
    barred = _why_not_write(seat, "opinion")
    if barred:
        return barred
    row = queries.draw(seat, draw_id)
    if row is None or not row.case:
        return ""
    closed = _why_not_draw(seat, row.case)
    waiting = queries.without_opinion(seat, row.case, damage.progress_of(seat, row.case))
    if closed or row.id in {each.id for each in waiting}:
        return closed
    return _("This draw has its opinion. Correct that one, or withdraw it.")


def _why_not_retire(seat: Seat, expert_id: str) -> str:
    row = pool.expert(seat, expert_id)
    if row is None or not row.left_on:
        return ""
    return _("The expert left the pool on {day}.").format(day=row.left_on)


def _name_experts(seat: Seat, case: str, *, on: str, reason: str, **values: Any) -> str:
    """As `verbs.name_experts`, with one field for each expert."""
    named = [
        str(values.pop(key, None) or "") for key in (f"expert_{place}" for place in range(1, _NAMED + 1))
    ]
    return verbs.name_experts(seat, case, on=on, reason=reason, experts=named, **values)


LISTINGS = (
    Listing(
        "pool",
        N_("Pool of experts"),
        "expert",
        (
            Column(N_("Name"), 10),
            Column(N_("Employer"), 0),
            Column(N_("Fields of work"), 18),
            Column(N_("Grade of the title"), 14, from_width=96),
            Column(N_("Home county"), 14, from_width=64),
            Column(N_("Owed"), 6, right=True),
            Column(N_("Taken from"), 22, from_width=120),
        ),
        _find_experts,
        _expert_lines,
        N_("Nobody is in the pool yet. Add an expert, or take a list in."),
    ),
    Listing(
        "draws",
        N_("Draws"),
        "expert_draw",
        (
            Column(N_("Day of the draw"), 10),
            Column(N_("Damage case"), 0),
            Column(N_("Chosen"), 22),
            Column(N_("Field wanted"), 12, from_width=90),
            Column(N_("How chosen"), 12, from_width=70),
            Column(N_("Number"), 28, from_width=130),
        ),
        _find_draws,
        _draw_lines,
        N_("No experts were drawn yet. Draw them here, or on the sheet of a case."),
    ),
    Listing(
        "opinions",
        N_("Expert opinions"),
        "opinion",
        (
            Column(N_("Day of the opinion"), 10),
            Column(N_("Damage case"), 0),
            Column(N_("Amount of the damage"), 15, right=True),
            Column(N_("Suggested restoration"), 12, from_width=64),
            Column(N_("Experts"), 22, from_width=100),
            Column(N_("Number"), 28, from_width=140),
        ),
        _find_opinions,
        _opinion_lines,
        N_("No opinion was written yet. Open a draw and write it there."),
    ),
)
ACTS = (
    Act(
        "add",
        N_("Add an expert"),
        N_("Enters an expert into the city's pool; the authorities' own must be senior engineers or higher."),
        experts.add,
        fields=_EXPERT_FIELDS,
        why_not=_why_not_enter,
    ),
    Act(
        "import",
        N_("Take in a list of experts"),
        N_("Reads a .csv or .xlsx file with one expert a row: all of them, or none and what is wrong."),
        import_list,
        fields=(
            Field("path", N_("File"), required=True, hint=N_("such as ~/专家库.xlsx")),
            Field("only_good_rows", N_("Take only the good rows"), "flag"),
        ),
        why_not=_why_not_enter,
    ),
    Act(
        "edit",
        N_("Correct the expert"),
        N_("Changes the expert's record; draws and opinions keep what they were made with."),
        experts.edit,
        "expert",
        _EXPERT_FIELDS,
        preset=_expert_preset,
    ),
    Act(
        "retire",
        N_("Take out of the pool"),
        N_("The expert is drawn no more from that day on; what they did stays."),
        experts.retire,
        "expert",
        (Field("on", N_("From this day on"), "day", required=True), *_WHY),
        preset=_today_preset,
        why_not=_why_not_retire,
    ),
    Act(
        "withdraw",
        N_("Withdraw the expert's record"),
        N_("Takes back a record that was entered by mistake; it stays in the history."),
        experts.withdraw,
        "expert",
        _WHY,
    ),
    Act(
        "draw",
        N_("Draw experts for a case"),
        N_("Draws by lot from who has no tie with the case, and keeps what is needed to repeat it."),
        verbs.draw,
        fields=(Field("case", N_("Damage case"), "record", required=True, of="damage_case"), *_DRAW_FIELDS),
    ),
    Act(
        "draw_experts",
        N_("Draw experts"),
        N_("Draws by lot from who has no tie with the case, and keeps what is needed to repeat it."),
        verbs.draw,
        "damage_case",
        _DRAW_FIELDS,
        preset=_draw_preset,
        why_not=_why_not_draw,
        right="handle_cases",
    ),
    Act(
        "name_experts",
        N_("Name experts without a draw"),
        N_("Names experts with the reason why they are not drawn; ties are checked all the same."),
        _name_experts,
        "damage_case",
        (
            _DAY_OF_DRAW,
            Field("reason", N_("Why not by lot"), "long", required=True),
            *(
                Field(f"expert_{place}", N_("Expert"), "record", required=place == 1, of="expert")
                for place in range(1, _NAMED + 1)
            ),
            *_COMMON,
        ),
        preset=_today_preset,
        why_not=_why_not_draw,
        right="handle_cases",
    ),
    Act(
        "withdraw_draw",
        N_("Withdraw the draw"),
        N_("Takes the draw back with a reason; it stays in the history and the next one must say why."),
        verbs.withdraw_draw,
        "expert_draw",
        _WHY,
    ),
    Act(
        "opine",
        N_("Write the opinion down"),
        N_("Keeps the opinion of the experts drawn for the case; nothing that it must say may be missing."),
        verbs.opine,
        "expert_draw",
        (*_OPINION_FIELDS, *_STATED),
        preset=_new_opinion_preset,
        why_not=_why_not_opine,
        right="see_cases",  # experts write opinions too, who may write no draw
    ),
    Act(
        "edit_opinion",
        N_("Correct the opinion"),
        N_("Changes what the opinion says; what it said before stays in its history."),
        verbs.edit_opinion,
        "opinion",
        _OPINION_FIELDS,
        preset=_opinion_preset,
    ),
    Act(
        "withdraw_opinion",
        N_("Withdraw the opinion"),
        N_("Takes the opinion back with a reason; its draws wait for another."),
        verbs.withdraw_opinion,
        "opinion",
        _WHY,
    ),
    Act(
        "correct_statement",
        N_("Correct statement and signature"),
        N_("Sets whether this expert declared no tie, and when they signed."),
        verbs.correct_statement,
        "opinion_expert",
        (
            Field("no_conflict", N_("Declared no tie"), "flag", required=True),
            Field("signed_on", N_("Signed on"), "day"),
        ),
        preset=_statement_preset,
    ),
)
ROOM = Room(
    "experts",
    N_("Experts"),
    LISTINGS,
    ACTS,
    {
        "expert": expert_sheet,
        "expert_draw": draw_sheet,
        "opinion": opinion_sheet,
        "opinion_expert": opinion_expert_sheet,
    },
    _summary,
)
