"""The procedure of a damage case as a pure state machine over dated steps.

Eight stages in the words of the city's flow chart:
启动→调查→专家评估→磋商→达成磋商协议→司法确认→履行→修复评估.
Judicial confirmation may be passed over; a case may go back, with a reason; a consultation may fail and lead
to a suit. Two laptops may have written steps that do not follow each other: `progress` takes them by their
legal dates, leaves out what cannot follow, and says so, so that every replica sees the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Protocol, TypeVar

from models.errors import BadInput
from models.language import N_, current_language, translate
from models.packs import UNKNOWN, PackFile, read_toml, unreadable

_HERE = Path(__file__).parent

STAGES = (
    "start",
    "investigation",
    "assessment",
    "consultation",
    "agreement",
    "confirmation",
    "performance",
    "evaluation",
)
"""The eight stages in their order."""
NAMES: dict[str, str] = {
    "start": N_("Start"),
    "investigation": N_("Investigation"),
    "assessment": N_("Expert assessment"),
    "consultation": N_("Consultation"),
    "agreement": N_("Agreement reached"),
    "confirmation": N_("Judicial confirmation"),
    "performance": N_("Performance"),
    "evaluation": N_("Evaluation of the restoration"),
}
"""The stages as msgids; in Chinese exactly the words of the flow chart."""
PAPERS: dict[str, str] = {
    "clue_form": N_("Clue registration form"),
    "clue_transfer": N_("Letter handing a clue over"),
    "first_check": N_("First check of a clue"),
    "no_start_approval": N_("Approval not to start"),
    "start_approval": N_("Approval of the start"),
    "procuratorate_notice": N_("Notice to the procuratorate"),
    "investigation_plan": N_("Plan of the investigation"),
    "damage_report": N_("Damage investigation report"),
    "expert_draw_record": N_("Record of the drawing of experts"),
    "commission": N_("Commission of the assessment"),
    "expert_opinion": N_("Opinion of the experts"),
    "appraisal_report": N_("Appraisal report"),
    "combined_finding": N_("Combined finding of the damage"),
    "deliberation_minutes": N_("Minutes of a joint deliberation"),
    "consultation_notice": N_("Consultation notice"),
    "service_receipt": N_("Proof of service"),
    "party_reply": N_("Reply of the liable party"),
    "meeting_notice": N_("Invitation to a meeting"),
    "meeting_minutes": N_("Minutes of a meeting"),
    "failure_finding": N_("Finding that the consultation failed"),
    "statement_of_claim": N_("Statement of claim"),
    "judgment": N_("Judgment"),
    "agreement": N_("Compensation agreement"),
    "restoration_plan": N_("Plan of the restoration"),
    "payment_plan": N_("Plan of payments"),
    "confirmation_application": N_("Application for judicial confirmation"),
    "court_ruling": N_("Ruling of confirmation"),
    "payment_voucher": N_("Voucher of payment"),
    "performance_demand": N_("Demand to perform"),
    "stage_acceptance": N_("Acceptance of the restoration"),
    "supervision_record": N_("Record of supervision"),
    "guidance_record": N_("Record of guidance"),
    "evaluation_report": N_("Evaluation report"),
    "care_statement": N_("Statement of aftercare"),
    "termination_approval": N_("Approval of the termination"),
    "closing_approval": N_("Approval of the closing"),
    "file_contents": N_("Contents of the file"),
}
"""Every kind of paper with its name, in the order of the procedure."""
STEPS: dict[str, str] = {
    "start": N_("Start approved"),
    "investigation": N_("Investigation begun"),
    "assessment": N_("Assessment begun"),
    "consultation": N_("Consultation begun"),
    "agreement": N_("Agreement signed"),
    "confirmation": N_("Judicial confirmation applied for"),
    "performance": N_("Performance begun"),
    "performed": N_("Performed"),
    "evaluation": N_("Evaluation begun"),
    "closed": N_("Closed"),
    "back": N_("Gone back"),
    "failed": N_("Consultation failed"),
    "reopened": N_("Consultation opened again"),
    "suit": N_("Suit brought"),
    "judgment": N_("Judgment given"),
    "terminated": N_("Terminated"),
}
"""Every step with its words."""
CONDITIONS: dict[str, str] = {
    "open": N_("In progress"),
    "failed": N_("Consultation failed"),
    "suit": N_("In court"),
    "judgment": N_("Judgment given"),
    "performed": N_("Performed"),
    "terminated": N_("Terminated"),
    "closed": N_("Closed"),
}
"""What a case is within its stage."""
SERVICE: dict[str, str] = {
    "direct": N_("Direct"),
    "left": N_("Left at the place"),
    "entrusted": N_("Entrusted"),
    "post": N_("By post"),
    "public": N_("By public notice"),
    "electronic": N_("Electronic"),
}
"""Ways of service."""
_NEXT: dict[str, tuple[str, ...]] = {
    "start": ("investigation",),
    "investigation": ("assessment",),
    "assessment": ("consultation",),
    "consultation": ("agreement", "failed"),
    "agreement": ("confirmation", "performance"),
    "confirmation": ("performance",),
    "performance": ("performed",),
    "evaluation": ("closed",),
}
"""What may follow in an open case, by its stage."""
_ENDED = ("closed", "terminated")


class Step(Protocol):
    """What `progress` needs of a step; `tables.CaseStep` is one."""

    id: str
    step: str | None
    on: str | None
    to: str | None


AnyStep = TypeVar("AnyStep", bound=Step)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a case stands as of a day."""

    stage: str = ""
    """Empty before its start."""
    condition: str = "open"
    """One of `CONDITIONS`."""
    agreed_on: str = ""
    """Day of the signed agreement that is in force; empty where none is."""
    last_on: str = ""
    """Day of the last step taken."""
    consultations: int = 0
    """How many consultations were begun: meetings and the ninety days count within one."""
    entered: tuple[tuple[str, str], ...] = ()
    """Stage and the day it was last entered, in the order of their entering."""
    odd: tuple[str, ...] = ()
    """Ids of steps that could not follow, and were left out."""

    @property
    def agreed(self) -> bool:
        """Whether a signed agreement is in force."""
        return bool(self.agreed_on)

    @property
    def started(self) -> bool:
        """Whether the start was approved."""
        return bool(self.stage)

    @property
    def done(self) -> bool:
        """办结: the case is closed."""
        return self.condition == "closed"

    @property
    def ended(self) -> bool:
        """Whether nothing more can follow."""
        return self.condition in _ENDED

    @property
    def awaiting(self) -> bool:
        """已签协议待履行: a signed agreement that is not yet performed."""
        return self.agreed and self.condition == "open" and self.stage != "evaluation"

    @property
    def standing(self) -> str:
        """The class that every started case is in, exactly one: "done", "awaiting" or "other"."""
        return "done" if self.done else "awaiting" if self.awaiting else "other"

    def entered_on(self, stage: str) -> str | None:
        """The day the stage was last entered."""
        return next((day for name, day in reversed(self.entered) if name == stage), None)

    def redone_since(self, stage: str) -> str:
        """From which day on papers of a stage count: since the case last went back to it or before it."""
        since, before = "", -1
        for name, day in self.entered:
            place = STAGES.index(name)
            if not since or (place <= before and place <= STAGES.index(stage)):
                since = day
            before = place
        return since

    def entered_on_first(self, stage: str) -> str | None:
        """The day the stage was entered for the first time."""
        return next((day for name, day in self.entered if name == stage), None)


def next_steps(at: Progress) -> tuple[str, ...]:
    """The steps that may follow."""
    if not at.started:
        return ("start",)
    if at.ended:
        return ()
    if at.condition == "failed":
        return ("suit", "reopened", "terminated")
    if at.condition == "suit":
        return ("judgment", "terminated")
    if at.condition == "judgment":
        return ("performance", "terminated")
    if at.condition == "performed":
        return ("evaluation", "back")
    back = ("back",) if at.stage != "start" else ()
    ending = () if at.agreed and at.stage in ("performance", "evaluation") else ("terminated",)
    return (*_NEXT[at.stage], *back, *ending)


def earlier(stage: str) -> tuple[str, ...]:
    """The stages that a case may go back to."""
    return STAGES[: STAGES.index(stage)] if stage in STAGES else ()


def after(at: Progress, step: str, on: str, to: str | None = None) -> Progress:
    """The state after one step.

    Raises:
        ValueError: the step cannot follow, its day lies before the last one, or it goes back to no earlier
            stage.
    """
    if step not in next_steps(at) or on < at.last_on:
        raise ValueError(step)
    moved = replace(at, last_on=on)
    if step in STAGES:
        return replace(
            moved,
            stage=step,
            condition="open",
            agreed_on=on if step == "agreement" else at.agreed_on,
            consultations=at.consultations + (step == "consultation"),
            entered=(*at.entered, (step, on)),
        )
    if step == "reopened":
        return replace(
            moved,
            condition="open",
            consultations=at.consultations + 1,
            entered=(*at.entered, ("consultation", on)),
        )
    if step == "back":
        if to not in earlier(at.stage) and not (at.condition == "performed" and to == "performance"):
            raise ValueError(to)
        kept = at.agreed_on if STAGES.index(str(to)) >= STAGES.index("agreement") else ""
        return replace(
            moved, stage=str(to), condition="open", agreed_on=kept, entered=(*at.entered, (str(to), on))
        )
    return replace(moved, condition=step, agreed_on="" if step == "failed" else at.agreed_on)


def progress(steps: Iterable[Step], as_of: str = "9999-12-31") -> Progress:
    """Where a case stands at the end of a day, by the legal dates of its steps.

    Args:
        steps: those that were not withdrawn, in any order.
        as_of: YYYY-MM-DD.
    """
    at, _taken, odd = _walk([step for step in steps if (step.on or "") <= as_of])
    return replace(at, odd=tuple(step.id for step in odd))


def in_order(steps: Iterable[AnyStep]) -> list[AnyStep]:
    """The steps as they were taken; those that could not follow come last."""
    _at, taken, odd = _walk(steps)
    return [*taken, *odd]


def _walk(steps: Iterable[AnyStep]) -> tuple[Progress, list[AnyStep], list[AnyStep]]:
    """Take steps by their legal date; of one day whichever can follow, in the order of their ids (UUIDv7).

    So a laptop whose clock is minutes behind does not make a step odd that its day allows.
    """
    at = Progress()
    taken: list[AnyStep] = []
    odd: list[AnyStep] = []
    by_day = sorted(steps, key=lambda one: (one.on or "", one.id))
    for _day, group in groupby(by_day, key=lambda one: one.on or ""):
        waiting = list(group)
        while waiting:
            for step in waiting:
                try:
                    if not _is_day(step.on):
                        raise ValueError(step.on)
                    at = after(at, step.step or "", step.on or "", step.to)
                except ValueError:
                    continue
                taken.append(step)
                waiting.remove(step)
                break
            else:
                odd += waiting
                break
    return at, taken, odd


def _is_day(text: str | None) -> bool:
    """Whether a step has a day; what another program wrote may be anything."""
    try:
        return bool(text) and date.fromisoformat(str(text)).isoformat() == text
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Stage:
    """What is known of a stage beside its name."""

    key: str
    next_zh: str
    next_en: str
    who: str
    """Who takes part, in Chinese."""

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return translate(NAMES.get(self.key, self.key))

    @property
    def guide(self) -> str:
        """What is to be done in it, in the reader's language."""
        return self.next_zh if current_language() == "zh" else self.next_en


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper of the procedure."""

    key: str
    stage: str
    """Stage it belongs to; "clue" before the start."""
    external: bool
    """Made by others (a court, an appraiser): it is entered, never written by us."""
    served: bool
    """Whether its day of service matters."""

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return translate(PAPERS[self.key])


def stages() -> tuple[Stage, ...]:
    """The eight stages in their order."""
    return PROCEDURE().stages


def stage(key: str | None) -> Stage:
    """A stage by its key; for one that is none, a stage that says only its key."""
    return next((each for each in stages() if each.key == key), Stage(key or "", "", "", ""))


def papers() -> dict[str, PaperKind]:
    """The kinds of paper by key, in the order of the procedure."""
    return PROCEDURE().papers


def required(step: str) -> tuple[tuple[str, ...], ...]:
    """What a step requires: of each group one paper."""
    return PROCEDURE().needs.get(step, ())


@dataclass(frozen=True, slots=True)
class _Procedure:
    stages: tuple[Stage, ...]
    papers: dict[str, PaperKind]
    needs: dict[str, tuple[tuple[str, ...], ...]]


def _read(paths: tuple[Path, ...]) -> _Procedure:
    found: dict[str, Stage] = {}
    papers: dict[str, PaperKind] = {}
    needs: dict[str, tuple[tuple[str, ...], ...]] = {}
    for path in paths:
        raw = read_toml(path)
        try:
            for row in raw.get("stage", ()):
                found[row["key"]] = Stage(row["key"], row["next_zh"], row["next_en"], row["who_zh"])
            for row in raw.get("paper", ()):
                external, served = row.get("external", False), row.get("served", False)
                papers[row["key"]] = PaperKind(row["key"], row["stage"], external, served)
            for name, row in raw.get("steps", {}).items():
                needs[name] = tuple(tuple(group) for group in row["papers"])
        except (KeyError, TypeError, AttributeError) as error:
            raise unreadable(path, error) from error
        unknown = [*(set(found) - set(STAGES)), *(set(papers) - set(PAPERS)), *(set(needs) - set(STEPS))]
        unknown += [
            kind for groups in needs.values() for group in groups for kind in group if kind not in PAPERS
        ]
        if unknown:
            raise BadInput(UNKNOWN, file=path.name, key="stage", what=unknown[0])
    return _Procedure(tuple(found[key] for key in STAGES), papers, needs)


PROCEDURE = PackFile(_read, _HERE / "stages.toml")
"""Stages, papers and what each step requires; the bureau's replace ours key by key."""
