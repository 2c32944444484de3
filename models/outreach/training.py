"""Meetings, trainings and who attended them (R016, R018)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from models.cases.damage.clues import refuse_day
from models.cases.restoration.queries import number_of
from models.errors import RuleBroken
from models.language import N_
from models.outreach import rules
from models.outreach.tables import Attendance, Training
from models.outreach.writing import CHOICES, edit_checked
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import today

if TYPE_CHECKING:
    from models.store.seat import Seat


def hold_training(seat: Seat, *, kind: str, title: str, on: str, form: str, **fields: Any) -> str:
    """Write down a meeting or a training that was held or is planned. Returns its id.

    Args:
        kind: "meeting" or "training".
        on: YYYY-MM-DD; a plan may lie ahead.
        form: "video" or "on_site".
        fields: `hours` (a training needs them), `lecturer`, `place`, `units`, `minutes`, `material`.

    Raises:
        RuleBroken: a training without hours, or minutes of what is still to come.
    """
    keeping.allow(seat, "training")
    with seat.writing():
        given = {"kind": kind, "title": title, "on": on, "form": form, **fields}
        values = keeping.tidy("training", given, CHOICES["training"])
        _check_training(seat, values, "")
        return keeping.make(seat, "training", seat.unit, values)


def edit_training(seat: Seat, training_id: str, **fields: Any) -> None:
    """Correct a meeting or training, or add its minutes and material. Errors as `hold_training`."""
    edit_checked(seat, "training", training_id, fields, _check_training)


def _check_training(seat: Seat, values: dict[str, Any], own: str) -> None:
    keeping.need_text(values["kind"], "kind")
    keeping.need_text(values["title"], "title")
    keeping.need_text(values["form"], "form")
    on = keeping.need_text(values["on"], "on")
    ahead = _is_ahead(seat, on)
    if ahead and values.get("minutes"):
        raise RuleBroken(N_("It is still to come: minutes are kept from its day on."), field="on")
    if values.get("hours"):
        values["hours"] = rules.decimal_between(values["hours"], "hours", 0, rules.MOST_HOURS, above=True)
    elif values["kind"] == "training":
        raise RuleBroken(N_("Give the hours of the training."), field="hours")
    if values.get("units"):
        values["units"] = "、".join(rules.listed(values["units"]))
    with seat:
        rows = Attendance.select().where(Attendance.training == own, Attendance.voided.is_null())
        attended = [number_of(row.hours) for row in rows] if own else []
    if attended and (ahead or max(attended) > Decimal(values.get("hours") or rules.MOST_HOURS)):
        raise RuleBroken(N_("Somebody's attendance contradicts this. Correct that first."), field="hours")


def _is_ahead(seat: Seat, on: str) -> bool:
    """Whether a day lies after today.

    Raises:
        RuleBroken: it is no day.
    """
    try:
        return date.fromisoformat(on) > today(seat)
    except ValueError:
        raise RuleBroken(N_("“{value}” is no date: give it as 2027-06-30."), field="on", value=on) from None


def attend(
    seat: Seat,
    training_id: str,
    *,
    person: str | None = None,
    name: str | None = None,
    unit_code: str | None = None,
    hours: str | None = None,
) -> str:
    """Write down that somebody attended. Returns the attendance's id.

    Args:
        person: record id of an officer, or
        name: of somebody who is not in the register.
        unit_code: by default the officer's own.
        hours: by default all of the training; decimal text.

    Raises:
        RuleBroken: it is still to come, the person is there already, or more hours than it had.
    """
    keeping.allow(seat, "attendance")
    with seat.writing():
        row: Training = keeping.standing(seat, "training", training_id)
        refuse_day(seat, row.on or "", "training")
        officer = registry.officer(seat, person) if person else None
        if person and officer is None:
            raise RuleBroken(N_("There is no such officer in the register."), field="person")
        name = officer.name if officer is not None else keeping.need_text(name, "name")
        unit = rules.unit_code(unit_code, (officer.unit_code if officer is not None else None) or seat.unit)
        with seat:
            mine = (Attendance.person == person) if person else (Attendance.name == name)
            same = Attendance.select().where(
                mine,
                Attendance.training == row.id,
                Attendance.unit_code == unit,
                Attendance.voided.is_null(),
            )
            if same.exists():
                raise RuleBroken(N_("{name} is on the list already."), field="person", name=name)
        values = {
            "training": row.id,
            "person": person,
            "name": name,
            "unit_code": unit,
            "hours": _hours_of(row, hours),
        }
        return keeping.make(seat, "attendance", row.unit, keeping.tidy("attendance", values))


def edit_attendance(seat: Seat, attendance_id: str, *, hours: str) -> None:
    """Correct how many hours somebody attended.

    Raises:
        RuleBroken: more than the training had.
    """
    keeping.allow(seat, "attendance")
    with seat.writing():
        row: Attendance = keeping.standing(seat, "attendance", attendance_id)
        training: Training = keeping.standing(seat, "training", row.training or "")
        keeping.change(seat, row, "attendance", {"hours": _hours_of(training, hours)})


def _hours_of(row: Training, hours: str | None) -> str:
    most = row.hours
    if not hours:
        return most or "0"
    tidy = rules.decimal_between(hours, "hours", 0, rules.MOST_HOURS)
    if most and Decimal(tidy) > number_of(most):
        raise RuleBroken(N_("Nobody attends more hours than there were: {hours}."), field="hours", hours=most)
    return tidy
