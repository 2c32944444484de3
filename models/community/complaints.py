"""Complaints of residents, who brought them (kept apart), and what is coordinated between neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.community import choices, privacy, queries, rules
from models.community.tables import Complaint, Mediation
from models.community.writing import make, refuse_order, tidy
from models.errors import RuleBroken
from models.language import N_, translate
from models.registry import keeping
from models.registry.numbers import free_number
from models.registry.rules import tidy_line

if TYPE_CHECKING:
    from models.store.seat import Seat

COMPLAINT_NUMBER = "TS-"
MEDIATION_NUMBER = "XT-"
_WORDS = ("about", "place", "result", "reply_text", "revisit_text", "transferred_to")
"""What a complaint says in words, for all who may read it."""
_WORDS_OF_MEDIATION = (
    "demand",
    "agreement",
    "place",
    *(f"{party}_reason" for party, _ in choices.FOUR_PARTIES),
)
"""What a mediation says in words; its parties are named beside them."""


# --- complaints -------------------------------------------------------------------------------------------


def register_complaint(
    seat: Seat,
    community_id: str,
    *,
    about: str,
    received_on: str,
    reporter_name: str | None = None,
    reporter_contact: str | None = None,
    **fields: Any,
) -> str:
    """Register a complaint; its first reply is due within the limit `complaint_reply`. Returns its id.

    Args:
        about: what it is about, without who brought it.
        reporter_name, reporter_contact: who brought it: kept apart, for few to read.
        fields: grid, place, problem_class, channel, handled_by.

    Raises:
        RuleBroken: the words name the reporter, or a value is missing or not possible.
    """
    keeping.allow(seat, "complaint")
    about = keeping.need_text(about, "about")
    names = _naming(reporter_name, reporter_contact)
    with seat.writing():
        community = keeping.standing(seat, "community", community_id)
        for field in ("about", "place"):
            rules.refuse_personal_data(about if field == "about" else fields.get(field) or "", names, field)
        values = tidy(
            seat,
            "complaint",
            {
                **fields,
                "community": community.id,
                "about": about,
                "received_on": keeping.need_text(received_on, "received_on"),
                "real_name": bool(reporter_name),
            },
        )
        if values.get("grid"):
            keeping.standing(seat, "grid", values["grid"])
        values["number"] = free_number(seat, Complaint, community.unit, COMPLAINT_NUMBER)
        record = keeping.make(seat, "complaint", community.unit, values)
        if names:
            kept = {"complaint": record, "name": reporter_name, "contact": reporter_contact}
            make(seat, "reporter", community.unit, kept)
    return record


def _naming(name: str | None, contact: str | None) -> tuple[str, ...]:
    return tuple(each for each in (tidy_line(name or ""), tidy_line(contact or "")) if len(each) > 1)


def name_reporter(
    seat: Seat, complaint_id: str, *, name: str, contact: str | None = None, words: str | None = None
) -> str:
    """Write down who brought a complaint, apart from it. Returns the record's id, which only few may open.

    Raises:
        RuleBroken: somebody is written down already, the complaint names the person, or a name is missing.
    """
    keeping.allow(seat, "reporter")
    name = keeping.need_text(name, "name")
    with seat.writing():
        row = keeping.standing(seat, "complaint", complaint_id)
        if privacy.has_reporter(seat, row.id):
            raise RuleBroken(N_("Who brought it is written down already."), field="name")
        for field in _WORDS:
            rules.refuse_named(getattr(row, field) or "", _naming(name, contact), "name")
        if not row.real_name:
            keeping.change(seat, row, "complaint", tidy(seat, "complaint", {"real_name": True}))
        kept = {"complaint": row.id, "name": name, "contact": contact, "words": words}
        return make(seat, "reporter", row.unit, kept)


def edit_complaint(seat: Seat, complaint_id: str, **fields: Any) -> None:
    """Correct a complaint that is not closed. Errors as `register_complaint`."""
    keeping.allow(seat, "complaint")
    with seat.writing():
        row = _open(seat, complaint_id)
        if "about" in fields:
            keeping.need_text(fields["about"], "about")
        _refuse_naming(seat, row, fields)
        values = tidy(seat, "complaint", fields)
        received = values.get("received_on", row.received_on)
        refuse_order("received_on", received, row.first_reply_on)
        refuse_order("received_on", received, row.transferred_on)
        keeping.change(seat, row, "complaint", values)


def _refuse_naming(seat: Seat, row: Any, fields: dict[str, Any]) -> None:
    """No words of a complaint name who brought it, whoever writes them."""
    names = privacy.reporter_names(seat, row.id)
    for field in _WORDS:
        rules.refuse_personal_data(fields.get(field) or "", names, field)


def reply(seat: Seat, complaint_id: str, *, on: str, text: str, handled_by: str | None = None) -> None:
    """Note the first reply to who brought a complaint (首次反馈).

    Raises:
        RuleBroken: it was replied to already, or day or words are missing or not possible.
    """
    keeping.allow(seat, "complaint")
    with seat.writing():
        row = _open(seat, complaint_id)
        if row.first_reply_on:
            raise RuleBroken(N_("The first reply was on {day}."), field="on", day=row.first_reply_on)
        given: dict[str, Any] = {"first_reply_on": on, "reply_text": keeping.need_text(text, "text")}
        if handled_by:
            given["handled_by"] = handled_by
        _later(seat, row, given, "first_reply_on", row.received_on)


def revisit(seat: Seat, complaint_id: str, *, on: str, satisfied: bool, text: str | None = None) -> None:
    """Note that who brought a complaint was asked again (回访), and whether they were satisfied.

    Raises:
        RuleBroken: nobody has replied yet, or the day is not possible.
    """
    keeping.allow(seat, "complaint")
    with seat.writing():
        row = keeping.standing(seat, "complaint", complaint_id)
        if not row.first_reply_on:
            raise RuleBroken(N_("Nobody has replied to it yet. Reply first."), field="on")
        given = {"revisit_on": on, "satisfied": satisfied, "revisit_text": text}
        _later(seat, row, given, "revisit_on", row.first_reply_on)


def transfer(seat: Seat, complaint_id: str, *, to: str, on: str) -> None:
    """Hand a complaint over that is beyond the community's power (超权限移送); it stays open for its reply.

    Args:
        to: to whom, in words.

    Raises:
        RuleBroken: it was handed over already, or day or words are missing or not possible.
    """
    keeping.allow(seat, "complaint")
    with seat.writing():
        row = _open(seat, complaint_id)
        if row.transferred_on:
            raise RuleBroken(
                N_("It was handed to {to} on {day}."),
                field="on",
                to=row.transferred_to,
                day=row.transferred_on,
            )
        given = {"transferred_to": keeping.need_text(to, "to"), "transferred_on": on}
        _later(seat, row, given, "transferred_on", row.received_on)


def close_complaint(seat: Seat, complaint_id: str, *, on: str, result: str) -> None:
    """Close a complaint with its result. One in somebody's own name was replied to before (实名反馈).

    Raises:
        RuleBroken: the reply is missing, or day or result are missing or not possible.
    """
    keeping.allow(seat, "complaint")
    with seat.writing():
        row = _open(seat, complaint_id)
        if row.real_name and not row.first_reply_on:
            raise RuleBroken(
                N_("It was brought in somebody's own name: reply to them before you close it."),
                field="first_reply_on",
                basis="生态环境法典第一百四十六条",
            )
        given = {"closed_on": on, "result": keeping.need_text(result, "result")}
        _later(seat, row, given, "closed_on", row.first_reply_on or row.received_on)


def _later(seat: Seat, row: Any, given: dict[str, Any], day: str, not_before: str | None) -> None:
    keeping.need_text(given[day], "on")
    _refuse_naming(seat, row, given)
    values = tidy(seat, "complaint", given)
    refuse_order("on", not_before, values[day])
    keeping.change(seat, row, "complaint", values)


def _open(seat: Seat, complaint_id: str) -> Any:
    row = keeping.standing(seat, "complaint", complaint_id)
    if row.closed_on:
        raise RuleBroken(N_("{number} is closed since {day}."), number=row.number, day=row.closed_on)
    return row


def withdraw_complaint(seat: Seat, complaint_id: str, *, why: str) -> None:
    """Withdraw a complaint that was registered by mistake, and with it who brought it.

    Raises:
        RuleBroken: without a reason, or it was reported upward.
    """
    with seat.writing():
        if queries.reports_of(seat, complaint=complaint_id):
            raise RuleBroken(
                N_("This was reported upward. Withdraw the report first, with its reason."), field="why"
            )
        keeping.withdraw(seat, "complaint", complaint_id, why)
        for record in privacy.reporter_ids(seat, complaint_id):
            keeping.withdraw(seat, "reporter", record, why)


# --- mediation --------------------------------------------------------------------------------------------


def mediate(
    seat: Seat,
    community_id: str,
    *,
    on: str,
    parties: str,
    demand: str,
    owners: str,
    owners_committee: str,
    government: str,
    departments: str,
    complaint: str | None = None,
    **fields: Any,
) -> str:
    """Write down what was coordinated (协调单). Returns its record id.

    Args:
        parties: the parties by name, joined by 、; they never reach the public version.
        owners, owners_committee, government, departments: "came" or "absent"; who was absent needs a reason
            (`owners_reason` and so on): 四方 take part openly, so each is said to have come or why not.
        complaint: the complaint that it came from.
        fields: place, mediator, problem_class, the four reasons, result, agreement.

    Raises:
        RuleBroken: a party is not accounted for, an agreement has no words, or a value is not possible.
    """
    keeping.allow(seat, "mediation")
    given = {
        **fields,
        "on": on,
        "parties": parties,
        "demand": demand,
        "owners": owners,
        "owners_committee": owners_committee,
        "government": government,
        "departments": departments,
        "complaint": complaint,
    }
    with seat.writing():
        community = keeping.standing(seat, "community", community_id)
        if complaint and keeping.standing(seat, "complaint", complaint).community != community.id:
            raise RuleBroken(N_("This complaint is of another community."), field="complaint")
        _refuse_reporter(seat, complaint, given)
        values = _mediation(seat, given)
        values["community"] = community.id
        values["number"] = free_number(seat, Mediation, community.unit, MEDIATION_NUMBER)
        return keeping.make(seat, "mediation", community.unit, values)


def edit_mediation(seat: Seat, mediation_id: str, **fields: Any) -> None:
    """Correct a mediation, or add its result. Errors as `mediate`, or it was made public."""
    keeping.allow(seat, "mediation")
    with seat.writing():
        row = _not_public(seat, mediation_id)
        names = {"on", "parties", "demand", "result", "agreement"}
        names |= {each for party, _ in choices.FOUR_PARTIES for each in (party, f"{party}_reason")}
        held = {name: getattr(row, name) for name in names}
        _refuse_reporter(seat, fields.get("complaint") or row.complaint, fields)
        keeping.change(seat, row, "mediation", _mediation(seat, {**held, **fields}))


def _refuse_reporter(seat: Seat, complaint_id: str | None, fields: dict[str, Any]) -> None:
    """No words of a mediation tell who brought the complaint that it came from."""
    if complaint_id:
        names = privacy.reporter_names(seat, complaint_id)
        for field in _WORDS_OF_MEDIATION:
            rules.refuse_personal_data(fields.get(field) or "", names, field)


def _mediation(seat: Seat, fields: dict[str, Any]) -> dict[str, Any]:
    for name in ("on", "parties", "demand"):
        keeping.need_text(fields.get(name), name)
    for party, words in choices.FOUR_PARTIES:
        if not fields.get(party):
            raise RuleBroken(
                N_("Say whether {party} took part: each of the four parties is accounted for."),
                field=party,
                basis=rules.NOTICE,
                party=translate(words),
            )
        if fields[party] == "absent" and not (fields.get(f"{party}_reason") or "").strip():
            raise RuleBroken(
                N_("Say why {party} did not take part."),
                field=f"{party}_reason",
                basis=rules.NOTICE,
                party=translate(words),
            )
    if fields.get("result") in ("agreed", "partly"):
        keeping.need_text(fields.get("agreement"), "agreement")
    return tidy(seat, "mediation", fields)


def publish_mediation(seat: Seat, mediation_id: str, *, on: str, text: str) -> None:
    """Make the outcome of a mediation public (公开透明), without personal data.

    Args:
        text: as it is made public; `privacy.public_text` proposes it.

    Raises:
        RuleBroken: it has no result, the text names a party or a reporter, or it is public already.
    """
    keeping.allow(seat, "mediation")
    with seat.writing():
        row = _not_public(seat, mediation_id)
        if not row.result:
            raise RuleBroken(N_("It has no result yet."), field="result")
        text = keeping.need_text(text, "text")
        rules.refuse_personal_data(text, privacy.names_of_mediation(seat, row), "text")
        values = tidy(seat, "mediation", {"public": text, "published_on": on})
        refuse_order("on", row.on, values["published_on"])
        keeping.change(seat, row, "mediation", values)


def _not_public(seat: Seat, mediation_id: str) -> Any:
    row = keeping.standing(seat, "mediation", mediation_id)
    if row.published_on:
        raise RuleBroken(N_("It was made public on {day} and stays as it is."), day=row.published_on)
    return row


def withdraw_mediation(seat: Seat, mediation_id: str, *, why: str) -> None:
    """Withdraw a mediation that was written by mistake; a public one too, which its history shows.

    Raises:
        RuleBroken: without a reason.
    """
    keeping.withdraw(seat, "mediation", mediation_id, why)
