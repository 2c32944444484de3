"""The base of every screen: asking off the event loop, running actions of the key table, errors, language.

See the docstring of `tui/app.py` for how to add a screen.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.worker import get_current_worker

from models.errors import RuleBroken
from models.language import _
from tui.keys import action
from tui.keytable import Action
from tui.messages import Answered, Failed

if TYPE_CHECKING:
    from tui.app import QingchaApp
    from tui.widgets.choice import Choice
    from tui.widgets.form import Kept

Result = TypeVar("Result")


class Asking(Screen[Any]):
    """What screens and modals share."""

    place_name = ""
    """The place of the key table whose actions work here."""

    @property
    def desk(self) -> QingchaApp:
        """The app, with its type."""
        return self.app  # type: ignore[return-value]

    @property
    def notebook(self) -> Any:
        """The open notebook (models.store.notebook.Notebook).

        Raises:
            NotebookLocked: none is open.
        """
        return self.desk.open_notebook

    def ask(
        self,
        question: Callable[[], Result],
        then: Callable[[Result], None] | None = None,
        *,
        failed: Callable[[Exception], bool] | None = None,
        group: str = "ask",
        exclusive: bool = True,
    ) -> None:
        """Run `question` in a thread (database, files, hashing, network), then `then(answer)` on the event
        loop.

        A newer question of the same group makes an older one's answer void, if `exclusive`; verbs that write
        should use exclusive=False. `failed(error)` may show the error at its place and return True.
        """
        self.run_worker(
            partial(self._answer, question, then, failed),
            thread=True,
            group=group,
            exclusive=exclusive,
            exit_on_error=False,
        )

    def do_verb(
        self,
        verb: Callable[[], Result],
        then: Callable[[Result], None] | None = None,
        *,
        failed: Callable[[Exception], bool] | None = None,
    ) -> None:
        """`ask` for something that writes: never dropped, in order of asking."""
        self.desk.verbs.submit(partial(self._write, verb, then, failed))

    def _write(self, verb: Callable[[], Any], then: Any, failed: Any) -> None:
        try:
            answer = verb()
        except Exception as error:
            self._post(Failed(error, failed))
        else:
            self._post(Answered(then, answer))

    def _post(self, message: Answered | Failed) -> None:
        """To this screen, or to the app when the screen has gone meanwhile."""
        arrived = self.is_attached and self.post_message(message)
        if not arrived and isinstance(message, Failed):
            self.app.post_message(Failed(message.error, None))

    def _answer(
        self,
        question: Callable[[], Any],
        then: Callable[[Any], None] | None,
        failed: Callable[[Exception], bool] | None,
    ) -> None:
        worker = get_current_worker()
        try:
            answer = question()
        except Exception as error:
            if not worker.is_cancelled:
                self.post_message(Failed(error, failed))
            return
        if not worker.is_cancelled:
            self.post_message(Answered(then, answer))

    @on(Answered)
    def take_answer(self, message: Answered) -> None:
        message.stop()
        if message.then is not None:
            self.guarded(message.then, message.answer)

    @on(Failed)
    def take_failure(self, message: Failed) -> None:
        message.stop()
        if message.failed is not None and self.guarded(message.failed, message.error):
            return
        self.trouble(message.error)

    def guarded(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call it; whatever breaks becomes a sentence for the reader and a line in the log."""
        try:
            return call(*arguments)
        except Exception as error:
            self.trouble(error)
            return None

    def trouble(self, error: Exception) -> None:
        """Show an error: at its field where this screen has one, else as a toast."""
        if isinstance(error, RuleBroken) and error.field and self.show_at_field(error.field, error.text()):
            return
        self.desk.trouble(error)

    def show_at_field(self, field: str, sentence: str) -> bool:
        """Show a sentence under a field; False when this screen has no such field."""
        from tui.widgets.form import Form

        return any(form.show_error(field, sentence) for form in self.query(Form))

    def field_kept(self, event: Kept) -> None:
        """Keep what stands in a field of a form here: it was left, or rested for two seconds.

        By default it waits until the form is finished.
        """

    async def action_do(self, action_id: str) -> None:
        """Run an action of the table, or say why it cannot run now."""
        row = action(action_id)
        reason = self.why_not(row)
        if reason:
            self.desk.say(reason, severity="warning")
            return
        done = self.guarded(getattr(self, f"action_{row.name}"))
        if isawaitable(done):
            await done

    def has_action(self, row: Action) -> bool:
        """Whether an action of this place means anything on this screen at all."""
        return True

    def in_footer(self, row: Action) -> bool:
        """Whether the footer has room for an action now; it works all the same."""
        return True

    back_means = ""
    """msgid: what going back does here, where that is not what it does everywhere."""

    def meaning(self, row: Action) -> str:
        """What an action does here, in the reader's language."""
        from models.language import translate

        own = self.back_means if row.id == "app.back" else ""
        return translate(own or row.tooltip)

    def offered(self) -> list[Choice]:
        """What can be done here besides the key table, for the list of all actions."""
        return []

    def take_offered(self, choice: Choice) -> None:
        """Do what was chosen of `offered`."""

    def why_not(self, row: Action) -> str:
        """Why an action of this place cannot run now; empty when it can."""
        if not hasattr(self, f"action_{row.name}"):
            return _("This version cannot do that yet.")
        check = getattr(self, f"why_not_{row.name}", None)
        return check() if check is not None else ""


class Place(Asking):
    """A screen with the bar above and the footer below.

    Subclasses give `place_name`, `body()` and, where they show records, `load()`.
    """

    def compose(self) -> ComposeResult:
        """Bar, body, footer."""
        from tui.widgets.bar import Bar
        from tui.widgets.footer import Footer

        yield Bar()
        with Vertical(classes="body"):
            yield from self.body()
        yield Footer()

    also_shown: tuple[str, ...] = ()
    """Ids of actions of the app that its footer shows too."""
    form_unkept = False
    """Whether its form is kept only when it is finished: another language must not empty it."""
    stale = False
    """Records changed while another screen was in front."""

    def on_screen_resume(self) -> None:
        """In front again: show what changed meanwhile."""
        if self.stale:
            self.stale = False
            self.guarded(self.load)
        self.refresh_footer()
        self.desk.paint_bars()

    @abstractmethod
    def body(self) -> ComposeResult:
        """The widgets between bar and footer."""

    def heading(self) -> str:
        """What the bar says about where we are; by default the place's name."""
        from models.language import translate
        from tui.places import PLACES

        return translate(PLACES[self.place_name].title)

    def load(self) -> None:
        """Ask for what is shown: on opening, on another language, when records change."""

    def keep(self) -> None:
        """Keep what was typed and not yet kept: before leaving, locking, switching language."""
        from tui.widgets.form import Form

        for form in self.query(Form):
            form.keep_now()

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """Records changed (kind, id). By default everything is asked anew."""
        self.load()

    def refresh_footer(self) -> None:
        """Draw the footer anew: what can be done has changed."""
        from tui.widgets.footer import Footer

        for footer in self.query(Footer):
            footer.refresh()

    def on_descendant_focus(self) -> None:
        """Other keys may matter now."""
        self.refresh_footer()

    def chosen_changed(self) -> None:
        """Another theme or other settings were chosen by key."""

    def on_mount(self) -> None:
        """Load when the first frame is there."""
        self.call_after_refresh(self.guarded, self.load)

    async def relabel(self) -> None:
        """Show everything in the language now in force."""
        from tui.widgets.form import Form

        self.keep()
        typed = [form.carried() for form in self.query(Form)] if self.form_unkept else []
        await self.recompose()
        for form, values in zip(self.query(Form), typed, strict=False):
            form.take_up(values)
        self.load()


class Modal(Asking, ModalScreen[Any]):
    """A screen over the screen; Esc closes it with None. Quitting and locking work here too."""

    BINDINGS = [Binding(action(name).keys, name, show=False, id=name) for name in ("app.quit", "app.lock")]

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)
