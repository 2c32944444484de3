"""What screens and reports ask of outreach, as of any day by legal date."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from models.cases.restoration.queries import number_of
from models.outreach.rules import CHANNELS
from models.outreach.tables import (
    Activity,
    Attendance,
    Awareness,
    CarbonFigure,
    EducationBase,
    Publicity,
    Training,
)

if TYPE_CHECKING:
    from models.store.seat import Seat

EVER = date.max


@dataclass(frozen=True, slots=True)
class Hours:
    """How many hours somebody attended, at how many trainings."""

    person: str
    """Record id of the officer; empty for who is not in the register."""
    name: str
    unit_code: str
    hours: Decimal
    trainings: int


def bases(seat: Seat, as_of: date = EVER) -> list[EducationBase]:
    """The education bases that were open at the end of a day, by the day of their opening (R077)."""
    day = as_of.isoformat()
    with seat:
        rows = EducationBase.select().where(
            EducationBase.voided.is_null(),
            EducationBase.opened_on <= day,
            EducationBase.closed_on.is_null() | (EducationBase.closed_on > day),
        )
        return list(rows.order_by(EducationBase.opened_on, EducationBase.id))


def activities(seat: Seat, *, base: str = "", as_of: date = EVER) -> list[Activity]:
    """The activities held by a day, of one base or of all, the latest first."""
    wanted = [Activity.voided.is_null(), Activity.on <= as_of.isoformat()]
    if base:
        wanted.append(Activity.base == base)
    with seat:
        return list(Activity.select().where(*wanted).order_by(Activity.on.desc(), Activity.id.desc()))


def activities_by_base(seat: Seat, as_of: date = EVER) -> dict[str, list[Activity]]:
    """The activities held by a day, by base; those of no base under an empty id."""
    found: dict[str, list[Activity]] = defaultdict(list)
    for row in activities(seat, as_of=as_of):
        found[row.base or ""].append(row)
    return dict(found)


def people_reached(seat: Seat, as_of: date = EVER, *, base: str = "") -> int:
    """How many people came to the activities held by a day."""
    return sum(row.people or 0 for row in activities(seat, base=base, as_of=as_of))


def publicity_by_channel(seat: Seat, as_of: date = EVER) -> dict[str, int]:
    """How many reports appeared by a day in each channel, those without any too."""
    found = {channel: 0 for channel, _words in CHANNELS}
    with seat:
        rows = Publicity.select(Publicity.channel).where(
            Publicity.voided.is_null(), Publicity.on <= as_of.isoformat()
        )
        for row in rows:
            channel = row.channel or "other"
            found[channel] = found.get(channel, 0) + 1
    return found


def publicity_of(seat: Seat, **of: str) -> list[Publicity]:
    """The reports of one thing: `exemplar=…` or `activity=…`, by day."""
    with seat:
        wanted = [getattr(Publicity, name) == value for name, value in of.items()]
        rows = Publicity.select().where(Publicity.voided.is_null(), *wanted)
        return list(rows.order_by(Publicity.on, Publicity.id))


def carbon_of(seat: Seat, **of: str) -> list[CarbonFigure]:
    """The carbon figures of one thing: `base=…` or `restoration=…`, by year."""
    with seat:
        wanted = [getattr(CarbonFigure, name) == value for name, value in of.items()]
        rows = CarbonFigure.select().where(CarbonFigure.voided.is_null(), *wanted)
        return list(rows.order_by(CarbonFigure.year, CarbonFigure.id))


def carbon_verified(seat: Seat, as_of: date = EVER) -> Decimal:
    """Tonnes of CO₂ equivalent that were verified by a day."""
    with seat:
        rows = CarbonFigure.select(CarbonFigure.t_co2e).where(
            CarbonFigure.voided.is_null(), CarbonFigure.verified_on <= as_of.isoformat()
        )
        return sum((number_of(row.t_co2e) for row in rows), Decimal(0))


def awareness(seat: Seat, as_of: date = EVER) -> Awareness | None:
    """The last survey by a day; None where there is none: a rate is never computed (R060)."""
    with seat:
        rows = Awareness.select().where(Awareness.voided.is_null(), Awareness.on <= as_of.isoformat())
        found: Awareness | None = rows.order_by(Awareness.on.desc(), Awareness.id.desc()).first()
        return found


def trainings(seat: Seat, *, first: date = date.min, last: date = EVER, kind: str = "") -> list[Training]:
    """The meetings and trainings of some days, by day."""
    wanted = [
        Training.voided.is_null(),
        Training.on >= first.isoformat(),
        Training.on <= last.isoformat(),
    ]
    if kind:
        wanted.append(Training.kind == kind)
    with seat:
        return list(Training.select().where(*wanted).order_by(Training.on, Training.id))


def attendance_of(seat: Seat, training_id: str) -> list[Attendance]:
    """Who attended, by unit and name."""
    with seat:
        rows = Attendance.select().where(Attendance.training == training_id, Attendance.voided.is_null())
        return list(rows.order_by(Attendance.unit_code, Attendance.name, Attendance.id))


def hours_per_person(seat: Seat, *, first: date = date.min, last: date = EVER) -> list[Hours]:
    """Trainings of some days with the hours of each person, by unit and name (R018)."""
    held = {row.id for row in trainings(seat, first=first, last=last)}
    sums: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    with seat:
        for row in Attendance.select().where(Attendance.voided.is_null()):
            if row.training in held:
                whose = (row.unit_code or "", row.name or "", row.person or "")
                sums[whose].append(number_of(row.hours))
    return [
        Hours(person, name, unit, sum(hours, Decimal(0)), len(hours))
        for (unit, name, person), hours in sorted(sums.items())
    ]
