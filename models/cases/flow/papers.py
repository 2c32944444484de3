"""Papers of a case or clue, their service, and the meetings of a consultation with their minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.cases.damage.clues import refuse_day
from models.cases.damage.opening import open_case, refuse_ended
from models.cases.damage.tables import CasePaper, DamageCase
from models.cases.flow import dues
from models.cases.flow.decisions import refuse_approver
from models.cases.flow.requirements import violation_day
from models.errors import RuleBroken
from models.language import N_, in_chinese, translate
from models.law.parameters import parameter
from models.registry import keeping

if TYPE_CHECKING:
    from models.store.seat import Seat

MEETING_RESULTS: dict[str, str] = {
    "agreed": N_("Agreed"),
    "continue": N_("To be continued"),
    "refused": N_("Refused"),
}


def add_paper(seat: Seat, record_id: str, *, kind: str, dated_on: str, **fields: Any) -> str:
    """Enter a paper of a case or clue. Returns its record id.

    Args:
        record_id: of the damage case or clue.
        kind: one of `stages.papers()`.
        dated_on: YYYY-MM-DD.
        fields: any other field of `CasePaper`.

    Raises:
        RuleBroken: the kind is unknown, there is no such record, or a day is not possible.
    """
    keeping.allow(seat, "case_paper")
    with seat.writing():
        owner = keeping.row_of(seat, "damage_case", record_id) or keeping.standing(seat, "clue", record_id)
        if kind not in stages.papers():
            raise RuleBroken(N_("There is no such kind of paper."), field="kind")
        refuse_day(seat, dated_on, "dated_on")
        if fields.get("served_on"):
            refuse_day(seat, fields["served_on"], "served_on", not_before=dated_on)
        values = {**fields, "case": record_id, "kind": kind, "dated_on": dated_on}
        known = keeping.tidy("case_paper", values, {"served_how": tuple(stages.SERVICE)})
        return keeping.make(seat, "case_paper", owner.unit, known)


def withdraw_part(seat: Seat, kind: str, record_id: str, why: str) -> None:
    """Withdraw a paper, meeting or item of damage that no step taken rests on.

    Raises:
        RuleBroken: without a reason, the case has ended, or a step that was taken needs it: go back first.
    """
    keeping.allow(seat, kind)
    with seat.writing():
        row = keeping.standing(seat, kind, record_id)
        refuse_ended(seat, row.case)
        if kind == "case_paper" and _needed(seat, row):
            raise RuleBroken(
                N_("A step that was taken rests on this paper. Go back in the case, or enter it anew first."),
                field="kind",
            )
        keeping.withdraw(seat, kind, record_id, why)


def _needed(seat: Seat, row: CasePaper) -> bool:
    """Whether a step that was taken requires the paper and nothing else of the case stands in for it."""
    others = {each.kind for each in damage.papers_of(seat, row.case or "") if each.id != row.id}
    taken = {each.step or "" for each in damage.steps(seat, row.case or "")}
    groups = [group for step in taken for group in stages.required(step)]
    return any(row.kind in group and not others & set(group) for group in groups)


def serve(seat: Seat, paper_id: str, *, on: str, to: str, how: str) -> str:
    """Note that a paper was served, and keep the proof of service (送达回证) with it.

    Returns:
        Record id of the proof.

    Raises:
        RuleBroken: it was served already, or a day or way is not possible.
    """
    keeping.allow(seat, "case_paper")
    with seat.writing():
        row = keeping.standing(seat, "case_paper", paper_id)
        if row.served_on:
            raise RuleBroken(N_("It was served on {day} already."), field="served_on", day=row.served_on)
        refuse_day(seat, on, "on", not_before=row.dated_on)
        values = {"served_on": on, "served_to": keeping.need_text(to, "to"), "served_how": how}
        choices = {"served_how": tuple(stages.SERVICE)}
        keeping.change(seat, row, "case_paper", keeping.tidy("case_paper", values, choices))
        return add_paper(
            seat,
            row.case,
            kind="service_receipt",
            dated_on=on,
            served_on=on,
            served_to=to,
            served_how=how,
            title=_served_name(row),
        )


def _served_name(row: CasePaper) -> str:
    """The name of a paper that was served, as the proof bears it: in Chinese whoever works."""
    named = in_chinese(lambda: translate(stages.PAPERS.get(row.kind or "", row.kind or "")))
    return named + (row.number or "")


def hold_meeting(
    seat: Seat,
    case_id: str,
    *,
    held_on: str,
    place: str,
    present: str,
    minutes: str,
    result: str,
    host: str | None = None,
    extra_reason: str | None = None,
    approver: str | None = None,
) -> str:
    """Write down a meeting of the consultation with its minutes. Returns the meeting's record id.

    A fourth meeting, or one after the ninety days, needs a reason and an approver (环法规〔2020〕44号 art. 6,
    from memory).

    Raises:
        RuleBroken: the case is in no consultation; the notice is not served, or the meeting lies before its
            service; a reason is needed.
    """
    keeping.allow(seat, "meeting")
    with seat.writing():
        case, at = open_case(seat, case_id)
        if at.stage != "consultation" or at.condition != "open":
            raise RuleBroken(N_("Meetings are held in the stage of consultation only."), field="stage")
        notice = dues.notice(seat, case_id)
        if notice is None or not notice.served_on:
            raise RuleBroken(
                N_("Serve the consultation notice first: its service begins the ninety days."), field="notice"
            )
        refuse_day(seat, held_on, "held_on", not_before=notice.served_on)
        before = [row for row in damage.meetings_of(seat, case_id) if row.round == at.consultations]
        _refuse_extra(seat, case, notice.served_on, held_on, len(before), extra_reason, approver)
        values = {
            "case": case_id,
            "round": at.consultations,
            "count": max((row.count or 0 for row in before), default=0) + 1,
            "held_on": held_on,
            "place": keeping.need_text(place, "place"),
            "present": keeping.need_text(present, "present"),
            "minutes": keeping.need_text(minutes, "minutes"),
            "result": result,
            "host": host,
            "extra_reason": extra_reason,
            "approver": approver,
        }
        meeting = keeping.make(
            seat, "meeting", case.unit, keeping.tidy("meeting", values, {"result": tuple(MEETING_RESULTS)})
        )
        add_paper(seat, case_id, kind="meeting_minutes", dated_on=held_on, signers=present)
    return meeting


def _refuse_extra(
    seat: Seat,
    case: DamageCase,
    served_on: str,
    held_on: str,
    before: int,
    reason: str | None,
    approver: str | None,
) -> None:
    most = parameter("meetings_most", violation_day(case))
    until = dues.consultation_until(case, served_on)
    beyond = most is not None and before >= most.value
    late = until is not None and held_on > until.due_on.isoformat()
    if not beyond and not late:
        return
    if not (reason or "").strip() or not approver:
        said = (
            N_("This would be meeting {count}; {most} are provided. Give the reason and who approved it.")
            if beyond
            else N_("The time for consultation ended on {day}. Give the reason and who approved it.")
        )
        raise RuleBroken(
            said,
            field="extra_reason",
            basis=(most.basis if beyond and most else until.basis if until else ""),
            count=before + 1,
            most=most.value if most else 0,
            day=until.due_on.isoformat() if until else "",
        )
    refuse_approver(seat, approver)
