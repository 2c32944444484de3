"""What the outreach room says of one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.language import _, listed
from models.outreach import exemplars, queries, rules
from models.registry import keeping
from models.registry.days import today
from models.registry.keeping import kept
from models.registry.queries import officer
from models.registry.units import label_of
from models.rooms import Cell, Fact, Section, Sheet, label, labels

if TYPE_CHECKING:
    from models.store.seat import Seat


def name_of(seat: Seat, kind: str, record_id: str | None) -> str:
    """What a base, community, case or exemplary case is called; empty where there is none."""
    row = keeping.row_of(seat, kind, record_id) if record_id else None
    if row is None:
        return ""
    return next(
        (str(value) for key in ("name", "title", "theme", "number") if (value := getattr(row, key, ""))), ""
    )


def channel_name(row: Any) -> str:
    """The channel of a report, by its own name where it is none of the four."""
    return str(row.other_channel) if row.channel == "other" else label(rules.CHANNELS, row.channel)


def _facts(*pairs: tuple[str, Any]) -> tuple[Fact, ...]:
    return tuple(Fact(words, str(value)) for words, value in pairs if value not in (None, ""))


def _linked(seat: Seat, words: str, kind: str, record_id: str | None) -> tuple[Fact, ...]:
    if not record_id:
        return ()
    return (
        Fact(words, name_of(seat, kind, record_id) or _("not in this notebook"), kind=kind, id=record_id),
    )


def _children(title: str, facts: list[Fact]) -> tuple[Section, ...]:
    return (Section(title, tuple(facts)),) if facts else ()


def _state(row: Any, cell: Cell) -> Cell:
    return Cell(_("Withdrawn"), "bad") if row.voided is not None else cell


def _carbon_facts(seat: Seat, **of: str) -> list[Fact]:
    return [
        Fact(
            str(each.year or ""),
            f"{each.t_co2e or ''} tCO₂e",
            "" if each.verified_on else "warn",
            "carbon_figure",
            each.id,
        )
        for each in queries.carbon_of(seat, **of)
    ]


def _report_facts(seat: Seat, **of: str) -> list[Fact]:
    return [
        Fact(each.on or "", f"{channel_name(each)} {each.title or ''}", "", "publicity", each.id)
        for each in queries.publicity_of(seat, **of)
    ]


def base_sheet(seat: Seat, record_id: str) -> Sheet:
    """An education base with its activities and carbon figures."""
    row = kept(seat, "education_base", record_id)
    this_day = today(seat).isoformat()
    held = queries.activities(seat, base=record_id)
    closed = bool(row.closed_on and row.closed_on <= this_day)
    facts = _facts(
        (_("Where it is"), row.place),
        (_("Unit"), label_of(row.unit)),
        (_("Opened to the public on"), row.opened_on),
        (_("Closed down on"), row.closed_on),
        (_("Founded by"), row.founders),
        (_("Statistical code"), row.statistical),
        (_("Themes"), labels(rules.THEMES, row.themes)),
        (_("Activities held"), len(held)),
        (_("People reached"), sum(each.people or 0 for each in held)),
        (_("Note"), row.note),
    )
    activities = [Fact(each.on or "", each.theme or "", "", "activity", each.id) for each in held]
    return Sheet(
        row.name or "",
        _state(row, Cell(_("Closed down"), "quiet") if closed else Cell(_("In use"), "good")),
        (
            Section(_("Education base"), facts),
            *_children(_("Activities"), activities),
            *_children(_("Carbon figures"), _carbon_facts(seat, base=record_id)),
        ),
    )


def activity_sheet(seat: Seat, record_id: str) -> Sheet:
    """An activity with what the media said of it."""
    row = kept(seat, "activity", record_id)
    facts = (
        *_facts((_("Held on"), row.on), (_("Form of activity"), label(rules.FORMS, row.form))),
        *_linked(seat, _("Education base"), "education_base", row.base),
        *_linked(seat, _("Community"), "community", row.community),
        *_facts(
            (_("Where it was"), row.place),
            (_("People who came"), row.people),
            (_("Themes"), labels(rules.THEMES, row.themes)),
            (_("Course of the activity"), row.text),
        ),
    )
    return Sheet(
        row.theme or "",
        _state(row, Cell(row.on or "", "strong")),
        (
            Section(_("Activity"), facts),
            *_children(_("Publicity"), _report_facts(seat, activity=record_id)),
        ),
    )


def carbon_sheet(seat: Seat, record_id: str) -> Sheet:
    """A carbon figure."""
    row = kept(seat, "carbon_figure", record_id)
    facts = (
        *_linked(seat, _("Education base"), "education_base", row.base),
        *_linked(seat, _("Restoration"), "restoration", row.restoration),
        *_facts(
            (_("Year"), row.year),
            ("tCO₂e", row.t_co2e),
            (_("Methodology"), row.method),
            (_("Number of the certificate"), row.certificate),
            (_("Verified by"), row.verifier),
            (_("Verified on"), row.verified_on),
            (_("Counts as substitute restoration"), _("Yes") if row.substitute else _("No")),
            (_("Note"), row.note),
        ),
    )
    state = Cell(_("Verified"), "good") if row.verified_on else Cell(_("Not verified"), "warn")
    return Sheet(f"{row.year} {row.t_co2e} tCO₂e", _state(row, state), (Section(_("Carbon figure"), facts),))


def exemplar_state(row: Any) -> Cell:
    """Published, or a draft still."""
    if row.published_on:
        return Cell(_("Published"), "good")
    return Cell(_("Draft"), "warn")


def exemplar_sheet(seat: Seat, record_id: str) -> Sheet:
    """An exemplary case: its text, and whether it still names somebody."""
    row = kept(seat, "exemplar", record_id)
    named = exemplars.still_named(seat, row)
    approved = officer(seat, row.publisher) if row.publisher else None
    facts = (
        *_linked(seat, _("Damage case"), "damage_case", row.case),
        *_facts(
            (_("Kept as a pattern"), _("Yes") if row.template else _("No")),
            (_("Published on"), row.published_on),
            (_("Publication approved by"), approved.name if approved is not None else None),
        ),
        Fact(_("Still named"), listed(named), "bad")
        if named
        else Fact(_("Still named"), _("nobody"), "good"),
    )
    parts = tuple(Fact(rules.part_title(name), getattr(row, name) or "") for name, _title in rules.PARTS)
    return Sheet(
        row.title or "",
        _state(row, exemplar_state(row)),
        (
            Section(_("Exemplary case"), facts),
            Section(_("Text"), parts),
            *_children(_("Publicity"), _report_facts(seat, exemplar=record_id)),
        ),
    )


def publicity_sheet(seat: Seat, record_id: str) -> Sheet:
    """A report in the media."""
    row = kept(seat, "publicity", record_id)
    facts = (
        *_linked(seat, _("Exemplary case"), "exemplar", row.exemplar),
        *_linked(seat, _("Activity"), "activity", row.activity),
        *_facts(
            (_("Event"), row.event),
            (_("Channel of publicity"), channel_name(row)),
            (_("Appeared on"), row.on),
            (_("Link"), row.link),
            (_("Page or programme"), row.page),
        ),
    )
    return Sheet(
        row.title or "", _state(row, Cell(row.on or "", "strong")), (Section(_("Publicity"), facts),)
    )


def awareness_sheet(seat: Seat, record_id: str) -> Sheet:
    """A survey's figure."""
    row = kept(seat, "awareness", record_id)
    facts = _facts(
        (_("Asked on"), row.on),
        (_("Unit"), label_of(row.unit)),
        (_("Know it (%)"), row.percent),
        (_("People asked"), row.asked),
        (_("Asked by"), row.source),
        (_("Note"), row.note),
    )
    return Sheet(
        f"{row.on or ''} {row.percent or ''}%",
        _state(row, Cell(f"{row.percent or ''}%", "strong")),
        (Section(_("Awareness"), facts),),
    )


def training_sheet(seat: Seat, record_id: str) -> Sheet:
    """A meeting or training with those who attended."""
    row = kept(seat, "training", record_id)
    ahead = (row.on or "") > today(seat).isoformat()
    facts = _facts(
        (_("Held on"), row.on),
        (_("How it is held"), label(rules.TRAINING_FORMS, row.form)),
        (_("Hours"), row.hours),
        (_("Lecturer"), row.lecturer),
        (_("Where it was"), row.place),
        (_("Units that took part"), row.units),
    )
    texts = _facts((_("Minutes"), row.minutes), (_("Learning material"), row.material))
    people = [
        Fact(each.name or "", f"{label_of(each.unit_code)} {each.hours or ''}", "", "attendance", each.id)
        for each in queries.attendance_of(seat, record_id)
    ]
    return Sheet(
        row.title or "",
        _state(row, Cell(_("Planned"), "warn") if ahead else Cell(_("Held"), "good")),
        (
            Section(label(rules.KINDS, row.kind), facts),
            *_children(_("Texts"), list(texts)),
            *_children(_("Attendance"), people),
        ),
    )


def attendance_sheet(seat: Seat, record_id: str) -> Sheet:
    """Somebody's attendance."""
    row = kept(seat, "attendance", record_id)
    facts = (
        *_linked(seat, _("Training"), "training", row.training),
        *_facts((_("Unit"), label_of(row.unit_code)), (_("Hours"), row.hours)),
    )
    return Sheet(
        row.name or "", _state(row, Cell(row.hours or "", "strong")), (Section(_("Attendance"), facts),)
    )
