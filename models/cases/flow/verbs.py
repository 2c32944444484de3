"""What a person does with a damage case, step by step; each step checks what it needs and is dated by law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.cases.damage.clues import ELEMENTS, NO_START, refuse_day
from models.cases.damage.opening import open_case
from models.cases.damage.tables import DamageCase
from models.cases.flow import dues
from models.cases.flow.decisions import refuse_approver
from models.cases.flow.papers import add_paper
from models.cases.flow.requirements import lacking, violation_day
from models.errors import RuleBroken
from models.language import N_, in_chinese, listed, translate
from models.law.parameters import parameter
from models.registry import keeping
from models.registry.days import today

if TYPE_CHECKING:
    from models.store.seat import Seat

METHODS: dict[str, str] = {
    "experts": N_("Opinion of the experts"),
    "appraisal": N_("Appraisal"),
    "combined": N_("Combined finding"),
}
"""评估方式: 专家意见, 鉴定评估, 综合认定."""
TAGS: dict[str, str] = {"mountain": N_("Mountains"), "river": N_("River"), "sea": N_("Sea")}
"""面山、临江、濒海."""
FAILURES: dict[str, str] = {
    "refused": N_("Refused, or no answer in time"),
    "absent": N_("Did not come, or left, without reason"),
    "three_meetings": N_("Three meetings and no agreement in sight"),
    "expired": N_("Time for consultation is over"),
    "other": N_("Another case of the rules"),
}
"""磋商不成的认定 (环法规〔2020〕44号 art. 6, from memory)."""
SETTLED = frozenset({"number", "clue", "approver", "grounds", "agreed_cents"})
"""Fields of a case that only their own verbs set."""
_CASE = {"elements": tuple(ELEMENTS), "tag": tuple(TAGS), "method": tuple(METHODS)}


def edit_case(seat: Seat, case_id: str, **fields: Any) -> None:
    """Set facts of a case; what it held stays in its history.

    Raises:
        RuleBroken: the case has ended, or a value is not possible.
        TypeError: a field that only its own verb sets.
    """
    if SETTLED & set(fields):
        raise TypeError(f"set by verbs only: {', '.join(sorted(SETTLED & set(fields)))}")
    with seat.writing():
        case, at = open_case(seat, case_id)
        if fields.get("occurred_on"):
            refuse_day(seat, fields["occurred_on"], "occurred_on")
            started = at.entered_on_first("start") or ""
            if fields["occurred_on"] > started:
                raise RuleBroken(
                    N_("The violation cannot lie after the start of the case, {day}."),
                    field="occurred_on",
                    day=started,
                )
        if "method" in fields and at.agreed:
            raise RuleBroken(N_("An agreement is signed: its assessment stays as it is."), field="method")
        keeping.change(seat, case, "damage_case", keeping.tidy("damage_case", fields, _CASE))


def step(seat: Seat, case_id: str, name: str, *, on: str, **fields: Any) -> str:
    """Take one step of the procedure. Returns the step's record id.

    Args:
        name: one of `stages.STEPS` but "start", which `decisions.start` takes.
        on: its legal date, YYYY-MM-DD: not before the last step, not after today.
        fields: further fields of `CaseStep`: to, reason.

    Raises:
        RuleBroken: the step cannot follow, a paper or fact is missing (each is named), or a day is not
            possible.
    """
    with seat.writing():
        case, at = open_case(seat, case_id)
        refuse_day(seat, on, "on", not_before=at.last_on)
        if name not in stages.next_steps(at):
            raise RuleBroken(
                N_("“{step}” cannot follow here. Next may be: {next}."),
                field="step",
                step=translate(stages.STEPS.get(name, name)),
                next=listed(translate(stages.STEPS[each]) for each in stages.next_steps(at)),
            )
        missing = [lack for lack in lacking(seat, case, at, name, on) if lack.blocking]
        if missing:
            raise RuleBroken(
                N_("Missing before “{step}”: {what}"),
                field=missing[0].field or missing[0].key,
                basis=missing[0].basis,
                step=translate(stages.STEPS[name]),
                what=" ".join(lack.text for lack in missing),
            )
        try:
            stages.after(at, name, on, fields.get("to"))
        except ValueError:
            raise RuleBroken(N_("Choose an earlier stage to go back to."), field="to") from None
        values = {"case": case_id, "step": name, "on": on, "officer": seat.person, **fields}
        return keeping.make(seat, "case_step", case.unit, keeping.tidy("case_step", values))


def go_back(seat: Seat, case_id: str, *, on: str, to: str, reason: str) -> str:
    """Go back to an earlier stage, with the reason; papers of that stage and later ones are made anew.

    Raises:
        RuleBroken: as `step`, or without a reason.
    """
    return step(seat, case_id, "back", on=on, to=to, reason=keeping.need_text(reason, "reason"))


def sign_agreement(
    seat: Seat,
    case_id: str,
    *,
    on: str,
    cents: int,
    perform_by: str,
    number: str | None = None,
    signers: str | None = None,
    reason: str | None = None,
) -> str:
    """Sign the compensation agreement: enters the stage 达成磋商协议 and keeps the paper.

    Args:
        cents: what is agreed in all, in cents.
        perform_by: last day of its performance, YYYY-MM-DD; may lie ahead.
        reason: why it is signed after the ninety days, where it is.

    Raises:
        RuleBroken: as `step`; the term lies before the signature; the time for consultation is over and no
            reason is given.
    """
    with seat.writing():
        case, at = open_case(seat, case_id)
        if cents <= 0:
            raise RuleBroken(N_("Give an amount above zero, or a quantity with its price."), field="cents")
        if perform_by < on:
            raise RuleBroken(
                N_("{day} is before {earlier}, the day that it follows."),
                field="perform_by",
                day=perform_by,
                earlier=on,
            )
        if at.stage == "consultation":
            _refuse_late(seat, case, on, reason)
        made = step(seat, case_id, "agreement", on=on, reason=reason)
        keeping.change(seat, case, "damage_case", {"agreed_cents": cents, "perform_by": perform_by})
        add_paper(seat, case_id, kind="agreement", dated_on=on, number=number, signers=signers)
    return made


def _refuse_late(seat: Seat, case: DamageCase, on: str, reason: str | None) -> None:
    notice = dues.notice(seat, case.id)
    until = dues.consultation_until(case, notice.served_on) if notice and notice.served_on else None
    if until is not None and on > until.due_on.isoformat() and not (reason or "").strip():
        raise RuleBroken(
            N_("The time for consultation ended on {day}. Give the reason, or find that it failed."),
            field="reason",
            basis=until.basis,
            day=until.due_on.isoformat(),
        )


def fail(seat: Seat, case_id: str, *, on: str, ground: str, note: str | None = None) -> str:
    """Find that the consultation failed (磋商不成), by one of `FAILURES`.

    Raises:
        RuleBroken: as `step`; three meetings were not held or the time is not over, though it is the ground.
    """
    with seat.writing():
        case, at = open_case(seat, case_id)
        if ground not in FAILURES:
            raise RuleBroken(N_("Name the ground by which the consultation failed."), field="ground")
        if ground == "three_meetings" and at.stage == "consultation":
            most = parameter("meetings_most", violation_day(case))
            held = [row for row in damage.meetings_of(seat, case_id) if row.round == at.consultations]
            if most is not None and len(held) < most.value:
                raise RuleBroken(
                    N_("Only {held} of {most} meetings were held."),
                    field="ground",
                    basis=most.basis,
                    held=len(held),
                    most=most.value,
                )
        if ground == "expired":
            notice = dues.notice(seat, case_id)
            until = dues.consultation_until(case, notice.served_on) if notice and notice.served_on else None
            if until is None or on <= until.due_on.isoformat():
                raise RuleBroken(
                    N_("The time for consultation is not over yet."),
                    field="ground",
                    basis=until.basis if until else "",
                )
        if ground == "other":
            keeping.need_text(note, "note")
        words = _kept(FAILURES[ground], note)
        return step(seat, case_id, "failed", on=on, reason=words)


def reopen(seat: Seat, case_id: str, *, on: str, reason: str) -> str:
    """Open a failed consultation again (2025 on): a new notice, ninety days and meetings begin.

    Raises:
        RuleBroken: as `step`, or the rules of the day of the violation do not provide it.
    """
    with seat.writing():
        case, _ = open_case(seat, case_id)
        rule = parameter("reopened_consultation", violation_day(case))
        if rule is None or not rule.value:
            raise RuleBroken(
                N_("The rules of the day of the violation know no second consultation: bring a suit."),
                field="on",
                basis="环法规〔2020〕44号",
            )
        return step(seat, case_id, "reopened", on=on, reason=keeping.need_text(reason, "reason"))


def _kept(ground: str, note: str | None) -> str:
    """A ground as the record keeps it: in Chinese whoever works, with what was noted."""
    return in_chinese(lambda: translate(ground)) + (f"：{note}" if note else "")


def terminate(
    seat: Seat, case_id: str, *, on: str, ground: str, approver: str, note: str | None = None
) -> str:
    """End a case without restoration, for a statutory reason that an approver bears.

    Raises:
        RuleBroken: as `step`; the approver may not approve; "other" or "slight" without words.
    """
    with seat.writing():
        if ground not in NO_START:
            raise RuleBroken(N_("Name the ground by which the case ends."), field="ground")
        if ground in ("other", "slight"):
            keeping.need_text(note, "note")
        refuse_approver(seat, approver)
        words = _kept(NO_START[ground], note)
        return step(seat, case_id, "terminated", on=on, reason=words)


def _forget_agreement(seat: Seat, row: Any, why: str) -> None:
    """What the signing set goes with it: amount, term, and the paper of that day."""
    case = keeping.standing(seat, "damage_case", row.case)
    keeping.change(seat, case, "damage_case", {"agreed_cents": None, "perform_by": None})
    for paper in damage.papers_of(seat, row.case):
        if paper.kind == "agreement" and paper.dated_on == row.on:
            keeping.withdraw(seat, "case_paper", paper.id, why)


def withdraw_step(seat: Seat, step_id: str, why: str) -> None:
    """Withdraw the last step of a case, which was a mistake.

    Raises:
        RuleBroken: it is not the last one or the start, or no reason is given.
    """
    keeping.allow(seat, "case_step")
    with seat.writing():
        row = keeping.standing(seat, "case_step", step_id)
        ordered = stages.in_order(damage.steps(seat, row.case))
        odd = damage.progress_of(seat, row.case).odd
        if row.step == "start":
            raise RuleBroken(N_("The start of a case is not withdrawn: terminate the case."), field="step")
        standing = [each for each in ordered if each.id not in odd]
        if standing[-1].id != step_id and step_id not in odd:
            raise RuleBroken(N_("Only the last step can be withdrawn."), field="step")
        keeping.withdraw(seat, "case_step", step_id, why)
        if row.step == "agreement":
            _forget_agreement(seat, row, why)


def suggested_day(seat: Seat) -> str:
    """Today in China: what a form proposes as a legal date."""
    return today(seat).isoformat()
