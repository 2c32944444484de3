"""What is still missing: a list whose every line jumps to its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from models.inspections import queries
from models.language import N_, _
from tui.place import Asking, Modal
from tui.screens.acts import open_record
from tui.screens.inspection_form import FACTS
from tui.text import plain
from tui.widgets.lines import Cell, Column, Lines
from tui.widgets.prose import Prose

COLUMNS = (Column("", 1), Column("", 4), Column("", 0))


class MissingList(Modal):
    """Closes with the `Missing` to jump to, or None."""

    BINDINGS = [Binding("escape,x", "close", show=False)]

    def __init__(self, title: str, found: Sequence[queries.Missing]) -> None:
        super().__init__()
        self._title = title
        self._found = {str(i): each for i, each in enumerate(found)}

    def compose(self) -> ComposeResult:
        """Title, list, the whole sentence of the line under the cursor with its basis."""
        with Vertical(classes="picker wide"):
            yield Static(plain(self._title), classes="picker-title")
            yield Lines(
                COLUMNS,
                lambda ids: [self._found[one] for one in ids],
                _cells,
                empty=N_("Nothing is missing. It can be sealed."),
                head=False,
            )
            yield Prose("", classes="missing-more")

    def on_mount(self) -> None:
        """The list has the focus."""
        lines = self.query_one(Lines)
        lines.show(list(self._found))
        lines.focus()

    @on(Lines.Moved)
    def _moved(self, event: Lines.Moved) -> None:
        event.stop()
        each = self._found[event.id]
        basis = f"\n{each.basis}" if each.basis else ""
        self.query_one(".missing-more", Prose).show(each.text + basis)

    @on(Lines.Opened)
    def _opened(self, event: Lines.Opened) -> None:
        event.stop()
        self.dismiss(self._found[event.id])


def _cells(each: queries.Missing) -> Sequence[Cell | str]:
    rule = each.rule if each.rule.startswith("V") else ""
    return (
        Cell("!" if each.blocking else "-", "bad" if each.blocking else "quiet"),
        Cell(rule, "quiet"),
        each.text,
    )


def show_missing(screen: Any, inspection_id: str, found: Sequence[queries.Missing], title: str = "") -> None:
    """Show the list over a screen; Enter jumps from it."""
    blocking = sum(1 for each in found if each.blocking)
    if not title:
        title = _("Still missing: {needed} needed, {advised} advised").format(
            needed=blocking, advised=len(found) - blocking
        )
    ordered = sorted(found, key=lambda each: not each.blocking)
    screen.app.push_screen(MissingList(title, ordered), lambda each: jump(screen, inspection_id, each))


def ask_missing(screen: Asking, inspection_id: str) -> None:
    """Read what is missing and show it."""
    notebook = screen.notebook
    screen.ask(
        lambda: queries.missing(notebook, inspection_id),
        lambda found: show_missing(
            screen, inspection_id, [each for each in found if each.field != "ended_at"]
        ),
        group="missing",
    )


def jump(screen: Any, inspection_id: str, each: queries.Missing | None) -> None:
    """Open the place where a missing thing is put, with the cursor on it."""
    if each is None:
        return
    if each.kind:
        open_record(screen, each.kind, each.record)
        return
    openers: dict[str, Callable[[], None]] = {
        "limit": lambda: screen.desk.open_place(
            "measurement", inspection_id=inspection_id, record_id=each.record
        ),
        "V11": lambda: screen.desk.open_place(
            "measurement", inspection_id=inspection_id, record_id=each.record, field=each.field
        ),
        "finding": lambda: screen.desk.open_place(
            "finding", inspection_id=inspection_id, record_id=each.record
        ),
        "V05": lambda: screen.desk.open_place(
            "evidence", inspection_id=inspection_id, record_id=each.record, edit=bool(each.record)
        ),
        "form": lambda: screen.desk.open_place(
            "filling", inspection_id=inspection_id, record_id=each.record, path=each.field
        ),
        "V06": lambda: screen.desk.open_place("record", inspection_id=inspection_id, field="statement"),
        "item": lambda: _to_item(screen, inspection_id, each),
    }
    openers |= dict.fromkeys(("V07", "V08", "V09", "V10"), openers["V05"])
    openers |= {"V04": openers["V06"], "V21": openers["finding"]}
    openers |= dict.fromkeys(("V18", "V29"), openers["item"])
    if each.rule in openers:
        openers[each.rule]()
    elif each.field in FACTS:
        screen.desk.open_place("facts", inspection_id=inspection_id, field=each.field)
    else:
        screen.desk.open_place("signatures", inspection_id=inspection_id, field=each.field)


def _to_item(screen: Any, inspection_id: str, each: queries.Missing) -> None:
    if not hasattr(screen, "show_tab"):
        screen.desk.open_place("inspection", inspection_id=inspection_id, item=each.item)
        return
    screen.show_tab("items")
    screen.checklist.go_to(each.item)
    if each.field == "note":
        screen.checklist.write_note()
