"""The records of outreach: education bases, activities, carbon figures, exemplary cases, publicity, training.

Days are YYYY-MM-DD in China, quantities, percentages and hours decimal text.
"""

from __future__ import annotations

from typing import Any

from models.store.records import BooleanField, IntegerField, Record, TextField, record
from models.store.search_terms import initials


@record("education_base", version=1, search=("name", "place", "founders", "note"))
class EducationBase(Record):
    """教育基地: opened by several bodies together; `unit` is where it lies (R077, R078)."""

    name = TextField(null=True, index=True)
    place = TextField(null=True)
    opened_on = TextField(null=True)
    """揭牌."""
    closed_on = TextField(null=True)
    """From when on it is none any more."""
    founders = TextField(null=True)
    """共建单位, two at least, joined by 、."""
    statistical = TextField(null=True)
    """Statistical code of the place (统计用区划代码)."""
    themes = TextField(null=True)
    """Comma-joined of `rules.THEMES`."""
    note = TextField(null=True)
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the name."""
        return {"initials": initials(values.get("name") or "")}


@record("activity", version=1, search=("theme", "place", "text"))
class Activity(Record):
    """科普活动 of a base, of a community, or at a place (R079)."""

    base = TextField(null=True, index=True)
    community = TextField(null=True, index=True)
    on = TextField(null=True, index=True)
    form = TextField(null=True)
    """One of `rules.FORMS`."""
    theme = TextField(null=True)
    """What it was about, in words."""
    themes = TextField(null=True)
    """Comma-joined of `rules.THEMES`."""
    people = IntegerField(null=True)
    place = TextField(null=True)
    text = TextField(null=True)


@record("carbon_figure", version=1, search=("method", "certificate", "verifier", "note"))
class CarbonFigure(Record):
    """碳汇量 of a base, or of a restoration that it may substitute (R080)."""

    base = TextField(null=True, index=True)
    restoration = TextField(null=True, index=True)
    year = IntegerField(null=True)
    t_co2e = TextField(null=True)
    """Tonnes of CO₂ equivalent, decimal text."""
    method = TextField(null=True)
    """方法学."""
    certificate = TextField(null=True)
    """核证编号."""
    verifier = TextField(null=True)
    """Who verified it."""
    verified_on = TextField(null=True)
    substitute = BooleanField(null=True)
    """作替代修复: bought and counted as the restoration's."""
    note = TextField(null=True)


@record("exemplar", version=1, search=("title", "source", "investigation", "consultation", "restoration"))
class Exemplar(Record):
    """典型案例卡 with the parts of the MEE's form; nothing in it names anybody (R022, R058)."""

    case = TextField(null=True, index=True)
    title = TextField(null=True)
    source = TextField(null=True)
    """线索来源."""
    investigation = TextField(null=True)
    """调查评估."""
    consultation = TextField(null=True)
    """磋商."""
    restoration = TextField(null=True)
    """修复."""
    significance = TextField(null=True)
    """典型意义."""
    template = BooleanField(null=True)
    """范例: kept as a pattern for later cases."""
    published_on = TextField(null=True)
    publisher = TextField(null=True)
    """Record id of the officer who approved the publication."""


@record("publicity", version=1, search=("title", "event", "other_channel", "page"))
class Publicity(Record):
    """宣传: where an exemplary case, an activity or another event was reported (R059)."""

    exemplar = TextField(null=True, index=True)
    activity = TextField(null=True, index=True)
    event = TextField(null=True)
    """Another event, in words."""
    channel = TextField(null=True)
    """One of `rules.CHANNELS`."""
    other_channel = TextField(null=True)
    on = TextField(null=True, index=True)
    title = TextField(null=True)
    link = TextField(null=True)
    page = TextField(null=True)
    """版面、栏目."""


@record("awareness", version=1, search=("source", "note"))
class Awareness(Record):
    """知晓率: a survey's figure, entered by hand (R060)."""

    on = TextField(null=True, index=True)
    percent = TextField(null=True)
    """Decimal text, 0 to 100."""
    source = TextField(null=True)
    """Who asked, and how."""
    asked = IntegerField(null=True)
    """How many were asked."""
    note = TextField(null=True)


@record("training", version=1, search=("title", "lecturer", "units", "minutes"))
class Training(Record):
    """会议、培训 (R016, R018)."""

    kind = TextField(null=True)
    """ "meeting" or "training"."""
    title = TextField(null=True)
    on = TextField(null=True, index=True)
    form = TextField(null=True)
    """ "video" or "on_site"."""
    hours = TextField(null=True)
    """学时, decimal text."""
    lecturer = TextField(null=True)
    place = TextField(null=True)
    units = TextField(null=True)
    """参会单位, names joined by 、."""
    minutes = TextField(null=True)
    """纪要."""
    material = TextField(null=True)
    """离线学习材料: its text, or the title of the evidence or file that holds it."""


@record("attendance", version=1, search=("name",), parent="training")
class Attendance(Record):
    """Who attended a training, from which unit, for how many hours."""

    training = TextField(null=True, index=True)
    person = TextField(null=True, index=True)
    """Record id of an officer; empty for somebody who is not in the register."""
    name = TextField(null=True)
    unit_code = TextField(null=True)
    hours = TextField(null=True)
    """Decimal text."""
