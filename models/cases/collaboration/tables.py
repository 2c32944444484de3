"""The records of collaboration (部门协作) and judicial supervision (司法监督) in a damage case."""

from __future__ import annotations

from models.store.records import BooleanField, Record, TextField, record


@record("deliberation", version=1, search=("place", "invited_names", "minutes"), owner="case")
class Deliberation(Record):
    """One joint deliberation (会商): who was invited, who came, what they said."""

    case = TextField(null=True, index=True)
    stage = TextField(null=True)
    """One of `rules.DELIBERATED`."""
    held_on = TextField(null=True)
    place = TextField(null=True)
    invited = TextField(null=True)
    """Comma-joined of `rules.BODIES`."""
    invited_names = TextField(null=True)
    """Names of the offices and people invited."""
    came = TextField(null=True)
    """Comma-joined of `rules.BODIES`, all of them invited."""
    opinion_natural_resources = TextField(null=True)
    opinion_town = TextField(null=True)
    opinion_others = TextField(null=True)
    minutes = TextField(null=True)
    signed = BooleanField(null=True)
    """签到: whether those who came signed the list."""


@record("supervision", version=1, search=("letter_number", "people", "opinion"), owner="case")
class Supervision(Record):
    """One act of supervision by procuratorate or court: an invitation, a visit, a word."""

    case = TextField(null=True, index=True)
    authority = TextField(null=True)
    """One of `rules.AUTHORITIES`."""
    stage = TextField(null=True)
    """One of the eight stages."""
    way = TextField(null=True)
    """One of `rules.WAYS`."""
    on = TextField(null=True)
    letter_number = TextField(null=True)
    came = BooleanField(null=True)
    """Whether they were there; empty where nobody was to come."""
    people = TextField(null=True)
    """Who came, by name."""
    opinion = TextField(null=True)
