"""The sheets of the experts' room, and what a case's sheet shows of its assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.cases.assessment import queries, rules
from models.cases.assessment.tables import ExpertDraw, Opinion, OpinionExpert
from models.cases.damage import queries as damage
from models.language import _, listed
from models.registry import keeping, units
from models.registry import queries as registry
from models.registry.days import today
from models.registry.experts.rules import FIELDS, SOURCES, grade, in_pool
from models.registry.typed import yuan
from models.registry.units import label_of
from models.rooms import Cell, Fact, Section, Sheet, label, labels

if TYPE_CHECKING:
    from models.store.seat import Seat


def mode_label(mode: str | None) -> str:
    """A suggested restoration in the reader's language."""
    return label(rules.MODES, mode)


def expert_sheet(seat: Seat, expert_id: str) -> Sheet:
    """An expert: who they are, and what they were drawn for.

    Raises:
        RuleBroken: there is no such expert.
    """
    row = keeping.standing(seat, "expert", expert_id)
    this_day = today(seat)
    rung = grade(row.title_grade)
    about = [
        Fact(_("Employer"), row.employer or ""),
        Fact(_("Employer's credit code"), row.employer_code or ""),
        Fact(_("Professional title"), row.title or ""),
        Fact(_("Grade of the title"), rung.label if rung else ""),
        Fact(_("Fields of work"), labels(FIELDS, row.fields)),
        Fact(_("Taken from"), label(SOURCES, row.source)),
        Fact(_("Home county"), label_of(row.unit_code)),
        Fact(_("Phone"), row.phone or ""),
        Fact(_("In the pool since"), row.entered_on or ""),
    ]
    if row.left_on:
        about.append(Fact(_("Left the pool on"), f"{row.left_on} {row.left_why or ''}".strip(), "warn"))
    draws = tuple(_draw_fact(seat, each) for each in queries.draws_with(seat, expert_id))
    opinions = tuple(_opinion_fact(seat, each) for each in queries.opinions_by(seat, expert_id))
    here = in_pool(row, this_day)
    return Sheet(
        row.name or "",
        Cell(_("In the pool"), "good") if here else Cell(_("Not in the pool"), "warn"),
        _filled(
            Section(_("About the expert"), _said(about)),
            Section(_("Drawn for"), draws),
            Section(_("Expert opinions"), opinions),
        ),
    )


def draw_sheet(seat: Seat, draw_id: str) -> Sheet:
    """A draw: what was wanted, who was chosen, who was kept out and why, and how to repeat it.

    Raises:
        RuleBroken: there is no such draw.
    """
    row = keeping.standing(seat, "expert_draw", draw_id)
    names = queries.names_in(row)
    near = units.unit(row.near or "")
    officer = registry.officer(seat, row.drawn_by) if row.drawn_by else None
    around = (
        _("{unit} and around, counties: {count}").format(unit=near.label, count=row.nearest) if near else ""
    )
    conditions = [
        _case_fact(seat, row.case),
        Fact(_("Number"), row.number or ""),
        Fact(_("Day of the draw"), row.drawn_on or ""),
        Fact(_("How chosen"), label(rules.HOW, row.how)),
        Fact(_("How many experts"), str(row.count or "")),
        Fact(_("Field wanted"), label(FIELDS, row.field) if row.field else _("any")),
        Fact(_("From the nearest counties"), around),
        Fact(_("Drawn by"), officer.name or "" if officer else row.drawn_by or ""),
        Fact(_("Witnesses of the draw"), row.witness or ""),
        Fact(_("Reason"), row.reason or ""),
    ]
    withdrawn = [each for each in queries.draws_of(seat, row.case, withdrawn=True) if each.voided]
    conditions += [
        Fact(_("Withdrawn before"), f"{each.number} {each.drawn_on}：{each.voided}", "warn")
        for each in withdrawn
    ]
    chosen = tuple(
        Fact(str(place), names.get(each, each), "strong", "expert", each)
        for place, each in enumerate(queries.chosen(row), 1)
    )
    kept_out = tuple(
        Fact(each.name, each.words, "warn", "expert", each.id) for each in rules.exclusions(row.excluded)
    )
    candidates = tuple(
        Fact(str(place), words, "", "expert", each) for place, (each, words) in enumerate(names.items(), 1)
    )
    holds = queries.holds(row)
    proof = [
        Fact(_("Seed of the draw"), row.seed or ""),
        Fact(_("Algorithm"), row.algorithm or ""),
        Fact(_("SHA-256 of the list"), row.list_hash or ""),
        Fact(_("Repeated"), _repeated(holds, row.how), "good" if holds else "bad"),
    ]
    return Sheet(
        _("Draw of experts {day}").format(day=row.drawn_on or ""),
        Cell(_repeated(holds, row.how), "good" if holds else "bad"),
        _filled(
            Section(_("Conditions of the draw"), _said(conditions)),
            Section(_("Chosen"), chosen),
            Section(_("Kept out"), kept_out),
            Section(_("How to repeat it"), _said(proof)),
            Section(_("Candidates"), candidates),
        ),
    )


def opinion_sheet(seat: Seat, opinion_id: str) -> Sheet:
    """An opinion: all that it says, its experts and what it rests on.

    Raises:
        RuleBroken: there is no such opinion.
    """
    row: Opinion = keeping.standing(seat, "opinion", opinion_id)
    experts = queries.experts_of(seat, [row.id])[row.id]
    complete = bool(experts) and all(each.no_conflict and each.signed_on for each in experts)
    draws = {each.id: each for each in queries.draws_of(seat, row.case or "", withdrawn=True)}
    rests_on = tuple(
        _draw_fact(seat, draws[each])
        for each in dict.fromkeys(one.draw or "" for one in experts)
        if each in draws
    )
    commission = [
        _case_fact(seat, row.case),
        Fact(_("Number"), row.number or ""),
        Fact(_("Commissioned by"), row.commissioned_by or ""),
        Fact(_("Matter commissioned"), row.matter or ""),
        Fact(_("Materials examined"), row.materials or ""),
        Fact(_("Day of the survey"), row.surveyed_on or ""),
        Fact(_("Place of the survey"), row.surveyed_place or ""),
    ]
    findings = [
        Fact(_("Damage confirmed"), row.damage or ""),
        Fact(_("Cause and effect"), row.causation or ""),
        Fact(_("Formula of the amount"), row.formula or ""),
        Fact(_("Values put in"), row.parameters or ""),
        Fact(_("Where the values come from"), row.parameter_source or ""),
        Fact(_("Amount of the damage"), yuan(row.total_cents or 0), "strong"),
        Fact(_("Dissent"), row.dissent or ""),
    ]
    restoration = [
        Fact(_("Suggested restoration"), mode_label(row.restoration_mode)),
        Fact(_("Its amount"), row.restoration_amount or ""),
        Fact(_("Its place"), row.restoration_place or ""),
        Fact(_("Its term"), row.restoration_term or ""),
    ]
    signed = tuple(_signer_fact(each) for each in experts)
    state = Cell(_("Complete"), "good") if complete else Cell(_("Statement or signature missing"), "bad")
    return Sheet(
        _("Expert opinion {day}").format(day=row.dated_on or ""),
        Cell(_("Sealed"), "good") if row.sealed else state,
        _filled(
            Section(_("Commission"), _said(commission)),
            Section(_("What the experts found"), _said(findings)),
            Section(_("Suggested restoration"), _said(restoration)),
            Section(_("Experts"), signed),
            Section(_("Draws"), rests_on),
        ),
    )


def opinion_expert_sheet(seat: Seat, record_id: str) -> Sheet:
    """One expert of an opinion, as they were on its day.

    Raises:
        RuleBroken: there is no such record.
    """
    row: OpinionExpert = keeping.standing(seat, "opinion_expert", record_id)
    opinion = queries.opinion(seat, row.opinion or "")
    number = (opinion.number or "") if opinion is not None else ""
    facts = [
        Fact(_("Expert"), row.name or "", "", "expert", row.expert or ""),
        Fact(_("Opinion of the experts"), number, "", "opinion", row.opinion or ""),
        Fact(_("Employer"), row.employer or ""),
        Fact(_("Professional title"), row.title or ""),
        Fact(_("Fields of work"), labels(FIELDS, row.fields)),
        Fact(_("Taken from"), label(SOURCES, row.source)),
        Fact(
            _("Declared no tie"), _("yes") if row.no_conflict else _("no"), "" if row.no_conflict else "bad"
        ),
        Fact(_("Signed on"), row.signed_on or _("not signed"), "" if row.signed_on else "bad"),
    ]
    good = bool(row.no_conflict and row.signed_on)
    state = Cell(_("Complete"), "good") if good else Cell(_("Statement or signature missing"), "bad")
    return Sheet(row.name or "", state, (Section(_("Statement and signature"), _said(facts)),))


def sections(seat: Seat, case_id: str) -> tuple[Section, ...]:
    """What a case's sheet shows of its assessment: its draws and its opinions."""
    draws = tuple(_draw_fact(seat, each, of_case=True) for each in queries.draws_of(seat, case_id))
    opinions = tuple(_opinion_fact(seat, each, of_case=True) for each in queries.opinions_of(seat, case_id))
    return _filled(Section(_("Draws"), draws), Section(_("Expert opinions"), opinions))


def _repeated(holds: bool, how: str | None) -> str:
    if not holds:
        return _("does not repeat")
    return _("Named, with a reason") if how == "named" else _("repeated, the same result")


def _case_fact(seat: Seat, case_id: str | None) -> Fact:
    case = damage.damage_case(seat, case_id or "")
    words = (case.title or case.party or case.number or "") if case is not None else case_id or ""
    return Fact(_("Damage case"), words, "", "damage_case", case_id or "")


def _draw_fact(seat: Seat, row: ExpertDraw, *, of_case: bool = False) -> Fact:
    names = queries.names_in(row)
    chosen = listed(names.get(each, each).partition("（")[0] for each in queries.chosen(row))
    value = chosen if of_case else f"{_case_fact(seat, row.case).value} · {chosen}"
    part = "" if queries.holds(row) else "bad"
    return Fact(row.drawn_on or "", value, part, "expert_draw", row.id)


def _opinion_fact(seat: Seat, row: Opinion, *, of_case: bool = False) -> Fact:
    value = f"{yuan(row.total_cents or 0)} · {mode_label(row.restoration_mode)}"
    if not of_case:
        value = f"{_case_fact(seat, row.case).value} · {value}"
    return Fact(row.dated_on or "", value, "", "opinion", row.id)


def _signer_fact(row: OpinionExpert) -> Fact:
    words = [row.employer or "", row.title or "", labels(FIELDS, row.fields), label(SOURCES, row.source)]
    if not row.no_conflict:
        words.append(_("no statement"))
    words.append(_("signed {day}").format(day=row.signed_on) if row.signed_on else _("not signed"))
    part = "" if row.no_conflict and row.signed_on else "bad"
    return Fact(row.name or "", " · ".join(filter(None, words)), part, "opinion_expert", row.id)


def _said(facts: list[Fact]) -> tuple[Fact, ...]:
    return tuple(each for each in facts if each.value)


def _filled(*sections: Section) -> tuple[Section, ...]:
    return tuple(each for each in sections if each.facts)
