"""The records of the city's oversight: tasks, scores, monthly bulletins, the place in the province.

What the figures are is never kept: they follow from the cases by legal date (`figures`). Only a bulletin that
was issued holds those of its day, under a seal.
"""

from __future__ import annotations

from models.store.records import BooleanField, IntegerField, Record, TextField, record


@record("task", version=1, search=("title", "detail"))
class Task(Record):
    """One line of the year's task table (任务分解表), for one leading unit."""

    year = IntegerField(null=True, index=True)
    level = TextField(null=True)
    """"city" or "county"."""
    title = TextField(null=True)
    detail = TextField(null=True)
    lead = TextField(null=True, index=True)
    """Code of the unit or department that leads (牵头单位)."""
    supporting = TextField(null=True)
    """Comma-joined codes of those that support it (配合单位)."""
    set_on = TextField(null=True)
    """Legal day of its assignment."""
    due_on = TextField(null=True)
    done_on = TextField(null=True)


@record("task_report", version=1, search=("text",), parent="task")
class TaskReport(Record):
    """What a unit reports of its work on a task, on a day; counties and departments send theirs by sync."""

    task = TextField(null=True, index=True)
    on = TextField(null=True)
    text = TextField(null=True)
    reporter = TextField(null=True)
    """Code of the unit that reports."""
    finished = BooleanField(null=True)
    """Whether it reports the task as finished; the dispatcher says so by the task's `done_on`."""


@record("score", version=1, search=("reason", "evidence"))
class Score(Record):
    """The points that the city gives a unit for one indicator of a year; `unit` is the unit scored.

    Its id follows from unit, year and indicator (`rules.score_id`).
    """

    year = IntegerField(null=True, index=True)
    indicator = TextField(null=True)
    points = TextField(null=True)
    """Decimal text."""
    reason = TextField(null=True)
    """Why points were deducted."""
    evidence = TextField(null=True)
    """What proves it (佐证), in words."""
    scored_by = TextField(null=True)
    on = TextField(null=True)


@record("bulletin", version=1, search=("number", "text"))
class Bulletin(Record):
    """A monthly bulletin (通报) as it was issued; sealed in the same moment."""

    month = TextField(null=True, index=True)
    """YYYY-MM."""
    number = TextField(null=True, index=True)
    count = IntegerField(null=True)
    """第几期 of its year."""
    as_of = TextField(null=True)
    """Day of its figures: the last of the month."""
    text = TextField(null=True)
    social = TextField(null=True)
    """The social benefits (社会效益), in the words of whoever issued it."""
    figures = TextField(null=True)
    """All its tables as they were, J1 JSON (`dispatch.table`)."""
    issued_on = TextField(null=True)
    issued_by = TextField(null=True)


@record("ranking", version=1, search=("source",))
class Ranking(Record):
    """The city's place in the province for its done rate: told by others, it cannot be computed (R005)."""

    as_of = TextField(null=True, index=True)
    place = IntegerField(null=True)
    source = TextField(null=True)
    """Where it was published."""
