"""The lists of the outreach room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from models.language import N_, _
from models.listing import find, lines, rows_of
from models.outreach import queries, rules
from models.outreach.sheets import channel_name, exemplar_state, name_of
from models.outreach.tables import (
    Activity,
    Awareness,
    CarbonFigure,
    EducationBase,
    Exemplar,
    Publicity,
    Training,
)
from models.registry.days import today
from models.registry.units import label_of
from models.rooms import Cell, Column, Line, Listing, label

if TYPE_CHECKING:
    from models.store.seat import Seat

Cells = Callable[["Seat", Any], tuple[Cell | str, ...]]


def _listing(
    name: str,
    title: str,
    kind: str,
    table: Any,
    order: Sequence[Any],
    columns: Any,
    cells: Cells,
    empty: str,
    through: Mapping[str, str] | None = None,
) -> Listing:
    """A list; `through` names the fields by whose records, shown in a row, the row is found too."""

    def ids_of(seat: Seat, text: str) -> list[str]:
        return find(seat, table, kind, text, order, through)

    def lines_of(seat: Seat, ids: Sequence[str]) -> list[Line]:
        return lines(ids, rows_of(seat, table, ids), partial(cells, seat))

    return Listing(name, title, kind, columns, ids_of, lines_of, empty)


def _day(text: str | None) -> Cell:
    return Cell(text or "", "quiet")


def _base(seat: Seat, row: Any) -> tuple[Cell | str, ...]:
    closed = row.closed_on and row.closed_on <= today(seat).isoformat()
    held = queries.activities(seat, base=row.id)
    return (
        _day(row.opened_on),
        Cell(row.name or "", "quiet" if closed else "strong"),
        label_of(row.unit),
        str(len(held)),
        str(sum(each.people or 0 for each in held)),
        row.place or "",
    )


def _activity(seat: Seat, row: Any) -> tuple[Cell | str, ...]:
    where = name_of(seat, "education_base", row.base) or name_of(seat, "community", row.community)
    return (
        _day(row.on),
        row.theme or "",
        label(rules.FORMS, row.form),
        "" if row.people is None else str(row.people),
        where or row.place or "",
    )


def _carbon(seat: Seat, row: Any) -> tuple[Cell | str, ...]:
    of = name_of(seat, "education_base", row.base) or name_of(seat, "restoration", row.restoration)
    return (
        str(row.year or ""),
        of,
        row.t_co2e or "",
        Cell(row.verified_on, "good") if row.verified_on else Cell(_("Not verified"), "warn"),
        Cell(_("Yes") if row.substitute else "", ""),
        row.method or "",
    )


def _exemplar(seat: Seat, row: Any) -> tuple[Cell | str, ...]:
    del seat
    return (
        exemplar_state(row),
        row.title or "",
        label_of(row.unit),
        Cell(_("Pattern") if row.template else "", "strong"),
        _day(row.published_on),
    )


def _publicity(seat: Seat, row: Any) -> tuple[Cell | str, ...]:
    of = name_of(seat, "exemplar", row.exemplar) or name_of(seat, "activity", row.activity)
    return (_day(row.on), row.title or "", channel_name(row), of or row.event or "")


def _training(seat: Seat, row: Any) -> tuple[Cell | str, ...]:
    ahead = (row.on or "") > today(seat).isoformat()
    return (
        Cell(row.on or "", "warn" if ahead else "quiet"),
        row.title or "",
        label(rules.KINDS, row.kind),
        label(rules.TRAINING_FORMS, row.form),
        row.hours or "",
        str(len(queries.attendance_of(seat, row.id))),
    )


def _awareness(seat: Seat, row: Any) -> tuple[Cell | str, ...]:
    del seat
    return (_day(row.on), Cell(f"{row.percent}%", "strong"), row.source or "", label_of(row.unit))


_DATE = Column(N_("Date"), 10)
LISTINGS: tuple[Listing, ...] = (
    _listing(
        "bases",
        N_("Education bases"),
        "education_base",
        EducationBase,
        (EducationBase.opened_on.desc(), EducationBase.id),
        (
            Column(N_("Opened to the public on"), 10),
            Column(N_("Education base"), 0),
            Column(N_("Unit"), 14),
            Column(N_("Held"), 6, right=True),
            Column(N_("People who came"), 8, right=True),
            Column(N_("Where it is"), 24, from_width=100),
        ),
        _base,
        N_("No education base yet. Register one with its day of opening and its founders."),
    ),
    _listing(
        "activities",
        N_("Activities"),
        "activity",
        Activity,
        (Activity.on.desc(), Activity.id.desc()),
        (
            _DATE,
            Column(N_("Theme of the activity"), 0),
            Column(N_("Form of activity"), 12),
            Column(N_("People who came"), 8, right=True),
            Column(N_("Where it was"), 20, from_width=72),
        ),
        _activity,
        N_("No activity yet. Write one down after it was held."),
        {"community": "community", "base": "education_base"},
    ),
    _listing(
        "carbon",
        N_("Carbon figures"),
        "carbon_figure",
        CarbonFigure,
        (CarbonFigure.year.desc(), CarbonFigure.id.desc()),
        (
            Column(N_("Year"), 4),
            Column(N_("Base or restoration"), 0),
            Column("tCO₂e", 12, right=True),
            Column(N_("Verified on"), 10),
            Column(N_("Substitute"), 8, from_width=72),
            Column(N_("Methodology"), 24, from_width=100),
        ),
        _carbon,
        N_("No carbon figure yet. Add one to a base or a restoration, with its methodology."),
        {"base": "education_base", "restoration": "restoration"},
    ),
    _listing(
        "exemplars",
        N_("Exemplary cases"),
        "exemplar",
        Exemplar,
        (Exemplar.published_on.desc(), Exemplar.id.desc()),
        (
            Column(N_("State"), 8),
            Column(N_("Exemplary case"), 0),
            Column(N_("Unit"), 14),
            Column(N_("Pattern"), 6),
            Column(N_("Published on"), 10, from_width=72),
        ),
        _exemplar,
        N_("No exemplary case yet. Draft one from a damage case: names are taken out."),
    ),
    _listing(
        "publicity",
        N_("Publicity"),
        "publicity",
        Publicity,
        (Publicity.on.desc(), Publicity.id.desc()),
        (
            _DATE,
            Column(N_("Headline"), 0),
            Column(N_("Channel of publicity"), 18),
            Column(N_("What it reports"), 22, from_width=84),
        ),
        _publicity,
        N_("No report yet. Write down where a case or an activity was reported."),
        {"exemplar": "exemplar", "activity": "activity"},
    ),
    _listing(
        "trainings",
        N_("Meetings and trainings"),
        "training",
        Training,
        (Training.on.desc(), Training.id.desc()),
        (
            _DATE,
            Column(N_("Title of the training"), 0),
            Column(N_("Kind"), 10),
            Column(N_("How it is held"), 8, from_width=72),
            Column(N_("Hours"), 6, right=True),
            Column(N_("Attended"), 6, right=True),
        ),
        _training,
        N_("No meeting or training yet. Write one down, then who attended."),
    ),
    _listing(
        "awareness",
        N_("Awareness"),
        "awareness",
        Awareness,
        (Awareness.on.desc(), Awareness.id.desc()),
        (_DATE, Column(N_("Know it (%)"), 10), Column(N_("Asked by"), 0), Column(N_("Unit"), 14)),
        _awareness,
        N_("No survey yet. Enter a survey's figure with its source; it is never computed."),
    ),
)
"""In the order of the room's tabs."""
