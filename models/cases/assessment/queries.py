"""What screens, papers and the procedure ask about draws and opinions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.assessment import drawing, rules
from models.cases.assessment.tables import ExpertDraw, Opinion, OpinionExpert
from models.cases.damage import queries as damage
from models.cases.damage.lacks import Lack
from models.cases.damage.stages import Progress, progress
from models.cases.damage.tables import DamageCase
from models.language import _
from models.law.parameters import Parameter, parameter
from models.registry import queries as registry
from models.registry.experts import distance
from models.registry.experts import queries as pool
from models.registry.experts.tables import Expert
from models.store.lookup import by_id, children

if TYPE_CHECKING:
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may be drawn for a case, and who is kept out."""

    lines: tuple[str, ...]
    """`drawing.canonical`."""
    excluded: tuple[rules.Exclusion, ...]


def draw(seat: Seat, draw_id: str) -> ExpertDraw | None:
    """One draw; None where there is none."""
    with seat:
        return by_id(ExpertDraw, draw_id)


def opinion(seat: Seat, opinion_id: str) -> Opinion | None:
    """One opinion; None where there is none."""
    with seat:
        return by_id(Opinion, opinion_id)


def opinion_expert(seat: Seat, record_id: str) -> OpinionExpert | None:
    """One expert's part of an opinion; None where there is none."""
    with seat:
        return by_id(OpinionExpert, record_id)


def draws_with(seat: Seat, expert_id: str) -> list[ExpertDraw]:
    """The draws that chose an expert, the latest first."""
    with seat:
        rows = ExpertDraw.select().where(ExpertDraw.chosen.contains(expert_id), ExpertDraw.voided.is_null())
        return list(rows.order_by(ExpertDraw.drawn_on.desc(), ExpertDraw.id.desc()))


def opinions_by(seat: Seat, expert_id: str) -> list[Opinion]:
    """The opinions that an expert took part in, the latest first."""
    with seat:
        mine = OpinionExpert.select(OpinionExpert.opinion)
        mine = mine.where(OpinionExpert.expert == expert_id, OpinionExpert.voided.is_null())
        rows = Opinion.select().where(Opinion.id.in_(mine), Opinion.voided.is_null())
        return list(rows.order_by(Opinion.dated_on.desc(), Opinion.id.desc()))


def draws_of(seat: Seat, case_id: str, *, withdrawn: bool = False) -> list[ExpertDraw]:
    """The draws of a case by their day; those withdrawn only where asked for."""
    with seat:
        if not withdrawn:
            rows = children(ExpertDraw, "case", case_id)
            return sorted(rows, key=lambda row: (row.drawn_on or "", row.id))
        every = ExpertDraw.select().where(ExpertDraw.case == case_id)
        return list(every.order_by(ExpertDraw.drawn_on, ExpertDraw.id))


def opinions_of(seat: Seat, case_id: str) -> list[Opinion]:
    """The opinions of a case by their day."""
    with seat:
        rows = children(Opinion, "case", case_id)
    return sorted(rows, key=lambda row: (row.dated_on or "", row.id))


def experts_of(seat: Seat, opinion_ids: Iterable[str]) -> dict[str, list[OpinionExpert]]:
    """The experts of some opinions, by opinion, in the order of the draw."""
    found: dict[str, list[OpinionExpert]] = defaultdict(list)
    with seat:
        for each in opinion_ids:
            found[each] = children(OpinionExpert, "opinion", each)
    return found


def chosen(row: ExpertDraw) -> tuple[str, ...]:
    """Record ids of the experts of a draw, in its order."""
    return tuple(each for each in (row.chosen or "").split(",") if each)


def names_in(row: ExpertDraw) -> dict[str, str]:
    """Name and employer of each candidate, as they were on the day of the draw, by id."""
    return {
        drawing.id_of(each): drawing.words_of(each) for each in (row.candidates or "").splitlines() if each
    }


def without_opinion(seat: Seat, case_id: str, at: Progress) -> list[ExpertDraw]:
    """The draws of a case on which no opinion rests since it last went back to the assessment."""
    since = at.redone_since("assessment")
    current = [row.id for row in opinions_of(seat, case_id) if (row.dated_on or "") >= since]
    covered = {each.draw for rows in experts_of(seat, current).values() for each in rows}
    return [row for row in draws_of(seat, case_id) if row.id not in covered]


def load(seat: Seat, as_of: date) -> Counter[str]:
    """How many assessments each expert still owed at the end of the day: drawn, case open, no opinion yet."""
    day = as_of.isoformat()
    with seat:
        draws = list(ExpertDraw.select().where(ExpertDraw.voided.is_null(), ExpertDraw.drawn_on <= day))
        given = OpinionExpert.select(OpinionExpert.draw).join(
            Opinion, on=(Opinion.id == OpinionExpert.opinion)
        )
        given = given.where(Opinion.voided.is_null(), OpinionExpert.voided.is_null(), Opinion.dated_on <= day)
        pairs: Any = given.tuples()
        covered = {each for (each,) in pairs}
    waiting = [row for row in draws if row.id not in covered]
    steps = damage.steps_of(seat, {str(row.case) for row in waiting})
    ended = {case for case, rows in steps.items() if progress(rows, day).ended}
    return Counter(each for row in waiting if row.case not in ended for each in chosen(row))


def concerned(seat: Seat, case: DamageCase) -> rules.Concerned:
    """Party, site and people of a case."""
    site = registry.site(seat, case.site) if case.site else None
    clue = damage.clue(seat, case.clue) if case.clue else None
    officers = [_officer(seat, each) for each in (case.lead_officer, case.helper_officer, case.approver)]
    people = [case.party, case.party_person, *officers]
    organisations, codes = [case.party], [case.party_code]
    if site is not None:
        organisations.append(site.name)
        codes.append(site.code)
        people.append(site.legal_person)
    if clue is not None:
        people += [_officer(seat, clue.checker), _officer(seat, clue.approver)]
    return rules.Concerned(_filled(organisations), _filled(codes), _filled(people))


def candidates(
    seat: Seat,
    case: DamageCase,
    on: date,
    *,
    field: str = "",
    near: str = "",
    nearest: int | None = None,
    declared: str | None = None,
) -> Candidates:
    """Who of the pool of a day may be drawn for a case: of a field, from the units nearest to a place.

    Raises:
        RuleBroken: a declared tie names nobody of the pool.
    """
    everyone = pool.experts(seat, on)
    ties = rules.declared_ties(declared, map(person, everyone))
    about = concerned(seat, case)
    taken = {each: row.number or "" for row in draws_of(seat, case.id) for each in chosen(row)}
    lines, excluded = [], []
    for row in everyone:
        if field and field not in (row.fields or "").split(","):
            continue
        if near and nearest and not distance.within(near, nearest, row.unit_code):
            continue
        found = rules.tie(person(row), about, ties)
        if found is None and row.id in taken:
            found = rules.Exclusion(row.id, "chosen", row.name or "", taken[row.id])
        if found is None:
            lines.append(drawing.line(row.id, row.name or "", row.employer or ""))
        else:
            excluded.append(found)
    return Candidates(drawing.canonical(lines), tuple(sorted(excluded, key=lambda each: each.id)))


def person(row: Expert) -> rules.Person:
    """An expert as the check of ties takes them."""
    return rules.Person(row.id, row.name or "", row.employer or "", row.employer_code or "")


def repeat(row: ExpertDraw) -> tuple[str, ...]:
    """The ids that the draw's seed and list give: those chosen, unless something was changed.

    Raises:
        ValueError: it was not drawn by lot, by another algorithm, or the list is shorter than the count.
    """
    if row.how != "lot" or row.algorithm != drawing.ALGORITHM:
        raise ValueError(row.algorithm)
    return drawing.choose(row.seed or "", (row.candidates or "").splitlines(), row.count or 0)


def verify_draw(seat: Seat, draw_id: str) -> bool:
    """Whether the draw holds: its list has the hash kept with it and is in order, nobody chosen was kept out,
    and seed and list give those chosen, or for experts named, all of them are on the list."""
    row = draw(seat, draw_id)
    return row is not None and holds(row)


def holds(row: ExpertDraw) -> bool:
    """As `verify_draw`, of a row."""
    lines = (row.candidates or "").splitlines()
    ids = chosen(row)
    if tuple(lines) != drawing.canonical(lines) or drawing.list_hash(lines) != row.list_hash:
        return False
    if {each.id for each in rules.exclusions(row.excluded)} & set(ids):
        return False
    if row.how == "named":
        return bool(ids) and set(ids) <= {drawing.id_of(each) for each in lines}
    try:
        return repeat(row) == ids
    except ValueError:
        return False


def recommended(case: DamageCase, on: str) -> Parameter | None:
    """How many experts are recommended for a case, by the day of its violation, else of the draw."""
    for day in (case.occurred_on, on):
        try:
            return parameter("experts_odd_from", date.fromisoformat(day or ""))
        except ValueError:  # none is given, or no verb of ours wrote it
            continue
    return None


def lacking(seat: Seat, case_id: str) -> list[Lack]:
    """What an assessment by experts lacks before the consultation.

    Blocking: no draw, a draw that does not repeat, a tie that was found since, no opinion, an expert without
    statement or signature. Shown only: an even or small number of experts, a draw without its opinion.
    """
    case = damage.damage_case(seat, case_id)
    if case is None:
        return []
    draws = draws_of(seat, case_id)
    at = damage.progress_of(seat, case_id)
    since = at.redone_since("assessment")
    opinions = [row for row in opinions_of(seat, case_id) if (row.dated_on or "") >= since]
    if case.method != "experts" and not draws and not opinions:
        return []
    found: list[Lack] = []
    if not draws:
        found.append(Lack("draw:none", _("No experts were drawn. Draw them from the pool.")))
    found += [
        Lack(
            f"draw:broken:{row.id}",
            _("The draw {number} does not repeat. Withdraw it and draw again.").format(number=row.number),
        )
        for row in draws
        if not holds(row)
    ]
    found += _ties(seat, case, draws)
    if draws and not opinions:
        found.append(Lack("opinion:none", _("The experts drawn have given no opinion yet.")))
    by_opinion = experts_of(seat, [row.id for row in opinions])
    for row in opinions:
        found += _statements(row, by_opinion[row.id])
    if opinions:
        found += [
            Lack(
                f"opinion:draw:{row.id}",
                _("No opinion rests on the draw {number}.").format(number=row.number),
                blocking=False,
            )
            for row in without_opinion(seat, case_id, at)
        ]
    return found + _number(case, draws)


def _ties(seat: Seat, case: DamageCase, draws: list[ExpertDraw]) -> list[Lack]:
    about = concerned(seat, case)
    known = pool.named(seat, [each for row in draws for each in chosen(row)])
    found = []
    for row in known.values():
        one = rules.tie(person(row), about, {})
        if one is not None:
            text = _("{name} has a tie with this case ({why}). Withdraw the draw and draw again.")
            found.append(Lack(f"tie:{row.id}", text.format(name=row.name, why=one.words)))
    return found


def _statements(row: Opinion, experts: list[OpinionExpert]) -> list[Lack]:
    if not experts:
        return [
            Lack(f"experts:{row.id}", _("The opinion {number} names no experts.").format(number=row.number))
        ]
    found = []
    for each in experts:
        if not each.no_conflict:
            text = _("{name}: the statement that there is no tie is missing.").format(name=each.name)
            found.append(Lack(f"no_conflict:{each.id}", text, field="no_conflict"))
        if not each.signed_on:
            text = _("{name} has not signed the opinion.").format(name=each.name)
            found.append(Lack(f"signed:{each.id}", text, field="signed_on"))
    return found


def _number(case: DamageCase, draws: list[ExpertDraw]) -> list[Lack]:
    count = len({each for row in draws for each in chosen(row)})
    rule = recommended(case, draws[-1].drawn_on or "9999-12-31") if draws else None
    if rule is None or rules.odd_enough(count, rule.value):
        return []
    text = _("Experts: {count}. An odd number of {least} or more is recommended.")
    return [Lack("experts:odd", text.format(count=count, least=rule.value), rule.basis, blocking=False)]


def _officer(seat: Seat, value: str | None) -> str | None:
    row = registry.officer(seat, value) if value else None
    return row.name if row is not None else value


def _filled(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in values if each))
