"""What can be done with penalty cases, their screenings and hand-overs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.cases.damage import clues
from models.cases.penalty import files, queries, rules, screening, verbs
from models.cases.penalty.procedure import why_not_close
from models.language import N_, _, translate
from models.registry import keeping
from models.registry.act_parts import held, todays
from models.registry.days import today
from models.registry.units import label_of
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

_SOURCES = tuple(rules.SOURCES.items())
_OUTCOMES = tuple(rules.OUTCOMES.items())
_RESULTS = tuple(rules.RESULTS.items())
_GROUNDS = (*clues.GROUNDS.items(), *clues.NO_START.items())
_EVENTS = tuple((name, words) for name, (words, _fields, _later) in rules.EVENTS.items())
_DESCRIBED = (
    Field("title", N_("Cause of the case"), required=True, hint=N_("Discharge over the limit")),
    Field("party", N_("Party to the case"), required=True),
    Field("party_code", N_("Credit code or citizen number")),
    Field("found_on", N_("Found on"), "day", required=True),
    Field("occurred_on", N_("Violation on"), "day"),
    Field("ended_on", N_("Violation ended on"), "day", hint=N_("Where it went on")),
    Field("filed_on", N_("Filed on"), "day", hint=N_("Empty: still to be decided")),
    Field("act", N_("What was done"), "long"),
    Field("violated", N_("Provision violated"), "long"),
    Field("opinion", N_("Opinion of the officers"), "long"),
    Field("source", N_("Source of the case"), "choice", choices=_SOURCES),
    Field("party_person", N_("Legal representative")),
    Field("party_address", N_("Address")),
    Field("party_phone", N_("Phone")),
    Field("site", N_("Site"), "record", of="site"),
    Field("lead_officer", N_("First officer"), "record", of="officer"),
    Field("helper_officer", N_("Second officer"), "record", of="officer"),
    Field("number", N_("Case number"), hint=N_("Empty: one is made")),
    Field("grave", N_("Grave violation: limitation of five years"), "flag"),
)
_ON_TODAY = todays("on")
_WHY = Field("why", N_("Why?"), "long", required=True)
Check = Callable[[Any], str]


def _case(*checks: Check) -> Callable[[Seat, str], str]:
    """Why something cannot be done to a case now, by the first check that says so; it must still run."""

    def why_not(seat: Seat, case_id: str) -> str:
        row = queries.penalty_case(seat, case_id)
        if row is None:
            return ""
        if row.closed_on:
            return _("{number} was closed on {day}. Withdraw the closing first.").format(
                number=row.number, day=row.closed_on
            )
        return next((said for check in checks if (said := check(row))), "")

    return why_not


def _after(name: str) -> Check:
    def check(row: Any) -> str:
        if getattr(row, name):
            return ""
        words = translate(rules.DAYS[name])
        return _("“{earlier}” is not entered yet, and comes first.").format(earlier=words)

    return check


def _once(name: str) -> Check:
    def check(row: Any) -> str:
        day = getattr(row, name)
        if not day:
            return ""
        words = translate(rules.DAYS[name])
        return _("“{step}” is entered already: {day}. Withdraw it first if that is wrong.").format(
            step=words, day=day
        )

    return check


def _amount(row: Any) -> str:
    if row.fine_cents or row.confiscated_cents:
        return ""
    return _("This case has no fine and nothing confiscated.")


def _why_not_close(seat: Seat, case_id: str) -> str:
    if said := _case()(seat, case_id):
        return said
    row = queries.penalty_case(seat, case_id)
    # a fine that is not paid can be explained in the form
    missing = why_not_close(seat, row, today(seat).isoformat(), "-") if row is not None else None
    return missing.text() if missing is not None else ""


def _why_not_hand_over(seat: Seat, case_id: str) -> str:
    row = queries.penalty_case(seat, case_id)
    if row is None:
        return ""
    found = queries.screening_of(seat, case_id)
    if found is None or found.result != "start":
        return _(
            "Only a case whose screening starts compensation is handed over. Screen {number} first."
        ).format(number=row.number)
    waiting = next((each for each in queries.handovers_of(seat, case_id) if not each.received_on), None)
    if waiting is None:
        return ""
    return _("The hand-over of {day} to {unit} is not received yet. Remind them, or withdraw it.").format(
        day=waiting.sent_on, unit=label_of(waiting.to_unit)
    )


def _waiting(seat: Seat, handover_id: str) -> str:
    row = keeping.row_of(seat, "handover", handover_id)
    if row is None or not row.received_on:
        return ""
    return _("{receiver} signed for it on {day} already.").format(receiver=row.receiver, day=row.received_on)


def _why_not_remind(seat: Seat, handover_id: str) -> str:
    row = keeping.row_of(seat, "handover", handover_id)
    why = screening.why_not_remind(seat, row) if row is not None else None
    return why.text() if why is not None else ""


def _preset_handover(seat: Seat, case_id: str) -> Mapping[str, Any]:
    row = queries.penalty_case(seat, case_id)
    return {"to_unit": row.unit if row is not None else "", "sent_on": today(seat).isoformat()}


ACTS = (
    Act(
        "file",
        N_("Enter a penalty case"),
        N_("Enters a penalty case; without a day of filing, the time for the decision to file it runs."),
        verbs.file,
        fields=(*_DESCRIBED, Field("unit", N_("Handling unit"), "record", of="unit")),
    ),
    Act(
        "file_from_inspection",
        N_("Make a penalty case of it"),
        N_("Enters a penalty case with the site, findings and provisions of this inspection."),
        verbs.file_from_inspection,
        subject="inspection",
        fields=_DESCRIBED,
        preset=verbs.from_inspection,
        right="handle_cases",
    ),
    Act(
        "edit",
        N_("Correct"),
        N_("Corrects what describes the case; its history keeps what it held."),
        verbs.edit,
        subject="penalty_case",
        fields=_DESCRIBED,
        preset=held("penalty_case", verbs.DESCRIBED),
        why_not=_case(),
    ),
    Act(
        "screen",
        N_("Screen for compensation"),
        N_("Says with the reason whether the case also calls for compensation; “start” makes a clue."),
        verbs.screen,
        subject="penalty_case",
        fields=(
            Field("result", N_("Result of the screening"), "choice", required=True, choices=_RESULTS),
            Field("ground", N_("Statutory ground"), "choice", choices=_GROUNDS),
            Field("reason", N_("Reasons"), "long", required=True),
            Field("on", N_("Screened on"), "day", required=True),
            Field("person", N_("Screened by"), hint=N_("Empty: you")),
        ),
        preset=_ON_TODAY,
    ),
    Act(
        "hand_over",
        N_("Hand the clue over"),
        N_("Hands the clue over to a county branch, which signs for it and checks it."),
        verbs.hand_over,
        subject="penalty_case",
        fields=(
            Field("to_unit", N_("To the branch"), "record", required=True, of="unit"),
            Field("sent_on", N_("Sent on"), "day", required=True),
            Field("letter_number", N_("Letter of hand-over")),
            Field("due", N_("To be checked by"), "day", hint=N_("Empty: by the limit")),
            Field("sender", N_("Sent by"), hint=N_("Empty: you")),
        ),
        preset=_preset_handover,
        why_not=_why_not_hand_over,
    ),
    Act(
        "put_on_file",
        N_("Put on file"),
        N_("Notes that the filing was approved; the time for the decision runs from that day."),
        verbs.put_on_file,
        subject="penalty_case",
        fields=(
            Field("on", N_("Filed on"), "day", required=True),
            Field("opinion", N_("Opinion of the officers"), "long"),
        ),
        preset=_ON_TODAY,
        why_not=_case(_once("filed_on")),
    ),
    Act(
        "note_report",
        N_("Note a monitoring report"),
        N_("Notes the day of a monitoring report that shows the violation; an order to correct is due then."),
        verbs.note_report,
        subject="penalty_case",
        fields=(Field("on", N_("Monitoring report on"), "day", required=True),),
        preset=_ON_TODAY,
        why_not=_case(),
    ),
    Act(
        "serve_correction",
        N_("Serve an order to correct"),
        N_("Notes the service of an order to correct; a follow-up check is due from that day."),
        verbs.serve_correction,
        subject="penalty_case",
        fields=(
            Field("on", N_("Order to correct served on"), "day", required=True),
            Field("number", N_("Number of the paper")),
            Field("report_on", N_("Monitoring report on"), "day"),
        ),
        preset=_ON_TODAY,
        why_not=_case(_once("correction_served_on")),
    ),
    Act(
        "note_review",
        N_("Note the follow-up check"),
        N_("Notes the day of the check that followed the order to correct."),
        verbs.note_review,
        subject="penalty_case",
        fields=(Field("on", N_("Follow-up check on"), "day", required=True),),
        preset=_ON_TODAY,
        why_not=_case(_after("correction_served_on")),
    ),
    Act(
        "serve_notice",
        N_("Serve the penalty notice"),
        N_("Notes the service of the notice; the days for statement, defence and a hearing run from it."),
        verbs.serve_notice,
        subject="penalty_case",
        fields=(
            Field("on", N_("Penalty notice served on"), "day", required=True),
            Field("number", N_("Number of the paper"), hint="漳环罚告〔2027〕1号"),
        ),
        preset=_ON_TODAY,
        why_not=_case(_after("filed_on"), _once("notice_served_on")),
    ),
    Act(
        "note_waiver",
        N_("Note a waiver"),
        N_("Notes that the party expressly gave up statement, defence and hearing."),
        verbs.note_waiver,
        subject="penalty_case",
        fields=(Field("on", N_("Waived on"), "day", required=True),),
        preset=_ON_TODAY,
        why_not=_case(_after("notice_served_on"), _once("decided_on")),
    ),
    Act(
        "ask_hearing",
        N_("Note a request for a hearing"),
        N_("Notes that the party asked for a hearing; without it there is no penalty then."),
        verbs.ask_hearing,
        subject="penalty_case",
        fields=(Field("on", N_("Hearing asked for on"), "day", required=True),),
        preset=_ON_TODAY,
        why_not=_case(_after("notice_served_on"), _once("decided_on")),
    ),
    Act(
        "set_hearing",
        N_("Set the hearing"),
        N_("Sets the day of the hearing and of its notice, which comes seven working days before it."),
        verbs.set_hearing,
        subject="penalty_case",
        fields=(
            Field("told_on", N_("Hearing notified on"), "day", required=True),
            Field("held_on", N_("Hearing on"), "day", required=True),
        ),
        why_not=_case(_after("hearing_asked_on"), _once("decided_on")),
    ),
    Act(
        "exclude_days",
        N_("Note days not counted"),
        N_("Notes days that do not count towards the time for the decision, or by which it was extended."),
        verbs.exclude_days,
        subject="penalty_case",
        fields=(
            Field("excluded_days", N_("Days not counted"), "count"),
            Field("extended_days", N_("Days extended"), "count"),
            Field("reason", N_("Reasons"), "long", required=True),
        ),
        preset=held("penalty_case", ("excluded_days", "extended_days")),
        why_not=_case(),
    ),
    Act(
        "decide",
        N_("Decide"),
        N_(
            "Notes the decision: a penalty, none, or where the case went; compensation changes nothing in it."
        ),
        verbs.decide,
        subject="penalty_case",
        fields=(
            Field("on", N_("Penalty decided on"), "day", required=True),
            Field("outcome", N_("Outcome of the case"), "choice", required=True, choices=_OUTCOMES),
            Field("number", N_("Number of the paper"), hint="漳环罚〔2027〕1号"),
            Field("measures", N_("What is imposed"), "long"),
            Field("fine_cents", N_("Fine, yuan"), "money"),
            Field("confiscated_cents", N_("Confiscated, yuan"), "money"),
            Field("note", N_("Why no penalty"), "long"),
        ),
        preset=_ON_TODAY,
        why_not=_case(_once("decided_on")),
    ),
    Act(
        "serve_decision",
        N_("Serve the decision"),
        N_("Notes the service of the decision; the fine is to be paid within fifteen days from it."),
        verbs.serve_decision,
        subject="penalty_case",
        fields=(Field("on", N_("Decision served on"), "day", required=True),),
        preset=_ON_TODAY,
        why_not=_case(_after("decided_on"), _once("decision_served_on")),
    ),
    Act(
        "note_payment",
        N_("Note the payment"),
        N_("Notes that the fine was paid in full."),
        verbs.note_payment,
        subject="penalty_case",
        fields=(Field("on", N_("Fine paid on"), "day", required=True),),
        preset=_ON_TODAY,
        why_not=_case(_amount, _after("decision_served_on"), _once("paid_on")),
    ),
    Act(
        "close",
        N_("Close the penalty case"),
        N_("Closes the case; every case carries its compensation screening before."),
        verbs.close,
        subject="penalty_case",
        fields=(
            Field("on", N_("Case closed on"), "day", required=True),
            Field("note", N_("Closed without payment"), "long", hint=N_("Where the fine was not paid: why")),
        ),
        preset=_ON_TODAY,
        why_not=_why_not_close,
    ),
    Act(
        "take_back",
        N_("Withdraw a step"),
        N_("Withdraws a step that was entered by mistake; the history keeps it."),
        verbs.take_back,
        subject="penalty_case",
        fields=(Field("event", N_("Step"), "choice", required=True, choices=_EVENTS), _WHY),
    ),
    Act(
        "export_one",
        N_("Write it to a file"),
        N_("Writes this case into a file for the bureau's case-review system."),
        files.give_out_one,
        subject="penalty_case",
        fields=(Field("path", N_("File to write"), required=True, hint="~/cases.csv"),),
        right="see_cases",
    ),
    Act(
        "withdraw",
        N_("Withdraw the case"),
        N_("Withdraws a case that was entered by mistake; it stays in the history with the reason."),
        verbs.withdraw,
        subject="penalty_case",
        fields=(_WHY,),
    ),
    Act(
        "withdraw_screening",
        N_("Withdraw the screening"),
        N_("Withdraws a screening that was entered by mistake; it stays in the history with the reason."),
        verbs.withdraw_screening,
        subject="screening",
        fields=(_WHY,),
    ),
    Act(
        "sign_receipt",
        N_("Sign for it"),
        N_("Notes who received the clue; the time for its first check runs from that day."),
        verbs.sign_receipt,
        subject="handover",
        fields=(
            Field("on", N_("Signed for on"), "day", required=True),
            Field("receiver", N_("Who signed for it"), hint=N_("Empty: you")),
        ),
        preset=_ON_TODAY,
        why_not=_waiting,
    ),
    Act(
        "remind",
        N_("Remind them"),
        N_("Notes that the branch was reminded to sign for the clue or to check it."),
        verbs.remind,
        subject="handover",
        fields=(
            Field("on", N_("Reminded on"), "day", required=True),
            Field("text", N_("Reminder"), "long", required=True),
            Field("by", N_("Reminded by"), hint=N_("Empty: you")),
        ),
        preset=_ON_TODAY,
        why_not=_why_not_remind,
    ),
    Act(
        "withdraw_handover",
        N_("Withdraw the hand-over"),
        N_("Withdraws a hand-over that nobody has signed for, and the clue that went with it."),
        verbs.withdraw_handover,
        subject="handover",
        fields=(_WHY,),
        why_not=_waiting,
    ),
    Act(
        "withdraw_reminder",
        N_("Withdraw the reminder"),
        N_("Withdraws a reminder that was entered by mistake."),
        verbs.withdraw_reminder,
        subject="reminder",
        fields=(_WHY,),
    ),
    Act(
        "export",
        N_("Write cases to a file"),
        N_("Writes the cases put on file in some days, or all, as .csv or .json for the case-review system."),
        files.give_out,
        fields=(
            Field("path", N_("File to write"), required=True, hint="~/cases.csv"),
            Field("since", N_("Filed from"), "day", hint=N_("Empty: all")),
            Field("until", N_("Filed until"), "day", hint=N_("Empty: all")),
        ),
        right="see_cases",
    ),
    Act(
        "import",
        N_("Take cases in from a file"),
        N_("Takes cases in from .csv, .xlsx or .json by number; wrong rows are listed in a file beside it."),
        files.take_in,
        fields=(
            Field("path", N_("File to read"), required=True, hint="~/cases.csv"),
            Field("good_rows", N_("Take the good rows though others are wrong"), "flag"),
        ),
        right="handle_cases",
    ),
)
