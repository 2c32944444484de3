"""What the Sync screen shows, read in one go; and the run itself, which goes on when the screen is left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from models import catalogue
from models.errors import NotebookLocked
from models.inspections import queries as inspections
from models.language import N_, _, translate
from models.registry import queries as registry
from models.store.lookup import by_id
from sync import copied, queries
from sync.address import ServerAddress
from sync.client import synchronise
from sync.outcome import Exit, Outcome, Progress, Told
from tui.kinds import kind_label
from tui.messages import Progressed
from tui.screens import history
from tui.screens.common import moment
from tui.trouble import note_trouble
from tui.widgets.progress import amount

PHASES = {
    "hello": N_("Greeting the server"),
    "push": N_("Sending records"),
    "pull": N_("Fetching records"),
    "files": N_("Sending files"),
    "done": N_("Done"),
}
RECEIPTS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line of any of the lists."""

    id: str
    record: str
    """What it is about, in words."""
    text: str
    part: str = ""
    kind: str = ""
    record_id: str = ""
    field: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class SyncView:
    """What the screen shows."""

    enrolment: queries.Enrolment | None
    unsent: queries.Unsent
    levels: queries.Levels
    removable: tuple[int, int]
    waiting: list[Line]
    aside: list[Line]
    conflicts: list[Line]
    receipts: list[Line]
    sessions: list[Line]
    copied: str = ""
    """What is to be said of a copy whose key the server does not know yet."""


def read_sync(notebook: Any) -> SyncView:
    """Everything; runs in a thread."""
    return SyncView(
        queries.enrolment(notebook),
        queries.unsent(notebook),
        queries.levels(notebook),
        queries.removable(notebook),
        _waiting(notebook),
        _aside(notebook),
        _conflicts(notebook),
        _receipts(notebook),
        [_session(each) for each in queries.sessions(notebook)],
        copied.words(notebook).text() if notebook.follows_unasked() else "",
    )


def record_words(notebook: Any, kind: str, record: str) -> str:
    """What a record is, in words: its kind and what a person knows it by. Inside `with notebook:` or not."""
    label = kind_label(kind)
    known = catalogue.kind(kind)
    if known is None:
        return label
    with notebook:
        row = by_id(known.table, record)
        if row is None:
            return label
        named = [
            getattr(row, name, None) for name in ("number", "item", "title", "name", "parameter", "site_name")
        ]
        parent = getattr(row, "inspection", None) or getattr(row, "of", None)
    words = " ".join(str(each) for each in named if each)
    if parent and not words:
        visit = inspections.inspection(notebook, parent)
        words = (visit.number or "") if visit is not None else ""
    return f"{label} {words}".strip()


def _waiting(notebook: Any) -> list[Line]:
    """Own entries without a receipt, a line a record."""
    return [
        Line(
            each.record,
            record_words(notebook, each.kind, each.record),
            _("entries: {count}").format(count=each.entries),
            "quiet",
            each.kind,
        )
        for each in queries.waiting(notebook)
    ]


def _aside(notebook: Any) -> list[Line]:
    lines = []
    for each in queries.put_aside(notebook):
        whose = _("ours") if each.own else _("of another device")
        words = record_words(notebook, each.kind, each.record)
        lines.append(
            Line(
                f"{each.device} {each.seq}", words, f"{each.text()} ({whose})", "bad", each.kind, each.record
            )
        )
    return lines


def _conflicts(notebook: Any) -> list[Line]:
    return [
        Line(
            f"{each.record} {each.field}",
            f"{record_words(notebook, each.kind, each.record)}  {history.label_of(each.kind, each.field)}",
            "  |  ".join(value_words(notebook, each.kind, each.field, value) for value in each.values),
            "warn",
            each.kind,
            each.record,
            each.field,
        )
        for each in queries.conflicts(notebook)
    ]


def _receipts(notebook: Any) -> list[Line]:
    ids = inspections.inspection_ids(notebook)[:RECEIPTS_SHOWN]
    rows = inspections.inspection_rows(notebook, ids)
    marks = queries.marks(notebook, ids)
    lines = []
    for row in rows:
        mark = marks.get(row.id, "kept")
        found = queries.receipt(notebook, row.id) if mark in ("received", "durable") else None
        words = (
            _("receipt {number}").format(number=found.cursor) if found is not None else translate(MARKS[mark])
        )
        lines.append(
            Line(row.id, f"{row.number}  {row.site_name}", words, "good" if found else "", mark=mark)
        )
    return lines


MARKS = {
    "kept": N_("kept here only"),
    "sent": N_("records there, files on the way"),
    "received": N_("all of it is there"),
    "durable": N_("all of it is there, and in the off-site backup"),
    "aside": N_("put aside by the server"),
}


def way_words(view: SyncView) -> str:
    """The server, and how far everything has got, in lines."""
    found = view.enrolment
    if found is None:
        lines = [
            _("This notebook is not enrolled with a server. Enrol it with a code from the administrator.")
        ]
    else:
        revoked = "  ! " + _("this device was revoked") if found.revoked else ""
        lines = [f"{found.organisation}  {found.url}{revoked}"]
    waiting = _("Everything has its receipt.")
    if view.unsent.entries or view.unsent.files:
        waiting = _("Without a receipt yet: entries {count} ({size}), files {files} ({bytes}).").format(
            count=view.unsent.entries,
            size=amount(view.unsent.bytes, "bytes"),
            files=view.unsent.files,
            bytes=amount(view.unsent.file_bytes, "bytes"),
        )
    lines.append(waiting)
    if view.copied:
        lines.append(f"! {view.copied}")
    if found is not None:
        shown = _(
            "Kept here (0): {kept}  received (1): {received}  complete (2): {complete}  "
            "in backup (3): {durable}"
        )
        lines.append(shown.format(**asdict(view.levels)))
    count, size = view.removable
    if count:
        lines.append(
            _(
                "Files that this laptop need not keep: {count} ({size}). They are in the off-site backup, "
                "and at the server for {days} days or longer."
            ).format(count=count, size=amount(size, "bytes"), days=queries.KEPT_DAYS)
        )
    return "\n".join(lines)


def _session(each: queries.PastSession) -> Line:
    if each.ended_at is None:
        result = _("cut off")
    elif each.problems:
        result = each.problems[0].text()
    else:
        result = _("whole")
    words = _("{sent} sent, {received} received, files {files}, {up} up, {down} down").format(
        sent=each.entries_sent,
        received=each.entries_received,
        files=each.files_sent,
        up=amount(each.bytes_up, "bytes"),
        down=amount(each.bytes_down, "bytes"),
    )
    good = each.ended_at is not None and not each.problems
    told = _("{words}; {result}").format(words=words, result=result)
    return Line(str(each.started_at), moment(each.started_at), told, "" if good else "warn")


def value_words(notebook: Any, kind: str, field: str, value: Any) -> str:
    """A value of a conflict as a person reads it."""
    return history.value_words(notebook, kind, field, value) or _("(empty)")


def person_name(notebook: Any, person: str) -> str:
    """Who wrote it."""
    officer = registry.officer(notebook, person)
    return (officer.name if officer is not None else "") or person[:8]


# -- the run -----------------------------------------------------------------------------------------------


@dataclass
class Run:
    """One synchronisation under way; it belongs to the app, not to a screen."""

    stop: threading.Event = field(default_factory=threading.Event)
    last: Progressed | None = None
    outcome: Outcome | None = None
    error: Exception | None = None
    done: bool = False
    offered: bool = False
    """Whether its screen has asked for a code since."""
    told: bool = False
    """Whether another screen has told its end; progress that comes late tells it again."""


_runs: WeakKeyDictionary[Any, Run] = WeakKeyDictionary()


def run_of(app: Any) -> Run | None:
    """The latest run of this app, under way or ended."""
    return _runs.get(app)


Work = Callable[[Any, Told, Callable[[], bool]], Outcome]
"""Brings a notebook and its server together; given the notebook, whom to tell, who says whether to stop."""


def start(app: Any, told: Callable[[], None], work: Work | None = None, *, code: str = "") -> Run:
    """Begin one, unless one is under way.

    Args:
        told: called on the event loop whenever it got further or ended.
        work: another way than over the network.
        code: the current code of the person's second factor, for the server.
    """
    before = _runs.get(app)
    if before is not None and not before.done:
        return before
    run = _runs[app] = Run()
    notebook = app.open_notebook
    chosen = work or _over_network(chosen_address(notebook, app.chosen.server), code)
    threading.Thread(target=_work, args=(app, run, notebook, chosen, told), name="sync", daemon=True).start()
    return run


def _over_network(address: ServerAddress | None, code: str) -> Work:
    def work(notebook: Any, progress: Told, cancelled: Callable[[], bool]) -> Outcome:
        return synchronise(notebook, address, progress=progress, cancelled=cancelled, code=code)

    return work


def from_stick(path: Path) -> Work:
    """What the server answered, taken in from a file."""
    from sync.carrying import take_answers

    def work(notebook: Any, progress: Told, cancelled: Callable[[], bool]) -> Outcome:
        return take_answers(notebook, path, progress=progress)

    return work


def export_words(notebook: Any, target: Path) -> str:
    """Write a bundle; where it lies and what is in it, in words. Runs in a thread."""
    from sync.carrying import export

    return export(notebook, target).text()


def chosen_address(notebook: Any, typed: str) -> ServerAddress | None:
    """The address of the settings, unless it is that of the enrolment, which knows its authority."""
    if not typed:
        return None
    address = ServerAddress.parse(typed)
    enrolled = queries.enrolment(notebook)
    return None if enrolled is not None and enrolled.url == address.url else address


def _work(app: Any, run: Run, notebook: Any, work: Work, told: Callable[[], None]) -> None:
    def progress(now: Progress) -> None:
        run.last = _progressed(now)
        app.call_later(told)

    try:
        run.outcome = work(notebook, progress, run.stop.is_set)
    except NotebookLocked:
        pass  # locked meanwhile: it goes on from there next time
    except Exception as error:
        note_trouble(app.home, error)
        run.error = error
    run.done = True
    app.call_later(told)


def _progressed(now: Progress) -> Progressed:
    what = translate(PHASES.get(now.phase, now.phase))
    if now.phase == "files":
        files = _("files: {done} of {total}").format(done=now.done, total=now.total)
        return Progressed(now.bytes_done, now.bytes_total, "bytes", f"{what}  {files}")
    if now.bytes_done:
        what += f"  {amount(now.bytes_done, 'bytes')}"
    return Progressed(now.done, now.total, N_("entries"), what)


def code_words(outcome: Outcome) -> str:
    """Why the code that was shown did not do, in a sentence; "" where none was."""
    said = (each.text() for each in outcome.problems if each.exit == Exit.CODE_DUE)
    return next(said, "") if outcome.factor != "due" else ""


def failed(run: Run) -> bool:
    """Whether it went wrong; that a code is still to be shown is no failure."""
    problems = run.outcome.problems if run.outcome is not None else []
    return run.done and (run.error is not None or any(each.exit != Exit.CODE_DUE for each in problems))


def outcome_words(run: Run) -> str:
    """How it went, in sentences."""
    if run.error is not None:
        text = getattr(run.error, "text", None)
        return (
            text()
            if text is not None
            else _("Something in the program broke; your work is kept. `qingcha doctor` tells more.")
        )
    if run.outcome is None:
        return ""
    found = run.outcome
    lines = [
        _("Receipts: entries {sent}, files {files}. Came: entries {received}. Left: entries {left}.").format(
            sent=found.entries_sent,
            files=found.files_sent,
            received=found.entries_received,
            left=found.unsent_entries,
        )
    ]
    lines += ["! " + each.text() for each in found.problems]
    lines += ["- " + each.text() for each in found.warnings]
    return "\n".join(lines)
