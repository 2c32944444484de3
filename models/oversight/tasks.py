"""What is asked about the task table: where each task stands on a day, and whose it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from models.language import N_
from models.oversight.tables import Task, TaskReport

if TYPE_CHECKING:
    from models.store.seat import Seat

STATES: dict[str, str] = {
    "open": N_("Task open"),
    "overdue": N_("Task overdue"),
    "reported": N_("Task reported finished"),
    "done": N_("Task done"),
}


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task and where it stands at the end of a day."""

    task: Task
    state: str
    """One of `STATES`; one reported as finished after its time limit is overdue until it is taken as done."""
    reports: tuple[TaskReport, ...]
    """Those made by the day, the earliest first."""

    @property
    def lead(self) -> str:
        """Code of who leads it."""
        return str(self.task.lead or "")

    @property
    def supporting(self) -> tuple[str, ...]:
        """Codes of those that support it."""
        return tuple(each for each in str(self.task.supporting or "").split(",") if each)

    @property
    def latest(self) -> str:
        """What was reported last; empty where nothing was."""
        return str(self.reports[-1].text or "") if self.reports else ""


def state(task: Task, reports: Iterable[TaskReport], as_of: date) -> str:
    """Where a task stands at the end of a day; the last day of its time limit is still in time."""
    day = as_of.isoformat()
    if task.done_on and task.done_on <= day:
        return "done"
    if task.due_on and task.due_on < day:
        return "overdue"
    told = [each for each in reports if (each.on or "") <= day]
    return "reported" if told and told[-1].finished else "open"


def task_lines(
    seat: Seat, as_of: date, *, year: int | None = None, ids: Iterable[str] | None = None
) -> list[TaskLine]:
    """The tasks assigned by a day: those not done first, each by its time limit."""
    day = as_of.isoformat()
    with seat:
        rows = Task.select().where(Task.voided.is_null(), Task.set_on <= day)
        if year is not None:
            rows = rows.where(Task.year == year)
        if ids is not None:
            rows = rows.where(Task.id.in_(list(ids)))
        tasks = list(rows)
        told: dict[str, list[TaskReport]] = defaultdict(list)
        reports = TaskReport.select().where(TaskReport.voided.is_null(), TaskReport.on <= day)
        for row in reports.order_by(TaskReport.on, TaskReport.id):
            told[str(row.task)].append(row)
    found = [TaskLine(task, state(task, told[task.id], as_of), tuple(told[task.id])) for task in tasks]
    return sorted(found, key=lambda line: (line.state == "done", line.task.due_on or "", line.task.id))
