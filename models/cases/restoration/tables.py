"""The records of restoration (修复): bases, what was restored for which case, by whom guided, how it fared.

No state is kept as a field: it follows from the legal days, so that every count can be taken as of any day.
Days are YYYY-MM-DD in China, quantities and percentages decimal text, money integer cents.
"""

from __future__ import annotations

from typing import Any

from models.store.records import BooleanField, IntegerField, Record, TextField, record
from models.store.search_terms import initials


@record("restoration_base", version=1, search=("name", "place", "note"))
class RestorationBase(Record):
    """A place kept for restorations of many cases (修复基地、增殖放流点位); `unit` is where it lies."""

    name = TextField(null=True, index=True)
    type = TextField(null=True)
    """One of `rules.BASE_TYPES`."""
    place = TextField(null=True)
    latitude = TextField(null=True)
    longitude = TextField(null=True)
    tag = TextField(null=True)
    """面山、临江、濒海: one of `rules.TAGS`."""
    planned_on = TextField(null=True)
    begun_on = TextField(null=True)
    """First day of its building."""
    built_on = TextField(null=True)
    closed_on = TextField(null=True)
    """From when on it is no longer used."""
    doubtful = BooleanField(null=True)
    """待核: what the sources say of it is to be confirmed."""
    note = TextField(null=True)
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the name."""
        return {"initials": initials(values.get("name") or "")}


@record("restoration", version=1, search=("number", "plan", "place", "restorer", "supplier"), owner="case")
class Restoration(Record):
    """One restoration of a damage case, in place or by one of three modes elsewhere (R052)."""

    number = TextField(null=True, index=True)
    case = TextField(null=True, index=True)
    mode = TextField(null=True)
    """One of `rules.MODES`."""
    why_off_site = TextField(null=True)
    """Why it cannot be restored in place (为何不能就地)."""
    base = TextField(null=True)
    """Without an index, whose name would be that of the table of bases."""
    place = TextField(null=True)
    latitude = TextField(null=True)
    longitude = TextField(null=True)
    plan = TextField(null=True)
    """修复方案, in words."""
    planned_on = TextField(null=True)
    finish_by = TextField(null=True)
    """Last day by the agreement or plan."""
    begun_on = TextField(null=True)
    finished_on = TextField(null=True)
    restorer = TextField(null=True)
    """Who does it, by name: the party, or whom it or the body entrusted."""
    supplier = TextField(null=True)
    """Of fry, seedlings or works."""
    quarantine = TextField(null=True)
    """Number of the quarantine certificate of what is released or planted."""
    sampled_survival = TextField(null=True)
    """Per cent alive in the sample taken at the release or planting."""
    agreed_survival = TextField(null=True)
    """Per cent that must be alive by the agreement or plan."""
    aftercare_until = TextField(null=True)
    """Last day of aftercare (管护期)."""
    witnesses = TextField(null=True)
    """Who saw it, names joined by 、 (检察院、法院、乡镇)."""


@record("restoration_amount", version=1, search=("species", "note", "certificate"), owner="restoration")
class RestorationAmount(Record):
    """How much of something was restored on a day (R008-R012, R080)."""

    restoration = TextField(null=True, index=True)
    what = TextField(null=True)
    """One of `rules.WHAT`."""
    species = TextField(null=True)
    origin = TextField(null=True)
    """For what is released alive: one of `rules.ORIGINS`."""
    spec = TextField(null=True)
    """规格: length of fry, height and diameter of seedlings."""
    quantity = TextField(null=True)
    """Decimal text in `quantity_unit`; money spent on replanting is yuan, as every quantity has its unit."""
    quantity_unit = TextField(null=True)
    approx = TextField(null=True)
    """近似符: "=", "余" or "约"."""
    done_on = TextField(null=True)
    price_cents = IntegerField(null=True)
    """What all of it cost; a single fry costs less than a cent."""
    method = TextField(null=True)
    """For carbon: the methodology (方法学)."""
    certificate = TextField(null=True)
    """For carbon: the certificate (核证)."""
    note = TextField(null=True)


@record("restoration_guidance", version=1, search=("person", "opinion"), owner="restoration")
class RestorationGuidance(Record):
    """Guidance of a restoration by a department (R042-R044)."""

    restoration = TextField(null=True, index=True)
    department = TextField(null=True)
    """One of `rules.DEPARTMENTS`."""
    invited_on = TextField(null=True)
    on = TextField(null=True)
    person = TextField(null=True)
    opinion = TextField(null=True)
    came = BooleanField(null=True)
    """Whether they came; an invitation that nobody followed guides nothing."""


@record("restoration_visit", version=1, search=("note", "done_by"), owner="restoration")
class RestorationVisit(Record):
    """A follow-up (回访): when it is due, and what was found."""

    restoration = TextField(null=True, index=True)
    due_on = TextField(null=True)
    done_on = TextField(null=True)
    inspection = TextField(null=True, index=True)
    """The inspection that it became."""
    survival = TextField(null=True)
    """Per cent alive."""
    note = TextField(null=True)
    done_by = TextField(null=True)
    """Who went, by name."""
