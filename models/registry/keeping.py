"""What every verb outside a visit shares: who may, tidy values, one record made or changed.

`models.inspections.writing` adds to it what only a visit has: its seal and the way back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from models import catalogue
from models.errors import RuleBroken
from models.language import N_
from models.registry import access
from models.registry.queries import granted_units, may, read_only_units, role_of
from models.registry.rules import tidy_text
from models.registry.units import label_of
from models.store.change import Scalar, new_id, put, void
from models.store.lookup import by_id
from models.store.records import Record

if TYPE_CHECKING:
    from models.store.journal import Past
    from models.store.seat import Seat

_WHO_REPORTED = "see_complainant"
TEXT_LIMIT = 20_000
"""Characters in one field; longer words belong into an attached file."""


def allow(seat: Seat, kind: str, right: str = "") -> None:
    """Refuse who may not write records of a kind (`access.TABLE`), or lacks a further right.

    Raises:
        RuleBroken: naming the role and what it lacks.
    """
    role = role_of(seat)
    if role is None:  # a seat without a person's record is the server's own
        return
    row = access.of(kind)
    need = {right} if right else set(row.write)
    if not need & role.may:
        raise RuleBroken(
            N_("As {role} you cannot do this. It takes the right to {right}."),
            field="role",
            basis=row.basis,
            role=role.label,
            right=access.right_label(right or row.write[0]) if (right or row.write) else "-",
        )


def allow_unit(seat: Seat, kind: str, unit: str) -> None:
    """Refuse what the server would put aside: a record in a unit that the account does not write in.

    Raises:
        RuleBroken: the unit is not granted, or for reading only.
    """
    granted = granted_units(seat)
    if granted is None:  # a notebook without a server has no account
        return
    if unit not in granted:
        raise RuleBroken(
            N_("Your account is not granted {unit}: nothing is written there."),
            field="unit",
            unit=label_of(unit),
        )
    if unit in read_only_units(seat) and not access.is_shared(kind):
        raise RuleBroken(
            N_("Your account reads {unit} and writes nothing there."), field="unit", unit=label_of(unit)
        )


def may_see(seat: Seat, kind: str) -> bool:
    """Whether who is unlocked may read records of a kind."""
    role = role_of(seat)
    return role is None or access.may_read(role.may, kind)


def may_open(seat: Seat, kind: str, row: Any) -> bool:
    """Whether who is unlocked may read this record: who may read its kind, and who wrote it.

    Args:
        row: the record's row; None asks of the kind alone.
    """
    if row is not None and row.made_by == seat.person:
        return True
    if _WHO_REPORTED in access.of(kind).read:
        return may(seat, _WHO_REPORTED)  # whom the register does not know may not either
    return may_see(seat, kind)


def refuse_unread(seat: Seat, kind: str, record_id: str = "") -> None:
    """Refuse who may not open a record, or without its id who may not read its kind.

    Raises:
        RuleBroken: saying which right it takes (of who reported something: 生态环境法典 arts. 51, 146).
    """
    row = row_of(seat, kind, record_id) if record_id and catalogue.kind(kind) is not None else None
    if may_open(seat, kind, row):
        return
    if _WHO_REPORTED in access.of(kind).read:
        raise RuleBroken(
            N_("Who reported this is confidential. A head or a legal reviewer may see it."),
            field=kind,
            basis="《生态环境法典》第五十一条、第一百四十六条",
        )
    role = role_of(seat)
    raise RuleBroken(
        N_("As {role} you do not see this. It takes the right to {right}."),
        field="role",
        role=role.label if role is not None else "",
        right=access.right_label(access.of(kind).read[0]),
    )


def past(seat: Seat, record_id: str) -> list[Past]:
    """Every change to a record, in order, with what it replaced: for who may open the record.

    Raises:
        RuleBroken: they may not.
    """
    with seat:
        # an id may have been called two kinds of record: the history tells of both
        for kind in sorted({entry.parsed_head.t for entry in seat.journal.entries_of(record_id)}):
            refuse_unread(seat, kind, record_id)
        return seat.journal.history(record_id)


def tidy(
    kind: str, fields: Mapping[str, Any], choices: Mapping[str, Iterable[str]] | None = None
) -> dict[str, Scalar]:
    """Fields as they are kept: known names, right types, tidy text, values of closed lists.

    Args:
        choices: by field, the values allowed; comma-joined values are checked one by one.

    Raises:
        TypeError: a name is no field of the kind, or a value has another type (a mistake of the caller).
        RuleBroken: the text is too long or the value not in its list.
    """
    known = catalogue.kind(kind)
    assert known is not None
    columns = known.table._meta.fields
    values: dict[str, Scalar] = {}
    for name, value in fields.items():
        if name not in columns or name in Record._meta.fields:
            raise TypeError(f"{kind} has no field {name!r}")
        expected = {"INT": int, "BOOL": bool}.get(columns[name].field_type, str)
        if value is not None and type(value) is not expected:
            raise TypeError(f"{kind}.{name} takes {expected.__name__}, not {type(value).__name__}")
        if isinstance(value, str):
            value = tidy_text(value)
            if len(value) > TEXT_LIMIT:
                raise RuleBroken(
                    N_("This text has {length} characters; {most} fit. Attach it as a file instead."),
                    field=name,
                    length=len(value),
                    most=TEXT_LIMIT,
                )
            if value == "":
                value = None
        allowed = (choices or {}).get(name)
        if allowed is not None and value is not None:
            _refuse_other(name, str(value), tuple(allowed))
        values[name] = value
    return values


def _refuse_other(name: str, value: str, allowed: tuple[str, ...]) -> None:
    for each in value.split(","):
        if each not in allowed:
            raise RuleBroken(
                N_("“{value}” is none of the choices here: {choices}."),
                field=name,
                value=each,
                choices=", ".join(allowed),
            )


def row_of(seat: Seat, kind: str, record_id: str) -> Any:
    """The row of a record of that kind; None where there is none."""
    known = catalogue.kind(kind)
    assert known is not None
    with seat:
        return by_id(known.table, record_id)


def kept(seat: Seat, kind: str, record_id: str) -> Any:
    """The row of a record, withdrawn or not.

    Raises:
        RuleBroken: there is none.
    """
    row = row_of(seat, kind, record_id) if record_id else None
    if row is None:
        raise RuleBroken(N_("There is no such record here. Choose one from the list."), field=kind)
    return row


def standing(seat: Seat, kind: str, record_id: str) -> Any:
    """The row of a record that was not withdrawn.

    Raises:
        RuleBroken: there is none.
    """
    row = row_of(seat, kind, record_id) if record_id else None
    if row is None or row.voided is not None:
        raise RuleBroken(N_("There is no such record here. Choose one from the list."), field=kind)
    return row


def make(seat: Seat, kind: str, unit: str, fields: Mapping[str, Scalar], *, record: str = "") -> str:
    """Write a new record with tidy fields; its id, which is new unless given."""
    allow_unit(seat, kind, unit)
    record = record or new_id()
    seat.write(put(kind, record, unit, **fields))
    return record


def change(seat: Seat, row: Any, kind: str, fields: Mapping[str, Scalar]) -> None:
    """Set tidy fields of a record; what it held stays in its history."""
    refuse_sealed(row)
    allow_unit(seat, kind, row.unit)
    seat.write(put(kind, row.id, row.unit, **fields))


def withdraw(seat: Seat, kind: str, record_id: str, why: str) -> None:
    """Withdraw a record with a reason; it stays in the history.

    Raises:
        RuleBroken: without a reason, there is no such record, it is sealed, or the person may not.
    """
    allow(seat, kind)
    why = need_text(why, "why")
    with seat.writing():
        row = standing(seat, kind, record_id)
        refuse_sealed(row)
        allow_unit(seat, kind, row.unit)
        seat.write(void(kind, row.id, row.unit, why))


def refuse_sealed(row: Any) -> None:
    """Refuse to change what a seal has closed.

    Raises:
        RuleBroken: it is sealed.
    """
    if row.sealed:
        raise RuleBroken(N_("This is sealed and stays as it is."), field="sealed")


def need_text(value: str | None, field: str) -> str:
    """The tidy text.

    Raises:
        RuleBroken: there is none.
    """
    text = tidy_text(value or "")
    if not text:
        raise RuleBroken(N_("Fill this in."), field=field)
    return text
