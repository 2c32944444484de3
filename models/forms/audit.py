"""The log that a form with an audit question asks for: what was looked at, changed and saved, and when.

ODK XForms, "Client Audit Logs"; the events are those of ODK Collect ("Form Audit Log", "Event types"). Times
are ms since 1970 UTC: the computer's clock is asked once a session, then only how much time has passed, so
that a clock that is set in between moves nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from models.forms.model import Form

NAME = "audit.csv"
"""What the file beside a submission is called; the instance's meta/audit names it."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What a form wants to be logged ("Bind Attributes", audit)."""

    path: str
    """Of the field that names the file."""
    changes: bool = False
    user: bool = False
    reasons: bool = False
    places: bool = False

    @property
    def header(self) -> str:
        """The names of the columns."""
        wanted = (
            ("event,node,start,end", True),
            ("latitude,longitude,accuracy", self.places),
            ("old-value,new-value", self.changes),
            ("user", self.user),
            ("change-reason", self.reasons),
        )
        return ",".join(names for names, asked in wanted if asked)


def audit_of(form: Form) -> Audit | None:
    """What the form wants to be logged; None where it wants nothing."""
    field = form.fields.get(f"{form.root.path}/meta/audit")
    if field is None or field.type != "binary":
        return None
    marks = dict(field.marks)
    return Audit(
        field.path,
        changes=marks.get("track-changes") == "true",
        user=marks.get("identify-user") == "true",
        reasons=marks.get("track-changes-reasons") == "on-form-edit",
        places="location-priority" in marks,
    )


def cell(text: str) -> str:
    """A value as the specification wants it: in quotes where it holds a comma or a line's end."""
    if not any(mark in text for mark in ",\n\r"):
        return text
    return '"' + text.replace('"', '""') + '"'


def whole(audit: Audit, lines: str) -> str:
    """The file: header and lines."""
    return f"{audit.header}\n{lines}"


@dataclass(slots=True)
class _View:
    """What is looked at."""

    event: str
    node: str
    start: int
    value: str


class AuditLog:
    """The log of one session: begun by the first thing that happens, ended by `leave`, begun again after it.

    Args:
        audit: what is wanted.
        value: the answer at a path as it is now; None where there is no such place any more.
        now: the computer's clock, ms since 1970 UTC; asked once.
        elapsed: seconds that never go back.
        user: who fills the form in.
        resumed: whether the form was worked on before.
    """

    def __init__(
        self,
        audit: Audit,
        value: Callable[[str], str | None],
        *,
        now: Callable[[], int],
        elapsed: Callable[[], float] = time.monotonic,
        user: str = "",
        resumed: bool = False,
    ) -> None:
        self.audit = audit
        self.value = value
        self._now = now
        self._elapsed = elapsed
        self._begun: tuple[int, float] | None = None
        self._user = user
        self._resumed = resumed
        self._inside = False
        self._view: _View | None = None
        self._lines: list[str] = []
        self._changed = False
        self._reason_given = False

    @property
    def reason_due(self) -> bool:
        """Whether what was filled in before has been changed, and the form wants to know why."""
        return self.audit.reasons and self._resumed and self._changed and not self._reason_given

    def view(self, event: str, node: str = "") -> None:
        """Something comes into view: "question", "add repeat", "jump"; what was in view goes."""
        self._come_in()
        if self._view is not None and (self._view.event, self._view.node) == (event, node):
            return
        self._close()
        before = (self.value(node) or "") if event == "question" else ""
        self._view = _View(event, node, self._time(), before)

    def mark(self, event: str, node: str = "") -> None:
        """Something happens at once: "delete repeat", "constraint error"."""
        self._come_in()
        self._write(event, node, self._time())

    def finalize(self) -> None:
        """The form becomes final, without anybody in it."""
        self._write("form finalize", "", self._time())

    def changed(self) -> None:
        """An answer was changed and kept."""
        self._changed = True

    def explain(self, reason: str) -> None:
        """Why what was filled in before has been changed."""
        self._reason_given = True
        self._write("change reason", "", self._time(), reason=reason)

    def leave(self) -> None:
        """The form is left; nothing where it is not worked on."""
        if not self._inside:
            return
        self._close()
        if self._changed:
            self._write("form save", "", self._time())
        self._write("form exit", "", self._time())
        self._inside = self._changed = self._reason_given = False
        self._resumed = True

    @property
    def length(self) -> int:
        """Characters of the lines that have not been taken yet."""
        return sum(map(len, self._lines))

    def take(self) -> str:
        """The lines that have not been taken yet, each with its end."""
        lines, self._lines = self._lines, []
        return "".join(f"{line}\n" for line in lines)

    def _come_in(self) -> None:
        if not self._inside:
            self._inside = True
            self._write("form resume" if self._resumed else "form start", "", self._time())

    def _close(self) -> None:
        view, self._view = self._view, None
        if view is None:
            return
        after = self.value(view.node) if view.event == "question" else ""
        if after is None or after == view.value:  # "Answers will be recorded only if they differ"
            self._write(view.event, view.node, view.start, self._time())
        else:
            self._write(view.event, view.node, view.start, self._time(), (view.value, after))

    def _time(self) -> int:
        if self._begun is None:
            self._begun = self._now(), self._elapsed()
        began, mark = self._begun
        return began + int((self._elapsed() - mark) * 1000)

    def _write(
        self,
        event: str,
        node: str,
        start: int,
        end: int | None = None,
        values: tuple[str, str] = ("", ""),
        reason: str = "",
    ) -> None:
        cells = [event, node, str(start), "" if end is None else str(end)]
        cells += ["", "", ""] * self.audit.places
        cells += list(values) * self.audit.changes
        cells += [self._user] * self.audit.user
        cells += [reason] * self.audit.reasons
        self._lines.append(",".join(map(cell, cells)))
