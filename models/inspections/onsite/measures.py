"""What is done with measures on the spot: ask, approve, take, list, deal with, extend, release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, RuleBroken
from models.inspections.onsite import measure_rules as rules
from models.inspections.onsite import writing
from models.inspections.onsite.tables import Measure, MeasureItem, MeasurePaper
from models.inspections.rules import SIGNATURES
from models.language import N_, Later, listed, translate
from models.law.due import day_or_none
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import day_of, local, today
from models.registry.typed import read_decimal

if TYPE_CHECKING:
    from models.store.seat import Seat

LETTERS = "CS-"
STEP = 1000
MOST_ITEMS = 500
CHOICES = {
    "kind": tuple(rules.KINDS),
    "keeping": tuple(rules.KEEPINGS),
    "disposition": tuple(rules.DISPOSITIONS),
    "signed": tuple(SIGNATURES),
    "grounds": tuple(each.key for each in rules.grounds()),
}
_DAYS = (
    "planned_from",
    "planned_to",
    "extended_on",
    "disposed_on",
    "release_asked_on",
    "released_on",
)
_PLANNED = ("planned_from", "planned_to")


def ask_for(seat: Seat, kind: str, inspection_id: str = "", *, unit: str = "", **fields: Any) -> str:
    """Ask for a measure. Returns its record id.

    Args:
        kind: one of `measure_rules.KINDS`.
        inspection_id: the visit that it belongs to, whose party, place and officers it takes over.
        unit: code of the unit, where it belongs to no visit; that of the site, else the seat's own.
        fields: any field of `Measure` that describes it.

    Raises:
        RuleBroken: there is no such visit or site, the person may not, or a value is not possible.
    """
    keeping.allow(seat, "measure")
    visit = writing.visit_of(seat, inspection_id)
    given: dict[str, Any] = {"kind": kind, **writing.own_officers(seat, visit)}
    where = unit or seat.unit
    site_id = fields.get("site") or (visit.site if visit is not None else None)
    site = registry.site(seat, site_id) if site_id else None
    if site_id and site is None:
        raise RuleBroken(N_("There is no such site in the register."), field="site")
    if site is not None:
        where = unit or site.unit_code or site.unit
        given |= {
            "site": site.id,
            "party": site.name,
            "party_code": site.code,
            "party_person": site.legal_person,
            "party_address": site.address,
            "place": site.address or site.name,
        }
    if visit is not None:
        where = visit.unit
        given |= {"inspection": visit.id, "place": visit.place}
        given |= {"party": visit.site_name, "party_code": visit.site_code}
    given |= {name: value for name, value in fields.items() if value is not None}
    values = _checked(seat, given)
    with seat.writing():
        values["number"] = writing.own_number(seat, Measure, where, LETTERS)
        return keeping.make(seat, "measure", where, values)


def edit(seat: Seat, measure_id: str, **fields: Any) -> None:
    """Set what describes a measure; what was issued keeps what it said. Errors as `ask_for`."""
    keeping.allow(seat, "measure")
    with seat.writing():
        row = standing(seat, measure_id)
        values = _checked(seat, fields, row)
        keeping.change(seat, row, "measure", values)


def approve(
    seat: Seat, measure_id: str, *, approver: str, at: int | None = None, opinion: str | None = None
) -> None:
    """Note the head's approval, given by word, paper or message.

    Args:
        at: ms since 1970 UTC; now unless given.

    Raises:
        RuleBroken: it is approved already, or it came after the measure was taken though that was not urgent.
    """
    row = standing(seat, measure_id)
    _refuse_twice(row, "approved_at")
    moment = at if at is not None else seat.clock.wall_ms()
    if row.taken_at is not None and not row.urgent and moment > row.taken_at:
        raise RuleBroken(
            N_("It was taken before this approval. Only an urgent measure is approved afterwards."),
            field="approved_at",
            basis=rules.basis(row.kind, day_of(moment)),
        )
    edit(
        seat,
        measure_id,
        approved_at=moment,
        approver=keeping.need_text(approver, "approver"),
        approval_opinion=opinion,
    )


def take(seat: Seat, measure_id: str, *, at: int | None = None, **fields: Any) -> None:
    """Note that it was done on the spot: when, who was there, what was told, who signed.

    Raises:
        RuleBroken: without approval though not urgent, it is an inspection, what has to be noted on the spot
            is not, or a value is not possible.
    """
    row = standing(seat, measure_id)
    if row.kind not in rules.ON_THINGS:
        raise RuleBroken(N_("An inspection is begun under Inspections, not here."), field="kind")
    _refuse_twice(row, "taken_at")
    moment = at if at is not None else seat.clock.wall_ms()
    urgent = bool(fields.get("urgent", row.urgent))
    basis = rules.basis(row.kind, day_of(moment))
    if row.approved_at is None and not urgent:
        raise RuleBroken(
            N_("A head has to approve it first. In an urgent case note it as urgent: 24 hours run then."),
            field="urgent",
            basis=basis,
        )
    if row.approved_at is not None and row.approved_at > moment and not urgent:
        raise RuleBroken(
            N_("It was approved at {approved}, after this moment."),
            field="taken_at",
            basis=basis,
            approved=f"{local(row.approved_at):%Y-%m-%d %H:%M}",
        )
    if urgent and row.approved_at is None and not (fields.get("asked_how") or row.asked_how):
        raise RuleBroken(
            N_("How was the head asked (phone, message)? An urgent measure is reported at once."),
            field="asked_how",
            basis=basis,
        )
    lacking = [name for name in rules.ON_THE_SPOT if _unsaid(fields.get(name, getattr(row, name)))]
    if lacking:
        raise RuleBroken(
            N_("Note what was done on the spot: {what}."),
            field=lacking[0],
            basis=basis,
            what=_Labels(lacking),
        )
    edit(seat, measure_id, taken_at=moment, **fields)


def _unsaid(value: Any) -> bool:
    return value is None or value == ""


class _Labels(Later):
    """Names of fields, in the language in force when they are read."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def __str__(self) -> str:
        return listed(translate(rules.ON_THE_SPOT[name]) for name in self.names)


def add_item(seat: Seat, measure_id: str, name: str, quantity: str, **fields: Any) -> str:
    """List one thing. Returns its record id.

    Raises:
        RuleBroken: the list was issued already, it is full, or a value is not possible.
    """
    keeping.allow(seat, "measure_item")
    with seat.writing():
        row = _open_list(seat, measure_id)
        there = items_of(seat, row.id)
        if len(there) >= MOST_ITEMS:
            raise RuleBroken(
                N_("The list has {most} things. Ask for another measure for the others."), most=MOST_ITEMS
            )
        values = _item({**fields, "name": keeping.need_text(name, "name"), "quantity": quantity})
        place = max((each.place or 0 for each in there), default=0) + STEP
        return keeping.make(seat, "measure_item", row.unit, {**values, "measure": row.id, "place": place})


def correct_item(seat: Seat, item_id: str, **fields: Any) -> None:
    """Correct a thing before the list is issued. Errors as `add_item`."""
    keeping.allow(seat, "measure_item")
    with seat.writing():
        item: MeasureItem = keeping.standing(seat, "measure_item", item_id)
        _open_list(seat, item.measure)
        keeping.change(seat, item, "measure_item", _item(fields))


def drop_item(seat: Seat, item_id: str, why: str) -> None:
    """Take a thing off the list before it is issued, with a reason. Errors as `add_item`."""
    item: MeasureItem = keeping.standing(seat, "measure_item", item_id)
    _open_list(seat, item.measure)
    keeping.withdraw(seat, "measure_item", item_id, why)


def _item(fields: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = keeping.tidy("measure_item", fields)
    quantity = values.get("quantity")
    if isinstance(quantity, str):
        values["quantity"] = read_decimal(quantity, "quantity")
        if not float(values["quantity"]):
            raise RuleBroken(N_("There is nothing of it: leave it out."), field="quantity")
    return values


def dispose(
    seat: Seat, measure_id: str, *, disposition: str, on: str | None = None, note: str | None = None
) -> None:
    """Note how registered evidence was dealt with, in time: one of the four ways (V15).

    Raises:
        RuleBroken: it is no registered evidence, not taken, dealt with already, or it has lapsed.
    """
    row = _taken(seat, measure_id, ("register",), N_("Only registered evidence is dealt with so."))
    _refuse_twice(row, "disposed_on")
    day = on or today(seat).isoformat()
    _refuse_lapsed(row, day, "disposed_on")
    released = {"released_on": day, "release_reason": note} if disposition == "release" else {}
    edit(seat, measure_id, disposition=disposition, disposed_on=day, disposition_note=note, **released)


def extend(
    seat: Seat, measure_id: str, *, days: int, reason: str, approver: str, on: str | None = None
) -> None:
    """Extend a sealing or seizure once, by 30 days at most, before it ends (V16).

    Raises:
        RuleBroken: it is no such measure, was extended already, has lapsed, or the days are too many.
    """
    row = _taken(seat, measure_id, rules.COERCIVE, N_("Only a sealing or seizure is extended."))
    _refuse_twice(row, "extended_on")
    day = on or today(seat).isoformat()
    _refuse_lapsed(row, day, "extended_on")
    most = rules.most_extension(date.fromisoformat(day)) if day_or_none(day) else 0
    if not 1 <= days <= most:
        raise RuleBroken(
            N_("A sealing or seizure is extended by {most} days at most."),
            field="extended_days",
            basis="《行政强制法》第二十五条",
            most=most,
        )
    edit(
        seat,
        measure_id,
        extended_on=day,
        extended_days=days,
        extension_reason=keeping.need_text(reason, "extension_reason"),
        extension_approver=keeping.need_text(approver, "extension_approver"),
    )


def note_test(seat: Seat, measure_id: str, *, days: int, reason: str) -> None:
    """Note the days of testing or appraisal, which do not count (行政强制法25).

    Raises:
        RuleBroken: it is no sealing or seizure, it has lapsed or ended, or the days are not possible.
    """
    row = _taken(seat, measure_id, rules.COERCIVE, N_("Only a sealing or seizure is extended."))
    _refuse_lapsed(row, today(seat).isoformat(), "test_days")
    edit(seat, measure_id, test_days=days, test_reason=keeping.need_text(reason, "test_reason"))


def ask_release(seat: Seat, measure_id: str, *, on: str | None = None) -> None:
    """Note that the party asked for the release; five working days to check it run from then."""
    row = _taken(seat, measure_id, rules.COERCIVE, N_("Only a sealing or seizure is released so."))
    _refuse_twice(row, "released_on")
    edit(seat, measure_id, release_asked_on=on or today(seat).isoformat())


def release(seat: Seat, measure_id: str, *, reason: str, on: str | None = None) -> None:
    """Note the release. Registered evidence that lapsed is released by the same verb.

    Raises:
        RuleBroken: it was not taken, or is released already.
    """
    row = _taken(seat, measure_id, rules.ON_THINGS, N_("Only what was taken is released."))
    _refuse_twice(row, "released_on")
    edit(
        seat,
        measure_id,
        released_on=on or today(seat).isoformat(),
        release_reason=keeping.need_text(reason, "release_reason"),
    )


def withdraw(seat: Seat, measure_id: str, why: str) -> None:
    """Withdraw a measure of which no paper was issued, with a reason.

    Raises:
        RuleBroken: a paper of it was issued: it is released, not withdrawn.
    """
    if any(each.sealed for each in papers_of(seat, measure_id)):
        raise RuleBroken(N_("A paper of it was issued. Release it; nothing that was issued is withdrawn."))
    keeping.withdraw(seat, "measure", measure_id, why)


# -- reading and rules that look at other records -----------------------------------------------------------


def standing(seat: Seat, measure_id: str) -> Measure:
    """The row of a measure that was not withdrawn.

    Raises:
        RuleBroken: there is none.
    """
    row: Measure = keeping.standing(seat, "measure", measure_id)
    return row


def items_of(seat: Seat, measure_id: str) -> list[MeasureItem]:
    """The things of a measure, in their order."""
    return writing.children(seat, MeasureItem, "measure", measure_id)


def papers_of(seat: Seat, measure_id: str) -> list[MeasurePaper]:
    """The standing papers of a measure, in the order of their making."""
    with seat:
        rows = MeasurePaper.select().where(MeasurePaper.measure == measure_id, MeasurePaper.voided.is_null())
        return list(rows.order_by(MeasurePaper.made_at, MeasurePaper.id))


def _open_list(seat: Seat, measure_id: str | None) -> Measure:
    row = standing(seat, measure_id or "")
    if row.kind not in rules.ON_THINGS:
        raise RuleBroken(N_("An inspection has no list of things."), field="kind")
    if any(each.sealed and each.paper in rules.FIXING for each in papers_of(seat, row.id)):
        raise RuleBroken(
            N_("The list was issued and stays as it is. Ask for another measure for more things.")
        )
    return row


def _taken(seat: Seat, measure_id: str, kinds: tuple[str, ...], wrong: str) -> Measure:
    row = standing(seat, measure_id)
    if row.kind not in kinds:
        raise RuleBroken(wrong, field="kind")
    if row.taken_at is None:
        raise RuleBroken(N_("Note when it was done on the spot."), field="taken_at")
    return row


def _refuse_twice(row: Measure, name: str) -> None:
    value = getattr(row, name)
    if value:
        shown = f"{local(value):%Y-%m-%d %H:%M}" if isinstance(value, int) else value
        raise RuleBroken(N_("This was noted already: {value}. Correct it instead."), field=name, value=shown)


def _refuse_lapsed(row: Measure, day: str, field: str) -> None:
    end = rules.ends(row)
    if end is not None and day > end.due_on.isoformat():
        raise RuleBroken(
            N_("It lapsed of itself after {day}. Note the release and give things back."),
            field=field,
            basis=end.basis,
            day=end.due_on.isoformat(),
        )


def _checked(seat: Seat, fields: dict[str, Any], row: Measure | None = None) -> dict[str, Any]:
    if row is not None and {"number", "kind", "inspection"} & set(fields):
        raise TypeError("set when it is asked for")
    values: dict[str, Any] = keeping.tidy("measure", fields, CHOICES)
    writing.checked_people(seat, values, row)
    writing.checked_id_number(values, "witness_id")
    writing.refuse_future(seat, values, "approved_at", "taken_at")
    for name in _DAYS:
        _refuse_no_day(seat, values.get(name), name)
    for name, least in (("copies", 1), ("test_days", 0), ("extended_days", 1)):
        number = values.get(name)
        if isinstance(number, int) and not least <= number <= rules.MOST_TEST_DAYS:
            raise RuleBroken(
                N_("Give {least} to {most}."), field=name, least=least, most=rules.MOST_TEST_DAYS
            )

    def now(name: str) -> Any:
        return values[name] if name in values else getattr(row, name, None)

    if now("planned_from") and now("planned_to") and now("planned_to") < now("planned_from"):
        raise RuleBroken(N_("It ends before it begins."), field="planned_to")
    taken = now("taken_at")
    for name in ("extended_on", "disposed_on", "release_asked_on", "released_on"):
        if values.get(name) and isinstance(taken, int) and values[name] < day_of(taken).isoformat():
            raise RuleBroken(N_("This lies before the day on which it was taken."), field=name)
    return values


def _refuse_no_day(seat: Seat, value: Any, name: str) -> None:
    if not isinstance(value, str):
        return
    if day_or_none(value) is None:
        raise RuleBroken(N_("“{value}” is no date: give it as 2027-06-30."), field=name, value=value)
    if name not in _PLANNED and value > today(seat).isoformat():
        raise RuleBroken(N_("{day} has not come yet."), field=name, day=value)


def lapse(row: Measure) -> str:
    """Why the end of a measure cannot be counted; empty where it can."""
    try:
        rules.ends(row)
    except BadInput as error:
        return error.text()
    return ""
