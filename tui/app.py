"""The app: which notebook is open, which place is shown, and what all screens share.

How to add a screen
===================
1. Name it in `tui/places.py` (a title, the module, the class) and give it its rows in `tui/keys.py`: an
   action `mine.print` makes the key, the footer, the help and the docs; `g` and a letter come with a row
   `go.mine`. An area's room needs neither: its `room.py` is drawn by `tui/screens/room.py`, `sheet.py` and
   `act.py` (see `models/rooms.py`).
2. Write `tui/screens/mine.py`::

       class MineScreen(Place):
           place_name = "mine"
           BINDINGS = bindings("mine")

           def __init__(self, inspection_id: str) -> None: ...
           def body(self) -> ComposeResult:           # between the bar and the footer
               yield Lines(COLUMNS, self.read, cells, empty=N_("Nothing here yet."))
           def load(self) -> None:                    # on opening, on changed records, on another language
               self.ask(lambda: queries.things(self.notebook), self.show)
           def show(self, things) -> None: ...        # on the event loop: put them into the widgets
           def action_print(self) -> None: ...        # runs `mine.print`
           def why_not_print(self) -> str:            # empty, or why it cannot run now (reader's language)
               return "" if self.sheet else _("Seal the record first.")

3. Whatever reads or writes (database, files, network) runs off the event loop: `self.ask(question, then)`
   for reading, `self.do_verb(verb, then)` for writing (in order, never dropped). An error shows itself:
   RuleBroken under its form field, other QingchaErrors as toasts, the rest as one sentence and in the log.
4. Text: messages by `_()`; everything shown goes through `plain(...)`, `Prose(...)` or `Lines` cells, never
   as a bare string (a test reads the code). One line of exact width: `text.fit`. Forms: `widgets.form.Form`
   of FormField data and `field_kept`; choices: `widgets.picker.Picker`; questions: `widgets.confirm`;
   long things: `widgets.progress.Progress`.
5. Open it by `self.desk.open_place("mine", inspection_id=...)`; Esc goes back, `self.desk.go("today")` goes
   home. Long things in a thread tell how far they are by `self.post_message(Progressed(...))`.
6. A layout for 80x24 comes first; `.wide` is on the screen from 120 columns, `.huge` from 180. Put the CSS
   into `tui/app.tcss`, with the tokens that are there. Give `tui/pictures.py` its name and keys.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.app import App
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen

from models.errors import NotebookLocked, QingchaError
from models.language import LANGUAGES, N_, _, translate, use_language
from tui import listed, quirks, settings
from tui.barstate import BarState, read_bar
from tui.found import look_soon
from tui.keys import action, bindings
from tui.machine import since_boot
from tui.messages import Failed, KeyPassed, RecordsChanged
from tui.opened import keep_ballast
from tui.place import Place
from tui.places import PLACES, new_screen
from tui.services import Services
from tui.settings import Settings
from tui.text import plain
from tui.themes import THEMES
from tui.trouble import note_trouble

if TYPE_CHECKING:
    from models.store.notebook import Notebook

PATIENCE = 0.3
"""Seconds that a key waits at most for the one before it to be taken."""
CLEAN = quirks.CleanFilter()
quirks.keep_toasts_whole()


class QingchaApp(App[int]):
    """The inspector's notebook on a terminal.

    Args:
        home: folder of the notebooks, the settings and the log.
        notebook: an open one; without it the app begins at Unlock.
        services: how notebooks are found, opened and begun.
        monotonic: seconds, for the idle lock.
        server: address to sync with; else the one in the settings.
    """

    TITLE = "青查 Qingcha"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = bindings("app", priority=("app.quit", "app.lock"))
    HORIZONTAL_BREAKPOINTS = [(0, "narrow"), (120, "wide"), (180, "huge")]
    on_notify = quirks.stand_anew

    def __init__(
        self,
        home: Path,
        notebook: Notebook | None = None,
        *,
        services: Services | None = None,
        monotonic: Callable[[], float] = since_boot,
        server: str = "",
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.home = home
        self.services = services or Services()
        self.settings_path = settings.settings_path(home)
        self.chosen: Settings = settings.load(self.settings_path)
        if server:
            self.chosen = replace(self.chosen, server=server)
        self.verbs = ThreadPoolExecutor(1, thread_name_prefix="verbs")
        self.bar_state = BarState()
        self._notebook = notebook
        self._unsubscribe: Callable[[], None] | None = None
        self._changed: set[tuple[str, str]] = set()
        self._changed_lock = threading.Lock()
        self._keys: deque[events.Key] = deque()
        self._key_on_its_way: KeyPassed | None = None
        self._monotonic = monotonic
        self._last_input = monotonic()
        self.parting_words = ""
        """One sentence to print after the terminal is given back."""
        self.wants_demo = False
        """Whether to open the demo when this has ended."""
        use_language(self.chosen.language)
        for theme in THEMES:
            self.register_theme(theme)
        self.use_theme(self.chosen.theme)

    # -- Textual's hooks -----------------------------------------------------------------------------------

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Ours comes last: nothing reaches the terminal raw."""
        return [*super().get_line_filters(), CLEAN]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own tokens, before a theme of ours is in force."""
        return dict(THEMES[0].variables)

    def get_default_screen(self) -> Screen[Any]:
        """Unlock lies under all others; an empty screen there would cost a tenth of the start."""
        return self.new_screen("unlock")

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver, leaving at once."""
        return quirks.quick_exit_driver(super().get_driver_class())

    def on_mount(self) -> None:
        """Keys; and Today where a notebook is open already."""
        self.set_keymap(dict(self.chosen.keys))
        self.set_interval(5, self.lock_when_idle)
        if self._notebook is not None:
            self.enter(self._notebook)

    async def on_event(self, event: events.Event) -> None:
        """Note every sign of a person, for the idle lock; take one key after the other."""
        if isinstance(event, events.InputEvent):
            self._last_input = self._monotonic()
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._keys.append(event)
            if self._key_on_its_way is not None:  # lost where its widget was closed: wait no longer than this
                self.set_timer(PATIENCE, partial(self._passed, self._key_on_its_way))
            await self._next_key()
        else:
            await super().on_event(event)

    async def _next_key(self) -> None:
        """Take the next key once the one before was: it may have opened the screen that this one is for.

        Textual gives a key to the widget with the focus; it comes back here, to the bindings, only behind
        those that were typed meanwhile. So each is followed by a message that takes the same way.
        """
        while self._keys and self._key_on_its_way is None:
            key = self._keys.popleft()
            takes = self.focused or self.screen
            await super().on_event(key)
            if key.is_forwarded:
                passed = KeyPassed()
                if takes.post_message(passed):
                    self._key_on_its_way = passed

    @on(KeyPassed)
    async def _passed(self, passed: KeyPassed) -> None:
        if self._key_on_its_way is passed:
            self._key_on_its_way = None
            await self._next_key()

    def note_person(self) -> None:
        """Somebody is there though no key is pressed: the phone in their hand has sent something."""
        self._last_input = self._monotonic()

    def _handle_exception(self, error: Exception) -> None:
        """No traceback ever reaches the screen (Textual 8.2.8 prints one with local values)."""
        note_trouble(self.home, error)
        self.parting_words = self.trouble_words()
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    async def on_unmount(self) -> None:
        """Close what is open; everything was kept already."""
        self.leave_notebook()
        self.verbs.shutdown(wait=True)

    # -- the notebook --------------------------------------------------------------------------------------

    @property
    def notebook_is_open(self) -> bool:
        """Whether a notebook is open."""
        return self._notebook is not None

    @property
    def open_notebook(self) -> Notebook:
        """The open notebook.

        Raises:
            NotebookLocked: none is open.
        """
        if self._notebook is None:
            raise NotebookLocked()
        return self._notebook

    def enter(self, notebook: Notebook) -> None:
        """Work with this notebook: subscribe to its changes and show Today."""
        self._notebook = notebook
        self._unsubscribe = notebook.subscribe(self._note_changes)
        self.bar_state = BarState(demo=bool(notebook.demo))
        self._last_input = self._monotonic()
        self.switch_base("today")
        self.refresh_bar()
        look_soon(self, notebook)
        keep_ballast(self, notebook)

    def leave_notebook(self) -> None:
        """Let go of the notebook, after the writes that wait."""
        notebook, self._notebook = self._notebook, None
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self.bar_state = BarState()
        if notebook is not None:
            self.verbs.submit(notebook.close)

    def _note_changes(self, records: frozenset[tuple[str, str]]) -> None:
        """Called in whichever thread wrote."""
        with self._changed_lock:
            self._changed |= records
        self.post_message(RecordsChanged())

    @on(RecordsChanged)
    def take_changes(self) -> None:
        """Tell the screen in front; the others load when they come back."""
        with self._changed_lock:
            records, self._changed = frozenset(self._changed), set()
        if not records or self._notebook is None:
            return
        self.refresh_bar()
        places = [screen for screen in self.screen_stack if isinstance(screen, Place)]
        for screen in places:
            if screen is places[-1]:
                screen.guarded(screen.touched, records)
            else:
                screen.stale = True

    def refresh_bar(self) -> None:
        """Ask anew for what the bar says."""
        notebook = self._notebook
        if notebook is None:
            return
        self.verbs.submit(self._read_bar, notebook)

    def _read_bar(self, notebook: Notebook) -> None:
        try:
            name, unit, unsent = read_bar(notebook)
        except NotebookLocked:
            return
        except Exception as error:
            note_trouble(self.home, error)
            return
        self.call_later(self._show_bar, notebook, name, unit, unsent)

    def _show_bar(self, notebook: Notebook, name: str, unit: str, unsent: int) -> None:
        if notebook is self._notebook:
            self.bar_state = replace(self.bar_state, person=name, unit=unit, unsent=unsent)
            self.paint_bars()

    def paint_bars(self) -> None:
        """Draw the bar of the place in front."""
        from tui.widgets.bar import Bar

        for bar in self.screen.query(Bar):
            bar.refresh()

    def busy(self, words: str) -> None:
        """Say in the bar that something long is under way; empty when it ended."""
        self.bar_state = replace(self.bar_state, busy=words)
        self.paint_bars()

    # -- places --------------------------------------------------------------------------------------------

    def new_screen(self, name: str, **arguments: Any) -> Any:
        """A new screen of a place."""
        return new_screen(name, **arguments)

    def open_place(self, name: str, **arguments: Any) -> None:
        """Open a place over the one in front; Esc comes back."""
        self.keep_typed()
        try:
            screen = self.new_screen(name, **arguments)
        except ModuleNotFoundError as error:
            if error.name != PLACES[name].module:
                raise
            self.say(_("This version cannot do that yet."), severity="warning")
            return
        self.push_screen(screen)

    def go(self, name: str, **arguments: Any) -> None:
        """Go to a place from anywhere: what was open is kept and left."""
        if self._notebook is None:
            return
        self.keep_typed()
        self._close_to_base()
        if name != "today":
            self.open_place(name, **arguments)

    def switch_base(self, name: str) -> None:
        """Make a place the one under all others but Unlock."""
        screen = self.new_screen(name)
        self._close_to_base()
        if len(self.screen_stack) > 1:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def _close_to_base(self) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()

    def keep_typed(self) -> None:
        """Keep what was typed anywhere."""
        for screen in self.screen_stack:
            if isinstance(screen, Place):
                screen.guarded(screen.keep)

    # -- words ---------------------------------------------------------------------------------------------

    def say(self, sentence: str, *, severity: str = "information") -> None:
        """A toast. `severity` is information, warning or error."""
        seconds = max(6.0, len(sentence) / 8)  # as long as it takes to read
        self.notify(plain(sentence).plain, severity=severity, markup=False, timeout=seconds)  # type: ignore[arg-type]

    def trouble(self, error: Exception) -> None:
        """Any error, as one sentence; what nobody foresaw also goes to the log."""
        if isinstance(error, NotebookLocked) and self._notebook is None:
            return
        if isinstance(error, QingchaError):
            self.say(error.text(), severity="error")
            return
        note_trouble(self.home, error)
        self.say(self.trouble_words(), severity="error")

    @staticmethod
    def trouble_words() -> str:
        """What is said of an error that nobody foresaw."""
        return _("Something in the program broke; your work is kept. `qingcha doctor` tells more.")

    @on(Failed)
    def take_failure(self, message: Failed) -> None:
        """An error of a screen that has gone, or of a widget."""
        self.trouble(message.error)

    async def use_new_language(self, code: str) -> None:
        """Switch the language of everything, now and for the next start."""
        self.keep_typed()
        use_language(code)
        self.choose(replace(self.chosen, language=code))
        self.refresh_bar()
        for screen in self.screen_stack:
            if isinstance(screen, Place):
                await screen.relabel()

    def use_theme(self, name: str) -> None:
        """Switch the theme."""
        self.theme = name
        self.set_class(name == "sunlight", "sunlight")

    def choose(self, chosen: Settings) -> None:
        """Take and keep settings."""
        self.chosen = chosen
        try:
            settings.save(self.settings_path, chosen)
        except OSError:
            self.say(_("The settings cannot be kept: the folder cannot be written."), severity="warning")

    def remember_notebook(self, folder_name: str) -> None:
        """Offer this notebook first at the next start; the demo's empty name changes nothing."""
        if folder_name:
            self.choose(replace(self.chosen, last_notebook=folder_name))

    def remember_server(self, address: str) -> None:
        """Sync with this server from now on."""
        self.choose(replace(self.chosen, server=address))

    @property
    def own_keys(self) -> Mapping[str, str]:
        """The person's own keys."""
        return self.chosen.keys

    # -- actions of every place ----------------------------------------------------------------------------

    async def action_do(self, action_id: str) -> None:
        """Run an action of the table that works everywhere."""
        done = getattr(self, f"action_{action(action_id).name}")()
        if isawaitable(done):
            await done

    async def run_listed(self, action_id: str) -> None:
        """Run an action chosen from a list or clicked in the footer."""
        await listed.run(self, action_id)

    def action_help(self) -> None:
        """What can be done here."""
        listed.show_help(self)

    def action_palette(self) -> None:
        """What can be done anywhere."""
        listed.show_palette(self)

    def action_go(self) -> None:
        """Wait for the letter of a place."""
        if self._notebook is None:
            self.say(_("Unlock the notebook first."), severity="warning")
            return
        listed.show_places(self)

    async def action_back(self) -> None:
        """One step back; at the bottom nothing."""
        self.keep_typed()
        if len(self.screen_stack) > (2 if self._notebook is not None else 1):
            self.pop_screen()

    def action_sync(self) -> None:
        """Open Sync and begin."""
        if self._notebook is None:
            self.say(_("Unlock the notebook first."), severity="warning")
        elif getattr(self.screen, "place_name", "") == "sync":
            self.call_later(self.screen.action_do, "sync.start")  # type: ignore[attr-defined]
        else:
            self.open_place("sync", begin=True)

    async def action_language(self) -> None:
        """The other language."""
        await self.use_new_language(LANGUAGES[1 - LANGUAGES.index(self.chosen.language)])

    def action_theme(self) -> None:
        """The next theme."""
        names = list(settings.THEMES)
        name = names[(names.index(self.chosen.theme) + 1) % len(names)]
        self.use_theme(name)
        self.choose(replace(self.chosen, theme=name))
        if isinstance(self.screen, Place):
            self.screen.chosen_changed()

    def action_lock(self) -> None:
        """Lock now."""
        if self._notebook is not None:
            self.lock(_("Locked."))

    async def action_quit(self) -> None:
        """End; nothing is lost."""
        self.keep_typed()
        self.exit(0)

    # -- locking -------------------------------------------------------------------------------------------

    def lock_when_idle(self) -> None:
        """Lock when nobody has touched the keyboard for the minutes chosen, but not amid a sync."""
        if self.bar_state.busy:
            self._last_input = self._monotonic()
        minutes = self.chosen.lock_minutes
        if self._notebook is not None and minutes and self._monotonic() - self._last_input >= minutes * 60:
            self.lock(translate(N_("Locked: nobody was at the keyboard.")))

    def lock(self, why: str) -> None:
        """Keep what was typed, close the notebook, clear every screen."""
        self.keep_typed()
        self.leave_notebook()
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.call_later(self.screen.relabel)  # type: ignore[attr-defined]
        self.say(why)
