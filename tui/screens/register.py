"""Register 登记: a site or a colleague that the register does not hold yet, entered on the spot."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult

from models.language import N_, translate
from models.registry import queries as registry
from models.registry import verbs
from tui.keys import bindings
from tui.place import Place
from tui.screens.common import officer_choice, site_choice
from tui.widgets.choice import Choice
from tui.widgets.form import Form, FormField
from tui.widgets.prose import Prose

SITE_FIELDS = (
    FormField("name", N_("Name of the site"), required=True),
    FormField("code", N_("Unified social credit code")),
    FormField("address", N_("Address")),
    FormField("legal_person", N_("Legal representative")),
    FormField("contact", N_("Contact person")),
    FormField("phone", N_("Phone")),
    FormField("kind", N_("Kind of business"), hint=N_("Proposes the checklists")),
)
OFFICER_FIELDS = (
    FormField("name", N_("Name"), required=True),
    FormField("certificate", N_("Certificate number"), required=True),
    FormField("phone", N_("Phone")),
)


class RegisterScreen(Place):
    """A short form; F10, or Enter on its last line, enters it. Closes with its `Choice`."""

    place_name = "register"
    form_unkept = True
    BINDINGS = bindings("register")
    title_words = ""
    explain = ""
    fields: tuple[FormField, ...] = ()

    def __init__(self, typed: str = "") -> None:
        super().__init__()
        # letters alone were pinyin initials, no name
        self._typed = "" if typed.isascii() else typed
        self._busy = False

    def heading(self) -> str:
        """What the bar says."""
        return translate(self.title_words)

    def body(self) -> ComposeResult:
        """The form."""
        yield Prose(translate(self.explain))
        yield Form(self.fields, {"name": self._typed}, classes="card")

    def load(self) -> None:
        """Put the cursor into the first empty field."""
        self.query_one(Form).focus_field()

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """What is typed here does not depend on records."""

    @abstractmethod
    def verb(self, values: dict[str, Any]) -> Callable[[], Choice]:
        """Enters it, and gives the choice that it is then."""

    @on(Form.Finished)
    def action_write(self) -> None:
        """Enter it."""
        form = self.query_one(Form)
        missing = form.missing()
        if missing:
            form.focus_field(missing[0])
            return
        if self._busy:
            return
        self._busy = True
        values = {key: value.strip() for key, value in form.values.items() if value.strip()}
        self.do_verb(self.verb(values), self._entered, failed=self._refused)

    def _entered(self, choice: Choice) -> None:
        self.dismiss(choice)

    def _refused(self, _error: Exception) -> bool:
        self._busy = False
        return False


class NewSiteScreen(RegisterScreen):
    """A site that is in no register yet."""

    title_words = N_("New site")
    explain = N_("It is entered into the register of this notebook; the next sync sends it to all.")
    fields = SITE_FIELDS

    def verb(self, values: dict[str, Any]) -> Callable[[], Choice]:
        """Enter the site."""
        notebook = self.notebook

        def enter() -> Choice:
            made = verbs.add_site(notebook, **values)
            return site_choice(registry.site(notebook, made))

        return enter


class NewOfficerScreen(RegisterScreen):
    """A colleague that is in no register yet."""

    title_words = N_("New officer")
    explain = N_("A colleague of your own unit, who holds an enforcement certificate.")
    fields = OFFICER_FIELDS

    def verb(self, values: dict[str, Any]) -> Callable[[], Choice]:
        """Enter the officer."""
        notebook = self.notebook

        def enter() -> Choice:
            made = verbs.add_officer(notebook, **values)
            return officer_choice(registry.officer(notebook, made))

        return enter
