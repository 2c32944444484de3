"""A room 案件、专家、资金…: its lists, filtered as you type; what is begun here; what is done to a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Input

from models import rooms
from models.language import _, translate
from tui import acting
from tui.acting import Offer
from tui.keys import bindings
from tui.keytable import Action
from tui.named import lines_of, unseen
from tui.place import Place
from tui.screens.acts import open_act, open_record, show_acts
from tui.screens.inspections import PAUSE
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.widgets.lines import Lines
from tui.widgets.prose import Prose
from tui.widgets.tabs import TabsLine


@dataclass(frozen=True, slots=True)
class RoomView:
    """What stands above the list, read in one go."""

    summary: str
    counts: dict[str, int]
    offers: list[Offer]
    """What can be begun here."""


class RoomScreen(Place):
    """One room, drawn from its `room.py`.

    Args:
        room: its name in `models.rooms.MODULES`.
        listing: the list to begin with; the first where none is named.
    """

    place_name = "room"
    BINDINGS = bindings("room")
    AUTO_FOCUS = ""
    also_shown = ("app.go",)

    def __init__(self, room: str, listing: str = "") -> None:
        super().__init__()
        self.room = rooms.room(room)
        self._listing = listing or self.room.listings[0].name
        self._text = ""
        self._pause: Timer | None = None
        self._view: RoomView | None = None

    def body(self) -> ComposeResult:
        """One line that sums up, the names of the lists, the filter, the list."""
        yield Prose("", id="room-say", classes="quiet")
        yield TabsLine([(each.name, each.title) for each in self.room.listings], chosen=self._listing)
        with Horizontal(classes="filter"):
            yield Field(
                self._text,
                placeholder=_("/ filters: words, pinyin initials, number"),
                compact=True,
                id="filter-text",
            )
            yield Prose("", id="filter-state", classes="quiet")
        with ContentSwitcher(initial=f"list-{self._listing}", id="room-lists"):
            for each in self.room.listings:
                with Vertical(id=f"list-{each.name}"):
                    yield Prose("", classes="room-empty quiet")
                    yield Lines(each.columns, partial(self._read, each), _cells, empty=each.empty)

    @property
    def listing(self) -> rooms.Listing:
        """The list in front."""
        return next(each for each in self.room.listings if each.name == self._listing)

    @property
    def lines(self) -> Lines:
        """The widget of the list in front."""
        return self.query_one(f"#list-{self._listing} Lines", Lines)

    def heading(self) -> str:
        """The room's title."""
        return translate(self.room.title)

    # -- reading -------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Ask for the rows that the filter leaves, then for what stands above them."""
        notebook, listing, text = self.notebook, self.listing, self._text

        def find() -> tuple[str, list[str], str]:
            hidden = unseen(notebook, listing.kind)
            return listing.name, [] if hidden else listing.find(notebook, text), hidden

        self.ask(find, self._show, group="filter")
        self.ask(lambda: self._read_view(text), self._show_view, group="view")

    def _read_view(self, text: str) -> RoomView:
        notebook = self.notebook
        summary = self.room.summary(notebook) if self.room.summary is not None else ""
        counts = {
            each.name: len(each.find(notebook, text))
            for each in self.room.listings
            if not unseen(notebook, each.kind)
        }
        return RoomView(summary, counts, acting.beginnings(notebook, self.room))

    def _show(self, answer: tuple[str, list[str], str]) -> None:
        name, ids, hidden = answer
        if name != self._listing:
            return
        lines = self.lines
        lines.display = not hidden
        self.query_one(f"#list-{name} .room-empty", Prose).show(hidden)
        lines.show(ids)
        self.query_one("#filter-state", Prose).show(_("{count} in this list").format(count=f"{len(ids):,}"))
        if self.focused is None:
            lines.focus()
        self.refresh_footer()

    def _show_view(self, view: RoomView) -> None:
        self._view = view
        self.query_one("#room-say", Prose).show(view.summary)
        self.query_one(TabsLine).show(view.counts)
        self.refresh_footer()

    def _read(self, listing: rooms.Listing, ids: Sequence[str]) -> Sequence[rooms.Line]:
        return lines_of(self.notebook, listing, ids)

    # -- filter and lists ----------------------------------------------------------------------------------

    @on(Input.Changed, "#filter-text")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._text:
            return
        self._text = event.value
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self.load)

    @on(Input.Submitted, "#filter-text")
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        self.lines.focus()

    def on_key(self, event: events.Key) -> None:
        """Down and Esc in the filter go into the list."""
        if event.key in ("down", "escape") and isinstance(self.focused, Field):
            event.stop()
            event.prevent_default()
            self.lines.focus()

    def action_find(self) -> None:
        """The cursor into the filter."""
        self.query_one(Field).focus()

    def why_not_list(self) -> str:
        """There must be another list."""
        return "" if len(self.room.listings) > 1 else _("There is one list here.")

    why_not_list_before = why_not_list

    def action_list(self) -> None:
        """The next list."""
        self._step(1)

    def action_list_before(self) -> None:
        """The list before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        names = [each.name for each in self.room.listings]
        self.show_list(names[(names.index(self._listing) + step) % len(names)])

    def show_list(self, name: str) -> None:
        """Bring a list to the front."""
        self._listing = name
        self.query_one(TabsLine).chosen = name
        self.query_one(ContentSwitcher).current = f"list-{name}"
        self.lines.focus()
        self.load()

    @on(TabsLine.Chosen)
    def _tab_clicked(self, event: TabsLine.Chosen) -> None:
        event.stop()
        self.show_list(event.name)

    @on(Lines.Opened)
    def _open(self, event: Lines.Opened) -> None:
        event.stop()
        if self.listing.kind:
            open_record(self, self.listing.kind, event.id)

    @on(Lines.Moved)
    def _moved(self, event: Lines.Moved) -> None:
        event.stop()

    # -- acts ----------------------------------------------------------------------------------------------

    def why_not_new(self) -> str:
        """The room must have something that is begun in it."""
        found = self._view.offers if self._view is not None else []
        if len(found) == 1:
            return found[0].refusal
        return "" if found or self._view is None else _("Nothing is begun here: open a row instead.")

    def action_new(self) -> None:
        """Begin something: at once where there is one thing, else after choosing."""
        found = self._view.offers if self._view is not None else []
        if len(found) == 1:
            open_act(self, found[0])
        elif found:
            show_acts(self, _("Begin something new"), found)

    def why_not_act(self) -> str:
        """There must be a row that something can be done to."""
        if not self.is_mounted or self.lines.current is None:
            return _("There is no row to do something to.")
        return "" if self.listing.kind else _("Nothing is done to the rows of this list.")

    def action_act(self) -> None:
        """What can be done to the row under the cursor."""
        notebook, kind, record = self.notebook, self.listing.kind, str(self.lines.current)
        self.ask(lambda: acting.on_record(notebook, kind, record), self._show_acts, group="acts")

    def _show_acts(self, found: list[Offer]) -> None:
        if not found:
            self.desk.say(_("Nothing is done to this by hand."), severity="warning")
            return
        show_acts(self, _("What can be done to this row"), found, self.room.name)

    def offered(self) -> list[Choice]:
        """What can be begun here, for the list of all actions."""
        return [
            Choice(each.key, translate(each.act.title), each.refusal or translate(each.act.help), each)
            for each in (self._view.offers if self._view is not None else ())
        ]

    def take_offered(self, choice: Choice) -> None:
        """Open an act that was chosen from the list of all actions."""
        open_act(self, choice.data)

    # -- the chart -----------------------------------------------------------------------------------------

    def has_action(self, row: Action) -> bool:
        """The chart is of the units."""
        return row.name != "chart" or self.room.name == "units"

    def action_chart(self) -> None:
        """The figures as bars."""
        if self.room.name == "units":
            self.desk.open_place("chart")


def _cells(line: rooms.Line) -> Sequence[rooms.Cell | str]:
    return line.cells
