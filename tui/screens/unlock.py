"""Unlock 解锁: who, passphrase; and where there is no notebook yet, three ways to one."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from models.errors import QingchaError, RuleBroken
from models.language import N_, _
from tui import opened
from tui.keys import bindings
from tui.place import Place
from tui.screens.unkept import UnkeptPlace
from tui.services import Beginning, Known
from tui.text import plain
from tui.widgets.choice import Choice
from tui.widgets.field import Field
from tui.widgets.form import Form, FormField
from tui.widgets.lines import Column, Lines
from tui.widgets.prose import Prose

WAYS = ("demo", "begin", "enrol")
IMPORT_AFTER = 0.15
"""Seconds after the first frame; before it, the imports would slow it down."""


class UnlockScreen(Place):
    """The first screen."""

    place_name = "unlock"
    BINDINGS = bindings("unlock")

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, Known] = {}
        self._opening = False
        self._in_demo = False

    def body(self) -> ComposeResult:
        """Who, and the passphrase below; or the ways to a first notebook. All of it is in the first frame."""
        found = self.desk.services.known(self.desk.home)
        self._known = {str(one.folder): one for one in found}
        self._in_demo = any(one.hint for one in found)
        rows: dict[str, str] = {key: one.name for key, one in self._known.items()}
        rows = rows or {name: self._way(name) for name in WAYS}
        who = Lines(
            (Column("", 0),),
            lambda ids: [rows[one] for one in ids],
            lambda name: (name,),
            head=False,
            rows=rows,
            id="unlock-who",
        )
        who.styles.height = min(len(rows), 8)
        last = str(self.desk.home / "notebooks" / self.desk.chosen.last_notebook)
        if last in rows:
            who.set_reactive(Lines.cursor, list(rows).index(last))
        field = Field(placeholder=_("Passphrase"), password=True, compact=True, id="unlock-passphrase")
        field.display = bool(found)
        with Vertical(classes="unlock"), Vertical(classes="unlock-card"):
            yield Static(plain(_("Qingcha: the inspector's notebook")), classes="heading")
            yield Prose(self._words(), id="unlock-say")
            yield who
            yield field
            yield Prose("", id="unlock-error", classes="form-error shown unindented")

    def _words(self) -> str:
        if not self._known:
            return _(
                "There is no notebook on this laptop yet. No server is needed to work; choose how to begin."
            )
        words = _("Choose your notebook and type its passphrase.")
        hint = next((one.hint for one in self._known.values() if one.hint), "")
        return words + (_(" The demo's is: {passphrase}").format(passphrase=hint) if hint else "")

    def load(self) -> None:
        """Put the cursor where typing begins; then import what will be needed after unlocking."""
        self.query_one("#unlock-passphrase" if self._known else "#unlock-who").focus()
        self.set_timer(IMPORT_AFTER, lambda: self.ask(_import_ahead, group="ahead"))

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """Nothing here comes from records."""

    @staticmethod
    def _way(name: str) -> str:
        return {
            "demo": _("Try the demo: a practice notebook with a server of its own"),
            "begin": _("Begin now, enrol later"),
            "enrol": _("Enrol with a one-time code"),
        }.get(name, name)

    @on(Lines.Opened, "#unlock-who")
    def _chosen(self, event: Lines.Opened) -> None:
        event.stop()
        if event.id in self._known:
            self.query_one("#unlock-passphrase", Field).focus()
        else:
            self.call_later(self.action_do, f"unlock.{event.id}")

    @on(Input.Submitted, "#unlock-passphrase")
    def _unlock(self, event: Input.Submitted) -> None:
        event.stop()
        chosen = self._known.get(self.query_one("#unlock-who", Lines).current or "")
        if chosen is None or self._opening:
            return
        self._opening = True
        self._say(_("Opening..."))
        passphrase = event.value
        self.query_one("#unlock-passphrase", Field).load("")
        self.ask(
            lambda: self.desk.services.open(chosen.folder, passphrase),
            lambda notebook: self._opened(notebook, chosen.folder.name),
            failed=self._refused,
            exclusive=False,
        )

    def _opened(self, notebook: object, folder_name: str) -> None:
        self._opening = False
        self.desk.remember_notebook(folder_name)
        self.desk.enter(notebook)  # type: ignore[arg-type]
        for sentence in opened.words(notebook):  # type: ignore[arg-type]
            self.desk.say(sentence, severity="warning")

    def _refused(self, error: Exception) -> bool:
        self._opening = False
        self._say("")
        if not isinstance(error, QingchaError):
            return False
        self._say(error.text())
        self.query_one("#unlock-passphrase", Field).focus()
        return True

    def _say(self, sentence: str) -> None:
        self.query_one("#unlock-error", Prose).show(sentence)

    def why_not_demo(self) -> str:
        """There is no demo in the demo."""
        return _("This is the demo already.") if self._in_demo else ""

    def action_demo(self) -> None:
        """End this and open the demo in its place."""
        self.desk.wants_demo = True
        self.desk.exit(0)

    def action_begin(self) -> None:
        """Begin a notebook."""
        self.desk.push_screen(BeginScreen())

    def action_enrol(self) -> None:
        """Begin a notebook and enrol it."""
        self.desk.push_screen(BeginScreen(enrol=True))

    def keep(self) -> None:
        """A passphrase is never kept."""
        self.query_one("#unlock-passphrase", Field).load("")


class BeginScreen(UnkeptPlace):
    """A new notebook: who, certificate, unit, passphrase twice; with a code also the server."""

    place_name = "unlock"

    def __init__(self, *, enrol: bool = False) -> None:
        super().__init__()
        self._enrol = enrol
        self._busy = False

    def heading(self) -> str:
        """What the bar says."""
        return _("Enrol with a one-time code") if self._enrol else _("Begin a notebook")

    def body(self) -> ComposeResult:
        """The form."""
        fields = [
            FormField("name", N_("Your name"), required=True),
            FormField("certificate", N_("Certificate number"), required=True),
            FormField("unit", N_("Unit"), kind="pick", required=True, query=find_units),
            FormField(
                "passphrase",
                N_("Passphrase"),
                kind="secret",
                required=True,
                hint=N_("At least 8 characters; 12 are better"),
            ),
            FormField("again", N_("Passphrase again"), kind="secret", required=True),
        ]
        if self._enrol:
            fields += [
                FormField("address", N_("Server address"), required=True, hint=N_("https://...")),
                FormField("code", N_("One-time code"), required=True),
            ]
        yield Prose(
            _(
                "The passphrase alone opens this notebook; nobody can tell it to you again. "
                "Enter on the last line begins."
            )
        )
        yield Form(fields, classes="card")

    def load(self) -> None:
        """Put the cursor into the form."""
        self.query_one(Form).focus_field()

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """Nothing here comes from records."""

    def keep(self) -> None:
        """Nothing is kept before the notebook is there."""

    @on(Form.Finished)
    def _finished(self) -> None:
        form = self.query_one(Form)
        if self._busy or form.missing():
            return
        values = form.values
        if values["passphrase"] != values["again"]:
            form.show_error("again", _("The two passphrases differ. Type the same one twice."))
            return
        self._busy = True
        self.desk.say(_("Making the notebook..."))
        beginning = Beginning(values["name"], values["certificate"], values["unit"], values["passphrase"])
        self.ask(lambda: self._make(beginning, values), self._made, failed=self._refused, exclusive=False)

    def _make(self, beginning: Beginning, values: dict[str, str]) -> tuple[object, Exception | None]:
        services = self.desk.services
        notebook = services.begin(self.desk.home, beginning)
        if self._enrol:
            try:
                services.enrol(notebook, values["address"].strip(), values["code"].strip())
            except Exception as error:
                return notebook, error
        return notebook, None

    def _made(self, answer: tuple[object, Exception | None]) -> None:
        notebook, error = answer
        self.desk.clear_notifications()
        if self._enrol and error is None:
            self.desk.remember_server(self.query_one(Form).values["address"].strip())
        self.desk.remember_notebook(getattr(getattr(notebook, "folder", None), "name", ""))
        self.desk.enter(notebook)  # type: ignore[arg-type]
        if error is not None:
            self.desk.trouble(error)
            said = _("The notebook is made; enrol it later with: qingcha enrol CODE")
            self.desk.say(said, severity="warning")

    def _refused(self, error: Exception) -> bool:
        self._busy = False
        self.desk.clear_notifications()
        names = {"unit_code": "unit"}
        if isinstance(error, RuleBroken) and error.field:
            return self.query_one(Form).show_error(names.get(error.field, error.field), error.text())
        return False


def find_units(text: str) -> list[Choice]:
    """Units by name or pinyin initials."""
    from models.registry.units import units
    from tui.widgets.picker import among

    return list(among([Choice(unit.code, unit.label, unit.code) for unit in units()])(text))


def _import_ahead() -> None:
    """Import in the background what the next screen needs: 300 ms that nobody waits for."""
    import tui.screens.today  # noqa: F401
