"""The acts of complaints and mediations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.community import choices, complaints, privacy, reports
from models.community.forms import ON, withdrawal
from models.community.patrol_acts import TARGET, WHAT
from models.language import N_, _
from models.registry import keeping
from models.registry.act_parts import held, may_write, todays, where
from models.registry.days import today
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

_COMPLAINT = (
    Field("about", N_("What it is about"), "long", required=True, hint=N_("without who brought it")),
    Field("received_on", N_("Received on"), "day", required=True),
    Field("place", N_("At what place")),
    Field("problem_class", N_("Class of problem"), "choice", choices=choices.CLASSES),
    Field("channel", N_("Came by"), "choice", choices=choices.CHANNELS),
    Field("grid", N_("Grid"), "record", of="grid"),
    Field("handled_by", N_("Who handles it")),
)
_BROUGHT = (
    Field("reporter_name", N_("Who brought it"), hint=N_("kept apart; few may read it")),
    Field("reporter_contact", N_("Their contact"), hint=N_("kept apart; few may read it")),
)
_FOUR = tuple(
    each
    for party, words in choices.FOUR_PARTIES
    for each in (
        Field(party, words, "choice", required=True, choices=choices.ATTENDANCE),
        Field(f"{party}_reason", N_("Why not, or who")),
    )
)
_MEDIATION = (
    ON,
    Field("parties", N_("Parties"), required=True, hint=N_("names, joined by 、")),
    Field("demand", N_("Demand"), "long", required=True),
    Field("problem_class", N_("Class of problem"), "choice", choices=choices.CLASSES),
    *_FOUR,
    Field("result", N_("Result"), "choice", choices=choices.RESULTS),
    Field("agreement", N_("Agreement"), "long", hint=N_("needed where they agreed")),
    Field("place", N_("At what place")),
    Field("mediator", N_("Mediator")),
)
_COMMUNITY_FIELD = Field("community_id", N_("Community"), "record", required=True, of="community")


def _mediate_complaint(seat: Seat, complaint_id: str, **values: Any) -> str:
    row = keeping.standing(seat, "complaint", complaint_id)
    return complaints.mediate(seat, row.community, complaint=row.id, **values)


def _received_today(seat: Seat, _record_id: str) -> Mapping[str, Any]:
    return {"received_on": today(seat).isoformat()}


def _public(seat: Seat, record_id: str) -> Mapping[str, Any]:
    return {"on": today(seat).isoformat(), "text": privacy.public_text(seat, record_id)}


def _closed(row: Any) -> str:
    return _("It is closed.") if row.closed_on else ""


def _replied(row: Any) -> str:
    return _("The first reply was on {day}.").format(day=row.first_reply_on) if row.first_reply_on else ""


def _no_reply(row: Any) -> str:
    return "" if row.first_reply_on else _("Nobody has replied to it yet. Reply first.")


def _not_closable(row: Any) -> str:
    if row.real_name and not row.first_reply_on:
        return _("It was brought in somebody's own name: reply to them before you close it.")
    return _closed(row)


def _published(row: Any) -> str:
    return _("It is public already.") if row.published_on else ""


def _not_publishable(row: Any) -> str:
    return _published(row) or ("" if row.result else _("It has no result yet."))


COMPLAINTS: tuple[Act, ...] = (
    Act(
        "register_complaint",
        N_("Register a complaint"),
        N_("Registers a complaint; who brought it is kept apart, and its first reply gets a deadline."),
        complaints.register_complaint,
        fields=(_COMMUNITY_FIELD, *_COMPLAINT, *_BROUGHT),
        preset=_received_today,
        why_not=may_write("complaint"),
    ),
    Act(
        "complaint_here",
        N_("Register a complaint"),
        N_("Registers a complaint in this community; who brought it is kept apart."),
        complaints.register_complaint,
        subject="community",
        fields=(*_COMPLAINT, *_BROUGHT),
        preset=_received_today,
        why_not=may_write("complaint"),
        right="see_community",
    ),
    Act(
        "reply",
        N_("First reply"),
        N_("Notes when and what was first replied to who brought it."),
        complaints.reply,
        subject="complaint",
        fields=(
            ON,
            Field("text", N_("Reply given"), "long", required=True),
            Field("handled_by", N_("Who handles it")),
        ),
        preset=todays("on"),
        why_not=where("complaint", lambda row: _replied(row) or _closed(row)),
    ),
    Act(
        "revisit",
        N_("Revisit"),
        N_("Notes that who brought it was asked again, and whether they were satisfied."),
        complaints.revisit,
        subject="complaint",
        fields=(
            ON,
            Field("satisfied", N_("Satisfied"), "flag", required=True),
            Field("text", N_("What they said"), "long"),
        ),
        preset=todays("on"),
        why_not=where("complaint", _no_reply),
    ),
    Act(
        "transfer_complaint",
        N_("Hand the complaint over"),
        N_("Hands a complaint over that is beyond the community's power; it stays open for its reply."),
        complaints.transfer,
        subject="complaint",
        fields=(Field("to", N_("To whom"), required=True), ON),
        preset=todays("on"),
        why_not=where(
            "complaint", lambda row: _("It was handed over already.") if row.transferred_on else _closed(row)
        ),
    ),
    Act(
        "report_complaint",
        N_("Report upward"),
        N_("Reports what it is about to the superior grid or a department; who brought it is not told."),
        reports.report_complaint,
        subject="complaint",
        fields=(Field("from_grid", N_("From grid"), "record", required=True, of="grid"), WHAT, *TARGET),
        preset=lambda seat, record: {"from_grid": keeping.kept(seat, "complaint", record).grid},
    ),
    Act(
        "mediate_complaint",
        N_("Mediate"),
        N_("Writes down what was coordinated about this complaint, with the four parties."),
        _mediate_complaint,
        subject="complaint",
        fields=_MEDIATION,
        preset=todays("on"),
    ),
    Act(
        "close_complaint",
        N_("Close with a result"),
        N_("Closes the complaint with its result; one in somebody's own name is replied to before."),
        complaints.close_complaint,
        subject="complaint",
        fields=(ON, Field("result", N_("Result"), "long", required=True)),
        preset=todays("on"),
        why_not=where("complaint", _not_closable),
    ),
    Act(
        "name_reporter",
        N_("Write down who brought it"),
        N_("Keeps name and contact apart, for who writes them down and the few who may read them."),
        complaints.name_reporter,
        subject="complaint",
        fields=(
            Field("name", N_("Name"), required=True),
            Field("contact", N_("Way to reach them")),
            Field("words", N_("In their words"), "long"),
        ),
        why_not=lambda seat, record: (
            _("Who brought it is written down already.") if privacy.has_reporter(seat, record) else ""
        ),
    ),
    Act(
        "edit_complaint",
        N_("Correct"),
        N_("Corrects the complaint; its history keeps what it said."),
        complaints.edit_complaint,
        subject="complaint",
        fields=_COMPLAINT,
        preset=held("complaint", _COMPLAINT),
        why_not=where("complaint", _closed),
    ),
    withdrawal("complaint", N_("Withdraw the complaint"), complaints.withdraw_complaint),
    withdrawal("reporter", N_("Withdraw who brought it")),
    Act(
        "mediate",
        N_("Write down a mediation"),
        N_("Writes down what was coordinated between neighbours, with the four parties."),
        complaints.mediate,
        fields=(_COMMUNITY_FIELD, *_MEDIATION),
        preset=todays("on"),
        why_not=may_write("mediation"),
    ),
    Act(
        "mediate_here",
        N_("Write down a mediation"),
        N_("Writes down what was coordinated in this community, with the four parties."),
        complaints.mediate,
        subject="community",
        fields=_MEDIATION,
        preset=todays("on"),
        why_not=may_write("mediation"),
        right="see_community",
    ),
    Act(
        "edit_mediation",
        N_("Correct"),
        N_("Corrects the mediation or adds its result; not once it is public."),
        complaints.edit_mediation,
        subject="mediation",
        fields=_MEDIATION,
        preset=held("mediation", _MEDIATION),
        why_not=where("mediation", _published),
    ),
    Act(
        "publish_mediation",
        N_("Make it public"),
        N_("Keeps the text that is made public; one with a name or a number in it is refused."),
        complaints.publish_mediation,
        subject="mediation",
        fields=(ON, Field("text", N_("Public text"), "long", required=True)),
        preset=_public,
        why_not=where("mediation", _not_publishable),
    ),
    withdrawal("mediation", N_("Withdraw the mediation"), complaints.withdraw_mediation),
)
