"""The outreach room: education bases, activities, carbon, exemplary cases, publicity, training, awareness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.language import N_, _
from models.outreach import exemplars, queries, rules, sheets, training, verbs
from models.outreach.listings import LISTINGS
from models.registry import keeping
from models.registry.act_parts import held, whole
from models.registry.days import today
from models.registry.keeping import kept
from models.rooms import Act, Field, Room

if TYPE_CHECKING:
    from models.store.seat import Seat

_WHY = (Field("why", N_("Reason"), "long", required=True),)
_UNIT = Field("unit_code", N_("Unit"), "record", of="unit", hint=N_("empty: your own unit"))
_THEMES = Field("themes", N_("Themes"), "marks", choices=rules.THEMES)
_NOTE = Field("note", N_("Note"), "long")
_BASE = (
    Field("name", N_("Name of the base"), required=True),
    Field("place", N_("Where it is"), required=True),
    Field("opened_on", N_("Opened to the public on"), "day", required=True),
    Field("founders", N_("Founded by"), required=True, hint=N_("two bodies at least, joined by 、")),
    Field("statistical", N_("Statistical code"), hint=N_("6, 9 or 12 digits")),
    _THEMES,
    _NOTE,
)
_ACTIVITY = (
    Field("on", N_("Held on"), "day", required=True),
    Field("form", N_("Form of activity"), "choice", required=True, choices=rules.FORMS),
    Field("theme", N_("Theme of the activity"), required=True),
    Field("base", N_("Education base"), "record", of="education_base"),
    Field("community", N_("Community"), "record", of="community"),
    Field("place", N_("Where it was"), hint=N_("needed where it was at no base and in no community")),
    Field("people", N_("People who came"), "count"),
    _THEMES,
    Field("text", N_("Course of the activity"), "long"),
)
_CARBON = (
    Field("year", N_("Year"), "count", required=True),
    Field("t_co2e", "tCO₂e", "number", required=True),
    Field("base", N_("Education base"), "record", of="education_base"),
    Field(
        "restoration",
        N_("Restoration"),
        "record",
        of="restoration",
        hint=N_("either a base or a restoration"),
    ),
    Field("method", N_("Methodology")),
    Field("certificate", N_("Number of the certificate")),
    Field("verifier", N_("Verified by")),
    Field("verified_on", N_("Verified on"), "day"),
    Field("substitute", N_("Counts as substitute restoration"), "flag"),
    _NOTE,
)
_PARTS = tuple(Field(name, title, "long") for name, title in rules.PARTS)
_EXEMPLAR = (Field("title", N_("Title"), required=True), *_PARTS)
_PUBLICITY = (
    Field("title", N_("Headline"), required=True),
    Field("channel", N_("Channel of publicity"), "choice", required=True, choices=rules.CHANNELS),
    Field("other_channel", N_("Name of another channel")),
    Field("on", N_("Appeared on"), "day", required=True),
    Field("link", N_("Link"), hint="https://"),
    Field("page", N_("Page or programme"), hint=N_("a link or this")),
)
_REPORTED = (
    Field("exemplar", N_("Exemplary case"), "record", of="exemplar"),
    Field("activity", N_("Activity"), "record", of="activity"),
    Field("event", N_("Another event"), hint=N_("one of these three")),
)
_AWARENESS = (
    Field("on", N_("Asked on"), "day", required=True),
    Field("percent", N_("Know it (%)"), "number", required=True),
    Field("source", N_("Asked by"), required=True, hint=N_("who asked, and how")),
    Field("asked", N_("People asked"), "count"),
    _NOTE,
)
_TRAINING = (
    Field("kind", N_("Kind"), "choice", required=True, choices=rules.KINDS),
    Field("title", N_("Title of the training"), required=True),
    Field("on", N_("Held on"), "day", required=True, hint=N_("may be planned")),
    Field("form", N_("How it is held"), "choice", required=True, choices=rules.TRAINING_FORMS),
    Field("hours", N_("Hours"), "number", hint=N_("a training needs them")),
    Field("lecturer", N_("Lecturer")),
    Field("place", N_("Where it was")),
    Field("units", N_("Units that took part"), "long", hint=N_("joined by 、")),
    Field("minutes", N_("Minutes"), "long"),
    Field("material", N_("Learning material"), "long", hint=N_("its text, or the title of the file")),
)
_ATTENDANCE = (
    Field("person", N_("Officer"), "record", of="officer"),
    Field("name", N_("Name"), hint=N_("of who is not in the register")),
    _UNIT,
    Field("hours", N_("Hours"), "number", hint=N_("empty: all of it")),
)
_PATH = Field("path", N_("File"), required=True, hint=N_("a file or a folder outside the notebook"))


def _withdraw(kind: str, title: str, what: str, right: str = "outreach") -> Act:
    def run(seat: Seat, record_id: str, *, why: str) -> None:
        keeping.withdraw(seat, kind, record_id, why)

    return Act(f"withdraw_{kind}", title, what, run, subject=kind, fields=_WHY, right=right)


def _edit(kind: str, title: str, what: str, run: Any, fields: tuple[Field, ...], **more: Any) -> Act:
    """An act that changes a record: what the form leaves empty is emptied."""

    return Act(
        f"edit_{kind}",
        title,
        what,
        whole(run, fields),
        subject=kind,
        fields=fields,
        preset=held(kind, fields),
        **more,
    )


def _closed(seat: Seat, base_id: str) -> str:
    row = keeping.row_of(seat, "education_base", base_id)
    gone = row is not None and row.closed_on
    return _("It was closed on {day}.").format(day=row.closed_on) if gone else ""


def _published(seat: Seat, exemplar_id: str) -> str:
    row = keeping.row_of(seat, "exemplar", exemplar_id)
    gone = row is not None and row.published_on
    return _("It was published on {day}.").format(day=row.published_on) if gone else ""


def _unpublished(seat: Seat, exemplar_id: str) -> str:
    return "" if _published(seat, exemplar_id) else _("It is not published yet.")


def _drafted(seat: Seat, case_id: str) -> str:
    if exemplars.of_case(seat, case_id) is not None:
        return _("There is an exemplary case of this one already.")
    return ""


def _to_come(seat: Seat, training_id: str) -> str:
    row = keeping.row_of(seat, "training", training_id)
    ahead = row is not None and (row.on or "") > today(seat).isoformat()
    return _("It is still to come.") if ahead else ""


def _report_exemplar(seat: Seat, exemplar_id: str, **values: Any) -> str:
    return verbs.note_publicity(seat, exemplar=exemplar_id, **values)


def _report_activity(seat: Seat, activity_id: str, **values: Any) -> str:
    return verbs.note_publicity(seat, activity=activity_id, **values)


def _activity_of_base(seat: Seat, base_id: str, **values: Any) -> str:
    return verbs.hold_activity(seat, base=base_id, **values)


def _carbon_of_base(seat: Seat, base_id: str, **values: Any) -> str:
    return verbs.add_carbon_figure(seat, base=base_id, **values)


def _carbon_of_restoration(seat: Seat, restoration_id: str, **values: Any) -> str:
    return verbs.add_carbon_figure(seat, restoration=restoration_id, **values)


def _draft_as_shown(seat: Seat, case_id: str, **values: str) -> str:
    """What the form was left without stays empty."""
    return exemplars.draft(seat, case_id, **{name: values.get(name, "") for name in exemplars.TEXTS})


def _without(fields: tuple[Field, ...], *keys: str) -> tuple[Field, ...]:
    return tuple(field for field in fields if field.key not in keys)


def _summary(seat: Seat) -> str:
    this_day = today(seat)
    return _("bases open: {bases}, people reached: {people}, reports in the media: {reports}").format(
        bases=len(queries.bases(seat, this_day)),
        people=queries.people_reached(seat, this_day),
        reports=sum(queries.publicity_by_channel(seat, this_day).values()),
    )


_ACTS = (
    Act(
        "open_base",
        N_("Register a base"),
        N_("Registers an education base with the day of its opening and the bodies that founded it."),
        verbs.open_base,
        fields=(*_BASE, _UNIT),
        right="outreach",
    ),
    _edit(
        "education_base",
        N_("Correct the base's data"),
        N_("Corrects what is kept of the base; what it was stays in the history."),
        verbs.edit_base,
        _BASE,
    ),
    Act(
        "close_base",
        N_("Close the base down"),
        N_("From this day on it counts as no education base any more; its activities stay."),
        verbs.close_base,
        subject="education_base",
        fields=(Field("on", N_("Closed down on"), "day", required=True),),
        why_not=_closed,
    ),
    Act(
        "add_activity",
        N_("Add an activity here"),
        N_("Writes down an activity that was held at this base."),
        _activity_of_base,
        subject="education_base",
        fields=_without(_ACTIVITY, "base", "community"),
    ),
    Act(
        "add_base_carbon",
        N_("Add a carbon figure"),
        N_("Writes down how much carbon the base's forest took up in a year."),
        _carbon_of_base,
        subject="education_base",
        fields=_without(_CARBON, "base", "restoration", "substitute"),
    ),
    _withdraw(
        "education_base",
        N_("Withdraw this base"),
        N_("Withdraws a base that was registered by mistake from all lists and counts, with the reason."),
    ),
    Act(
        "hold_activity",
        N_("Write down an activity"),
        N_("Writes down an activity that was held: at a base, in a community, or at a place."),
        verbs.hold_activity,
        fields=_ACTIVITY,
    ),
    _edit(
        "activity",
        N_("Correct the activity"),
        N_("Corrects what is kept of the activity; what it was stays in the history."),
        verbs.edit_activity,
        _ACTIVITY,
    ),
    Act(
        "report_activity",
        N_("Add a report of it"),
        N_("Writes down that a medium reported the activity."),
        _report_activity,
        subject="activity",
        fields=_PUBLICITY,
        right="outreach",
    ),
    _withdraw(
        "activity",
        N_("Withdraw the activity"),
        N_("Withdraws an activity that was written down by mistake from all counts, with the reason."),
        "",
    ),
    Act(
        "add_carbon_figure",
        N_("Write down a carbon figure"),
        N_("Writes down the carbon of a base or of a restoration, with methodology and certificate."),
        verbs.add_carbon_figure,
        fields=_CARBON,
        right="outreach",
    ),
    Act(
        "add_restoration_carbon",
        N_("Add a carbon figure"),
        N_("Writes down carbon bought or taken up for this restoration; it may count as a substitute."),
        _carbon_of_restoration,
        subject="restoration",
        fields=_without(_CARBON, "base", "restoration"),
        right="outreach",
    ),
    _edit(
        "carbon_figure",
        N_("Correct the carbon figure"),
        N_("Corrects the figure or adds its certificate; what it was stays in the history."),
        verbs.edit_carbon_figure,
        _CARBON,
    ),
    _withdraw(
        "carbon_figure",
        N_("Withdraw the carbon figure"),
        N_("Withdraws a figure that was written down by mistake from all sums, with the reason."),
    ),
    Act(
        "draft_exemplar",
        N_("Draft an exemplary case"),
        N_("Makes an exemplary case from a damage case: its text is filled from the case, names taken out."),
        exemplars.draft,
        fields=(Field("case", N_("Damage case"), "record", required=True, of="damage_case"),),
        right="outreach",
    ),
    Act(
        "draft_from_case",
        N_("Draft an exemplary case of it"),
        N_("Shows the text that this case gives, names taken out, and keeps it as an exemplary case."),
        _draft_as_shown,
        subject="damage_case",
        fields=_EXEMPLAR,
        preset=exemplars.proposed,
        why_not=_drafted,
        right="outreach",
    ),
    _edit(
        "exemplar",
        N_("Edit the text"),
        N_("Changes title and parts; names and numbers of the case are taken out as it is saved."),
        exemplars.edit,
        _EXEMPLAR,
        why_not=_published,
    ),
    Act(
        "clean_exemplar",
        N_("Take out names again"),
        N_("Takes out what has become known of the case since the text was written."),
        exemplars.clean,
        subject="exemplar",
        why_not=_published,
    ),
    Act(
        "keep_as_pattern",
        N_("Keep as a pattern"),
        N_("Keeps it as a pattern for later cases, or takes that back."),
        exemplars.keep_as_pattern,
        subject="exemplar",
        fields=(Field("template", N_("Kept as a pattern"), "flag", required=True),),
        preset=lambda seat, record_id: {"template": not kept(seat, "exemplar", record_id).template},
    ),
    Act(
        "publish_exemplar",
        N_("Publish it"),
        N_("Records its publication; refused while a part is empty or the text still names somebody."),
        exemplars.publish,
        subject="exemplar",
        fields=(
            Field("on", N_("Published on"), "day", required=True),
            Field("publisher", N_("Publication approved by"), "record", required=True, of="officer"),
        ),
        why_not=_published,
    ),
    Act(
        "export_exemplar",
        N_("Export the card"),
        N_("Writes title and parts as a text file for the editors of the media."),
        exemplars.export_card,
        subject="exemplar",
        fields=(_PATH,),
    ),
    Act(
        "report_exemplar",
        N_("Add a report of it"),
        N_("Writes down that a medium reported this exemplary case."),
        _report_exemplar,
        subject="exemplar",
        fields=_PUBLICITY,
        why_not=_unpublished,
    ),
    _withdraw(
        "exemplar",
        N_("Withdraw the exemplary case"),
        N_("Withdraws the exemplary case from all lists, with the reason; what was printed stays printed."),
    ),
    Act(
        "note_publicity",
        N_("Write down a report"),
        N_("Writes down that a medium reported an exemplary case, an activity or another event."),
        verbs.note_publicity,
        fields=(*_PUBLICITY, *_REPORTED),
        right="outreach",
    ),
    _edit(
        "publicity",
        N_("Correct the report"),
        N_("Corrects what is kept of the report; what it was stays in the history."),
        verbs.edit_publicity,
        (*_PUBLICITY, *_REPORTED),
    ),
    _withdraw(
        "publicity",
        N_("Withdraw the media report"),
        N_("Withdraws a report that was written down by mistake from all counts, with the reason."),
    ),
    Act(
        "hold_training",
        N_("Write down a meeting or training"),
        N_("Writes down a meeting or training that was held or is planned."),
        training.hold_training,
        fields=_TRAINING,
        right="outreach",
    ),
    _edit(
        "training",
        N_("Correct it, add minutes"),
        N_("Corrects the meeting or training, or adds its minutes and learning material."),
        training.edit_training,
        _TRAINING,
    ),
    Act(
        "attend",
        N_("Add who attended"),
        N_("Writes down that somebody attended, and for how many hours."),
        training.attend,
        subject="training",
        fields=_ATTENDANCE,
        why_not=_to_come,
    ),
    _withdraw(
        "training",
        N_("Withdraw the training"),
        N_("Withdraws a meeting or training from all lists and sums, with the reason."),
    ),
    _edit(
        "attendance",
        N_("Correct the hours"),
        N_("Corrects how many hours this person attended."),
        training.edit_attendance,
        (Field("hours", N_("Hours"), "number", required=True),),
    ),
    _withdraw(
        "attendance",
        N_("Withdraw the attendance"),
        N_("Takes the person off the list of those who attended, with the reason."),
    ),
    Act(
        "note_awareness",
        N_("Enter a survey"),
        N_("Enters a survey's figure of how many know the system of compensation, with its source."),
        verbs.note_awareness,
        fields=(*_AWARENESS, _UNIT),
        right="outreach",
    ),
    _edit(
        "awareness",
        N_("Correct the survey"),
        N_("Corrects the survey's figure; what it was stays in the history."),
        verbs.edit_awareness,
        _AWARENESS,
    ),
    _withdraw(
        "awareness",
        N_("Withdraw the survey"),
        N_("Withdraws a survey that was entered by mistake from the list, with the reason."),
    ),
)
ROOM = Room(
    name="outreach",
    title=N_("Outreach"),
    listings=LISTINGS,
    acts=_ACTS,
    sheets={
        "education_base": sheets.base_sheet,
        "activity": sheets.activity_sheet,
        "carbon_figure": sheets.carbon_sheet,
        "exemplar": sheets.exemplar_sheet,
        "publicity": sheets.publicity_sheet,
        "awareness": sheets.awareness_sheet,
        "training": sheets.training_sheet,
        "attendance": sheets.attendance_sheet,
    },
    summary=_summary,
)
