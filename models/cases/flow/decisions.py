"""What becomes of a clue: a case, no case for a statutory reason, or another channel."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.cases.damage import clues
from models.cases.damage.lacks import Lack
from models.cases.damage.tables import Clue, DamageCase
from models.cases.penalty import queries as penalties
from models.errors import RuleBroken
from models.inspections.rules import child_id
from models.language import N_, _, current_language, listed_long, translate
from models.law.parameters import parameter
from models.packs import PackFile, read_toml, unreadable
from models.registry import keeping
from models.registry import queries as registry
from models.registry.numbers import free_number
from models.registry.units import role

if TYPE_CHECKING:
    from models.store.seat import Seat

RIGHT_HOLDER = "漳州市人民政府"
"""赔偿权利人: the government of the city (法释〔2019〕8号 art. 1; 生态环境法典1073); a county's is none."""
BODY = "漳州市生态环境局"
"""指定部门, unless another is named."""
MARINE = "《生态环境法典》第一千零七十四条；法释〔2019〕8号第二条"
CASE_NUMBER = "SH-"
_CASE_CHOICES = {
    "grounds": tuple(clues.GROUNDS),
    "elements": tuple(clues.ELEMENTS),
    "tag": ("mountain", "river", "sea"),
    "method": ("experts", "appraisal", "combined"),
}


def evidence_gaps(row: Clue) -> list[Lack]:
    """What of the least evidence for a start is missing (R030)."""
    english = current_language() == "en"
    return [
        Lack(f"evidence:{each['key']}", each["en"] if english else each["zh"], field=each["has"][0])
        for each in LEAST_EVIDENCE()
        if not any(getattr(row, name) for name in each["has"])
    ]


def _read_least(paths: tuple[Path, ...]) -> tuple[dict[str, Any], ...]:
    path = paths[-1]
    try:
        found = tuple(read_toml(path)["evidence"])
        for each in found:
            if not each["zh"] or not each["en"] or not set(each["has"]) <= set(Clue._meta.fields):
                raise KeyError(each["key"])
    except (KeyError, TypeError) as error:
        raise unreadable(path, error) from error
    return found


LEAST_EVIDENCE = PackFile(_read_least, Path(__file__).parent / "start_evidence.toml")
"""What must be there before a case is started; the bureau's file replaces ours whole."""


def start(
    seat: Seat,
    clue_id: str,
    *,
    on: str,
    grounds: str,
    approver: str,
    lead_officer: str,
    title: str | None = None,
    explanation: str | None = None,
    **fields: Any,
) -> str:
    """Start a case from a checked clue, with the approval that starts it.

    Args:
        on: day of the approval, YYYY-MM-DD.
        grounds: comma-joined of `clues.GROUNDS`.
        approver: record id of the officer who approved; the role must allow it.
        lead_officer: record id of who handles it.
        explanation: the approver's, where the least evidence is not complete.
        fields: any other field of `DamageCase`.

    Returns:
        The case's record id.

    Raises:
        RuleBroken: the clue is not checked or lies in the sea, evidence is missing without an explanation,
            the approver may not approve, or a day is not possible.
    """
    keeping.allow(seat, "damage_case")
    with seat.writing():
        clue = clues.undecided(seat, clue_id)
        _refuse_unchecked(clue)
        clues.refuse_day(seat, on, "on", not_before=clue.checked_on)
        if clue.marine:
            raise RuleBroken(
                N_("The damage lies in the sea: it goes to the marine channel, not to this procedure."),
                field="marine",
                basis=MARINE,
            )
        if clue.occurred_on is None:
            raise RuleBroken(
                N_("Say on which day the violation happened: it chooses the law."), field="occurred_on"
            )
        gaps = evidence_gaps(clue)
        if gaps and not explanation:
            raise RuleBroken(
                N_("Evidence is missing: {what}. Add it to the clue, or let the approver explain."),
                field="explanation",
                what=listed_long(gap.text for gap in gaps),
            )
        refuse_approver(seat, approver)
        if not grounds:
            raise RuleBroken(N_("Name at least one ground for the start."), field="grounds")
        values = {
            **_from_clue(clue),
            "right_holder": RIGHT_HOLDER,
            "body": BODY,
            **{name: value for name, value in fields.items() if value is not None},
            "title": title or default_title(clue),
            "clue": clue.id,
            "grounds": grounds,
            "approver": approver,
            "lead_officer": lead_officer,
            "number": free_number(seat, DamageCase, clue.unit, CASE_NUMBER),
        }
        # one id whichever laptop starts it: two offline starts of a clue are one case with a conflict
        case = child_id(clue.id, "damage_case", "")
        tidied = keeping.tidy("damage_case", values, _CASE_CHOICES)
        keeping.make(seat, "damage_case", clue.unit, tidied, record=case)
        _decide(seat, clue, "start", on, approver, explanation)
        step = {"case": case, "step": "start", "on": on, "officer": lead_officer, "reason": explanation}
        first = child_id(clue.id, "case_step", "start")
        keeping.make(seat, "case_step", clue.unit, keeping.tidy("case_step", step), record=first)
        paper = {"case": case, "kind": "start_approval", "dated_on": on, "signers": _name(seat, approver)}
        approval = child_id(clue.id, "case_paper", "start_approval")
        keeping.make(seat, "case_paper", clue.unit, keeping.tidy("case_paper", paper), record=approval)
    return case


def do_not_start(
    seat: Seat, clue_id: str, *, on: str, reason: str, approver: str, note: str | None = None
) -> None:
    """Decide that a clue becomes no case, for a statutory reason that an approver bears.

    Raises:
        RuleBroken: the clue is not checked; "slight" inside a red line or for who violated again within two
            years (环法规〔2025〕6号); "other" without words; the approver may not approve.
    """
    keeping.allow(seat, "damage_case")
    with seat.writing():
        clue = clues.undecided(seat, clue_id)
        _refuse_unchecked(clue)
        clues.refuse_day(seat, on, "on", not_before=clue.checked_on)
        refuse_approver(seat, approver)
        if reason == "other" or reason == "slight":
            keeping.need_text(note, "note")
        if reason == "slight":
            _refuse_slight(seat, clue)
        _decide(seat, clue, "not_start", on, approver, note, no_start_reason=reason)
        paper = {
            "case": clue.id,
            "kind": "no_start_approval",
            "dated_on": on,
            "signers": _name(seat, approver),
        }
        keeping.make(seat, "case_paper", clue.unit, keeping.tidy("case_paper", paper))


def _refuse_slight(seat: Seat, clue: Clue) -> None:
    """The two exceptions of 2025 to "evidently slight", where in force on the day of the violation."""
    on = date.fromisoformat(clue.occurred_on or clue.received_on or "9999-12-31")
    red = parameter("slight_needs_no_red_line", on)
    if red is not None and red.value and clue.red_line:
        raise RuleBroken(
            N_("Inside an ecological red line no damage is evidently slight: start the case."),
            field="reason",
            basis=red.basis,
        )
    years = parameter("slight_repeat_years", on)
    party, name = clue.party_code or clue.party or "", clue.party or ""
    if years is not None and penalties.repeat_violation(seat, party, on, years.value, name=name):
        raise RuleBroken(
            N_("{party} was penalised within {years} years before: the damage is not evidently slight."),
            field="reason",
            basis=years.basis,
            party=clue.party,
            years=years.value,
        )


def pass_on(seat: Seat, clue_id: str, *, on: str, channel: str, approver: str, note: str) -> None:
    """Pass a clue on: to the marine channel ("marine") or another procedure ("elsewhere"), saying where to.

    Raises:
        RuleBroken: the channel is none of these, a day is not possible, or the approver may not approve.
    """
    keeping.allow(seat, "damage_case")
    with seat.writing():
        clue = clues.undecided(seat, clue_id)
        clues.refuse_day(seat, on, "on", not_before=clue.received_on)
        refuse_approver(seat, approver)
        if channel not in ("marine", "elsewhere"):
            raise RuleBroken(
                N_("“{value}” is none of the choices here: {choices}."),
                field="channel",
                value=channel,
                choices="marine, elsewhere",
            )
        _decide(seat, clue, channel, on, approver, keeping.need_text(note, "note"))


def tell_procuratorate(seat: Seat, clue_id: str, *, on: str) -> None:
    """Note that the procuratorate was told of the decision not to start.

    Raises:
        RuleBroken: there was no such decision, or the day lies before it.
    """
    keeping.allow(seat, "clue")
    with seat.writing():
        clue = keeping.standing(seat, "clue", clue_id)
        if clue.outcome != "not_start":
            raise RuleBroken(N_("There is no decision not to start to tell of."), field="outcome")
        clues.refuse_day(seat, on, "on", not_before=clue.decided_on)
        keeping.change(seat, clue, "clue", {"told_procuratorate_on": on})


def refuse_approver(seat: Seat, officer_id: str) -> None:
    """Refuse an approval by somebody whose role does not allow it.

    Raises:
        RuleBroken: there is no such officer, or they may not approve.
    """
    row = registry.officer(seat, officer_id) if officer_id else None
    found = role(row.role) if row is not None else None
    gone = row is not None and (row.voided is not None or row.active is False)
    if row is None or gone or found is None or "approve" not in found.may:
        raise RuleBroken(
            N_("{name} may not approve. Choose a head of the bureau or of the county branch."),
            field="approver",
            name=(row.name if row is not None else "") or "?",
        )


def why_not_decide(seat: Seat, clue_id: str) -> str:
    """Empty, or why no decision can be taken on a clue now."""
    row = keeping.row_of(seat, "clue", clue_id)
    if row is None or row.voided:
        return _("There is no such record here. Choose one from the list.")
    if row.outcome:
        return _("It was decided on {day}: {outcome}.").format(
            day=row.decided_on, outcome=translate(clues.OUTCOMES.get(row.outcome, row.outcome))
        )
    return "" if row.checked_on else _("Write down its first check before.")


def default_title(clue: Clue) -> str:
    """The name of a case, in Chinese, from who and what."""
    return f"{clue.party or '义务人不明'}生态环境损害赔偿案"


def _from_clue(clue: Clue) -> dict[str, Any]:
    return {
        "party": clue.party,
        "party_code": clue.party_code,
        "site": clue.site,
        "place": clue.place,
        "occurred_on": clue.occurred_on,
        "found_on": clue.received_on,
        "red_line": clue.red_line,
        "elements": clue.elements,
        "act": clue.description,
        "extent": clue.facts,
        "penalty_case": clue.penalty_case,
    }


def _refuse_unchecked(clue: Clue) -> None:
    if not clue.checked_on:
        raise RuleBroken(
            N_("{number} has no first check yet. Write it down before deciding."),
            field="checked_on",
            number=clue.number,
        )


def _decide(
    seat: Seat, clue: Clue, outcome: str, on: str, approver: str, note: str | None, **more: str
) -> None:
    values = {"outcome": outcome, "decided_on": on, "approver": approver, "decision_note": note, **more}
    keeping.change(seat, clue, "clue", keeping.tidy("clue", values, clues.CHOICES))


def _name(seat: Seat, officer_id: str) -> str:
    row = registry.officer(seat, officer_id)
    return (row.name if row is not None else "") or ""
