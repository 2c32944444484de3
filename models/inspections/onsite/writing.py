"""What the verbs of interviews, measures and service share: who may, who took part, the seal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections import canonical
from models.inspections.tables import Inspection
from models.language import N_
from models.registry import keeping
from models.registry import queries as registry
from models.registry.access import NO_GRID_WORKERS
from models.registry.days import local
from models.registry.numbers import free_number
from models.registry.rules import is_resident_id, tidy_code
from models.registry.sealing import Sealed, frame, seal_record, tidied
from models.registry.tables import Officer
from models.store.change import Scalar
from models.store.lookup import by_id
from models.store.records import Record

if TYPE_CHECKING:
    from datetime import date

    from models.store.seat import Place, Seat

OFFICERS = ("first_officer", "second_officer", "recorder")
MOST_MINUTES_AHEAD = 10
"""Minutes that a moment may lie after the device's clock: nobody signs for what has not happened."""


def visit_of(seat: Seat, inspection_id: str | None) -> Inspection | None:
    """The visit that something belongs to; None for what belongs to none.

    Raises:
        RuleBroken: there is no such visit, or it was withdrawn.
    """
    if not inspection_id:
        return None
    row: Inspection = keeping.standing(seat, "inspection", inspection_id)
    return row


def own_officers(seat: Seat, visit: Inspection | None) -> dict[str, str | None]:
    """The officers of the visit; else who is unlocked, where they may inspect."""
    if visit is not None:
        return {"first_officer": visit.first_officer, "second_officer": visit.second_officer}
    person = registry.officer(seat, seat.person)
    return {"first_officer": person.id if person is not None and registry.may_inspect(person) else None}


def checked_people(seat: Seat, values: Mapping[str, Scalar], row: Any = None) -> None:
    """Refuse officers who may not inspect, and one officer in two places.

    Raises:
        RuleBroken: naming the field (行政处罚法42; 国办发〔2024〕54号).
    """
    for name in OFFICERS:
        officer_id = values.get(name)
        if not officer_id:
            continue
        officer = registry.officer(seat, str(officer_id))
        if officer is None or officer.voided is not None:
            raise RuleBroken(N_("This officer is not in the register."), field=name)
        if not registry.may_inspect(officer):
            raise RuleBroken(
                N_("{name} may not carry out inspections."),
                field=name,
                basis=NO_GRID_WORKERS,
                name=officer.name,
            )
    first, second = (
        values[name] if name in values else getattr(row, name, None)
        for name in ("first_officer", "second_officer")
    )
    if first and first == second:
        raise RuleBroken(
            N_("The two officers must be different people."),
            field="second_officer",
            basis="《行政处罚法》第四十二条",
        )


def checked_id_number(values: dict[str, Any], *names: str) -> None:
    """Citizen numbers without blanks; one of 18 characters, or of more than 15 digits, must check.

    Raises:
        RuleBroken: it does not (GB 11643-1999).
    """
    for name in names:
        number = values.get(name)
        if isinstance(number, str):
            values[name] = number = tidy_code(number)
            miscounted = len(number) > 15 and number[:-1].isdecimal()
            if (len(number) == 18 or miscounted) and not is_resident_id(number):
                raise RuleBroken(
                    N_("This citizen number does not check. Compare it with the card."),
                    field=name,
                    basis="GB 11643-1999",
                )


def refuse_future(seat: Seat, values: Mapping[str, Any], *names: str) -> None:
    """Refuse moments that have not come yet by the device's clock.

    Raises:
        RuleBroken: naming the field.
    """
    latest = seat.clock.wall_ms() + MOST_MINUTES_AHEAD * 60_000
    for name in names:
        moment = values.get(name)
        if isinstance(moment, int) and moment > latest:
            raise RuleBroken(
                N_("{moment} has not come yet by this device's clock."),
                field=name,
                moment=f"{local(moment):%Y-%m-%d %H:%M}",
            )


def officers_of(seat: Seat, row: Any) -> dict[str, Officer]:
    """The officers that a record names, by record id."""
    wanted = [each for name in OFFICERS if (each := getattr(row, name, None))]
    with seat:
        return {each.id: each for each in Officer.select().where(Officer.id.in_(wanted))}


def stated_officer(officer: Officer | None) -> dict[str, str | None]:
    """An officer as sealed records state one."""
    if officer is None:
        return {"id": None, "name": None, "certificate": None, "unit": None}
    return {
        "id": officer.id,
        "name": officer.name,
        "certificate": officer.certificate,
        "unit": officer.unit_code,
    }


def own_number(seat: Seat, table: Any, unit: str, letters: str) -> str:
    """A record number made offline: CS-350602-20261123-7K2QX-01."""
    return free_number(seat, table, unit, letters)


def day_of(row: Any, name: str) -> date:
    """The day in China of a moment of a record; of its making while it has none."""
    moment = getattr(row, name)
    return local(moment if moment is not None else row.made_at).date()


def children(seat: Seat, table: Any, field: str, record: str) -> list[Any]:
    """The standing children of a record, in their order."""
    column = getattr(table, field)
    with seat:
        rows = table.select().where(column == record, table.voided.is_null())
        return list(rows.order_by(table.place, table.id))


def child_ids(seat: Seat, table: Any, field: str, record: str) -> list[str]:
    """The ids of all children, withdrawn ones too: the seal covers their entries."""
    column = getattr(table, field)
    with seat:
        return [row.id for row in table.select(table.id).where(column == record).order_by(table.id)]


def stated(row: Record, without: Iterable[str] = ()) -> dict[str, Any]:
    """A row's own fields that hold something, and its id, as they are sealed."""
    skipped = {*Record._meta.fields, "initials", *without}
    own = {
        name: getattr(row, name)
        for name in row._meta.sorted_field_names
        if name not in skipped and getattr(row, name) is not None
    }
    return {"id": row.id, **own}


def refuse_conflicts(rows: Sequence[Any]) -> None:
    """Refuse to seal what two laptops wrote differently.

    Raises:
        RuleBroken: how many fields are in conflict.
    """
    count = sum(row.conflicts for row in rows)
    if count:
        raise RuleBroken(
            N_("Fields written differently on two laptops: {count}. Settle them first, under Sync."),
            field="conflicts",
            count=count,
        )


def seal(
    seat: Seat,
    schema: str,
    kind: str,
    row: Any,
    content: Mapping[str, Any],
    covered: Sequence[str],
    host: str | None = None,
) -> Sealed:
    """Seal a record of this area: the frame that every sealed record has, and its content, in J1.

    Args:
        covered: ids of the records whose entries the seal covers.
        host: address of the server that the QR code leads to; else the seat's own.
    """

    def data(place: Place, moment: int) -> bytes:
        whole = {
            **frame(seat, schema, row.id, row.number, place, moment),
            **content,
            "demo": bool(seat.demo),
            "supersedes": None,
        }
        return canonical.encode(tidied(whole))

    return seal_record(seat, kind, row.id, row.unit, row.number, None, covered, 0, data, host)


def visit_number(seat: Seat, inspection_id: str | None) -> str | None:
    """The record number of the visit that something belongs to."""
    if not inspection_id:
        return None
    with seat:
        row = by_id(Inspection, inspection_id)
    return row.number if row is not None else None
