"""Rooms as data: what an area offers to screens, command line, documentation and tests alike.

An area says once, in its `room.py`, which lists it has, what a record's sheet shows and which acts there are.
`tui/screens/room.py`, `qingcha <room> list|show|do` and `docs/acts.md` (by `models.acts_page`) are made from
that; a screen of its own is written only where a list, a sheet and a form are not enough (a chart).

Static texts (titles, labels, hints) are msgids; what a listing or sheet returns is in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from models.language import N_, listed, translate

if TYPE_CHECKING:
    from models.store.seat import Seat

Choices = tuple[tuple[str, str], ...]
"""(value, msgid)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that an act asks for."""

    key: str
    """Keyword of the verb."""
    label: str
    """msgid."""
    kind: str = "text"
    """text | long | day | moment (day and minute) | money | number | count | flag | choice (one of
    `choices`) | marks (any of them, comma-joined) | record (a record of kind `of`)."""
    required: bool = False
    hint: str = ""
    """msgid, shown in the empty field."""
    choices: Choices = ()
    of: str = ""
    """For kind "record": the kind of record, or "unit"."""
    offered: Callable[[Seat, str], Choices] | None = None
    """For kind "choice": `offered(seat, record_id)`, those of `choices` that the record can have now."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person may do: a verb with the form that asks for its arguments."""

    name: str
    """Unique in its room: "register", "serve_notice"."""
    title: str
    """msgid."""
    help: str
    """msgid: what it does, one sentence."""
    run: Callable[..., Any]
    """`run(seat, record_id, **values)`, or `run(seat, **values)` where `subject` is empty. Gives the id
    of the record to show next, or None."""
    subject: str = ""
    """Kind of record that it is done to; empty for one that makes a new record."""
    fields: tuple[Field, ...] = ()
    preset: Callable[[Seat, str], Mapping[str, Any]] | None = None
    """What the form shows at first, by field: `preset(seat, record_id)`."""
    why_not: Callable[[Seat, str], str] | None = None
    """`why_not(seat, record_id)`: empty, or why it cannot be done now, in the reader's language."""
    right: str = ""
    """What the role must be allowed (`models/registry/data/roles.toml`); empty: who may write the kind."""
    after: Callable[[Seat, str], Sequence[str]] | None = None
    """`after(seat, record_id)`: sentences on what to look at once it is done, in the reader's language."""
    fits: Callable[[Seat, str], bool] | None = None
    """`fits(seat, record_id)`: whether the act has any meaning for this record; else it is not offered."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a listing; exactly one has width 0 and takes what is left."""

    title: str
    """msgid."""
    width: int
    """Terminal cells."""
    from_width: int = 0
    """Shown only from that width of the list on."""
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A text and how it is meant: "", "quiet", "good", "bad", "warn" or "strong"."""

    text: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a listing."""

    id: str
    cells: tuple[Cell | str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of records."""

    name: str
    title: str
    """msgid."""
    kind: str
    """Kind of the records; "" where a row opens nothing."""
    columns: tuple[Column, ...]
    find: Callable[[Seat, str], list[str]]
    """`find(seat, text)`: ids in order; all for an empty text."""
    lines: Callable[[Seat, Sequence[str]], list[Line]]
    """Rows of some ids, in their order."""
    empty: str
    """msgid: what to do where there is nothing yet."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a sheet; `kind` and `id` name the record that it opens.

    Where `act` is named, Enter opens the form of that act on the record, the cursor in its `field`.
    """

    label: str
    value: str
    part: str = ""
    kind: str = ""
    id: str = ""
    act: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Facts under a heading."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a screen says of one record."""

    title: str
    state: Cell
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """A place of its own on the screen and a word of its own on the command line."""

    name: str
    title: str
    """msgid."""
    listings: tuple[Listing, ...]
    acts: tuple[Act, ...] = ()
    sheets: Mapping[str, Callable[[Seat, str], Sheet]] = field(default_factory=dict)
    """By kind of record: `sheet(seat, record_id)`."""
    summary: Callable[[Seat], str] | None = None
    """One line above the lists, in the reader's language."""

    def act(self, name: str) -> Act | None:
        """The act of that name."""
        return next((each for each in self.acts if each.name == name), None)

    def acts_on(self, kind: str) -> tuple[Act, ...]:
        """The acts that are done to a record of that kind."""
        return tuple(each for each in self.acts if each.subject == kind)

    def beginnings(self) -> tuple[Act, ...]:
        """The acts that make a new record."""
        return tuple(each for each in self.acts if not each.subject)


MODULES: dict[str, str] = {
    "forms": "models.inspections.forms_room",
    "planning": "models.planning.room",
    "cases": "models.cases.flow.room",
    "penalties": "models.cases.penalty.room",
    "experts": "models.cases.assessment.room",
    "restoration": "models.cases.restoration.room",
    "fund": "models.cases.fund.room",
    "units": "models.oversight.room",
    "community": "models.community.room",
    "outreach": "models.outreach.room",
    "supervision": "models.oversight.rounds.room",
    "onsite": "models.inspections.onsite.room",
    "sampling": "models.inspections.sampling.room",
}
"""Room to the module that has its `ROOM`; imported when it is asked for."""
TITLES: dict[str, str] = {
    "forms": N_("Forms"),
    "planning": N_("Spot checks and assignments"),
    "cases": N_("Cases"),
    "penalties": N_("Penalty cases"),
    "experts": N_("Experts"),
    "restoration": N_("Restoration"),
    "fund": N_("Fund"),
    "units": N_("Units"),
    "community": N_("Community"),
    "outreach": N_("Outreach"),
    "supervision": N_("Supervision"),
    "onsite": N_("On-site papers"),
    "sampling": N_("Sampling"),
}
"""Room to its title, for whoever must name it without importing it."""


def room(name: str) -> Room:
    """A room, its module imported now.

    Raises:
        KeyError: no such room.
    """
    found: Room = import_module(MODULES[name]).ROOM
    return found


def room_of(kind: str) -> Room | None:
    """The room that has a sheet for records of a kind."""
    return next((each for each in map(room, MODULES) if kind in each.sheets), None)


def acts_on(kind: str) -> list[tuple[Room, Act]]:
    """All that can be done to a record of a kind, in every room, once each; the room of its sheet first."""
    own = room_of(kind)
    found: dict[int, tuple[Room, Act]] = {}
    for each in sorted(map(room, MODULES), key=lambda one: one is not own):
        for act in each.acts_on(kind):
            found.setdefault(id(act), (each, act))
    return list(found.values())


def listing_of(kind: str) -> Listing | None:
    """The first list of records of a kind, in any room."""
    return next((one for name in MODULES for one in room(name).listings if one.kind == kind), None)


def label(choices: Choices, value: str | None) -> str:
    """The words of a choice in the reader's language; the value itself where it is none of them."""
    return next((translate(words) for one, words in choices if one == value), value or "")


def labels(choices: Choices, joined: str | None) -> str:
    """The words of several comma-joined values."""
    return listed(label(choices, each) for each in (joined or "").split(",") if each)
