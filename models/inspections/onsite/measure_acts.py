"""What can be done with measures on the spot and with their papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.inspections.onsite import (
    measure_rules,
    measures,
    papers,
    services,
)
from models.inspections.onsite.act_parts import (
    OFFICERS,
    WHY,
    WITNESS,
    WhyNot,
    complete,
    unsealed,
)
from models.inspections.rules import SIGNATURES
from models.language import N_, _, translate
from models.registry import keeping
from models.registry.act_parts import first_of, held, todays, whole
from models.rooms import Act, Choices, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

# -- measures ----------------------------------------------------------------------------------------------

_GROUNDS = tuple((each.key, each.zh) for each in measure_rules.grounds())
_DESCRIBED = (
    Field("party", N_("Party")),
    Field("reason", N_("Reason"), "long", required=True),
    Field("case_title", N_("Cause of the case")),
    Field("place", N_("Place")),
    Field(
        "grounds",
        N_("Which of the six grounds"),
        "marks",
        choices=_GROUNDS,
        hint=N_("Of sealing and seizure: of the six"),
    ),
    Field("grave", N_("Grave pollution already"), "flag"),
    Field("violated", N_("Provision violated")),
    *OFFICERS,
    Field("planned_from", N_("Planned from"), "day", hint=N_("Of an inspection")),
    Field("planned_to", N_("Planned until"), "day", hint=N_("Of an inspection")),
    Field("way", N_("How it is done"), hint=N_("Of an inspection: on the spot, by papers")),
    Field("party_code", N_("Credit code or citizen number")),
    Field("party_person", N_("Legal representative")),
    Field("party_address", N_("Address")),
    Field("party_phone", N_("Phone")),
)
_KIND = Field(
    "kind", N_("Which measure"), "choice", required=True, choices=tuple(measure_rules.KINDS.items())
)
_SITE = Field("site", N_("Site"), "record", of="site")
_SPOT = (
    Field("at", N_("Done on the spot at"), "moment", required=True),
    Field("urgent", N_("Urgent: approval follows within 24 hours"), "flag"),
    Field("asked_how", N_("How the head was asked"), hint=N_("Where urgent: phone, message, when")),
    *(
        field
        for field in (
            Field("told", N_("Reason, basis, rights told"), "flag", required=True),
            Field("present", N_("Party present"), "flag", required=True),
            Field("heard", N_("Statement and defence"), "long"),
            Field(
                "keeping", N_("Kept"), "choice", required=True, choices=tuple(measure_rules.KEEPINGS.items())
            ),
            Field("keep_place", N_("Kept where")),
            Field("keeper", N_("Kept by whom")),
            Field("signed", N_("Signature"), "choice", required=True, choices=tuple(SIGNATURES.items())),
            *WITNESS,
            Field("copies", N_("Copies of the list"), "count"),
        )
    ),
)
_ITEM = (
    Field("name", N_("Name of the thing"), required=True),
    Field("quantity", N_("Quantity"), required=True, hint=N_("in digits, as 2")),
    Field("unit_of_quantity", N_("Counted in"), hint=N_("as: piece, kg, box")),
    Field("model", N_("Model")),
    Field("look", N_("Look and wear")),
    Field("where", N_("Kept where")),
    Field("keeper", N_("Kept by whom")),
    Field("note", N_("Note")),
)


def _measure(*kinds: str, name: str = "", taken: bool | None = None) -> WhyNot:
    """Why not: another kind of measure, a field that is filled already, not taken yet or taken already."""

    def why_not(seat: Seat, record: str) -> str:
        row = keeping.row_of(seat, "measure", record)
        if row is None:
            return ""
        if kinds and row.kind not in kinds:
            return _("Not for this kind of measure: {kind}.").format(
                kind=translate(measure_rules.KINDS.get(row.kind or "", row.kind or ""))
            )
        if taken is True and row.taken_at is None:
            return _("Note when it was done on the spot.")
        if taken is False and row.taken_at is not None:
            return _("It was done already. Correct it instead.")
        if name and getattr(row, name):
            return _("This was noted already. Correct it instead.")
        return ""

    return why_not


def _preset_visit(seat: Seat, inspection_id: str) -> Mapping[str, Any]:
    row = keeping.row_of(seat, "inspection", inspection_id)
    if row is None:
        return {}
    return {
        "party": row.site_name,
        "place": row.place,
        "party_code": row.site_code,
        "party_person": row.legal_person,
        "first_officer": row.first_officer,
        "second_officer": row.second_officer,
    }


def _preset_spot(seat: Seat, measure_id: str) -> Mapping[str, Any]:
    row = keeping.row_of(seat, "measure", measure_id)
    held_now = {field.key: getattr(row, field.key, None) for field in _SPOT} if row is not None else {}
    return {
        **held_now,
        "at": seat.clock.wall_ms(),
        "copies": held_now.get("copies") or measure_rules.LEAST_COPIES,
    }


def _papers_now(seat: Seat, measure_id: str) -> Choices:
    return tuple((name, measure_rules.PAPERS[name][0]) for name in papers.offered(seat, measure_id))


def _no_paper(seat: Seat, measure_id: str) -> str:
    if papers.offered(seat, measure_id):
        return ""
    return _("Every paper that it can have now is drawn up: open it below and issue it.")


_ASK = N_("Asks for an inspection, a registration of evidence, a sealing or a seizure.")
_SPOT_EDITED = _SPOT[2:]
MEASURES = (
    Act(
        "measure",
        N_("Ask for a measure"),
        _ASK,
        lambda seat, **values: measures.ask_for(seat, **values),
        fields=(_KIND, _SITE, *_DESCRIBED),
    ),
    Act(
        "measure_of_visit",
        N_("Register, seal up or seize"),
        _ASK,
        lambda seat, record, **values: measures.ask_for(seat, values.pop("kind"), record, **values),
        subject="inspection",
        fields=(_KIND, *_DESCRIBED),
        preset=_preset_visit,
        right="inspect",
    ),
    Act(
        "edit_measure",
        N_("Correct the request"),
        N_("Corrects what describes the measure; papers that were issued keep what they said."),
        whole(measures.edit, _DESCRIBED),
        subject="measure",
        fields=_DESCRIBED,
        preset=held("measure", _DESCRIBED),
    ),
    Act(
        "approve_measure",
        N_("Note the approval"),
        N_("Notes that a head approved it, and when; an urgent one is approved within 24 hours."),
        measures.approve,
        subject="measure",
        fields=(
            Field("approver", N_("Approved by"), required=True),
            Field("at", N_("Approved at"), "moment", required=True),
            Field("opinion", N_("Opinion"), "long"),
        ),
        preset=lambda seat, _record: {"at": seat.clock.wall_ms()},
        why_not=_measure(name="approved_at"),
    ),
    Act(
        "take_measure",
        N_("Note it as done"),
        N_("Notes that it was done on the spot: when, what was told, who signed; its time runs from then."),
        measures.take,
        subject="measure",
        fields=_SPOT,
        preset=_preset_spot,
        why_not=_measure(*measure_rules.ON_THINGS, taken=False),
    ),
    Act(
        "edit_spot",
        N_("Correct what was done"),
        N_("Corrects what was noted on the spot; papers that were issued keep what they said."),
        measures.edit,
        subject="measure",
        fields=_SPOT_EDITED,
        preset=held("measure", _SPOT_EDITED),
        why_not=_measure(*measure_rules.ON_THINGS, taken=True),
    ),
    Act(
        "add_thing",
        N_("List a thing"),
        N_("Adds a thing to the list; after the list is issued it stays as it is."),
        measures.add_item,
        subject="measure",
        fields=_ITEM,
        why_not=_measure(*measure_rules.ON_THINGS),
    ),
    Act(
        "correct_thing",
        N_("Correct the thing"),
        N_("Corrects a thing before the list is issued."),
        whole(measures.correct_item, _ITEM),
        subject="measure_item",
        fields=_ITEM,
        preset=held("measure_item", _ITEM),
    ),
    Act(
        "drop_thing",
        N_("Take the thing off"),
        N_("Takes a thing off the list before it is issued, with a reason."),
        measures.drop_item,
        subject="measure_item",
        fields=(WHY,),
    ),
    Act(
        "dispose",
        N_("Deal with the evidence"),
        N_("Notes which of the four ways was chosen within seven working days; else it lapses."),
        measures.dispose,
        subject="measure",
        fields=(
            Field(
                "disposition",
                N_("How it was dealt with"),
                "choice",
                required=True,
                choices=tuple(measure_rules.DISPOSITIONS.items()),
            ),
            Field("on", N_("Dealt with on the day"), "day", required=True),
            Field("note", N_("Note"), "long"),
        ),
        preset=todays("on"),
        why_not=_measure("register", name="disposition", taken=True),
    ),
    Act(
        "extend_measure",
        N_("Extend it"),
        N_("Extends a sealing or seizure once, by 30 days at most, before it ends."),
        measures.extend,
        subject="measure",
        fields=(
            Field("days", N_("Days more"), "count", required=True),
            Field("reason", N_("Reason"), "long", required=True),
            Field("approver", N_("Approved by"), required=True),
            Field("on", N_("Extended on"), "day", required=True),
        ),
        preset=todays("on"),
        why_not=_measure(*measure_rules.COERCIVE, name="extended_on", taken=True),
    ),
    Act(
        "note_test",
        N_("Note days of testing"),
        N_("Notes the days of testing or appraisal, which do not count."),
        measures.note_test,
        subject="measure",
        fields=(
            Field("days", N_("Days of testing"), "count", required=True),
            Field("reason", N_("What is tested, by whom"), "long", required=True),
        ),
        why_not=_measure(*measure_rules.COERCIVE, taken=True),
    ),
    Act(
        "ask_release",
        N_("Note a request for release"),
        N_("Notes that the party asked for the release; it is checked within five working days."),
        measures.ask_release,
        subject="measure",
        fields=(Field("on", N_("Release asked for on"), "day", required=True),),
        preset=todays("on"),
        why_not=_measure(*measure_rules.COERCIVE, name="released_on", taken=True),
    ),
    Act(
        "release",
        N_("Release it"),
        N_("Notes the release; its paper is drawn up and served after it."),
        measures.release,
        subject="measure",
        fields=(
            Field("on", N_("Released on"), "day", required=True),
            Field("reason", N_("Reason"), "long", required=True),
        ),
        preset=todays("on"),
        why_not=_measure(*measure_rules.ON_THINGS, name="released_on", taken=True),
    ),
    Act(
        "draw_up",
        N_("Draw up a paper"),
        N_("Draws up an approval, notice, decision, list, extension or release, to be read before issue."),
        papers.draw_up,
        subject="measure",
        fields=(
            Field(
                "paper",
                N_("Paper"),
                "choice",
                required=True,
                choices=tuple((name, words) for name, (words, _kinds) in measure_rules.PAPERS.items()),
                offered=_papers_now,
            ),
        ),
        why_not=_no_paper,
    ),
    Act(
        "withdraw_measure",
        N_("Withdraw the measure"),
        N_("Withdraws a measure of which no paper was issued, with a reason."),
        measures.withdraw,
        subject="measure",
        fields=(WHY,),
    ),
)

# -- papers ------------------------------------------------------------------------------------------------


def _without_number(seat: Seat, paper_id: str) -> str:
    number = papers.official_number(seat, paper_id)
    return _("It bears {number} already. Withdraw that first.").format(number=number) if number else ""


def _with_number(seat: Seat, paper_id: str) -> str:
    return "" if papers.official_number(seat, paper_id) else _("This paper has no official number.")


def _issued(seat: Seat, paper_id: str) -> str:
    row = keeping.row_of(seat, "measure_paper", paper_id)
    return _("Issue the paper first.") if row is not None and not row.sealed else ""


PAPERS = (
    Act(
        "issue",
        N_("Issue the paper and seal it"),
        N_("Seals the paper as it reads now; it is printed with its code and never changes."),
        lambda seat, record, **values: papers.issue(seat, record, **values).record,
        subject="measure_paper",
        fields=(Field("on", N_("Day that the paper bears"), "day", required=True),),
        preset=todays("on"),
        why_not=first_of(unsealed("measure_paper"), complete(papers.missing)),
    ),
    Act(
        "give_number",
        N_("Enter the official number"),
        N_("Enters the number that the office gave; no other paper of the unit may bear it."),
        lambda seat, record, **values: papers.give_number(seat, record, **values) and None,
        subject="measure_paper",
        fields=(
            Field("text", N_("Official number"), required=True, hint="漳环查扣〔2026〕1号"),
            Field("on", N_("Given on"), "day"),
        ),
        preset=todays("on"),
        why_not=_without_number,
    ),
    Act(
        "take_number_back",
        N_("Withdraw the number"),
        N_("Withdraws the official number of this paper, with a reason."),
        papers.take_number_back,
        subject="measure_paper",
        fields=(WHY,),
        why_not=_with_number,
    ),
    Act(
        "serve_paper",
        N_("Serve it"),
        N_("Begins the proof of service of this paper, to its party."),
        services.of_paper,
        subject="measure_paper",
        why_not=_issued,
    ),
    Act(
        "discard",
        N_("Withdraw the draft"),
        N_("Withdraws a paper that was drawn up and not issued, with a reason."),
        papers.discard,
        subject="measure_paper",
        fields=(WHY,),
        why_not=unsealed("measure_paper"),
    ),
)
