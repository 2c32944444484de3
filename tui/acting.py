"""Acts of a room as screens and command line do them: which there are, whether one can be done, doing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models import rooms
from models.language import _, translate
from models.registry import act_parts, typed
from models.registry.days import local
from tui.named import FAULTS
from tui.written_by import WRITING, WRITTEN_BY

if TYPE_CHECKING:
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that may be offered on a record now."""

    room: rooms.Room
    act: rooms.Act
    record: str
    """Record id; empty for an act that begins something."""
    refusal: str = ""
    """Why it cannot be done now, in the reader's language; empty when it can."""

    @property
    def key(self) -> str:
        """Names the act among all of all rooms."""
        return f"{self.room.name}.{self.act.name}"


def refusal(seat: Seat, act: rooms.Act, record: str) -> str:
    """As `act_parts.refusal`; of a record that no verb of ours wrote, that it cannot be read."""
    try:
        return act_parts.refusal(seat, act, record)
    except FAULTS:
        return _("holds values that this version does not know")


def offers(seat: Seat, pairs: Iterable[tuple[rooms.Room, rooms.Act]], record: str = "") -> list[Offer]:
    """The acts with their refusals; those that can be done come first."""
    meant = [(room, act) for room, act in pairs if _fits(seat, act, record)]
    found = [Offer(room, act, record, refusal(seat, act, record)) for room, act in meant]
    return sorted(found, key=lambda each: bool(each.refusal))


def _fits(seat: Seat, act: rooms.Act, record: str) -> bool:
    try:
        return act.fits is None or act.fits(seat, record)
    except FAULTS:
        return True


def beginnings(seat: Seat, room: rooms.Room) -> list[Offer]:
    """What can be begun in a room."""
    return offers(seat, [(room, act) for act in room.beginnings()])


def on_record(seat: Seat, kind: str, record: str) -> list[Offer]:
    """What can be done to a record, in any room."""
    return offers(seat, rooms.acts_on(kind), record)


def offer(seat: Seat, kind: str, name: str, record: str) -> Offer | None:
    """One act on a record, with its refusal; None where there is no such act."""
    found = next(((room, act) for room, act in rooms.acts_on(kind) if act.name == name), None)
    if found is None:
        return None
    return Offer(found[0], found[1], record, refusal(seat, found[1], record))


def preset(seat: Seat, act: rooms.Act, record: str) -> dict[str, str]:
    """What the form of an act shows at first."""
    fields = {field.key: field for field in act.fields}
    try:
        values = act.preset(seat, record) if act.preset is not None else {}
        return {key: typed.shown(fields[key], value) for key, value in values.items() if key in fields}
    except FAULTS:
        return {}


def choices(seat: Seat, act: rooms.Act, record: str) -> dict[str, rooms.Choices]:
    """By field, the choices that the record can have now, where these are fewer than all."""
    found = {}
    for field in act.fields:
        if field.offered is not None:
            try:
                found[field.key] = field.offered(seat, record)
            except FAULTS:
                continue
    return found


def perform(seat: Seat, act: rooms.Act, record: str, raw: Mapping[str, str]) -> Any:
    """Do it with what was typed; what the verb gives.

    Raises:
        RuleBroken: a rule is not met, or a value cannot be read; names the field.
    """
    values = typed.typed(act, raw)
    return act.run(seat, record, **values) if act.subject else act.run(seat, **values)


def remarks(seat: Seat, act: rooms.Act, record: str) -> list[str]:
    """What to look at once an act is done."""
    return list(act.after(seat, record)) if act.after is not None else []


def label_of_field(kind: str, name: str) -> rooms.Field | None:
    """The form field by which a field of a kind of record is set; None where no act that writes such a record
    asks for it: what another kind's form calls so is another thing."""
    return next((field for act in _writing(kind) for field in act.fields if field.key == name), None)


def _writing(kind: str) -> Iterator[rooms.Act]:
    """The acts that write a kind: those that make one, then those done to one that make no other."""
    for key in WRITTEN_BY.get(kind, ()):
        name, _dot, act_name = key.partition(".")
        act = rooms.room(name).act(act_name) if name in rooms.MODULES else None
        if act is not None:
            yield act
    for room, act in rooms.acts_on(kind):
        if f"{room.name}.{act.name}" not in WRITING:
            yield act


def words_of_value(field: rooms.Field | None, name: str, value: Any) -> str:
    """A kept value as people say it.

    Args:
        field: by which it was set; None where no act asks for it.
        name: of the record's field.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return translate("Yes") if value else translate("No")
    if isinstance(value, int) and name.endswith("_at"):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, int) and name.endswith("cents"):
        return typed.yuan(value)
    if field is not None and field.kind in ("choice", "marks"):
        return rooms.labels(field.choices, str(value))
    return str(value)
