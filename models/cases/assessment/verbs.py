"""What a person does in an expert assessment: draw experts, write their opinion down."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.assessment import drawing, queries, rules
from models.cases.assessment.tables import ExpertDraw, Opinion
from models.cases.damage import queries as damage
from models.cases.damage.clues import refuse_day
from models.cases.damage.stages import Progress
from models.cases.damage.tables import DamageCase
from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping, units
from models.registry import queries as registry
from models.registry.experts import queries as pool
from models.registry.experts.rules import FIELDS
from models.registry.numbers import free_number
from models.registry.queries import role_of
from models.registry.rules import tidy_line

if TYPE_CHECKING:
    from models.store.seat import Seat

DRAW_NUMBER = "CQ-"
OPINION_NUMBER = "YJ-"
_DRAW = {"how": tuple(dict(rules.HOW)), "field": tuple(dict(FIELDS))}
_OPINION = {"restoration_mode": tuple(dict(rules.MODES))}


def draw(
    seat: Seat,
    case: str,
    *,
    on: str,
    count: int,
    field: str = "",
    near: str = "",
    nearest: int | None = None,
    declared: str | None = None,
    witness: str | None = None,
    seed: str | None = None,
    reason: str | None = None,
) -> str:
    """Draw experts for a case by lot; all that is needed to repeat it is kept (`drawing`).

    Args:
        case: record id of the damage case.
        on: day of the draw, YYYY-MM-DD; the pool is taken as it was on it.
        count: how many; an odd number is recommended, not demanded.
        field: field of work wanted; any unless given.
        near: unit to be near to, with `nearest`; that of the case unless given.
        nearest: from how many of the nearest county-level units; from all unless given.
        declared: ties that experts or the party declared, "name: tie", one a line.
        seed: words to draw by, such as a lottery's numbers; made at random unless given.
        reason: why there is a further draw for the case; demanded where there was one, even if withdrawn.

    Returns:
        The record id of the draw.

    Raises:
        RuleBroken: the case is not open on the day, too few remain, a value is not possible or missing, or
            the person may not.
    """
    seed = tidy_line(seed or "") or secrets.token_hex(16)
    with seat.writing():
        row, found, values = _prepare(seat, case, on, field, near, nearest, declared, reason)
        if count < 1:
            raise RuleBroken(N_("Draw at least one expert."), field="count")
        if count > len(found.lines):
            raise RuleBroken(
                N_("Wanted: {count}; that may be drawn: {left}. Take more counties, or any field."),
                field="count",
                count=count,
                left=len(found.lines),
            )
        values |= {
            "how": "lot",
            "count": count,
            "seed": seed,
            "algorithm": drawing.ALGORITHM,
            "chosen": ",".join(drawing.choose(seed, found.lines, count)),
            "witness": witness,
        }
        return keeping.make(seat, "expert_draw", row.unit, keeping.tidy("expert_draw", values, _DRAW))


def name_experts(
    seat: Seat,
    case: str,
    *,
    on: str,
    experts: Iterable[str],
    reason: str,
    declared: str | None = None,
    witness: str | None = None,
) -> str:
    """Name experts for a case instead of drawing them, with the reason; ties are checked all the same.

    Raises:
        RuleBroken: one of them has a tie or is not in the pool on the day, nobody is named, no reason is
            given, the case is not open on the day, or the person may not.
    """
    reason = keeping.need_text(reason, "reason")
    ids = tuple(dict.fromkeys(each for each in experts if each))
    if not ids:
        raise RuleBroken(N_("Name at least one expert."), field="experts")
    with seat.writing():
        row, found, values = _prepare(seat, case, on, "", "", None, declared, reason)
        free = {drawing.id_of(each) for each in found.lines}
        kept_out = {each.id: each for each in found.excluded}
        known = pool.named(seat, ids)
        for each in ids:
            if each in kept_out:
                raise RuleBroken(
                    N_("{name} may not assess this case: {why}"),
                    field="experts",
                    name=kept_out[each].name,
                    why=kept_out[each].words,
                )
            if each not in free:
                name = known[each].name if each in known else each
                raise RuleBroken(N_("{name} is not in the pool on this day."), field="experts", name=name)
        values |= {"how": "named", "count": len(ids), "chosen": ",".join(ids), "witness": witness}
        return keeping.make(seat, "expert_draw", row.unit, keeping.tidy("expert_draw", values, _DRAW))


def withdraw_draw(seat: Seat, draw_id: str, *, why: str) -> None:
    """Withdraw a draw with a reason; it stays in the history, and the next one must say why it is made.

    Raises:
        RuleBroken: an opinion rests on it, no reason, no such draw, or the person may not.
    """
    row = keeping.standing(seat, "expert_draw", draw_id)
    opinions = queries.opinions_of(seat, row.case)
    by_opinion = queries.experts_of(seat, [each.id for each in opinions])
    for each in opinions:
        if any(one.draw == draw_id for one in by_opinion[each.id]):
            raise RuleBroken(
                N_("The opinion {number} rests on this draw. Withdraw that first."),
                field="why",
                number=each.number,
            )
    keeping.withdraw(seat, "expert_draw", draw_id, why)


def opine(seat: Seat, draw: str, *, no_conflict: bool = False, signed: bool = False, **fields: Any) -> str:
    """Write down the opinion of the experts of a draw, and of the case's other draws without an opinion.

    Args:
        draw: record id of a draw of the case.
        no_conflict: every expert stated in writing to have no tie (回避声明).
        signed: every expert signed.
        fields: all of `rules.NEEDED`.

    Returns:
        The record id of the opinion.

    Raises:
        RuleBroken: something is missing (the field is named), a day or value is not possible, the draw has
            its opinion already, the case has ended, or the person may not.
    """
    keeping.allow(seat, "opinion")
    with seat.writing():
        row = keeping.standing(seat, "expert_draw", draw)
        case, at = _open(seat, row.case)
        waiting = queries.without_opinion(seat, case.id, at)
        if row.id not in {each.id for each in waiting}:
            raise RuleBroken(N_("This draw has its opinion. Correct that one, or withdraw it."), field="draw")
        values = _opinion(seat, fields, min(each.drawn_on or "" for each in waiting))
        rules.refuse_incomplete(values, no_conflict=no_conflict, signed=signed)
        values |= {"case": case.id, "number": free_number(seat, Opinion, case.unit, OPINION_NUMBER)}
        opinion = keeping.make(seat, "opinion", case.unit, keeping.tidy("opinion", values, _OPINION))
        _add_experts(seat, case, opinion, waiting, str(values["dated_on"]))
        return opinion


def edit_opinion(seat: Seat, opinion_id: str, **fields: Any) -> None:
    """Correct an opinion; nothing that it must say can be emptied.

    Raises:
        RuleBroken: as `opine`; it is sealed, or an expert changes what others gave.
    """
    keeping.allow(seat, "opinion")
    with seat.writing():
        row = keeping.standing(seat, "opinion", opinion_id)
        refuse_foreign(seat, row)
        _open(seat, row.case)
        held = {name: getattr(row, name) for name in rules.NEEDED}
        experts = queries.experts_of(seat, [row.id])[row.id]
        draws = {each.id: each for each in queries.draws_of(seat, row.case)}
        days = [draws[str(each.draw)].drawn_on or "" for each in experts if each.draw in draws]
        values = _opinion(seat, {**held, **fields}, min(days, default=""))
        rules.refuse_incomplete(values, no_conflict=True, signed=True)
        changed = {name: value for name, value in values.items() if value != held[name]}
        if changed:
            keeping.change(seat, row, "opinion", keeping.tidy("opinion", changed, _OPINION))


def correct_statement(
    seat: Seat, opinion_expert: str, *, no_conflict: bool = False, signed_on: str | None = None
) -> None:
    """Set what one expert stated and when they signed, where it differs from the others.

    Raises:
        RuleBroken: the day is not possible, the opinion is sealed or that of others, or the person may not.
    """
    keeping.allow(seat, "opinion_expert")
    with seat.writing():
        row = keeping.standing(seat, "opinion_expert", opinion_expert)
        opinion = keeping.standing(seat, "opinion", row.opinion)
        refuse_foreign(seat, opinion)
        keeping.refuse_sealed(opinion)
        if signed_on:
            refuse_day(seat, signed_on, "signed_on")
        fields = {"no_conflict": no_conflict, "signed_on": signed_on}
        keeping.change(seat, row, "opinion_expert", keeping.tidy("opinion_expert", fields))


def withdraw_opinion(seat: Seat, opinion_id: str, *, why: str) -> None:
    """Withdraw an opinion with a reason; its draws wait for another.

    Raises:
        RuleBroken: no reason, no such opinion, it is sealed or that of others, or the person may not.
    """
    keeping.allow(seat, "opinion")
    with seat.writing():
        refuse_foreign(seat, keeping.standing(seat, "opinion", opinion_id))
        keeping.withdraw(seat, "opinion", opinion_id, why)


def refuse_foreign(seat: Seat, row: Opinion) -> None:
    """Refuse an expert the opinion of others: one who only assesses changes what they wrote or gave.

    The verbs and screens of a notebook hold to this; the server judges by role and kind of record alone.

    Raises:
        RuleBroken: they neither wrote it down nor are named in it.
    """
    role = role_of(seat)
    if role is None or "handle_cases" in role.may or row.made_by == seat.person:
        return
    known = registry.officer(seat, seat.person)
    mine = {seat.person, known.name if known is not None else None} - {None, ""}
    if not any(mine & {each.expert, each.name} for each in queries.experts_of(seat, [row.id])[row.id]):
        raise RuleBroken(
            N_("As an expert you change only opinions that you wrote down or gave."), field="opinion"
        )


def why_not_draw(seat: Seat, case_id: str) -> RuleBroken | None:
    """What stands against drawing experts for a case now."""
    try:
        _open(seat, case_id)
    except RuleBroken as error:
        return error
    return None


def _prepare(
    seat: Seat,
    case_id: str,
    on: str,
    field: str,
    near: str,
    nearest: int | None,
    declared: str | None,
    reason: str | None,
) -> tuple[DamageCase, queries.Candidates, dict[str, Any]]:
    """The case, who may be chosen for it on the day, and what every draw keeps."""
    keeping.allow(seat, "expert_draw")
    case, at = _open(seat, case_id)
    refuse_day(seat, on, "on", not_before=at.entered_on_first("start"))
    place = units.unit_named(near) if near else units.unit(case.unit)
    if near and place is None:
        raise RuleBroken(
            N_("“{value}” is no unit of Zhangzhou. Give its name or code, such as 芗城区 or 350602."),
            field="near",
            value=near,
        )
    keeping.tidy("expert_draw", {"field": field or None}, _DRAW)
    if near and nearest is None:
        raise RuleBroken(N_("Say from how many of the nearest counties to draw."), field="nearest")
    if nearest is not None and nearest < 1:
        raise RuleBroken(N_("Give one county or more, or leave this empty for all."), field="nearest")
    before = queries.draws_of(seat, case_id, withdrawn=True)
    if before and not (reason or "").strip():
        raise RuleBroken(
            N_("Experts were drawn for this case before ({number}). Say why there is another draw."),
            field="reason",
            number=before[-1].number,
        )
    where = place.code if place and nearest else ""
    found = queries.candidates(
        seat,
        case,
        date.fromisoformat(on),
        field=field,
        near=where,
        nearest=nearest,
        declared=declared,
    )
    lines = "\n".join(found.lines)
    if len(lines) > keeping.TEXT_LIMIT:
        raise RuleBroken(
            N_("The list of candidates is too long to keep. Choose a field, or fewer counties."),
            field="field",
        )
    values: dict[str, Any] = {
        "number": free_number(seat, ExpertDraw, case.unit, DRAW_NUMBER),
        "case": case.id,
        "field": field or None,
        "near": where or None,
        "nearest": nearest,
        "drawn_on": on,
        "drawn_by": seat.person,
        "list_hash": drawing.list_hash(found.lines),
        "candidates": lines,
        "declared": declared,
        "excluded": "\n".join(each.line for each in found.excluded),
        "reason": reason,
    }
    return case, found, values


def _open(seat: Seat, case_id: str | None) -> tuple[DamageCase, Progress]:
    case: DamageCase = keeping.standing(seat, "damage_case", case_id or "")
    at = damage.progress_of(seat, case.id)
    if not at.started:
        raise RuleBroken(N_("This case was not started yet."), field="case")
    if at.ended:
        raise RuleBroken(N_("This case has ended on {day}."), field="case", day=at.last_on)
    return case, at


def _opinion(seat: Seat, fields: dict[str, Any], drawn_on: str) -> dict[str, Any]:
    unknown = set(fields) - set(rules.NEEDED)
    if unknown:
        raise TypeError(", ".join(sorted(unknown)))
    values = dict(fields)
    if values.get("dated_on"):
        refuse_day(seat, values["dated_on"], "dated_on", not_before=drawn_on)
    if values.get("surveyed_on"):
        refuse_day(seat, values["surveyed_on"], "surveyed_on")
        if values.get("dated_on") and values["surveyed_on"] > values["dated_on"]:
            raise RuleBroken(N_("The opinion cannot be older than its survey."), field="surveyed_on")
    cents = values.get("total_cents")
    if cents is not None and cents < 0:
        raise RuleBroken(N_("The amount of a damage is not below zero."), field="total_cents")
    return values


def _add_experts(seat: Seat, case: DamageCase, opinion: str, draws: list[ExpertDraw], dated_on: str) -> None:
    for row in draws:
        known = pool.named(seat, queries.chosen(row))
        names = queries.names_in(row)
        for each in queries.chosen(row):
            expert = known.get(each)  # not on this laptop: the draw's own line says who it is
            values = {
                "opinion": opinion,
                "draw": row.id,
                "expert": each,
                "name": expert.name if expert else names.get(each),
                "employer": expert.employer if expert else None,
                "title": expert.title if expert else None,
                "fields": expert.fields if expert else None,
                "source": expert.source if expert else None,
                "no_conflict": True,
                "signed_on": dated_on,
            }
            keeping.make(seat, "opinion_expert", case.unit, keeping.tidy("opinion_expert", values))
