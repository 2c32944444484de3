"""New inspection: site by pinyin initials, two officers, checklists; then it is begun and open."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult

from models.inspections import verbs
from models.inspections.items import checklists, proposed
from models.inspections.rules import SOURCES
from models.language import N_, _, translate
from models.registry import queries as registry
from models.registry.days import today
from tui.keys import bindings
from tui.screens.common import officer_choice, site_choice
from tui.screens.register import NewOfficerScreen, NewSiteScreen
from tui.screens.unkept import UnkeptPlace
from tui.widgets.choice import Choice, ChoiceField
from tui.widgets.form import Form, FormField, Kept
from tui.widgets.prose import Prose


class NewInspectionScreen(UnkeptPlace):
    """A short form; F10, or Enter on its last line, begins."""

    place_name = "new"
    BINDINGS = bindings("new")

    def __init__(self) -> None:
        super().__init__()
        self._begun = False
        self._proposal = proposed(None)

    def body(self) -> ComposeResult:
        """The form."""
        lists = tuple((one.code, f"{one.code} {one.title}") for one in checklists())
        sources = tuple(SOURCES.items())
        yield Prose(
            _("Two officers are required on every inspection. Enter goes on; on the last line it begins.")
        )
        yield Form(
            [
                FormField(
                    "site_id",
                    N_("Site"),
                    kind="pick",
                    required=True,
                    query=self._sites,
                    hint=N_("Type pinyin initials"),
                    new=(N_("+ Enter a new site"), NewSiteScreen),
                ),
                self._officer_field("first_officer", N_("First officer")),
                self._officer_field("second_officer", N_("Second officer")),
                FormField("source", N_("Source"), kind="choice", choices=sources),
                FormField("checklists", N_("Checklists"), kind="marks", required=True, choices=lists),
            ],
            {"source": "routine", "checklists": self._proposal},
            classes="card",
        )

    def typed(self) -> bool:
        """The officers are filled in by themselves; a site is chosen."""
        return bool(self.query_one(Form).values["site_id"])

    def load(self) -> None:
        """Fill in who is unlocked, and who came along last time."""
        notebook = self.notebook
        self.ask(lambda: _usual_officers(notebook), self._fill)
        self.query_one(Form).focus_field("site_id")

    def field_kept(self, event: Kept) -> None:
        """A site proposes the checklists of its kind, as long as nobody has marked others."""
        if event.key != "site_id" or event.form.values["checklists"] != self._proposal:
            return
        notebook, site = self.notebook, event.value
        self.ask(lambda: registry.site(notebook, site), self._propose, group="proposal")

    def _propose(self, site: Any) -> None:
        form = self.query_one(Form)
        if form.values["checklists"] == self._proposal:
            self._proposal = proposed(site.kind if site is not None else None)
            form.load({"checklists": self._proposal})

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """What is typed here does not depend on records."""

    def _officer_field(self, key: str, label: str) -> FormField:
        new = (N_("+ Enter a new officer"), NewOfficerScreen)
        return FormField(key, label, kind="pick", required=True, query=self._officers, new=new)

    def _fill(self, usual: list[Choice]) -> None:
        for key, choice in zip(("first_officer", "second_officer"), usual, strict=False):
            field = self.query_one(f"#field-{key}", ChoiceField)
            if not field.value:
                field.load(choice.value, choice.label)

    def _sites(self, text: str) -> list[Choice]:
        rows = registry.find_sites(self.notebook, text)
        return [site_choice(row) for row in rows]

    def _officers(self, text: str) -> list[Choice]:
        day = today(self.notebook)
        rows = registry.pick_officers(self.notebook, text)
        return [
            officer_choice(row)
            for row in rows
            if registry.may_inspect(row) and registry.certificate_valid(row, day)
        ]

    @on(Form.Finished)
    def action_begin(self) -> None:
        """Begin it."""
        form = self.query_one(Form)
        missing = form.missing()
        if missing:
            form.focus_field(missing[0])
            return
        if self._begun:
            return
        self._begun = True
        values: dict[str, Any] = form.values
        notebook = self.notebook
        self.do_verb(lambda: verbs.begin(notebook, **values), self._open, failed=self._refused)

    def _open(self, inspection_id: str) -> None:
        self.desk.go("inspection", inspection_id=inspection_id)

    def _refused(self, error: Exception) -> bool:
        self._begun = False
        return False


def _usual_officers(notebook: Any) -> list[Choice]:
    """Who is unlocked, then the colleague of the latest inspection."""
    from models.inspections import queries

    ids = [notebook.person]
    latest = queries.inspection_rows(notebook, queries.inspection_ids(notebook)[:1])
    if latest:
        ids += [one for one in (latest[0].second_officer, latest[0].first_officer) if one and one not in ids][
            :1
        ]
    rows = [registry.officer(notebook, one) for one in ids]
    return [officer_choice(row) for row in rows if row is not None]


def source_label(code: str) -> str:
    """The name of a source in the reader's language."""
    return translate(SOURCES.get(code, code))
