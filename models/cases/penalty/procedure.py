"""The dated steps of a penalty case, from its filing to its closing; any of them can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.penalty import queries, rules
from models.cases.penalty.tables import PenaltyCase
from models.cases.penalty.writing import KIND, checked, keep, open_case, standing_case
from models.errors import RuleBroken
from models.language import N_, translate
from models.law.deadlines import due, limit
from models.registry import keeping

if TYPE_CHECKING:
    from models.store.seat import Seat

_ASKED = {
    "hearing_told_on": "told_on",
    "hearing_on": "held_on",
    "decision_number": "number",
    "decision_note": "note",
    "close_note": "note",
}
"""Fields of the record that a form asks for by another name."""


def put_on_file(seat: Seat, case_id: str, *, on: str, opinion: str | None = None) -> None:
    """Note that the filing was approved (立案).

    Raises:
        RuleBroken: it is on file or closed already, a condition is not met (V20), or the day is not possible.
    """
    with _case(seat, case_id) as row:
        _refuse_there(row, "filed_on")
        for lack in rules.filing_lacks(row):
            raise lack
        _write(seat, row, filed_on=on, **({"opinion": opinion} if opinion else {}))


def serve_correction(
    seat: Seat, case_id: str, *, on: str, number: str | None = None, report_on: str | None = None
) -> None:
    """Note the service of an order to correct (责令改正); a follow-up check is due from then.

    Args:
        report_on: where monitoring found the violation: the day of its report.

    Raises:
        RuleBroken: it was served already, or a day is not possible.
    """
    with _case(seat, case_id) as row:
        _refuse_there(row, "correction_served_on")
        fields = {"correction_served_on": on, "correction_number": number}
        if report_on:
            fields["monitoring_report_on"] = report_on
        _write(seat, row, **fields)


def note_report(seat: Seat, case_id: str, *, on: str) -> None:
    """Note the day on which a monitoring report came that shows the violation.

    Raises:
        RuleBroken: the case is closed, or the day is not possible.
    """
    with _case(seat, case_id) as row:
        _write(seat, row, monitoring_report_on=on)


def note_review(seat: Seat, case_id: str, *, on: str) -> None:
    """Note the follow-up check after an order to correct (复查).

    Raises:
        RuleBroken: no order was served, or the day is not possible.
    """
    with _case(seat, case_id) as row:
        _need(row, "correction_served_on", "《环境保护主管部门实施按日连续处罚办法》第十条")
        _write(seat, row, reviewed_on=on)


def serve_notice(seat: Seat, case_id: str, *, on: str, number: str | None = None) -> None:
    """Note the service of the penalty notice (处罚告知书).

    Raises:
        RuleBroken: the case is not on file, the notice was served already, or the day is not possible.
    """
    with _case(seat, case_id) as row:
        _need(row, "filed_on", "《行政处罚法》第五十四条")
        _refuse_there(row, "notice_served_on")
        _write(seat, row, notice_served_on=on, notice_number=number)


def note_waiver(seat: Seat, case_id: str, *, on: str) -> None:
    """Note that the party expressly gave up statement, defence and hearing.

    Raises:
        RuleBroken: the notice was not served, or the day is not possible.
    """
    with _case(seat, case_id) as row:
        _need(row, "notice_served_on", "《行政处罚法》第四十四条")
        _write(seat, row, waived_on=on)


def ask_hearing(seat: Seat, case_id: str, *, on: str) -> None:
    """Note that the party asked for a hearing.

    Raises:
        RuleBroken: the notice was not served or the case is decided, or the day is not possible.
    """
    with _case(seat, case_id) as row:
        _need(row, "notice_served_on", "《行政处罚法》第六十三条")
        _refuse_there(row, "decided_on")
        _write(seat, row, hearing_asked_on=on)


def set_hearing(seat: Seat, case_id: str, *, told_on: str, held_on: str) -> None:
    """Set the hearing: the day of its notice and the day on which it is held.

    Raises:
        RuleBroken: nobody asked for one, the notice comes too late for that day, or a day is not possible.
        BadInput: no holiday calendar is kept for the year.
    """
    with _case(seat, case_id) as row:
        _need(row, "hearing_asked_on", "《行政处罚法》第六十四条")
        _refuse_there(row, "decided_on")
        with _as_asked():
            values = checked(seat, {"hearing_told_on": told_on, "hearing_on": held_on}, row)
        rule = limit("hearing_notice", date.fromisoformat(held_on))
        if rule is not None:
            last = due(date.fromisoformat(held_on), rule)
            if told_on > last.due_on.isoformat():
                raise RuleBroken(
                    N_("For a hearing on {held} the party is told by {last}. Set a later day."),
                    field="held_on",
                    basis=last.basis,
                    held=held_on,
                    last=last.due_on.isoformat(),
                )
        _write(seat, row, **values)


def exclude_days(
    seat: Seat, case_id: str, *, reason: str, excluded_days: int = 0, extended_days: int = 0
) -> None:
    """Note days that do not count towards the decision, and days by which its time was extended.

    Raises:
        RuleBroken: the case is closed, there is no reason, or a number is below zero.
    """
    with _case(seat, case_id) as row:
        _write(
            seat,
            row,
            excluded_days=excluded_days,
            extended_days=extended_days,
            excluded_reason=keeping.need_text(reason, "reason"),
        )


def decide(
    seat: Seat,
    case_id: str,
    *,
    on: str,
    outcome: str,
    number: str | None = None,
    measures: str | None = None,
    fine_cents: int | None = None,
    confiscated_cents: int | None = None,
    note: str | None = None,
) -> None:
    """Note the decision: a penalty, none, or that the case went elsewhere.

    A penalty needs its notice served, and the days for statement, defence and hearing to have run out or to
    be waived (行政处罚法44, 62, 64); a violation found after its limitation is not punished (行政处罚法36).

    Args:
        outcome: one of `rules.OUTCOMES`.
        measures: what is imposed, in words.
        note: where there is no penalty: why, or where the case went.

    Raises:
        RuleBroken: the case is not ready for it, it was decided already, or a value is not possible.
        BadInput: no holiday calendar is kept for the year in which the days for statement run.
    """
    with _case(seat, case_id) as row:
        _refuse_there(row, "decided_on")
        fields: dict[str, Any] = {
            "decided_on": on,
            "outcome": outcome,
            "decision_number": number,
            "measures": measures,
            "decision_note": note,
            "fine_cents": fine_cents,
            "confiscated_cents": confiscated_cents,
        }
        with _as_asked():
            values = checked(seat, fields, row)
        if values["outcome"] == "penalty":
            _refuse_early_penalty(row, on)
            if not (values["measures"] or values["fine_cents"] or values["confiscated_cents"]):
                raise RuleBroken(N_("Say what is imposed, or give the amount."), field="measures")
        else:
            if values["outcome"] is None:
                raise RuleBroken(N_("Fill this in."), field="outcome")
            if outcome != "not_filed":
                _need(row, "filed_on", "《行政处罚法》第五十四条")
            if values["fine_cents"] or values["confiscated_cents"]:
                raise RuleBroken(N_("Without a penalty there is no amount."), field="fine_cents")
            keeping.need_text(note, "note")
        _write(seat, row, **fields)


def _refuse_early_penalty(row: PenaltyCase, on: str) -> None:
    _need(row, "filed_on", "《行政处罚法》第五十四条")
    _need(row, "notice_served_on", "《行政处罚法》第四十四条、第六十二条")
    limitation = rules.limitation_ends(row)
    if limitation is not None and row.found_on and row.found_on > limitation.due_on.isoformat():
        raise RuleBroken(
            N_("The violation was found on {found}, after its limitation of {last}: it is not punished."),
            field="outcome",
            basis=limitation.basis,
            found=row.found_on,
            last=limitation.due_on.isoformat(),
        )
    if row.waived_on:
        return
    if row.hearing_asked_on and not (row.hearing_on and row.hearing_on <= on):
        raise RuleBroken(
            N_(
                "A hearing was asked for on {day} and not held by then. Hold it, or note that it was "
                "given up."
            ),
            field="on",
            basis="《行政处罚法》第六十五条",
            day=row.hearing_asked_on,
        )
    last = rules.may_decide_after(row.notice_served_on or "")
    if last is not None and on <= last.due_on.isoformat():
        raise RuleBroken(
            N_(
                "The party may state its case and ask for a hearing up to {last}. Decide after it, or note "
                "that it was given up."
            ),
            field="on",
            basis=last.basis,
            last=last.due_on.isoformat(),
        )


def serve_decision(seat: Seat, case_id: str, *, on: str) -> None:
    """Note the service of the penalty decision.

    Raises:
        RuleBroken: there is no penalty decision, it was served already, or the day is not possible.
    """
    with _case(seat, case_id) as row:
        _need(row, "decided_on", "《行政处罚法》第六十一条")
        _refuse_there(row, "decision_served_on")
        _write(seat, row, decision_served_on=on)


def note_payment(seat: Seat, case_id: str, *, on: str) -> None:
    """Note that the fine was paid in full.

    Raises:
        RuleBroken: there is no fine, the decision was not served, or the day is not possible.
    """
    with _case(seat, case_id) as row:
        if not row.fine_cents and not row.confiscated_cents:
            raise RuleBroken(N_("This case has no fine and nothing confiscated."), field="paid_on")
        _need(row, "decision_served_on", "《行政处罚法》第六十七条")
        _refuse_there(row, "paid_on")
        _write(seat, row, paid_on=on)


def close(seat: Seat, case_id: str, *, on: str, note: str | None = None) -> None:
    """Close a case (结案). Every case carries its compensation screening before it is closed (R035).

    Args:
        note: where the fine was not paid: how the case ended nevertheless.

    Raises:
        RuleBroken: it is not screened or not decided, a penalty is not served or paid, or it is closed.
    """
    with _case(seat, case_id) as row:
        with _as_asked():
            checked(seat, {"closed_on": on}, row)
        missing = why_not_close(seat, row, on, note)
        if missing is not None:
            raise missing
        _write(seat, row, closed_on=on, close_note=note)


def why_not_close(seat: Seat, row: PenaltyCase, on: str, note: str | None = None) -> RuleBroken | None:
    """What stands in the way of closing a case on a day; None where nothing does."""
    basis = rules.screening_required(on)
    if basis and queries.screening_of(seat, row.id, date.fromisoformat(on)) is None:
        return RuleBroken(
            N_("{number} carries no compensation screening. Screen it first: start, or not with the reason."),
            field="screening",
            basis=basis,
            number=row.number,
        )
    if not row.decided_on:
        return RuleBroken(N_("{number} is not decided."), field="decided_on", number=row.number)
    if row.outcome != "penalty":
        return None
    if not row.decision_served_on:
        return RuleBroken(
            N_("The decision is not served."), field="decision_served_on", basis="《行政处罚法》第六十一条"
        )
    if (row.fine_cents or row.confiscated_cents) and not row.paid_on and not (note or "").strip():
        return RuleBroken(
            N_("The fine is not paid. Note the payment, or say how the case ended without it."), field="note"
        )
    return None


def take_back(seat: Seat, case_id: str, *, event: str, why: str) -> None:
    """Take a step of a case back that was entered by mistake; what it held stays in the history.

    Args:
        event: one of `rules.EVENTS`.

    Raises:
        RuleBroken: there is no such step, another that follows it must go first, or there is no reason.
    """
    keeping.allow(seat, KIND)
    if event not in rules.EVENTS:
        raise RuleBroken(
            N_("“{value}” is none of the choices here: {choices}."),
            field="event",
            value=event,
            choices=", ".join(rules.EVENTS),
        )
    words, names, followers = rules.EVENTS[event]
    reason = keeping.need_text(why, "why")
    with seat.writing():
        row = standing_case(seat, case_id) if event == "closing" else open_case(seat, case_id)
        if all(getattr(row, name) is None for name in names):
            raise RuleBroken(
                N_("“{step}” is not entered in this case."), field="event", step=translate(words)
            )
        for name in followers:
            if getattr(row, name):
                raise RuleBroken(
                    N_("“{later}” follows it. Withdraw that first."),
                    field="event",
                    later=translate(rules.DAYS[name]),
                )
        keep(seat, row, {**dict.fromkeys(names), "taken_back": f"{translate(words)}: {reason}"})


@contextmanager
def _case(seat: Seat, case_id: str) -> Iterator[PenaltyCase]:
    """A case that still runs, in the transaction in which its rules are checked and it is written."""
    keeping.allow(seat, KIND)
    with seat.writing():
        yield open_case(seat, case_id)


def _write(seat: Seat, row: PenaltyCase, **fields: Any) -> None:
    with _as_asked():
        keep(seat, row, fields)


@contextmanager
def _as_asked() -> Iterator[None]:
    """Refusals name the field of the form, which asks for a day as "on", and not that of the record."""
    try:
        yield
    except RuleBroken as error:
        error.field = _ASKED.get(error.field, "on" if error.field in rules.DAYS else error.field)
        raise


def _need(row: PenaltyCase, name: str, basis: str) -> None:
    if not getattr(row, name):
        raise RuleBroken(
            N_("“{earlier}” is not entered yet, and comes first."),
            field=name,
            basis=basis,
            earlier=translate(rules.DAYS[name]),
        )


def _refuse_there(row: PenaltyCase, name: str) -> None:
    if getattr(row, name):
        raise RuleBroken(
            N_("“{step}” is entered already: {day}. Withdraw it first if that is wrong."),
            field=name,
            step=translate(rules.DAYS[name]),
            day=getattr(row, name),
        )
