"""Transferred complaints (转办件): handled in time, published; who complained is kept apart (R083)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.damage.clues import refuse_day
from models.errors import RuleBroken
from models.language import N_
from models.oversight.rounds import queries, rules
from models.oversight.rounds.files import put_out
from models.oversight.rounds.tables import Round, TransferredComplaint, TransferredReporter
from models.oversight.rounds.verbs import unit_of
from models.registry import keeping
from models.registry import queries as registry
from models.registry.personal import number_in, told_in

if TYPE_CHECKING:
    from models.store.seat import Seat

CONFIDENTIAL = "《生态环境法典》第五十一条、第一百四十六条"
_CHOICES = {
    "source": rules.values(rules.SOURCES),
    "matter": rules.values(rules.MATTERS),
    "result": rules.values(rules.RESULTS),
}
_CHECKED = (
    "round",
    "number",
    "about",
    "matter",
    "received_on",
    "due_on",
    "handler",
    "case",
    "finished_on",
)
PUBLIC = ("about", "result_text", "punished")
"""What of a complaint is published, beside its number and days."""


def register(
    seat: Seat,
    *,
    round_id: str,
    number: str,
    unit_code: str,
    about: str,
    matter: str,
    received_on: str,
    reporter_name: str | None = None,
    reporter_contact: str | None = None,
    **fields: Any,
) -> str:
    """Register a complaint that a round handed down. Returns its id.

    Args:
        round_id: the round.
        number: its number on the slip.
        unit_code: where it happened, by code or name.
        matter: one of `rules.MATTERS`.
        received_on: 转办之日, YYYY-MM-DD.
        reporter_name, reporter_contact: who complained, kept apart in a record of their own.
        fields: `source`, `place`, `handler`, `due_on` (the day on the slip), `case`.

    Raises:
        RuleBroken: no such round, unit or handler; the number is taken; a day before the round or after
            today; words that name who complained.
    """
    keeping.allow(seat, "transferred_complaint")
    with seat.writing():
        row: Round = keeping.standing(seat, "round", round_id)
        given = {
            "round": row.id,
            "number": number,
            "about": about,
            "matter": matter,
            "received_on": received_on,
            **fields,
        }
        values = keeping.tidy("transferred_complaint", given, _CHOICES)
        _check(seat, values, "", row)
        told = {"name": reporter_name, "contact": reporter_contact}
        _refuse_named(values, told)
        unit = unit_of(unit_code)
        record = keeping.make(seat, "transferred_complaint", unit, {**values, "round_name": row.name})
        if reporter_name or reporter_contact:
            _keep_reporter(seat, record, unit, told)
        return record


def edit(seat: Seat, complaint_id: str, **fields: Any) -> None:
    """Correct a complaint that is not published.

    Args:
        fields: `number`, `about`, `matter`, `received_on`, `source`, `place`, `handler`, `due_on`, `case`.

    Raises:
        RuleBroken: as `register`; it is published; or it was finished before the day given.
    """
    keeping.allow(seat, "transferred_complaint")
    with seat.writing():
        row = _unpublished(seat, complaint_id)
        values = keeping.tidy("transferred_complaint", fields, _CHOICES)
        names = (
            "round",
            "number",
            "about",
            "matter",
            "received_on",
            "due_on",
            "handler",
            "case",
            "finished_on",
        )
        whole = {**{name: getattr(row, name) for name in names}, **values}
        _check(seat, whole, row.id, keeping.row_of(seat, "round", row.round or ""))
        _refuse_named(values, _reporter_of(seat, row.id))
        keeping.change(seat, row, "transferred_complaint", values)


def _check(seat: Seat, values: dict[str, Any], own: str, of: Round | None) -> None:
    for name in ("number", "about", "matter", "received_on"):
        keeping.need_text(values[name], name)
    refuse_day(seat, values["received_on"], "received_on", not_before=of.began_on if of is not None else None)
    if values.get("due_on"):
        try:
            early = date.fromisoformat(values["due_on"]) < date.fromisoformat(values["received_on"])
        except ValueError:
            raise RuleBroken(
                N_("“{value}” is no date: give it as 2027-06-30."), field="due_on", value=values["due_on"]
            ) from None
        if early:
            raise RuleBroken(N_("It cannot be due before it was received."), field="due_on")
    if values.get("finished_on") and values["finished_on"] < values["received_on"]:
        raise RuleBroken(
            N_("It was finished on {day}, before this day."), field="received_on", day=values["finished_on"]
        )
    if values.get("handler") and registry.officer(seat, values["handler"]) is None:
        raise RuleBroken(N_("There is no such officer in the register."), field="handler")
    if values.get("case"):
        keeping.standing(seat, "damage_case", values["case"])
    for each in queries.complaints(seat, round_id=values["round"]):
        if each.number == values["number"] and each.id != own:
            raise RuleBroken(
                N_("Number {number} of this round is kept already."), field="number", number=each.number
            )


def finish(
    seat: Seat,
    complaint_id: str,
    *,
    on: str,
    result: str,
    result_text: str,
    punished: str | None = None,
) -> None:
    """Write down that a complaint was dealt with (办结), and what was found.

    Args:
        result: one of `rules.RESULTS`.
        result_text: what was found and done, for the public.
        punished: who was punished or called to account, for the public; named by office, not by person.

    Raises:
        RuleBroken: it is published; a day before its receipt or after today; words that name who complained.
    """
    keeping.allow(seat, "transferred_complaint")
    with seat.writing():
        row = _unpublished(seat, complaint_id)
        refuse_day(seat, on, "on", not_before=row.received_on)
        given = {
            "finished_on": on,
            "result": result,
            "result_text": keeping.need_text(result_text, "result_text"),
            "punished": punished,
        }
        values = keeping.tidy("transferred_complaint", given, _CHOICES)
        _refuse_named(values, _reporter_of(seat, row.id))
        keeping.change(seat, row, "transferred_complaint", values)


def publish(seat: Seat, complaint_id: str, *, on: str, link: str | None = None) -> None:
    """Write down that the result was published (公开).

    Raises:
        RuleBroken: it is not finished, a day before that, or the words name who complained.
    """
    keeping.allow(seat, "transferred_complaint")
    with seat.writing():
        row = _unpublished(seat, complaint_id)
        if not row.finished_on:
            raise RuleBroken(N_("Finish it first: there is no result to publish."), field="finished_on")
        refuse_day(seat, on, "on", not_before=row.finished_on)
        _refuse_named({name: getattr(row, name) for name in PUBLIC}, _reporter_of(seat, row.id))
        values = keeping.tidy("transferred_complaint", {"published_on": on, "link": link})
        keeping.change(seat, row, "transferred_complaint", values)


def note_reporter(
    seat: Seat,
    complaint_id: str,
    *,
    name: str | None = None,
    contact: str | None = None,
    words: str | None = None,
) -> None:
    """Write down who complained, apart from the complaint; what was written before is replaced.

    Raises:
        RuleBroken: nothing is given, the complaint's own words name them, or somebody else wrote down who it
            was and the role may not see it.
    """
    keeping.allow(seat, "transferred_reporter")
    with seat.writing():
        row: TransferredComplaint = keeping.standing(seat, "transferred_complaint", complaint_id)
        told = {"name": name, "contact": contact, "words": words}
        if not any(told.values()):
            raise RuleBroken(N_("Fill this in."), field="name")
        _refuse_named({each: getattr(row, each) for each in (*PUBLIC, "place")}, told)
        held = queries.reporter(seat, row.id)
        if held is not None:
            keeping.change(seat, held, "transferred_reporter", keeping.tidy("transferred_reporter", told))
        else:
            _keep_reporter(seat, row.id, row.unit, told)


def withdraw_reporter(seat: Seat, complaint_id: str, *, why: str) -> None:
    """Withdraw what was written down of who complained.

    Raises:
        RuleBroken: there is nothing, or the person may not see it.
    """
    held = queries.reporter(seat, complaint_id)
    keeping.withdraw(seat, "transferred_reporter", held.id if held is not None else "", why)


def withdraw(seat: Seat, complaint_id: str, *, why: str) -> None:
    """Withdraw a complaint that was registered by mistake, and who made it.

    Raises:
        RuleBroken: without a reason, or there is no such complaint.
    """
    with seat.writing():
        keeping.withdraw(seat, "transferred_complaint", complaint_id, why)
        if queries.has_reporter(seat, complaint_id):
            held = _reporter_row(seat, complaint_id)
            keeping.withdraw(seat, "transferred_reporter", held.id, why)


def export_daily_list(seat: Seat, *, on: str, path: str) -> None:
    """Write the daily list of a day as a CSV file.

    Args:
        path: a file, or a folder.

    Raises:
        RuleBroken: the day lies after today, or the file cannot be written.
    """
    refuse_day(seat, on, "on")
    day = date.fromisoformat(on)
    put_out(seat, queries.daily_csv(seat, day), path, f"daily-{on}.csv")


def _keep_reporter(seat: Seat, complaint_id: str, unit: str, told: dict[str, str | None]) -> None:
    values = keeping.tidy("transferred_reporter", {**told, "of": complaint_id})
    keeping.make(seat, "transferred_reporter", unit, values)


def _reporter_row(seat: Seat, complaint_id: str) -> Any:
    with seat:
        return TransferredReporter.get_or_none(
            TransferredReporter.of == complaint_id, TransferredReporter.voided.is_null()
        )


def _reporter_of(seat: Seat, complaint_id: str) -> dict[str, str | None]:
    """What the public text must not hold; asked by the program, shown to nobody."""
    row = _reporter_row(seat, complaint_id)
    return {} if row is None else {"name": row.name, "contact": row.contact}


def _refuse_named(values: dict[str, Any], told: dict[str, str | None]) -> None:
    """Refuse words that hold name or number of who complained, however they are written, or anyone's number.

    Raises:
        RuleBroken: naming the field, never the person.
    """
    secrets = (told.get("name"), told.get("contact"))
    for name in (*PUBLIC, "place"):
        text = values.get(name) or ""
        if told_in(text, secrets) or number_in(text):
            raise RuleBroken(
                N_("This names who complained. Take the name or number out; it is kept apart."),
                field=name,
                basis=CONFIDENTIAL,
            )


def _unpublished(seat: Seat, complaint_id: str) -> TransferredComplaint:
    row: TransferredComplaint = keeping.standing(seat, "transferred_complaint", complaint_id)
    if row.published_on:
        raise RuleBroken(
            N_("It was published on {day} and stays as it was read. Withdraw it if it is wrong."),
            field="published_on",
            day=row.published_on,
        )
    return row
