"""The first day: ten minutes from a start to a sealed, synced practice inspection."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from models.language import N_, _, translate
from tui.keys import action, effective, shown
from tui.place import Place
from tui.text import plain
from tui.widgets.prose import Prose

STEPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        N_("Practise in the demo"),
        N_("Begin in the demo notebook: its papers all bear the demo mark, its server is on this laptop."),
        ("unlock.demo",),
    ),
    (
        N_("Start an inspection"),
        N_("Choose the site by the first letters of its pinyin, confirm two officers, choose checklists."),
        ("today.start", "new.begin"),
    ),
    (
        N_("Answer the checklist"),
        N_("One key an item; the cursor is then on the next. There is no Save: all is kept at once."),
        ("checklist.ok", "checklist.problem", "checklist.na"),
    ),
    (
        N_("Note, measure, take evidence"),
        N_("On any item: a note, a measured value that is judged as you type, a photo or file."),
        ("inspection.note", "inspection.measure", "inspection.evidence"),
    ),
    (
        N_("See what is missing"),
        N_("A list of what the law still wants; Enter on a line jumps to the place."),
        ("inspection.missing",),
    ),
    (
        N_("Read, print, sign, seal"),
        N_("The official form is filled from what you noted. Print it, have it signed, then seal it."),
        ("inspection.record", "record.print", "record.seal"),
    ),
    (
        N_("Sync"),
        N_("At the end of the day one key sends everything; a record is sent when its receipt is here."),
        ("app.sync",),
    ),
    (
        N_("When you are lost"),
        N_(
            "The footer shows the keys that matter here. The help lists all, and says why one cannot be used."
        ),
        ("app.help", "app.palette", "app.go", "app.back"),
    ),
)
"""Heading, sentence, and the actions whose keys are shown with it."""


class TourScreen(Place):
    """A page to read; the keys in it are those in force."""

    place_name = "tour"

    def body(self) -> ComposeResult:
        """Heading, sentence, keys, for each step."""
        with VerticalScroll(can_focus=True):
            for number, (heading, sentence, actions) in enumerate(STEPS, 1):
                yield Static(plain(f"{number}. {translate(heading)}"), classes="heading")
                yield Prose(translate(sentence))
                keys = [
                    f"{shown(effective(action(one), self.desk.own_keys)[0])} {translate(action(one).label)}"
                    for one in actions
                ]
                yield Prose("  ".join(keys), classes="quiet")
            yield Prose("")
            yield Prose(_("Esc goes back."), classes="quiet")

    def load(self) -> None:
        """Keys scroll."""
        self.query_one(VerticalScroll).focus()

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """Nothing here comes from records."""
