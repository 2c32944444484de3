"""The experts' room: the pool, the draws and the opinions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from models.language import N_, _, listed
from models.listing import find, lines, rows_of
from models.registry.act_parts import first_of, held, may_write, todays
from models.registry.days import today
from models.registry.experts import queries as pool
from models.registry.experts import verbs as experts
from models.registry.experts.imports import import_list
from models.registry.experts.rules import FIELDS, GRADES, SOURCES, grade
from models.registry.typed import yuan
from models.registry.units import label_of
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


def _find_experts(seat: Seat, text: str) -> list[str]:
    return [each.expert.id for each in pool.find(seat, text)]


def _expert_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    known, owed, this_day = pool.named(seat, ids), queries.load(seat, today(seat)), today(seat)
    present = {row.id for row in pool.experts(seat, this_day)}

    def cells(row: Any) -> tuple[Cell | str, ...]:
        rung = grade(row.title_grade)
        return (
            Cell(row.name or "", "strong" if row.id in present else "quiet"),
            row.employer or "",
            labels(FIELDS, row.fields),
            rung.label if rung else "",
            label_of(row.unit_code),
            Cell(_("left"), "quiet") if row.id not in present else str(owed[row.id] or ""),
            Cell(label(SOURCES, row.source), "quiet"),
        )

    return lines(ids, known, cells)


_BY_CASE = {"case": "damage_case"}
"""What belongs to a case is found by its words too."""


def _find_draws(seat: Seat, text: str) -> list[str]:
    order = (ExpertDraw.drawn_on.desc(), ExpertDraw.id.desc())
    return find(seat, ExpertDraw, "expert_draw", text, order, _BY_CASE)


def _find_opinions(seat: Seat, text: str) -> list[str]:
    order = (Opinion.dated_on.desc(), Opinion.id.desc())
    return find(seat, Opinion, "opinion", text, order, _BY_CASE)


def _case_words(case: DamageCase | None) -> str:
    return (case.title or case.party or case.number or "") if case is not None else ""


def _draw_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows = rows_of(seat, ExpertDraw, ids)
    cases = rows_of(seat, DamageCase, (row.case for row in rows.values()))

    def cells(row: Any) -> tuple[Cell | str, ...]:
        names = queries.names_in(row)
        chosen = listed(names.get(each, each).partition("（")[0] for each in queries.chosen(row))
        return (
            row.drawn_on or "",
            _case_words(cases.get(row.case or "")),
            Cell(chosen, "strong"),
            labels(FIELDS, row.field) or _("any"),
            label(rules.HOW, row.how) if queries.holds(row) else Cell(_("does not repeat"), "bad"),
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows, cells)


def _opinion_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    rows = rows_of(seat, Opinion, ids)
    cases = rows_of(seat, DamageCase, (row.case for row in rows.values()))
    by_opinion = queries.experts_of(seat, list(rows))

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            row.dated_on or "",
            _case_words(cases.get(row.case or "")),
            yuan(row.total_cents or 0),
            mode_label(row.restoration_mode),
            listed(each.name or "" for each in by_opinion[row.id]),
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows, cells)


def _summary(seat: Seat) -> str:
    found = pool.composition(seat, today(seat))
    text = _("{total} experts: {court} of the court's, {system} of the authorities; {fields} of six fields")
    return text.format(
        total=found.total,
        court=found.by_source["court"],
        system=found.by_source["system"],
        fields=found.fields_covered,
    )


def _new_opinion_preset(seat: Seat, draw_id: str) -> Mapping[str, Any]:
    row = queries.draw(seat, draw_id)
    case = damage.damage_case(seat, row.case or "") if row is not None else None
    if case is None:
        return {}
    this_day = today(seat).isoformat()
    return {
        "commissioned_by": case.handler or case.body,
        "surveyed_place": case.place,
        "surveyed_on": this_day,
        "dated_on": this_day,
        "dissent": "无",
    }


def _draw_preset(seat: Seat, case_id: str) -> Mapping[str, Any]:
    case = damage.damage_case(seat, case_id)
    this_day = today(seat)
    least = queries.recommended(case, this_day.isoformat()) if case is not None else None
    return {"on": this_day.isoformat(), "count": least.value if least else None}


def _why_not_draw(seat: Seat, case_id: str) -> str:
    error = verbs.why_not_draw(seat, case_id)
    return error.text() if error is not None else ""


def _why_not_opine(seat: Seat, draw_id: str) -> str:
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
        why_not=may_write("expert"),
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
        why_not=may_write("expert"),
    ),
    Act(
        "edit",
        N_("Correct the expert"),
        N_("Changes the expert's record; draws and opinions keep what they were made with."),
        experts.edit,
        "expert",
        _EXPERT_FIELDS,
        preset=held("expert", experts.EDITABLE),
    ),
    Act(
        "retire",
        N_("Take out of the pool"),
        N_("The expert is drawn no more from that day on; what they did stays."),
        experts.retire,
        "expert",
        (Field("on", N_("From this day on"), "day", required=True), *_WHY),
        preset=todays("on"),
        why_not=_why_not_retire,
    ),
    Act(
        "withdraw",
        N_("Withdraw the expert's record"),
        N_("Withdraws a record that was entered by mistake; it stays in the history."),
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
        preset=todays("on"),
        why_not=_why_not_draw,
        right="handle_cases",
    ),
    Act(
        "withdraw_draw",
        N_("Withdraw the draw"),
        N_("Withdraws the draw with a reason; it stays in the history and the next one must say why."),
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
        why_not=first_of(may_write("opinion"), _why_not_opine),
        right="see_cases",  # experts write opinions too, who may write no draw
    ),
    Act(
        "edit_opinion",
        N_("Correct the opinion"),
        N_("Changes what the opinion says; what it said before stays in its history."),
        verbs.edit_opinion,
        "opinion",
        _OPINION_FIELDS,
        preset=held("opinion", rules.NEEDED),
    ),
    Act(
        "withdraw_opinion",
        N_("Withdraw the opinion"),
        N_("Withdraws the opinion with a reason; its draws wait for another."),
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
        preset=held("opinion_expert", ("no_conflict", "signed_on")),
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
