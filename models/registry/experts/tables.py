"""The records of the pool of experts."""

from __future__ import annotations

from typing import Any

from models.store.records import BooleanField, Record, TextField, record
from models.store.search_terms import initials


@record("expert", version=1, search=("name", "employer", "title"))
class Expert(Record):
    """A person of the pool; the records belong to the city, so that every unit has the whole pool."""

    name = TextField(null=True, index=True)
    employer = TextField(null=True)
    employer_code = TextField(null=True)
    """Unified social credit code of the employer; empty where not known."""
    title = TextField(null=True)
    """职称, as the certificate has it."""
    title_grade = TextField(null=True)
    """One of `rules.grades()`."""
    fields = TextField(null=True)
    """Comma-joined of `rules.FIELDS`."""
    source = TextField(null=True)
    """One of `rules.SOURCES`."""
    unit_code = TextField(null=True, index=True)
    """Where the expert works: for the distance to a case."""
    phone = TextField(null=True)
    active = BooleanField(null=True)
    """False once retired; None counts as active."""
    entered_on = TextField(null=True)
    """First day in the pool, YYYY-MM-DD."""
    left_on = TextField(null=True)
    """First day no longer in the pool."""
    left_why = TextField(null=True)
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the name."""
        return {"initials": initials(values.get("name") or "")}
