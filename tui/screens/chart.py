"""Chart: the cases of the units as bars, and how many were started and done in each month, as of any day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from models.language import N_, _
from models.oversight import charts
from models.oversight.figures import city_figures
from models.registry.days import today
from tui.keys import bindings
from tui.named import unseen
from tui.place import Place
from tui.widgets.bars import Bars
from tui.widgets.prose import Prose
from tui.widgets.tabs import TabsLine

if TYPE_CHECKING:
    from models.oversight.figures import Figures

FIGURES: dict[str, tuple[str, Callable[[Figures], list[charts.Bar]]]] = {
    "units": (N_("Cases by unit"), charts.by_unit),
    "started": (N_("Started by month"), charts.started_by_month),
    "done": (N_("Done by month"), charts.done_by_month),
}
"""Name to its title (msgid) and what makes its bars."""


@dataclass(frozen=True, slots=True)
class ChartView:
    """What the screen shows, read in one go."""

    as_of: date
    latest: bool
    """Whether the day is today."""
    say: str
    bars: list[charts.Bar]


class ChartScreen(Place):
    """The bars.

    Args:
        figure: one of `FIGURES`.
    """

    place_name = "chart"
    BINDINGS = bindings("chart")

    def __init__(self, figure: str = "units") -> None:
        super().__init__()
        self._figure = figure
        self._as_of: date | None = None
        """None for today."""
        self._view: ChartView | None = None

    def body(self) -> ComposeResult:
        """Which figure, one line that sums up, the bars, what their signs mean."""
        yield TabsLine([(name, title) for name, (title, _make) in FIGURES.items()], chosen=self._figure)
        yield Prose("", id="chart-say", classes="quiet")
        with VerticalScroll(can_focus=True, id="chart"):
            yield Bars()
        yield Prose("", id="chart-signs", classes="quiet")

    def load(self) -> None:
        """Compute the figures as of the day."""
        notebook, make = self.notebook, FIGURES[self._figure][1]

        def read() -> ChartView:
            this_day = today(notebook)
            as_of = min(self._as_of or this_day, this_day)
            hidden = unseen(notebook, "damage_case")
            if hidden:
                return ChartView(as_of, True, hidden, [])
            figures = city_figures(notebook, as_of)
            say = _("As of {day}: {covered} of {units} units, {started} started, {done} done.").format(
                day=as_of.isoformat(),
                covered=figures.covered,
                units=figures.units,
                started=figures.started,
                done=figures.done,
            )
            return ChartView(as_of, as_of == this_day, say, make(figures))

        self.ask(read, self._show)

    def _show(self, view: ChartView) -> None:
        self._view = view
        self.query_one("#chart-say", Prose).show(view.say)
        self.query_one(Bars).show(view.bars)
        glyphs = charts.GLYPHS
        signs = _("{done} done   {awaiting} awaiting performance   {other} others   ! no case").format(
            done=glyphs["good"], awaiting=glyphs["strong"], other=glyphs[""]
        )
        words = signs if self._figure == "units" else ""
        if not view.bars:
            words = _("There is no case yet as of this day.")
        self.query_one("#chart-signs", Prose).show(words)
        if self.focused is None:
            self.query_one("#chart").focus()
        self.refresh_footer()

    # -- another figure, another day -----------------------------------------------------------------------

    def on_tabs_line_chosen(self, event: TabsLine.Chosen) -> None:
        """Another figure was clicked."""
        event.stop()
        self._choose(event.name)

    def _choose(self, figure: str) -> None:
        self._figure = figure
        self.query_one(TabsLine).chosen = figure
        self.load()

    def action_figure(self) -> None:
        """The next figure."""
        names = list(FIGURES)
        self._choose(names[(names.index(self._figure) + 1) % len(names)])

    def action_earlier(self) -> None:
        """As of the end of the month before."""
        if self._view is not None:
            self._as_of = self._view.as_of.replace(day=1) - timedelta(days=1)
            self.load()

    def why_not_later(self) -> str:
        """Nobody knows what comes after today."""
        return _("These are the figures of today.") if self._view is not None and self._view.latest else ""

    def action_later(self) -> None:
        """As of the end of the next month, or today."""
        if self._view is not None:
            next_month = _month_after(self._view.as_of)
            self._as_of = _month_after(next_month) - timedelta(days=1)
            self.load()


def _month_after(day: date) -> date:
    """The first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
