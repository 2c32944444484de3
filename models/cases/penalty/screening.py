"""Screening for compensation, and the hand-over of its clue to the branch that is to claim."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.damage import clues
from models.cases.damage import queries as damage
from models.cases.damage.tables import Clue
from models.cases.penalty import queries, rules
from models.cases.penalty.tables import Handover, PenaltyCase, Screening
from models.cases.penalty.writing import own_name, standing_case
from models.errors import RuleBroken
from models.language import N_, translate
from models.law.due import day_or_none
from models.law.parameters import parameter
from models.registry import keeping
from models.registry.queries import granted_units
from models.registry.rules import is_credit_code
from models.registry.units import label_of, unit_named

if TYPE_CHECKING:
    from models.store.seat import Seat

_GROUNDS = {"start": tuple(clues.GROUNDS), "not_start": tuple(clues.NO_START), "not_applicable": ()}


def screen(
    seat: Seat,
    case_id: str,
    *,
    result: str,
    reason: str,
    on: str,
    ground: str | None = None,
    person: str | None = None,
) -> str:
    """Screen a penalty case for compensation (赔偿启动条件筛查); the latest screening counts.

    With the result "start" it finds the case's clue or registers one in the case's unit.

    Args:
        result: one of `rules.RESULTS`.
        reason: in words; always needed (R035).
        on: day of the screening, YYYY-MM-DD.
        ground: one of `clues.GROUNDS` for a start, of `clues.NO_START` for none; empty without damage.
        person: who screened, by name; who is unlocked unless given.

    Returns:
        The screening's record id.

    Raises:
        RuleBroken: reason or ground is missing or does not fit, the damage of a repeat offender is called
            slight, or a clue of the case stands that must be decided instead.
    """
    keeping.allow(seat, "screening")
    values = keeping.tidy(
        "screening",
        {"result": result, "ground": ground, "on": on, "reason": reason},
        {"result": rules.RESULTS, "ground": (*clues.GROUNDS, *clues.NO_START)},
    )
    values["reason"] = keeping.need_text(reason, "reason")
    values["result"] = keeping.need_text(result, "result")
    values["person"] = keeping.need_text(person or own_name(seat), "person")
    with seat.writing():
        row = standing_case(seat, case_id)
        clues.refuse_day(seat, on, "on", not_before=row.found_on or row.occurred_on)
        _refuse_other_ground(result, values["ground"])
        found = _clue_of(seat, row)
        if result == "start":
            values["clue"] = found.id if found is not None else _register(seat, row, row.unit, on, reason)
        else:
            if found is not None:
                raise RuleBroken(
                    N_("Clue {number} of this case stands. Decide on it, or withdraw it, first."),
                    field="result",
                    number=found.number,
                )
            if ground == "slight":
                _refuse_slight(seat, row, on)
        return keeping.make(seat, "screening", row.unit, {**values, "penalty_case": row.id})


def _refuse_other_ground(result: str, ground: Any) -> None:
    allowed = _GROUNDS[result]
    if allowed and ground is None:
        raise RuleBroken(N_("Choose the statutory ground."), field="ground", basis="环法规〔2022〕31号")
    if ground is not None and ground not in allowed:
        raise RuleBroken(
            N_("This ground does not go with the result “{result}”."),
            field="ground",
            result=translate(rules.RESULTS[result]),
        )


def _refuse_slight(seat: Seat, row: PenaltyCase, on: str) -> None:
    """ "Slight" is no ground for who violated again within the years that the rules name."""
    violated_on = day_or_none(row.occurred_on or row.found_on) or date.fromisoformat(on)
    years = parameter("slight_repeat_years", violated_on)
    if years is not None and queries.repeat_violation(
        seat, row.party_code or "", violated_on, years.value, other_than=row.id, name=row.party or ""
    ):
        raise RuleBroken(
            N_("{party} was penalised within {years} years before: the damage cannot be called slight."),
            field="ground",
            basis=years.basis,
            party=row.party,
            years=years.value,
        )


def _can_start(clue: Clue) -> bool:
    return clue.outcome in (None, "start")


def _clue_of(seat: Seat, row: PenaltyCase) -> Clue | None:
    """The clue of a case: its own, that of its damage case, or the only one of its inspection, linked now.

    Clues that were decided otherwise than by a start are done with: no start goes back to them.
    """
    own = [each for each in queries.clues_of(seat, row.id) if _can_start(each)]
    if own:
        return own[0]
    for case in queries.damage_cases_of(seat, row.id):
        found = damage.clue(seat, case.clue) if case.clue else None
        if found is not None and found.voided is None and _can_start(found):
            return found
    if row.inspection:
        of_visit = damage.clues_of(seat, inspection=row.inspection)
        free = [each for each in of_visit if not each.penalty_case and _can_start(each)]
        if len(free) == 1:
            keeping.change(seat, free[0], "clue", {"penalty_case": row.id})
            return free[0]
    return None


def _register(seat: Seat, row: PenaltyCase, home: str, received_on: str, description: str) -> str:
    code = row.party_code if is_credit_code(row.party_code or "") else None
    return clues.register(
        seat,
        unit=home,
        source="penalty",
        description=description,
        received_on=received_on,
        party=row.party,
        party_code=code,
        site=row.site,
        place=row.party_address,
        occurred_on=row.occurred_on,
        facts=row.act,
        inspection=row.inspection,
        penalty_case=row.id,
    )


def hand_over(
    seat: Seat,
    case_id: str,
    *,
    to_unit: str,
    sent_on: str,
    letter_number: str | None = None,
    due: str | None = None,
    sender: str | None = None,
) -> str:
    """Hand the clue of a case over to a county branch (线索移送); the clue is then the branch's.

    Args:
        to_unit: code or name of one of the 16 county-level units.
        sent_on: YYYY-MM-DD.
        due: 核查截止日 where the letter sets one; may lie ahead.
        sender: by name; who is unlocked unless given.

    Returns:
        The hand-over's record id.

    Raises:
        RuleBroken: the case is not screened with the result "start", an earlier hand-over is not received,
            its clue is already being checked elsewhere, the account is not granted the branch's unit, or a
            value is not possible.
    """
    keeping.allow(seat, "handover")
    branch = unit_named(to_unit)
    if branch is None or branch.kind not in ("district", "county", "zone"):
        raise RuleBroken(
            N_("“{value}” is no county branch. Give one of the 16, as 芗城区 or 350602."),
            field="to_unit",
            value=to_unit,
        )
    granted = granted_units(seat)
    if granted is not None and branch.code not in granted:
        # the server would put the new clue aside, and the withdrawal of the old one would stand
        raise RuleBroken(
            N_("Your account is not granted {unit}: let the city hand it over."),
            field="to_unit",
            unit=label_of(branch.code),
        )
    with seat.writing():
        row = standing_case(seat, case_id)
        screening = queries.screening_of(seat, row.id)
        if screening is None or screening.result != "start":
            raise RuleBroken(
                N_("Only a case whose screening starts compensation is handed over. Screen {number} first."),
                field="screening",
                basis=rules.screening_required(sent_on) if _is_day(sent_on) else "",
                number=row.number,
            )
        clues.refuse_day(seat, sent_on, "sent_on", not_before=row.found_on)
        if due:
            _refuse_due(due, sent_on)
        for earlier in queries.handovers_of(seat, row.id):
            if not earlier.received_on:
                raise RuleBroken(
                    N_("The hand-over of {day} to {unit} is not received yet. Remind them, or withdraw it."),
                    field="to_unit",
                    day=earlier.sent_on,
                    unit=label_of(earlier.to_unit),
                )
        clue = _clue_at(seat, row, screening, branch.code, sent_on)
        values = keeping.tidy(
            "handover",
            {
                "penalty_case": row.id,
                "clue": clue,
                "from_unit": row.unit,
                "to_unit": branch.code,
                "case_number": row.number,
                "case_title": row.title,
                "party": row.party,
                "letter_number": letter_number,
                "sent_on": sent_on,
                "sender": keeping.need_text(sender or own_name(seat), "sender"),
                "due": due,
            },
        )
        return keeping.make(seat, "handover", branch.code, values)


def _clue_at(seat: Seat, row: PenaltyCase, screening: Screening, home: str, sent_on: str) -> str:
    """The clue of a case in the receiving unit: the one there, or a new one in place of that elsewhere."""
    held = queries.clues_of(seat, row.id)
    here = next((each for each in held if each.unit == home), None)
    for each in held:
        if each.unit == home:
            continue
        if each.checked_on or each.outcome:
            raise RuleBroken(
                N_("Clue {number} is already being checked by {unit}. It stays there."),
                field="to_unit",
                number=each.number,
                unit=label_of(each.unit),
            )
        label = label_of(home)
        keeping.withdraw(seat, "clue", each.id, translate(N_("Handed over to {unit}.")).format(unit=label))
    clue = here.id if here is not None else _register(seat, row, home, sent_on, screening.reason or "")
    if screening.clue != clue:
        keeping.change(seat, screening, "screening", {"clue": clue})
    return clue


def sign_receipt(seat: Seat, handover_id: str, *, on: str, receiver: str | None = None) -> None:
    """Sign for a hand-over (签收); the thirty days of the clue's first check run from then.

    Args:
        receiver: who signed, by name; who is unlocked unless given.

    Raises:
        RuleBroken: it was signed for already, or the day is not possible.
    """
    keeping.allow(seat, "handover")
    with seat.writing():
        row: Handover = keeping.standing(seat, "handover", handover_id)
        if row.received_on:
            raise RuleBroken(
                N_("{receiver} signed for it on {day} already."),
                field="on",
                receiver=row.receiver,
                day=row.received_on,
            )
        clues.refuse_day(seat, on, "on", not_before=row.sent_on)
        name = keeping.need_text(receiver or own_name(seat), "receiver")
        keeping.change(seat, row, "handover", keeping.tidy("handover", {"received_on": on, "receiver": name}))
        clue = damage.clue(seat, row.clue or "")
        if clue is not None and not clue.voided and not clue.outcome and not clue.checked_on:
            clues.edit(seat, clue.id, received_on=on)


def remind(seat: Seat, handover_id: str, *, on: str, text: str, by: str | None = None) -> str:
    """Note that the receiving unit was reminded (督促), while it has not signed or not checked the clue.

    Returns:
        The reminder's record id.

    Raises:
        RuleBroken: there is nothing to remind of, or a value is missing or not possible.
    """
    keeping.allow(seat, "reminder")
    with seat.writing():
        row: Handover = keeping.standing(seat, "handover", handover_id)
        if why := why_not_remind(seat, row):
            raise why
        clues.refuse_day(seat, on, "on", not_before=row.sent_on)
        values = {
            "handover": row.id,
            "on": on,
            "by": keeping.need_text(by or own_name(seat), "by"),
            "text": keeping.need_text(text, "text"),
        }
        return keeping.make(seat, "reminder", row.unit, keeping.tidy("reminder", values))


def why_not_remind(seat: Seat, row: Handover) -> RuleBroken | None:
    """Why there is nothing to remind of; None while it is not received or its clue not checked."""
    clue = damage.clue(seat, row.clue or "")
    if row.received_on and clue is not None and (clue.checked_on or clue.outcome):
        return RuleBroken(
            N_("It was received on {day} and its clue is checked: there is nothing to remind of."),
            field="on",
            day=row.received_on,
        )
    return None


def withdraw_screening(seat: Seat, screening_id: str, *, why: str) -> None:
    """Withdraw a screening that was entered by mistake; a closed case keeps one.

    Raises:
        RuleBroken: its case is closed and has no other, or there is no reason.
    """
    keeping.allow(seat, "screening")
    with seat.writing():
        row: Screening = keeping.standing(seat, "screening", screening_id)
        case = queries.penalty_case(seat, row.penalty_case or "")
        others = [each for each in queries.screenings_of(seat, row.penalty_case or "") if each.id != row.id]
        if case is not None and case.closed_on and not others:
            raise RuleBroken(
                N_("{number} is closed and keeps its screening. Withdraw the closing first."),
                field="screening",
                number=case.number,
            )
        keeping.withdraw(seat, "screening", row.id, why)


def withdraw_handover(seat: Seat, handover_id: str, *, why: str) -> None:
    """Withdraw a hand-over that nobody has received, and with it the clue in the unit that it went to.

    Raises:
        RuleBroken: it was received, or there is no reason.
    """
    keeping.allow(seat, "handover")
    with seat.writing():
        row: Handover = keeping.standing(seat, "handover", handover_id)
        if row.received_on:
            raise RuleBroken(
                N_("{receiver} signed for it on {day} already."),
                field="handover",
                receiver=row.receiver,
                day=row.received_on,
            )
        keeping.withdraw(seat, "handover", row.id, why)
        clue = damage.clue(seat, row.clue or "")
        went = clue is not None and row.to_unit != row.from_unit
        if clue is not None and went and not clue.voided and not clue.checked_on and not clue.outcome:
            keeping.withdraw(seat, "clue", clue.id, why)


def withdraw_reminder(seat: Seat, reminder_id: str, *, why: str) -> None:
    """Withdraw a reminder that was entered by mistake.

    Raises:
        RuleBroken: there is no such reminder, or no reason.
    """
    keeping.withdraw(seat, "reminder", reminder_id, why)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _refuse_due(due: str, sent_on: str) -> None:
    if not _is_day(due):
        raise RuleBroken(N_("“{value}” is no date: give it as 2027-06-30."), field="due", value=due)
    if due < sent_on:
        raise RuleBroken(
            N_("{day} is before {earlier}, the day that it follows."), field="due", day=due, earlier=sent_on
        )
