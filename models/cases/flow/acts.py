"""What a person may do in the room of cases, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.cases.damage import clues, losses, stages
from models.cases.damage import queries as damage
from models.cases.damage.losses import HEADS, WAYS
from models.cases.flow import decisions, guidance, papers, verbs
from models.cases.flow.requirements import lacking
from models.language import N_, _, translate
from models.law.deadlines import day_of
from models.registry import keeping
from models.rooms import Act, Choices, Field

if TYPE_CHECKING:
    from models.store.seat import Seat


def choices(words: Mapping[str, str]) -> Choices:
    """A closed list as a form takes it."""
    return tuple(words.items())


YES_NO: Choices = (("1", N_("Yes")), ("0", N_("No")))
_ON = Field("on", N_("Day"), "day", required=True)
_REASON = Field("reason", N_("Reason"), "long", required=True)
_WHY = Field("why", N_("Reason"), "long", required=True)
_NOTE = Field("note", N_("Note"), "long")
_APPROVER = Field("approver", N_("Approved by"), "record", required=True, of="officer")
_PARTY = (
    Field("party", N_("Liable party")),
    Field("party_code", N_("Credit code")),
    Field("place", N_("Place")),
    Field("occurred_on", N_("Day of violation"), "day"),
    Field("red_line", N_("In a red line"), "flag", choices=YES_NO),
    Field("elements", N_("What is damaged"), "marks", choices=choices(clues.ELEMENTS)),
)
_CLUE = (
    Field("source", N_("Source"), "choice", required=True, choices=choices(clues.SOURCES)),
    Field("description", N_("What happened"), "long", required=True),
    Field("received_on", N_("Received on"), "day", required=True),
    *_PARTY,
    Field("marine", N_("In the sea"), "flag", choices=YES_NO),
    Field("facts", N_("Facts of the damage"), "long"),
    Field("site", N_("Registered site"), "record", of="site"),
    Field("inspection", N_("Inspection"), "record", of="inspection"),
)
_CASE = (
    Field("title", N_("Title")),
    *_PARTY,
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
_LOSS = (
    Field("head", N_("Head"), "choice", required=True, choices=choices(HEADS)),
    Field("item", N_("Item"), required=True),
    Field("quantity", N_("Quantity"), "number"),
    Field("quantity_unit", N_("Unit of quantity")),
    Field("price_cents", N_("Price (yuan)"), "money"),
    Field("cents", N_("Amount (yuan)"), "money", hint=N_("empty: quantity times price")),
    Field("way", N_("Settled by"), "choice", required=True, choices=choices(WAYS)),
    Field("basis", N_("Computed from"), "long", required=True),
)


def _today(*names: str) -> Callable[[Seat, str], dict[str, Any]]:
    def preset(seat: Seat, record_id: str) -> dict[str, Any]:
        return dict.fromkeys(names, day_of(seat.clock.wall_ms()).isoformat())

    return preset


def held(kind: str, fields: tuple[Field, ...]) -> Callable[[Seat, str], dict[str, Any]]:
    """A preset of what a record holds; the form shows each value as its field does."""

    def preset(seat: Seat, record_id: str) -> dict[str, Any]:
        row = keeping.standing(seat, kind, record_id)
        return {field.key: getattr(row, field.key) for field in fields}

    return preset


def _start_preset(seat: Seat, clue_id: str) -> dict[str, Any]:
    row = damage.clue(seat, clue_id)
    title = decisions.default_title(row) if row is not None else ""
    return {**_today("on")(seat, clue_id), "lead_officer": seat.person, "title": title}


def why_not_step(name: str) -> Callable[[Seat, str], str]:
    """Empty, or what is missing before a step of a case, as `Act.why_not`."""

    def why_not(seat: Seat, case_id: str) -> str:
        case = damage.damage_case(seat, case_id)
        if case is None or case.voided:
            return _("There is no such record here. Choose one from the list.")
        at = damage.progress_of(seat, case_id)
        if name not in stages.next_steps(at):
            following = "、".join(translate(stages.STEPS[each]) for each in stages.next_steps(at))
            return _("Cannot follow here. Next may be: {next}.").format(next=following or "-")
        return " ".join(lack.text for lack in lacking(seat, case, at, name) if lack.blocking)

    return why_not


def _ended(seat: Seat, case_id: str) -> str:
    at = damage.progress_of(seat, case_id)
    return _("The case has ended.") if at.ended else ""


def _in_consultation(seat: Seat, case_id: str) -> str:
    at = damage.progress_of(seat, case_id)
    if at.stage == "consultation" and at.condition == "open":
        return ""
    return _("Meetings are held in the stage of consultation only.")


def _stepping(name: str, title: str, words: str, *fields: Field) -> Act:
    def run(seat: Seat, case_id: str, **values: Any) -> None:
        verbs.step(seat, case_id, name, **values)

    return Act(
        name,
        title,
        words,
        run,
        "damage_case",
        (_ON, *fields),
        preset=_today("on"),
        why_not=why_not_step(name),
    )


def _void(kind: str) -> Callable[..., None]:
    def run(seat: Seat, record_id: str, why: str) -> None:
        keeping.withdraw(seat, kind, record_id, why)

    return run


def _withdrawal(kind: str) -> Act:
    return Act(
        f"withdraw_{kind}",
        N_("Withdraw"),
        N_("Takes it out with a reason; the history keeps it."),
        _void(kind),
        kind,
        (_WHY,),
    )


def _no_return(verb: Callable[..., Any]) -> Callable[..., None]:
    """The verb, so that the screen stays at the record that it was done to."""

    def run(seat: Seat, record_id: str, **values: Any) -> None:
        verb(seat, record_id, **values)

    return run


ON_CLUES = (
    Act(
        "register",
        N_("Register a clue"),
        N_("A clue from any of the ten channels; its thirty days begin."),
        clues.register,
        fields=_CLUE,
        preset=_today("received_on"),
    ),
    Act(
        "edit_clue",
        N_("Correct"),
        N_("Changes what the clue says, until it is decided."),
        clues.edit,
        "clue",
        _CLUE,
        preset=held("clue", _CLUE),
    ),
    Act(
        "check",
        N_("First check"),
        N_("Writes down the first check, due thirty days after the clue came."),
        clues.check,
        "clue",
        (_ON, Field("checker", N_("Checked by"), required=True), Field("text", N_("Result"), "long", True)),
        preset=_today("on"),
    ),
    Act(
        "start",
        N_("Start a case"),
        N_("Makes a damage case with the approval of its start."),
        decisions.start,
        "clue",
        (
            _ON,
            Field("grounds", N_("Grounds"), "marks", required=True, choices=choices(clues.GROUNDS)),
            _APPROVER,
            Field("lead_officer", N_("Lead officer"), "record", required=True, of="officer"),
            Field("title", N_("Title")),
            Field("explanation", N_("Explanation"), "long", hint=N_("where evidence is not complete")),
        ),
        preset=_start_preset,
        why_not=decisions.why_not_decide,
    ),
    Act(
        "do_not_start",
        N_("Do not start"),
        N_("Decides for a statutory reason that there will be no case."),
        decisions.do_not_start,
        "clue",
        (
            _ON,
            Field("reason", N_("Statutory reason"), "choice", required=True, choices=choices(clues.NO_START)),
            _APPROVER,
            _NOTE,
        ),
        preset=_today("on"),
        why_not=decisions.why_not_decide,
    ),
    Act(
        "pass_on",
        N_("Pass on"),
        N_("To the marine channel, or to another procedure."),
        decisions.pass_on,
        "clue",
        (
            _ON,
            Field(
                "channel",
                N_("Channel"),
                "choice",
                required=True,
                choices=(("marine", clues.OUTCOMES["marine"]), ("elsewhere", clues.OUTCOMES["elsewhere"])),
            ),
            _APPROVER,
            Field("note", N_("Where to, and why"), "long", required=True),
        ),
        preset=_today("on"),
    ),
    Act(
        "tell_procuratorate",
        N_("Procuratorate told"),
        N_("Notes when the procuratorate was told that no case was started."),
        decisions.tell_procuratorate,
        "clue",
        (_ON,),
        preset=_today("on"),
    ),
    _withdrawal("clue"),
)
STEPPING = (
    _stepping("investigation", N_("Begin the investigation"), N_("Enters the stage of investigation.")),
    _stepping("assessment", N_("Begin the assessment"), N_("Enters the stage of expert assessment.")),
    _stepping("consultation", N_("Begin the consultation"), N_("Enters the stage of consultation.")),
    Act(
        "agreement",
        N_("Sign the agreement"),
        N_("Enters the stage of agreement and keeps the paper."),
        _no_return(verbs.sign_agreement),
        "damage_case",
        (
            _ON,
            Field("cents", N_("Agreed in all (yuan)"), "money", required=True),
            Field("perform_by", N_("Perform until"), "day", required=True),
            Field("number", N_("Number")),
            Field("signers", N_("Signed by")),
            Field("reason", N_("Reason, after 90 days"), "long"),
        ),
        preset=_today("on"),
        why_not=why_not_step("agreement"),
    ),
    _stepping(
        "confirmation",
        N_("Apply for confirmation"),
        N_("Enters the stage of judicial confirmation, which may be passed over."),
    ),
    _stepping("performance", N_("Begin the performance"), N_("Enters the stage of performance.")),
    _stepping("performed", N_("Performed"), N_("Notes that all that was agreed or judged is done.")),
    _stepping("evaluation", N_("Begin the evaluation"), N_("Enters the evaluation of the restoration.")),
    _stepping("closed", N_("Close the case"), N_("Closes the case; nothing follows.")),
)
ENDING = (
    Act(
        "back",
        N_("Go back"),
        N_("Goes back to an earlier stage, with the reason; its papers are made anew."),
        _no_return(verbs.go_back),
        "damage_case",
        (
            _ON,
            Field(
                "to",
                N_("To stage"),
                "choice",
                required=True,
                choices=tuple((key, each) for key, each in stages.NAMES.items() if key != "evaluation"),
            ),
            _REASON,
        ),
        preset=_today("on"),
        why_not=why_not_step("back"),
    ),
    Act(
        "fail",
        N_("Consultation failed"),
        N_("Finds by a ground of the rules that the consultation failed."),
        _no_return(verbs.fail),
        "damage_case",
        (_ON, Field("ground", N_("Ground"), "choice", True, choices=choices(verbs.FAILURES)), _NOTE),
        preset=_today("on"),
        why_not=why_not_step("failed"),
    ),
    Act(
        "reopen",
        N_("Consult again"),
        N_("Opens a failed consultation again: a new notice and ninety days."),
        _no_return(verbs.reopen),
        "damage_case",
        (_ON, _REASON),
        preset=_today("on"),
        why_not=why_not_step("reopened"),
    ),
    _stepping("suit", N_("Bring a suit"), N_("Notes the suit before the intermediate court.")),
    _stepping("judgment", N_("Judgment given"), N_("Notes the judgment; performance follows.")),
    Act(
        "terminate",
        N_("Terminate"),
        N_("Ends the case for a statutory reason that an approver bears."),
        _no_return(verbs.terminate),
        "damage_case",
        (
            _ON,
            Field("ground", N_("Statutory reason"), "choice", True, choices=choices(clues.NO_START)),
            _APPROVER,
            _NOTE,
        ),
        preset=_today("on"),
        why_not=why_not_step("terminated"),
    ),
)


_PAPER = (
    Field("kind", N_("Paper"), "choice", required=True, choices=choices(stages.PAPERS)),
    Field("dated_on", N_("Dated"), "day", required=True),
    Field("number", N_("Number")),
    Field("signers", N_("Signed by")),
    Field("content", N_("Content"), "long", hint=N_("what it says beyond the case")),
    Field("note", N_("Note"), "long"),
)
IN_CASE = (
    Act(
        "edit_case",
        N_("Facts"),
        N_("Sets the facts of the case; its papers are filled from them."),
        verbs.edit_case,
        "damage_case",
        _CASE,
        preset=held("damage_case", _CASE),
        why_not=_ended,
    ),
    Act(
        "add_paper",
        N_("Enter a paper"),
        N_("Notes that a paper exists, with its number and day."),
        _no_return(papers.add_paper),
        "damage_case",
        _PAPER,
        preset=_today("dated_on"),
    ),
    Act(
        "add_clue_paper",
        N_("Enter a paper"),
        N_("Notes that a paper exists, with its number and day."),
        _no_return(papers.add_paper),
        "clue",
        _PAPER,
        preset=_today("dated_on"),
    ),
    Act(
        "serve",
        N_("Served"),
        N_("Notes the service of a paper and keeps the proof of service."),
        _no_return(papers.serve),
        "case_paper",
        (
            _ON,
            Field("to", N_("Served on"), required=True),
            Field("how", N_("Way of service"), "choice", True, choices=choices(stages.SERVICE)),
        ),
        preset=_today("on"),
    ),
    _withdrawal("case_paper"),
    Act(
        "meet",
        N_("Meeting"),
        N_("Writes down a meeting of the consultation with its minutes; a fourth one needs a reason."),
        _no_return(papers.hold_meeting),
        "damage_case",
        (
            Field("held_on", N_("Day"), "day", required=True),
            Field("place", N_("Place"), required=True),
            Field("present", N_("Who came"), "long", required=True),
            Field("host", N_("Chair")),
            Field("minutes", N_("Minutes"), "long", required=True),
            Field("result", N_("Result"), "choice", True, choices=choices(papers.MEETING_RESULTS)),
            Field("extra_reason", N_("Reason, beyond three"), "long"),
            Field("approver", N_("Approved by"), "record", of="officer"),
        ),
        preset=_today("held_on"),
        why_not=_in_consultation,
    ),
    _withdrawal("meeting"),
    Act(
        "add_loss",
        N_("Item of damage"),
        N_("Adds an item under one of the five heads; the amount is computed."),
        _no_return(losses.add_loss),
        "damage_case",
        _LOSS,
        why_not=_ended,
    ),
    Act(
        "edit_loss",
        N_("Correct"),
        N_("Changes the item."),
        losses.edit_loss,
        "loss",
        _LOSS,
        preset=held("loss", _LOSS),
    ),
    _withdrawal("loss"),
    Act(
        "appoint_guides",
        N_("Guides"),
        N_("Names the section and the expert that guide a unit's first case."),
        guidance.appoint_guides,
        "damage_case",
        (
            Field("section", N_("Guiding section"), required=True),
            Field("person", N_("Expert"), required=True),
        ),
    ),
    Act(
        "guide",
        N_("Guidance"),
        N_("Writes down what was asked and advised."),
        _no_return(guidance.guide),
        "damage_case",
        (
            _ON,
            Field("person", N_("Advised by"), required=True),
            Field("question", N_("Question"), "long", required=True),
            Field("advice", N_("Advice"), "long", required=True),
        ),
        preset=_today("on"),
    ),
    _withdrawal("case_guidance"),
    Act(
        "raise_issue",
        N_("Difficulty"),
        N_("Writes down a difficulty, for the monthly dispatch to see."),
        _no_return(guidance.raise_issue),
        "damage_case",
        (
            Field("text", N_("What is difficult"), "long", required=True),
            Field("person", N_("Who solves it"), required=True),
            Field("raised_on", N_("Day"), "day", required=True),
        ),
        preset=_today("raised_on"),
        why_not=_ended,
    ),
    Act(
        "solve_issue",
        N_("Solved"),
        N_("Notes how the difficulty was solved."),
        guidance.solve_issue,
        "case_issue",
        (_ON, Field("solution", N_("Solution"), "long", required=True)),
        preset=_today("on"),
    ),
    _withdrawal("case_issue"),
    Act(
        "withdraw_step",
        N_("Withdraw"),
        N_("Takes the last step of the case out with a reason; the history keeps it."),
        verbs.withdraw_step,
        "case_step",
        (_WHY,),
    ),
)
