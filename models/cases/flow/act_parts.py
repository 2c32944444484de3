"""Fields and small parts of which the acts in the room of cases are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.cases.damage import clues, stages
from models.cases.damage import queries as damage
from models.cases.damage.losses import HEADS, WAYS
from models.cases.flow import decisions, papers, verbs
from models.cases.flow.requirements import lacking
from models.language import N_, _, listed, translate
from models.registry import keeping
from models.registry.act_parts import todays
from models.rooms import Act, Choices, Field

if TYPE_CHECKING:
    from models.store.seat import Seat


def choices(words: Mapping[str, str]) -> Choices:
    """A closed list as a form takes it."""
    return tuple(words.items())


YES_NO: Choices = (("1", N_("Yes")), ("0", N_("No")))
ON = Field("on", N_("Day"), "day", required=True)
REASON = Field("reason", N_("Reason"), "long", required=True)
WHY = Field("why", N_("Reason"), "long", required=True)
NOTE = Field("note", N_("Note"), "long")
APPROVER = Field("approver", N_("Approved by"), "record", required=True, of="officer")
PARTY = (
    Field("party", N_("Liable party")),
    Field("party_code", N_("Credit code")),
    Field("place", N_("Place")),
    Field("occurred_on", N_("Day of violation"), "day"),
    Field("red_line", N_("In a red line"), "flag", choices=YES_NO),
    Field("elements", N_("What is damaged"), "marks", choices=choices(clues.ELEMENTS)),
)
CLUE = (
    Field("source", N_("Source"), "choice", required=True, choices=choices(clues.SOURCES)),
    Field("description", N_("What happened"), "long", required=True),
    Field("received_on", N_("Received on"), "day", required=True),
    *PARTY,
    Field("marine", N_("In the sea"), "flag", choices=YES_NO),
    Field("facts", N_("Facts of the damage"), "long"),
    Field("site", N_("Registered site"), "record", of="site"),
    Field("inspection", N_("Inspection"), "record", of="inspection"),
)
CASE = (
    Field("title", N_("Title")),
    *PARTY,
    Field("party_person", N_("Legal representative")),
    Field("party_address", N_("Address")),
    Field("party_phone", N_("Phone")),
    Field("town", N_("Town")),
    Field("latitude", N_("Latitude")),
    Field("longitude", N_("Longitude")),
    Field("tag", N_("Landscape"), "choice", choices=choices(verbs.TAGS)),
    Field("water_source", N_("Drinking-water zone"), "flag", choices=YES_NO),
    Field("act", N_("What was done"), "long"),
    Field("violated", N_("Provision violated")),
    Field("pollutants", N_("Pollutants and amounts")),
    Field("extent", N_("Extent of the damage"), "long"),
    Field("baseline", N_("Baseline")),
    Field("causation", N_("Causation"), "long"),
    Field("emergency", N_("Emergency measures and cost"), "long"),
    Field("body", N_("Designated body")),
    Field("handler", N_("Handled by")),
    Field("lead_officer", N_("Lead officer"), "record", of="officer"),
    Field("helper_officer", N_("Second officer"), "record", of="officer"),
    Field("penalty_case", N_("Penalty case"), "record", of="penalty_case"),
    Field("simple", N_("Simple case"), "flag", choices=YES_NO),
    Field("method", N_("Method of assessment"), "choice", choices=choices(verbs.METHODS)),
    Field("major", N_("Major case"), "flag", choices=YES_NO),
    Field("reply_days", N_("Days to answer"), "count"),
)
LOSS = (
    Field("head", N_("Head"), "choice", required=True, choices=choices(HEADS)),
    Field("item", N_("Item"), required=True),
    Field("quantity", N_("Quantity"), "number"),
    Field("quantity_unit", N_("Unit of quantity")),
    Field("price_cents", N_("Price (yuan)"), "money"),
    Field("cents", N_("Amount (yuan)"), "money", hint=N_("empty: quantity times price")),
    Field("way", N_("Settled by"), "choice", required=True, choices=choices(WAYS)),
    Field("basis", N_("Computed from"), "long", required=True),
)
PAPER = (
    Field("kind", N_("Paper"), "choice", required=True, choices=choices(stages.PAPERS)),
    Field("dated_on", N_("Dated"), "day", required=True),
    Field("number", N_("Number")),
    Field("signers", N_("Signed by")),
    Field("content", N_("Content"), "long", hint=N_("what it says beyond the case")),
    Field("note", N_("Note"), "long"),
)


def start_preset(seat: Seat, clue_id: str) -> dict[str, Any]:
    row = damage.clue(seat, clue_id)
    title = decisions.default_title(row) if row is not None else ""
    return {**todays("on")(seat, clue_id), "lead_officer": seat.person, "title": title}


def why_not_step(name: str) -> Callable[[Seat, str], str]:
    """Empty, or what is missing before a step of a case, as `Act.why_not`."""

    def why_not(seat: Seat, case_id: str) -> str:
        case = damage.damage_case(seat, case_id)
        if case is None or case.voided:
            return _("There is no such record here. Choose one from the list.")
        at = damage.progress_of(seat, case_id)
        if name not in stages.next_steps(at):
            following = listed(translate(stages.STEPS[each]) for each in stages.next_steps(at))
            return _("Cannot follow here. Next may be: {next}.").format(next=following or "-")
        return " ".join(lack.text for lack in lacking(seat, case, at, name) if lack.blocking)

    return why_not


def why_ended(seat: Seat, case_id: str) -> str:
    at = damage.progress_of(seat, case_id)
    return _("The case has ended.") if at.ended else ""


def why_no_meeting(seat: Seat, case_id: str) -> str:
    at = damage.progress_of(seat, case_id)
    if at.stage == "consultation" and at.condition == "open":
        return ""
    return _("Meetings are held in the stage of consultation only.")


def stepping(name: str, title: str, words: str, *fields: Field) -> Act:
    def run(seat: Seat, case_id: str, **values: Any) -> None:
        verbs.step(seat, case_id, name, **values)

    return Act(
        name,
        title,
        words,
        run,
        "damage_case",
        (ON, *fields),
        preset=todays("on"),
        why_not=why_not_step(name),
    )


def voiding(kind: str) -> Callable[..., None]:
    def run(seat: Seat, record_id: str, why: str) -> None:
        if kind in ("case_paper", "meeting", "loss"):
            papers.withdraw_part(seat, kind, record_id, why)
        else:
            keeping.withdraw(seat, kind, record_id, why)

    return run


def withdrawal(kind: str) -> Act:
    return Act(
        f"withdraw_{kind}",
        N_("Withdraw"),
        N_("Withdraws it with a reason; the history keeps it."),
        voiding(kind),
        kind,
        (WHY,),
    )


def staying(verb: Callable[..., Any]) -> Callable[..., None]:
    """The verb, so that the screen stays at the record that it was done to."""

    def run(seat: Seat, record_id: str, **values: Any) -> None:
        verb(seat, record_id, **values)

    return run
