"""The limits that a pollutant permit itself sets."""

from __future__ import annotations

from models.store.records import Record, TextField, record


@record("permit_limit", version=1, search=("permit_number", "parameter", "outlet"), owner="site")
class PermitLimit(Record):
    """One limit of a site's permit: for a pollutant at an outlet, between two days."""

    site = TextField(null=True, index=True)
    permit_number = TextField(null=True)
    outlet = TextField(null=True)
    """Number or name of the outlet; empty: at every outlet."""
    medium = TextField(null=True)
    """"water", "air" or "noise"."""
    parameter = TextField(null=True)
    limit = TextField(null=True)
    """As the tables have limits: "60", "6-9", "<0.5", "不得检出"."""
    unit_of_limit = TextField(null=True)
    since = TextField(null=True)
    """YYYY-MM-DD, both days included."""
    until = TextField(null=True)
    note = TextField(null=True)
