"""What people do in routine inspections (督察); each verb checks its rules and writes in one transaction."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.damage.clues import refuse_day
from models.errors import RuleBroken
from models.language import N_, _, listed, translate
from models.oversight.rounds import queries, rules
from models.oversight.rounds.tables import Rectification, Round
from models.registry import keeping
from models.registry.days import today
from models.registry.units import unit_named

if TYPE_CHECKING:
    from models.store.seat import Seat

_ACCEPTS = "supervise"
"""Right to accept and sign off: who rectifies does not judge it."""
_CHOICES = {"level": rules.values(rules.LEVELS)}
PLAN = tuple(name for name, _title in rules.ELEMENTS)


# -- rounds (R082) ------------------------------------------------------------------------------


def open_round(
    seat: Seat, *, name: str, level: str, began_on: str, ended_on: str | None = None, **fields: Any
) -> str:
    """Register a round of routine inspection. Returns its id.

    Args:
        level: "central" or "province".
        began_on: its first day on the ground, YYYY-MM-DD; may be announced for a day to come.
        ended_on: its last day, once it is known.
        fields: `batch`, `note`.

    Raises:
        RuleBroken: it ends before it begins, or a round of that name is kept already.
    """
    keeping.allow(seat, "round")
    with seat.writing():
        given = {"name": name, "level": level, "began_on": began_on, "ended_on": ended_on, **fields}
        values = keeping.tidy("round", given, _CHOICES)
        _check_round(seat, values, "")
        return keeping.make(seat, "round", seat.unit, values)


def edit_round(seat: Seat, round_id: str, **fields: Any) -> None:
    """Correct a round, or set its last day. Errors as `open_round`."""
    keeping.allow(seat, "round")
    with seat.writing():
        row: Round = keeping.standing(seat, "round", round_id)
        values = keeping.tidy("round", fields, _CHOICES)
        held = {name: getattr(row, name) for name in ("name", "level", "began_on", "ended_on")}
        _check_round(seat, {**held, **values}, row.id)
        keeping.change(seat, row, "round", values)


def withdraw_round(seat: Seat, round_id: str, *, why: str) -> None:
    """Withdraw a round that was registered by mistake.

    Raises:
        RuleBroken: problems or complaints of it are kept: withdraw these first.
    """
    keeping.allow(seat, "round")
    with seat.writing():
        kept = [
            *queries.rectifications(seat, round_id=round_id),
            *queries.complaints(seat, round_id=round_id),
        ]
        if kept:
            raise RuleBroken(
                N_("Problems and complaints of this round that are kept: {count}. Withdraw them first."),
                field="round",
                count=len(kept),
            )
        keeping.withdraw(seat, "round", round_id, why)


def _check_round(seat: Seat, values: dict[str, Any], own: str) -> None:
    name = keeping.need_text(values["name"], "name")
    keeping.need_text(values["level"], "level")
    began_on = _day(keeping.need_text(values["began_on"], "began_on"), "began_on")
    if values.get("ended_on") and _day(values["ended_on"], "ended_on") < began_on:
        raise RuleBroken(N_("It cannot end before it begins."), field="ended_on")
    with seat:
        same = Round.select().where(Round.name == name, Round.voided.is_null(), Round.id != own)
        if same.exists():
            raise RuleBroken(N_("A round of this name is kept already."), field="name")


def _day(text: str, field: str) -> date:
    """A day that may lie ahead.

    Raises:
        RuleBroken: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleBroken(
            N_("“{value}” is no date: give it as 2027-06-30."), field=field, value=text
        ) from None


# -- problems to rectify (R082) -----------------------------------------------------------------


def add_problem(
    seat: Seat,
    *,
    round_id: str,
    number: str,
    problem: str,
    unit_code: str,
    found_on: str,
    **plan: str | None,
) -> str:
    """Add a problem that a round handed over. Returns its id.

    Args:
        round_id: the round.
        number: its number in the round's list.
        unit_code: the unit that must act, by code or name.
        found_on: when it was handed over (反馈), YYYY-MM-DD.
        plan: any of the five elements (`rules.ELEMENTS`), as far as known.

    Raises:
        RuleBroken: no such round or unit, the number is taken, or the day lies before the round.
    """
    keeping.allow(seat, "rectification")
    with seat.writing():
        row: Round = keeping.standing(seat, "round", round_id)
        refuse_day(seat, found_on, "found_on", not_before=row.began_on)
        unit = unit_of(unit_code)
        given = {"round": row.id, "number": number, "problem": problem, "found_on": found_on, **plan}
        values = keeping.tidy("rectification", given)
        _check_problem(seat, values, "")
        return keeping.make(seat, "rectification", unit, {**values, "round_name": row.name})


def edit_problem(seat: Seat, rectification_id: str, *, number: str, problem: str) -> None:
    """Correct number and words of a problem.

    Raises:
        RuleBroken: the number is taken, or the problem is signed off.
    """
    keeping.allow(seat, "rectification")
    with seat.writing():
        row = _unfinished(seat, rectification_id)
        values = keeping.tidy("rectification", {"number": number, "problem": problem})
        _check_problem(seat, {**values, "round": row.round}, row.id)
        keeping.change(seat, row, "rectification", values)


def _check_problem(seat: Seat, values: dict[str, Any], own: str) -> None:
    number = keeping.need_text(values["number"], "number")
    keeping.need_text(values["problem"], "problem")
    if values.get("term_on"):
        _day(values["term_on"], "term_on")
    for row in queries.rectifications(seat, round_id=values["round"]):
        if row.number == number and row.id != own:
            raise RuleBroken(
                N_("Number {number} of this round is kept already."), field="number", number=number
            )


def set_plan(
    seat: Seat,
    rectification_id: str,
    *,
    body: str | None = None,
    goal: str | None = None,
    term_on: str | None = None,
    measures: str | None = None,
    acceptance_unit: str | None = None,
) -> None:
    """Write down the plan's five elements, as far as they are known, before it is set going.

    Raises:
        RuleBroken: the plan is set going already, or the term is no day.
    """
    keeping.allow(seat, "rectification")
    with seat.writing():
        row = _in_state(seat, rectification_id, "open")
        plan = {
            "body": body,
            "goal": goal,
            "term_on": term_on,
            "measures": measures,
            "acceptance_unit": acceptance_unit,
        }
        values = keeping.tidy("rectification", plan)
        if values["term_on"]:
            term = _day(str(values["term_on"]), "term_on")
            if row.found_on and term.isoformat() < row.found_on:
                raise RuleBroken(
                    N_("The term lies before the day that the problem was found."), field="term_on"
                )
        keeping.change(seat, row, "rectification", values)


def begin(seat: Seat, rectification_id: str, *, on: str) -> None:
    """Set the plan going; all five elements are needed (生态环境法典29).

    Raises:
        RuleBroken: naming the elements that are missing; who does the work is to accept it; the term is over
            already; it is set going already.
    """
    keeping.allow(seat, "rectification")
    with seat.writing():
        row = _in_state(seat, rectification_id, "open")
        refuse_day(seat, on, "on", not_before=row.found_on)
        rules.refuse_incomplete(row, date.fromisoformat(on))
        if (row.term_on or "") < on:
            raise RuleBroken(N_("The term of the plan is over already. Correct it first."), field="term_on")
        keeping.change(seat, row, "rectification", {"begun_on": on})


def note_progress(seat: Seat, rectification_id: str, *, on: str, text: str) -> str:
    """Note how the rectification goes. Returns the note's id.

    Raises:
        RuleBroken: the plan is not set going, it is signed off, or the day cannot be.
    """
    return _note(seat, rectification_id, "progress", on, text, ("going", "completed", "accepted"))


def complete(seat: Seat, rectification_id: str, *, on: str, text: str) -> str:
    """Report the rectification as completed and ask for its acceptance. Returns the note's id.

    Raises:
        RuleBroken: it is not under way, or the day cannot be.
    """
    with seat.writing():
        note = _note(seat, rectification_id, "completed", on, text, ("going",))
        row = keeping.standing(seat, "rectification", rectification_id)
        keeping.change(seat, row, "rectification", {"completed_on": on})
    return note


def send_back(seat: Seat, rectification_id: str, *, on: str, text: str) -> str:
    """Refuse the acceptance, with the reason: the rectification goes on. Returns the note's id.

    Raises:
        RuleBroken: it was not reported as completed, or the person may not.
    """
    keeping.allow(seat, "rectification", _ACCEPTS)
    with seat.writing():
        note = _note(seat, rectification_id, "returned", on, text, ("completed",))
        row = keeping.standing(seat, "rectification", rectification_id)
        keeping.change(seat, row, "rectification", {"completed_on": None})
    return note


def extend(seat: Seat, rectification_id: str, *, term_on: str, on: str, text: str) -> str:
    """Set a later term, with who allowed it and why. Returns the note's id.

    Raises:
        RuleBroken: it is not under way, or the term is no later day.
    """
    keeping.allow(seat, "rectification", _ACCEPTS)
    with seat.writing():
        row = _in_state(seat, rectification_id, "going")
        if _day(term_on, "term_on").isoformat() <= (row.term_on or ""):
            raise RuleBroken(
                N_("The term is {day} already: give a later day."), field="term_on", day=row.term_on
            )
        note = _note(seat, rectification_id, "term", on, text, ("going",), term_on=row.term_on)
        keeping.change(seat, row, "rectification", {"term_on": term_on})
    return note


def _note(
    seat: Seat,
    rectification_id: str,
    kind: str,
    on: str,
    text: str,
    states: tuple[str, ...],
    **fields: str | None,
) -> str:
    keeping.allow(seat, "rectification_note")
    with seat.writing():
        row = _in_state(seat, rectification_id, *states)
        notes = queries.notes_of(seat, [row.id])[row.id]
        earlier = [each.on or "" for each in notes if kind != "progress" and each.kind != "progress"]
        refuse_day(seat, on, "on", not_before=max([row.begun_on or "", *earlier]))
        given = {
            "rectification": row.id,
            "on": on,
            "kind": kind,
            "text": keeping.need_text(text, "text"),
            "person": seat.person,
            **fields,
        }
        return keeping.make(seat, "rectification_note", row.unit, keeping.tidy("rectification_note", given))


def withdraw_note(seat: Seat, note_id: str, *, why: str) -> None:
    """Withdraw a note of progress that was written by mistake.

    Raises:
        RuleBroken: it is more than a note: a completion is sent back, a term made longer stays.
    """
    keeping.allow(seat, "rectification_note")
    with seat.writing():
        row = keeping.standing(seat, "rectification_note", note_id)
        if row.kind != "progress":
            raise RuleBroken(N_("Only notes of progress are withdrawn; send it back instead."), field="kind")
        keeping.withdraw(seat, "rectification_note", note_id, why)


def accept(seat: Seat, rectification_id: str, *, on: str, by: str, acceptance: str) -> None:
    """Write down the acceptance (验收) by the unit that the plan names for it.

    Args:
        by: the unit that accepted; only the plan's acceptance unit may.
        acceptance: its opinion.

    Raises:
        RuleBroken: another unit, it was not reported as completed, or a day before that.
    """
    keeping.allow(seat, "rectification", _ACCEPTS)
    with seat.writing():
        row = _in_state(seat, rectification_id, "completed")
        refuse_day(seat, on, "on", not_before=row.completed_on)
        if not rules.same_body(by, row.acceptance_unit or ""):
            raise RuleBroken(
                N_("By its plan only {unit} accepts this."),
                field="by",
                basis=rules.elements_basis(date.fromisoformat(on))[0],
                unit=row.acceptance_unit,
            )
        given = {
            "accepted_on": on,
            "accepted_by": by,
            "acceptance": keeping.need_text(acceptance, "acceptance"),
        }
        keeping.change(seat, row, "rectification", keeping.tidy("rectification", given))


def sign_off(seat: Seat, rectification_id: str, *, on: str, by: str) -> None:
    """Sign the problem off (销号), after its acceptance only.

    Args:
        by: who signed it off.

    Raises:
        RuleBroken: it is not accepted, or a day before that.
    """
    keeping.allow(seat, "rectification", _ACCEPTS)
    with seat.writing():
        row = _in_state(seat, rectification_id, "accepted")
        refuse_day(seat, on, "on", not_before=row.accepted_on)
        given = {"signed_off_on": on, "signed_off_by": keeping.need_text(by, "by")}
        keeping.change(seat, row, "rectification", keeping.tidy("rectification", given))


def in_state(seat: Seat, row: Rectification, *states: str) -> str:
    """Empty where a problem stands in one of these states now, else why the act is not possible."""
    at = queries.state_of(seat, row, today(seat))
    if at in states:
        return ""
    names = dict(rules.STATES)
    return _("It is “{state}” now; this is done while it is “{wanted}”.").format(
        state=translate(names[at]), wanted=listed(translate(names[one]) for one in states)
    )


def _in_state(seat: Seat, rectification_id: str, *states: str) -> Rectification:
    row: Rectification = keeping.standing(seat, "rectification", rectification_id)
    at = queries.state_of(seat, row, today(seat))
    if at not in states:
        names = dict(rules.STATES)
        raise RuleBroken(
            N_("It is “{state}” now; this is done while it is “{wanted}”."),
            field="state",
            state=translate(names[at]),
            wanted=listed(translate(names[one]) for one in states),
        )
    return row


def _unfinished(seat: Seat, rectification_id: str) -> Rectification:
    return _in_state(seat, rectification_id, "open", "going", "completed", "accepted")


def unit_of(text: str) -> str:
    """The code of a unit given by code or name.

    Raises:
        RuleBroken: it is no unit of Zhangzhou.
    """
    found = unit_named(text)
    if found is None:
        raise RuleBroken(
            N_("“{value}” is no unit of Zhangzhou. Give its name or code, such as 芗城区 or 350602."),
            field="unit_code",
            value=text,
        )
    return found.code
