"""The records of routine inspections of government (督察): rounds, problems, transferred complaints.

Where a problem stands is never kept as a field: it follows from its days and notes (`rules.state`).
Days are YYYY-MM-DD in China.
"""

from __future__ import annotations

from typing import Any

from models.store.records import Record, TextField, record
from models.store.search_terms import initials


@record("round", version=1, search=("name", "batch", "note"))
class Round(Record):
    """一轮督察: central or provincial, from its first to its last day on the ground (R082)."""

    name = TextField(null=True, index=True)
    level = TextField(null=True)
    """One of `rules.LEVELS`."""
    batch = TextField(null=True)
    """批次, in words."""
    began_on = TextField(null=True)
    ended_on = TextField(null=True)
    """Last day; may be planned, empty where not known yet."""
    note = TextField(null=True)
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the name."""
        return {"initials": initials(values.get("name") or "")}


@record("rectification", version=1, search=("number", "problem", "body", "measures"))
class Rectification(Record):
    """整改问题 with its plan of five elements (生态环境法典 art. 29); `unit` is the one that must act."""

    round = TextField(null=True, index=True)
    round_name = TextField(null=True)
    """Kept here too: a county's notebook need not hold the city's round."""
    number = TextField(null=True)
    """Number in the list of problems (问题序号)."""
    problem = TextField(null=True)
    found_on = TextField(null=True)
    """反馈: when the problem was handed over."""
    body = TextField(null=True)
    """实施主体."""
    goal = TextField(null=True)
    """目标."""
    term_on = TextField(null=True)
    """时限."""
    measures = TextField(null=True)
    """重点措施."""
    acceptance_unit = TextField(null=True)
    """验收单位."""
    begun_on = TextField(null=True)
    """The plan was set going."""
    completed_on = TextField(null=True)
    """The work was reported as completed; emptied when it is sent back."""
    accepted_on = TextField(null=True)
    accepted_by = TextField(null=True)
    acceptance = TextField(null=True)
    """验收意见."""
    signed_off_on = TextField(null=True)
    """销号."""
    signed_off_by = TextField(null=True)


@record("rectification_note", version=1, search=("text",))
class RectificationNote(Record):
    """What happened to a problem on a day; never changed, only withdrawn with a reason."""

    rectification = TextField(null=True, index=True)
    on = TextField(null=True)
    kind = TextField(null=True)
    """One of `rules.NOTES`."""
    text = TextField(null=True)
    person = TextField(null=True)
    """Record id of who wrote it."""
    term_on = TextField(null=True)
    """For a longer term: the term that it replaced."""


@record("transferred_complaint", version=1, search=("number", "about", "place", "result_text"))
class TransferredComplaint(Record):
    """转办件: a complaint that a round handed down; `unit` is where it happened (R083)."""

    round = TextField(null=True, index=True)
    round_name = TextField(null=True)
    number = TextField(null=True, index=True)
    """Number on the slip."""
    source = TextField(null=True)
    """One of `rules.SOURCES`."""
    place = TextField(null=True)
    about = TextField(null=True)
    matter = TextField(null=True)
    """One of `rules.MATTERS`."""
    received_on = TextField(null=True, index=True)
    """转办之日."""
    handler = TextField(null=True)
    """Who handles it, record id of an officer."""
    due_on = TextField(null=True)
    """The day on the slip; empty: the limit "transferred_complaint" counts."""
    case = TextField(null=True, index=True)
    """A damage case that it led to."""
    finished_on = TextField(null=True)
    result = TextField(null=True)
    """One of `rules.RESULTS`."""
    result_text = TextField(null=True)
    """查处情况 in words, as it is published."""
    punished = TextField(null=True)
    """责任追究和处罚 in words, as it is published."""
    published_on = TextField(null=True)
    link = TextField(null=True)


@record("transferred_reporter", version=1, search=())
class TransferredReporter(Record):
    """Who complained (生态环境法典 arts. 51, 146: kept confidential).

    A kind of its own, in no search index and on no list; `queries.reporter` answers only roles with
    "see_complainant" and who wrote it down. `of` names the transferred complaint; it is deliberately no
    parent, so that a seal, whose bytes others read, does not cover it.
    """

    of = TextField(null=True, index=True)
    name = TextField(null=True)
    contact = TextField(null=True)
    words = TextField(null=True)
