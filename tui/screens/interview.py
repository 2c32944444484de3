"""Interview 调查询问: question, answer, next, by keyboard alone; what was asked stands above.

Enter keeps what stands in a field and goes on: from the question to its answer, from the answer to the next
question. A question is a record as soon as it is left, its answer when that is. That nobody answered is
written by a key of its own. Esc goes from the fields to what was asked, where letters act; from there back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static, TextArea

from models.errors import RuleBroken
from models.inspections.known import Missing
from models.inspections.onsite import interviews
from models.inspections.onsite.interview_acts import ENDING
from models.inspections.onsite.interview_rules import NO_ANSWER
from models.language import N_, _, translate
from models.rooms import room
from tui.acting import Offer
from tui.keys import action, bindings, effective, shown
from tui.keytable import Action
from tui.place import Place
from tui.screens.acts import do_act, open_act
from tui.screens.common import CONFLICT
from tui.screens.inspection_form import ask_phrase, with_basis
from tui.screens.inspection_missing import MissingList
from tui.screens.interview_entry import Entry, EntryField
from tui.text import plain
from tui.widgets.confirm import AskLine, Confirm
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.longfield import LongField
from tui.widgets.prose import Prose

COLUMNS = (Column("", 3, right=True), Column(N_("What was asked"), 30), Column(N_("What was answered"), 0))
KEEP_AFTER = 2.0
"""Seconds of rest after which what is typed is kept beside the records, against a power cut."""
_ENDING = {each.key for each in ENDING}


@dataclass(frozen=True, slots=True)
class InterviewView:
    """What the screen shows, read in one go."""

    row: Any
    questions: list[Any]
    missing: list[Missing]
    draft: str


class InterviewScreen(Place):
    """One interview.

    Args:
        interview_id: which one.
    """

    CSS_PATH = "interview.tcss"
    place_name = "interview"
    BINDINGS = bindings("interview")
    AUTO_FOCUS = ""
    back_means = N_("From the fields to what was asked, where letters act; from there back. Nothing is lost.")

    def __init__(self, interview_id: str) -> None:
        super().__init__()
        self.interview_id = interview_id
        self._view: InterviewView | None = None
        self._entry = Entry()
        self._rest: Timer | None = None

    def body(self) -> ComposeResult:
        """State, what was asked so far, the two fields."""
        yield Prose("", id="interview-say", classes="quiet")
        yield Lines(COLUMNS, self._read_rows, _cells, empty=N_("Nothing was asked yet."), id="interview-list")
        with Vertical(id="interview-entry"):
            with Horizontal(classes="interview-line"):
                yield Static(plain(_("Q")), classes="interview-label")
                yield EntryField(id="interview-question")
            with Horizontal(classes="interview-line"):
                yield Static(plain(_("A")), classes="interview-label")
                yield EntryField(id="interview-answer")
            yield Prose("", id="interview-hint", classes="quiet")

    @property
    def question(self) -> EntryField:
        """The field of the question."""
        return self.query_one("#interview-question", EntryField)

    @property
    def answer(self) -> EntryField:
        """The field of the answer."""
        return self.query_one("#interview-answer", EntryField)

    @property
    def lines(self) -> Lines:
        """What was asked so far."""
        return self.query_one(Lines)

    def heading(self) -> str:
        """Who is asked."""
        name = self._view.row.person_name if self._view is not None else None
        return f"{super().heading()}  {name}" if name else super().heading()

    def trouble(self, error: Exception) -> None:
        """With the basis."""
        if isinstance(error, RuleBroken):
            self.desk.say(with_basis(error), severity="error")
            return
        super().trouble(error)

    # -- reading -------------------------------------------------------------------------------------------

    @property
    def _draft(self) -> str:
        """The seat's fact that keeps what is typed and no record yet."""
        return f"interview_{self.interview_id}"

    def load(self) -> None:
        """Read the interview."""
        notebook, interview, draft = self.notebook, self.interview_id, self._draft

        def read() -> InterviewView:
            row = interviews.interview(notebook, interview)
            if row is None:
                raise RuleBroken(N_("There is no such record here. Choose one from the list."))
            whole = row.sealed or row.voided is not None
            lacking = [] if whole else interviews.missing(notebook, interview)
            asked = interviews.questions_of(notebook, interview)
            return InterviewView(row, asked, lacking, notebook.meta(draft) or "")

        self.ask(read, self._show)

    def _show(self, view: InterviewView) -> None:
        first = self._view is None
        self._view = view
        self.query_one("#interview-say", Prose).show(self._state(view))
        closed = self._ended
        self.query_one("#interview-entry").display = not closed
        last = view.questions[-1].id if view.questions else ""
        self.lines.show([each.id for each in view.questions], select=last if self._entry.fresh else "")
        if first and not closed:
            self._take_up(view.draft)
        self._hint()
        if first or self.focused is None:
            (self.lines if closed else self.question).focus()
        self.desk.paint_bars()
        self.refresh_footer()

    def _state(self, view: InterviewView) -> str:
        row = view.row
        if row.voided is not None:
            return _("Withdrawn") + f": {row.voided}"
        if row.sealed:
            return f"{_('Sealed')}  {row.number or ''}"
        count = sum(1 for each in view.missing if each.blocking)
        needed = _("{count} still missing").format(count=count) if count else _("nothing missing")
        conflict = f"  {_(CONFLICT)}" if row.conflicts else ""
        return f"{row.number or ''}  {needed}{conflict}"

    @property
    def _ended(self) -> bool:
        row = self._view.row if self._view is not None else None
        return row is not None and (bool(row.sealed) or row.voided is not None)

    def _read_rows(self, ids: Sequence[str]) -> list[tuple[int, Any]]:
        view = self._view
        found = {each.id: (at, each) for at, each in enumerate(view.questions, 1)} if view is not None else {}
        return [found[each] for each in ids if each in found]

    def _hint(self) -> None:
        key = shown(effective(action("interview.phrase"), self.desk.own_keys)[0])
        silent = shown(effective(action("interview.silent"), self.desk.own_keys)[0])
        words = _("Enter goes on. {key}: stock questions. {silent}: no answer. Esc: letters act.").format(
            key=key, silent=silent
        )
        entry = self._entry
        corrected = bool(entry.record) and not entry.fresh
        if corrected or entry.after:
            at = entry.record if corrected else entry.after
            ids = [each.id for each in self._view.questions] if self._view is not None else []
            place = ids.index(at) + 1 if at in ids else len(ids)
            said = _("Question {place} is corrected.") if corrected else _("Behind question {place}.")
            words = said.format(place=place) + " " + words
        self.query_one("#interview-hint", Prose).show(words)

    # -- writing -------------------------------------------------------------------------------------------

    @on(EntryField.Done, "#interview-question")
    def _asked(self, event: EntryField.Done) -> None:
        event.stop()
        if not self.question.value.strip():
            self.desk.say(_("Write the question first; Esc goes back."), severity="warning")
            return
        self._keep()
        self.answer.focus()

    @on(EntryField.Done, "#interview-answer")
    def _answered(self, event: EntryField.Done) -> None:
        event.stop()
        if not self.question.value.strip():
            self.question.focus()
            return
        if not self.answer.value.strip():
            key = shown(effective(action("interview.silent"), self.desk.own_keys)[0])
            self.desk.say(
                _("Write the answer. {key} writes that none was given.").format(key=key), severity="warning"
            )
            return
        self._keep()
        self._begin(Entry())

    def why_not_silent(self) -> str:
        """A question must stand there, and no answer."""
        if self._ended or not self.question.value.strip():
            return self.why_not_ask() or _("Write the question first; Esc goes back.")
        return _("An answer stands there. Empty it first.") if self.answer.value.strip() else ""

    def action_silent(self) -> None:
        """Write down that the question was not answered, and go on."""
        self.answer.load(NO_ANSWER)
        self._keep()
        self._begin(Entry())

    @on(EntryField.Out)
    def _out(self, event: EntryField.Out) -> None:
        event.stop()
        self.keep()
        self.lines.focus()

    def _keep(self) -> None:
        """Write what stands in both fields."""
        entry, notebook, interview = self._entry, self.notebook, self.interview_id
        question, answer, draft = self.question.value, self.answer.value, self._draft

        def write() -> str:
            made = entry.keep(notebook, interview, question, answer)
            notebook.set_meta(**{draft: None})
            return made

        if self._rest is not None:
            self._rest.stop()
        self.do_verb(write)

    def keep(self) -> None:
        """Keep what was typed: before leaving, locking, switching language."""
        if not self._ended and self._view is not None and self.question.value.strip():
            self._keep()

    def _begin(self, entry: Entry, question: str = "", answer: str = "") -> None:
        """Put another question into the fields."""
        self._entry = entry
        for place, text in ((self.question, question), (self.answer, answer)):
            place.load(text)
            place.move_cursor(place.document.end)
        self._hint()
        self.question.focus()
        self.refresh_footer()

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(KEEP_AFTER, self._keep_draft)

    def _keep_draft(self) -> None:
        notebook, draft, entry = self.notebook, self._draft, self._entry
        typed = {"question": self.question.value, "answer": self.answer.value}

        def write() -> None:
            text = json.dumps({**typed, "record": entry.record, "after": entry.after}, ensure_ascii=False)
            notebook.set_meta(**{draft: text})

        self.do_verb(write)

    def _take_up(self, draft: str) -> None:
        """Show again what was typed and not kept when the power went."""
        try:
            held = json.loads(draft or "{}")
        except ValueError:
            held = {}
        if not isinstance(held, dict) or not any(held.get(key) for key in ("question", "answer")):
            return
        texts = {key: str(held.get(key) or "") for key in ("question", "answer", "record", "after")}
        known = {each.id: each for each in self._view.questions} if self._view is not None else {}
        entry = Entry(texts["record"] if texts["record"] in known else "", texts["after"])
        if entry.record:
            row = known[entry.record]
            entry.kept = {"question": row.question or "", "answer": row.answer or ""}
        self._begin(entry, texts["question"], texts["answer"])
        self.desk.say(_("What you typed here before is here again."))

    async def relabel(self) -> None:
        """In the other language, with what stands in the fields."""
        texts = (self.question.value, self.answer.value)
        await super().relabel()
        self._begin(self._entry, *texts)

    @on(LongField.Leave)
    def _leave(self, event: LongField.Leave) -> None:
        event.stop()
        order: list[Any] = [self.lines, self.question, self.answer]
        at = order.index(self.focused) if self.focused in order else 1
        order[max(0, min(len(order) - 1, at + event.step))].focus()

    # -- what was asked ------------------------------------------------------------------------------------

    @on(Lines.Opened)
    def _open(self, event: Lines.Opened) -> None:
        event.stop()
        if self._ended:
            self.desk.open_place("sheet", kind="question", record_id=event.id)
            return
        self._correct(event.id)

    def _correct(self, question_id: str) -> None:
        """Take a question into the fields."""
        self.keep()
        found = self._view.questions if self._view is not None else []
        row = next((each for each in found if each.id == question_id), None)
        if row is not None:
            texts = (row.question or "", row.answer or "")
            kept = dict(zip(("question", "answer"), texts, strict=True))
            self._begin(Entry(row.id, kept=kept, fresh=False), *texts)

    def in_footer(self, row: Action) -> bool:
        """Where letters act they are shown, and not what is of the fields."""
        return self.focused is not self.lines or row.name not in ("silent", "phrase")

    def why_not_ask(self) -> str:
        """Sealed stays sealed."""
        return _("This is sealed and stays as it is.") if self._ended else ""

    why_not_phrase = why_not_person = why_not_ending = why_not_seal = why_not_ask

    def action_ask(self) -> None:
        """A new question at the end."""
        self.keep()
        self._begin(Entry())

    def why_not_between(self) -> str:
        """There must be a question behind which it is put."""
        return self.why_not_ask() or ("" if self.lines.current else _("Nothing was asked yet."))

    def action_between(self) -> None:
        """A new question behind the one under the cursor."""
        self.keep()
        self._begin(Entry(after=str(self.lines.current)))

    def action_phrase(self) -> None:
        """A stock question."""
        ask_phrase(self, "question", self._phrase)

    def _phrase(self, text: str) -> None:
        if self._entry.record:  # what was asked already stays, unless it is corrected by hand
            self.keep()
            self._begin(Entry())
        self.question.load(text)
        if "…" in text:
            row, column = 0, text.index("…")
            self.question.focus()
            self.question.move_cursor((row, column))
        else:
            self._keep()
            self.answer.focus()

    def why_not_take_out(self) -> str:
        """There must be a question under the cursor, or in the fields."""
        there = self._entry.record or self.lines.current
        return self.why_not_ask() or ("" if there else _("Nothing was asked yet."))

    def action_take_out(self) -> None:
        """Take it out, with a reason."""
        record = self._entry.record or str(self.lines.current)
        question = AskLine(_("Why is it withdrawn?"), explain=_("It stays in the history with the reason."))
        self.app.push_screen(question, partial(self._take_out, record))

    def _take_out(self, record: str, why: str | None) -> None:
        if not why:
            return
        notebook = self.notebook
        if record == self._entry.record:
            self._begin(Entry())
        self.do_verb(lambda: interviews.take_out(notebook, record, why))

    # -- the rest of the record ----------------------------------------------------------------------------

    def _act(self, name: str) -> None:
        act = room("onsite").act(name)
        assert act is not None
        open_act(self, Offer(room("onsite"), act, self.interview_id))

    def action_person(self) -> None:
        """Who is asked, where, by whom."""
        self._act("edit_interview")

    def action_ending(self) -> None:
        """End, what was told, signatures."""
        self._act("end_interview")

    def why_not_missing(self) -> str:
        """Nothing is missing of what is sealed."""
        return self.why_not_ask()

    def action_missing(self) -> None:
        """What is still missing; Enter goes there."""
        self._show_missing(_("Still missing"))

    def _show_missing(self, title: str) -> None:
        found = self._view.missing if self._view is not None else []
        ordered = sorted(found, key=lambda each: not each.blocking)
        self.app.push_screen(MissingList(title, ordered), self._go_to)

    def _go_to(self, each: Missing | None) -> None:
        if each is None:
            return
        if each.record:
            self._correct(each.record)
        elif each.field == "question":
            self.action_ask()
        elif each.field in _ENDING:
            self.action_ending()
        else:
            self.action_person()

    def action_seal(self) -> None:
        """Seal it, after saying what that means; else what is missing."""
        self.keep()
        notebook, interview = self.notebook, self.interview_id
        # in the verbs' thread: what was typed last is kept before it is read
        self.do_verb(lambda: interviews.missing(notebook, interview), self._ask_to_seal)

    def _ask_to_seal(self, missing: list[Missing]) -> None:
        blocking = [each for each in missing if each.blocking]
        if blocking and self._view is not None:
            title = _("Not sealed. Things that are missing: {count}. Enter goes there.").format(
                count=len(blocking)
            )
            self.app.push_screen(MissingList(title, blocking), self._go_to)
            return
        act = room("onsite").act("seal_interview")
        assert act is not None
        question = Confirm(translate(act.title), translate(act.help), yes=_("Seal"))
        self.app.push_screen(question, lambda yes: do_act(self, act, self.interview_id, {}) if yes else None)

    def action_paper(self) -> None:
        """The form as it will be printed."""
        self.desk.open_place("paper", kind="interview", record_id=self.interview_id, paper="interview")

    def action_sheet(self) -> None:
        """All of it, with what else can be done and its history."""
        self.desk.open_place("sheet", kind="interview", record_id=self.interview_id)


def _cells(row: tuple[int, Any]) -> Sequence[Cell | str]:
    place, each = row
    answer = " ".join((each.answer or "").split())
    return (
        Cell(str(place), "quiet"),
        Cell(" ".join((each.question or "").split()), "strong"),
        answer or Cell("…", "warn"),
    )
