"""A room 案件、专家、资金…: its lists, filtered as you type; what is begun here; what is done to a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from models import rooms
from models.language import N_, _, translate
from tui import acting
from tui.acting import Offer
from tui.keys import bindings
from tui.keytable import Action
from tui.named import lines_of, unseen
from tui.screens.acts import Offering, open_act, open_record, show_acts
from tui.screens.filtered import FilteredPlace
from tui.widgets.lines import Lines
from tui.widgets.prose import Prose
from tui.widgets.tabs import TabsLine


@dataclass(frozen=True, slots=True)
class Found:
    """What a filter leaves of a list."""

    listing: str
    text: str
    ids: list[str]
    hidden: str
    """Why who is unlocked may not read it; empty for who may."""


class RoomScreen(Offering, FilteredPlace):
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
        self._read_offers = False
        self._counts: dict[str, int] = {}
        """List to how many records the filter leaves in it."""

    def body(self) -> ComposeResult:
        """One line that sums up, the names of the lists, the filter, the list."""
        yield Prose("", id="room-say", classes="quiet")
        yield TabsLine([(each.name, each.title) for each in self.room.listings], chosen=self._listing)
        yield from self.filter_line(_("/ filters: words, pinyin initials, number"))
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
        """The list in front."""
        return self.query_one(f"#list-{self._listing} Lines", Lines)

    def heading(self) -> str:
        """The room's title."""
        return translate(self.room.title)

    # -- reading -------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Ask for the rows that the filter leaves, then for what stands above them."""
        self.narrow()
        self.ask(self._read_view, self._show_view, group="view")

    def narrow(self) -> None:
        """Ask for the list in front, then for how much is in the others."""
        self._find()
        notebook, text = self.notebook, self.text
        others = [each for each in self.room.listings if each.name != self._listing]

        def count() -> dict[str, int]:
            seen = [each for each in others if not unseen(notebook, each.kind)]
            return {each.name: len(each.find(notebook, text)) for each in seen}

        self.ask(count, self._show_counts, group="counts")

    def _find(self) -> None:
        notebook, listing, text = self.notebook, self.listing, self.text

        def find() -> Found:
            hidden = unseen(notebook, listing.kind)
            return Found(listing.name, text, [] if hidden else listing.find(notebook, text), hidden)

        self.ask(find, self._show, group=f"filter {listing.name}")

    def _read_view(self) -> tuple[str, list[Offer]]:
        notebook = self.notebook
        summary = self.room.summary(notebook) if self.room.summary is not None else ""
        return summary, acting.beginnings(notebook, self.room)

    def _show(self, found: Found) -> None:
        if found.text == self.text:
            self._show_counts({found.listing: len(found.ids)})
        if found.listing != self._listing:
            return
        lines = self.lines
        lines.display = not found.hidden
        self.query_one(f"#list-{found.listing} .room-empty", Prose).show(found.hidden)
        lines.empty = N_("Nothing matches. Try fewer letters.") if found.text else self.listing.empty
        lines.show(found.ids)
        self.show_left(_("{count} in this list").format(count=f"{len(found.ids):,}"))
        if self.focused is None:
            lines.focus()
        self.refresh_footer()

    def _show_counts(self, counts: dict[str, int]) -> None:
        self._counts |= counts
        self.query_one(TabsLine).show(self._counts)

    def _show_view(self, view: tuple[str, list[Offer]]) -> None:
        summary, self.offers = view
        self._read_offers = True
        self.query_one("#room-say", Prose).show(summary)
        self.refresh_footer()

    def _read(self, listing: rooms.Listing, ids: Sequence[str]) -> Sequence[rooms.Line]:
        return lines_of(self.notebook, listing, ids)

    # -- lists -------------------------------------------------------------------------------------------

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
        self._find()

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
        if len(self.offers) == 1:
            return self.offers[0].refusal
        begun = self.offers or not self._read_offers
        return "" if begun else _("Nothing is begun here: open a row instead.")

    def action_new(self) -> None:
        """Begin something: at once where there is one thing, else after choosing."""
        if len(self.offers) == 1:
            open_act(self, self.offers[0])
        elif self.offers:
            show_acts(self, _("Begin something new"), lambda: self.offers)

    def why_not_act(self) -> str:
        """There must be a row that something can be done to."""
        if not self.is_mounted or self.lines.current is None:
            return _("There is no row to do something to.")
        return "" if self.listing.kind else _("Nothing is done to the rows of this list.")

    def action_act(self) -> None:
        """What can be done to the row under the cursor."""
        notebook, kind, record = self.notebook, self.listing.kind, str(self.lines.current)

        acts = partial(acting.on_record, notebook, kind, record)
        show_acts(self, _("What can be done to this row"), acts, self.room.name)

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
