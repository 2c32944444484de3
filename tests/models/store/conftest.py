"""A kind of record for the store's own tests."""

from __future__ import annotations

from models.store.records import BooleanField, IntegerField, Record, TextField, record


@record("trial", version=1, search=("name", "remark"))
class Trial(Record):
    """A record with a column of each type."""

    name = TextField(null=True)
    remark = TextField(null=True)
    count = IntegerField(null=True)
    done = BooleanField(null=True)
