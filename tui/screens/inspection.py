"""Inspection 检查单: the checklist with one editor; beside it, where it is wide, sections and history."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer
from textual.widgets import ContentSwitcher

from models.inspections import queries, verbs
from models.language import N_, _
from tui.keys import bindings
from tui.screens import inspection_acts as acts
from tui.screens.inspection_checklist import VisitChecklist
from tui.screens.inspection_form import VisitPlace, sealed_words
from tui.screens.inspection_parts import (
    FINDING_COLUMNS,
    MEASUREMENT_COLUMNS,
    SECTION_COLUMNS,
    TABS,
    StillProse,
    Visit,
    about_item,
    checklist_rows,
    finding_cells,
    measurement_cells,
    place_key,
    read_visit,
    recovered_words,
    section_cells,
    state_words,
)
from tui.widgets.checklist import Checklist, ChecklistRow
from tui.widgets.choice import Choice
from tui.widgets.lines import Lines
from tui.widgets.prose import Prose
from tui.widgets.tabs import TabsLine

REST = 0.25
"""Seconds that changes are gathered before the visit is read anew."""
PLACE_AFTER = 2.0
"""Seconds after which a moved cursor is kept."""


class InspectionScreen(VisitPlace):
    """One visit.

    Args:
        inspection_id: which one.
        item: code of the item to begin on; else where the cursor was last, else the first unanswered.
    """

    place_name = "inspection"
    BINDINGS = bindings("inspection")

    def __init__(self, inspection_id: str, item: str = "") -> None:
        super().__init__(inspection_id)
        self._wanted = item
        self._visit: Visit | None = None
        self._tab = "items"
        self._recovered = ""
        self._turn = 0
        self._pending: dict[tuple[str, str], tuple[str, int]] = {}
        """(item, field) to its value and the reading from which on the records hold it; -1 while unkept."""
        self._rest: Timer | None = None
        self._place_timer: Timer | None = None
        self._about_timer: Timer | None = None
        self._kept_place = ""
        self._offered_start = False

    def body(self) -> ComposeResult:
        """Tabs, one line of state, the panes, the basis of the item."""
        yield TabsLine(TABS, chosen=self._tab)
        yield StillProse("", id="visit-say", classes="quiet")
        with Horizontal(id="visit"):
            yield Lines(SECTION_COLUMNS, self._read_sections, section_cells, head=False, id="visit-sections")
            with ContentSwitcher(initial=self._tab, id="visit-panes"):
                yield VisitChecklist(self._phrases, id="items")
                yield Lines(
                    FINDING_COLUMNS,
                    self._read_findings,
                    finding_cells,
                    empty=N_("No finding yet."),
                    id="findings",
                )
                yield Lines(
                    MEASUREMENT_COLUMNS,
                    self._read_measurements,
                    measurement_cells,
                    empty=N_("Nothing measured yet."),
                    id="measurements",
                )
                with VerticalScroll(id="about", can_focus=True):
                    yield Prose("", id="about-text")
            away = "away" if self._tab == "measurements" else ""  # the limits need the room
            with VerticalScroll(id="visit-aside", can_focus=True, classes=away):
                yield Prose("", id="aside-text")
        yield StillProse("", id="visit-basis", classes="quiet")

    # -- reading -------------------------------------------------------------------------------------------

    @property
    def checklist(self) -> VisitChecklist:
        """The checklist."""
        return self.query_one(VisitChecklist)

    @property
    def item(self) -> str:
        """Code of the item under the cursor; empty where there is none."""
        row = self.checklist.current if self.is_mounted else None
        return row.key if row is not None and not row.heading else ""

    @property
    def part(self) -> str:
        """Id of the finding or measurement under the cursor; empty where none is in front."""
        if self._tab not in ("findings", "measurements"):
            return ""
        return self.query_one(f"#{self._tab}", Lines).current or ""

    def heading(self) -> str:
        """Site and number."""
        if self._visit is None:
            return super().heading()
        row = self._visit.sheet.inspection
        return f"{row.site_name or ''} {row.number or ''}"

    def load(self) -> None:
        """Read the visit."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        notebook, inspection = self.notebook, self.inspection_id
        self._turn += 1
        turn = self._turn
        self.ask(lambda: (turn, read_visit(notebook, inspection)), self._show)

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """Fast answering is one reading, not twenty."""
        self._read_soon()

    def _read_soon(self) -> None:
        if self._rest is None:
            self._rest = self.set_timer(REST, self.load)

    def _show(self, answer: tuple[int, Visit]) -> None:
        turn, visit = answer
        first = self._visit is None
        self._visit = visit
        row = visit.sheet.inspection
        self._pending = {key: each for key, each in self._pending.items() if each[1] < 0 or each[1] > turn}
        checklist = self.checklist
        checklist.read_only = bool(row.sealed)
        if row.sealed:
            self._recovered = ""
        rows = [self._with_pending(each) for each in checklist_rows(visit.sheet)]
        codes = {each.key for each in rows if not each.heading}
        select = ""
        if first:
            select = self._where_it_was(visit, codes)
        if not checklist.lines.writing:
            checklist.show(rows, select=select)
        self._fill_lists()
        self._say()
        if first or self.focused is None:
            self._focus_pane()
        self._show_item()
        self.desk.paint_bars()
        self.refresh_footer()
        if row.assigned and row.began_at is None and not self._offered_start:
            self._offered_start = True
            acts.offer_start(self, self.inspection_id)

    def on_resize(self) -> None:
        """A wider terminal shows more: sections, and the item beside the list."""
        if self._visit is not None:
            self._read_soon()

    def _fill_lists(self) -> None:
        """Those that are seen."""
        if self._visit is None:
            return
        sheet = self._visit.sheet
        sections = self.query_one("#visit-sections", Lines)
        if sections.display:
            sections.show([each.code for each in sheet.sections])
        if self._tab in ("findings", "measurements"):
            rows = sheet.findings if self._tab == "findings" else sheet.measurements
            self.query_one(f"#{self._tab}", Lines).show([each.id for each in rows])

    def _where_it_was(self, visit: Visit, codes: set[str]) -> str:
        kept = self._wanted or _kept_item(visit.place)
        if kept not in codes:
            return ""
        if not self._wanted and not visit.sheet.inspection.sealed:
            self._recovered = recovered_words(visit, kept)
        self._kept_place = kept
        return kept

    def _with_pending(self, row: ChecklistRow) -> ChecklistRow:
        for name in ("result", "note"):
            held = self._pending.get((row.key, name))
            if held is not None:
                row = replace(row, **{name: held[0]})  # type: ignore[arg-type]
        return row

    def _say(self) -> None:
        visit = self._visit
        if visit is None:
            return
        self.query_one("#visit-say", Prose).show(self._recovered or state_words(visit))
        self.query_one(TabsLine).show(
            {"findings": len(visit.sheet.findings), "measurements": len(visit.sheet.measurements)}
        )

    def _item_of(self, code: str) -> queries.Item | None:
        items = self._visit.sheet.items if self._visit is not None else []
        return next((each for each in items if each.code == code), None)

    def _show_item(self) -> None:
        """Basis at once, the rest of the item when the cursor rests; its section is the one marked."""
        item = self._item_of(self.item)
        sections = self.query_one("#visit-sections", Lines)
        codes = (
            [each.code for each in self._visit.sheet.sections if item in each.items] if self._visit else []
        )
        if codes and not sections.has_focus and codes[0] in sections.ids:
            sections.cursor = sections.ids.index(codes[0])
        basis = _("Legal basis: {basis}").format(basis=item.basis_text) if item is not None else ""
        self.query_one("#visit-basis", Prose).show(basis)
        if self._about_timer is not None:
            self._about_timer.stop()
        self._about_timer = self.set_timer(REST, self._ask_about)

    def _ask_about(self) -> None:
        visit, item = self._visit, self._item_of(self.item)
        seen = self._tab == "about" or self.query_one("#visit-aside").display
        if visit is None or item is None or not seen:
            return
        notebook, inspection = self.notebook, self.inspection_id
        self.ask(lambda: about_item(notebook, inspection, item, visit.sheet), self._show_about, group="about")

    def _show_about(self, text: str) -> None:
        for name in ("#about-text", "#aside-text"):
            self.query_one(name, Prose).show(text)

    # rows are in memory already: these run in a thread but read no database
    def _read_sections(self, ids: Sequence[str]) -> list[queries.Section]:
        sections = {each.code: each for each in self._visit.sheet.sections} if self._visit else {}
        return [sections[one] for one in ids if one in sections]

    def _read_findings(self, ids: Sequence[str]) -> list[Any]:
        rows = {each.id: each for each in self._visit.sheet.findings} if self._visit else {}
        return [rows[one] for one in ids if one in rows]

    def _read_measurements(self, ids: Sequence[str]) -> list[Any]:
        rows = {each.id: each for each in self._visit.sheet.measurements} if self._visit else {}
        return [rows[one] for one in ids if one in rows]

    def _phrases(self, typed: str, item: str) -> list[str]:
        return [each.text for each in queries.phrases(self.notebook, typed, item, limit=6)]

    # -- answering -----------------------------------------------------------------------------------------

    @on(Checklist.Answered)
    def _answered(self, event: Checklist.Answered) -> None:
        event.stop()
        notebook, inspection = self.notebook, self.inspection_id
        code, result = event.key, event.result
        self._set(code, "result", result, lambda: verbs.answer(notebook, inspection, code, result))

    @on(Checklist.Noted)
    def _noted(self, event: Checklist.Noted) -> None:
        event.stop()
        notebook, inspection = self.notebook, self.inspection_id
        code, text = event.key, event.text
        self._set(code, "note", text, lambda: verbs.note(notebook, inspection, code, text))

    def _set(self, code: str, name: str, value: str, verb: Callable[[], Any]) -> None:
        """Drawn already, kept behind it; what could not be kept is drawn as it was and told."""
        self._pending[(code, name)] = (value, -1)
        self._recovered = ""

        def kept(_answer: Any) -> None:
            if self._pending.get((code, name)) == (value, -1):
                self._pending[(code, name)] = (value, self._turn + 1)

        def failed(_error: Exception) -> bool:
            self._pending.pop((code, name), None)
            self.load()
            return False

        self.do_verb(verb, kept, failed=failed)

    @on(VisitChecklist.Refused)
    def _refused(self, event: VisitChecklist.Refused) -> None:
        event.stop()
        self.desk.say(self.why_not_note(), severity="warning")

    @on(Checklist.Moved)
    def _moved(self, event: Checklist.Moved) -> None:
        event.stop()
        self._show_item()
        if self._place_timer is None:
            self._place_timer = self.set_timer(PLACE_AFTER, self._keep_place)

    def _keep_place(self) -> None:
        self._place_timer = None
        item = self.item
        if not item or item == self._kept_place or self._visit is None:
            return
        self._kept_place = item
        notebook = self.notebook
        fact = None if self._visit.sheet.inspection.sealed else json.dumps({"item": item})
        self.do_verb(lambda: notebook.set_meta(**{place_key(self.inspection_id): fact}))

    def keep(self) -> None:
        """The note that is being written, and the place of the cursor."""
        if not self.is_mounted:
            return
        self.checklist.end_writing()
        self._keep_place()

    # -- panes ---------------------------------------------------------------------------------------------

    def _focus_pane(self) -> None:
        target = self.checklist.lines if self._tab == "items" else self.query_one(f"#{self._tab}")
        target.focus()

    def show_tab(self, name: str) -> None:
        """Bring a pane to the front."""
        self._tab = name
        self.query_one(TabsLine).chosen = name
        self.query_one(ContentSwitcher).current = name
        self.query_one("#visit-aside").set_class(name == "measurements", "away")
        self._fill_lists()
        self._focus_pane()
        if name == "about":
            self._ask_about()

    @on(TabsLine.Chosen)
    def _tab_clicked(self, event: TabsLine.Chosen) -> None:
        event.stop()
        self.show_tab(event.name)

    def action_pane(self) -> None:
        """The next pane."""
        names = [name for name, _label in TABS]
        self.show_tab(names[(names.index(self._tab) + 1) % len(names)])

    @on(Lines.Opened, "#visit-sections")
    def _open_section(self, event: Lines.Opened) -> None:
        event.stop()
        for section in self._visit.sheet.sections if self._visit else []:
            if section.code == event.id and section.items:
                free = next((item for item in section.items if not item.result), section.items[0])
                self.show_tab("items")
                self.checklist.go_to(free.code)

    @on(Lines.Opened, "#findings")
    def _open_finding(self, event: Lines.Opened) -> None:
        event.stop()
        self.desk.open_place("finding", inspection_id=self.inspection_id, record_id=event.id)

    @on(Lines.Opened, "#measurements")
    def _open_measurement(self, event: Lines.Opened) -> None:
        event.stop()
        self.desk.open_place("measurement", inspection_id=self.inspection_id, record_id=event.id)

    # -- actions -------------------------------------------------------------------------------------------

    @property
    def _sealed(self) -> bool:
        return self._visit is not None and bool(self._visit.sheet.inspection.sealed)

    def why_not_note(self) -> str:
        """Sealed stays sealed."""
        return sealed_words(self.desk.own_keys) if self._sealed else ""

    why_not_finding = why_not_measure = why_not_evidence = why_not_undo = why_not_note

    def action_note(self) -> None:
        """Write a note on the item."""
        self.show_tab("items")
        self.checklist.write_note()

    def action_finding(self) -> None:
        """A finding on the item."""
        self.desk.open_place("finding", inspection_id=self.inspection_id, item=self.item)

    def action_measure(self) -> None:
        """A measurement on the item."""
        self.desk.open_place("measurement", inspection_id=self.inspection_id, item=self.item)

    def action_evidence(self) -> None:
        """Add evidence to the item."""
        self.desk.open_place("evidence", inspection_id=self.inspection_id, item=self.item, add=True)

    def action_view(self) -> None:
        """The evidence, the item's first."""
        self.desk.open_place("evidence", inspection_id=self.inspection_id, item=self.item)

    def action_forms(self) -> None:
        """Open, begin or bring a form."""
        from tui.screens.form_opening import choose_form

        choose_form(self, self.inspection_id)

    def action_sampling(self) -> None:
        """What was sampled, where the samples are, what the laboratory found."""
        self.desk.open_place("visit_sampling", inspection_id=self.inspection_id)

    def action_facts(self) -> None:
        """Who, where, when, the party."""
        self.desk.open_place("facts", inspection_id=self.inspection_id)

    def action_record(self) -> None:
        """The official form."""
        self.desk.open_place("record", inspection_id=self.inspection_id)

    def action_undo(self) -> None:
        """Take the last change back."""
        notebook = self.notebook
        self.do_verb(
            lambda: verbs.undo(notebook),
            lambda undone: self.desk.say(_("Undone: {what}").format(what=undone.text)),
        )

    def action_find(self) -> None:
        """Search the items; sections come first."""
        from tui.widgets.picker import Picker, among

        sheet = self._visit.sheet if self._visit else None
        if sheet is None:
            return
        choices = [
            Choice(section.items[0].code, f"{section.code} {section.title}", _("section"))
            for section in sheet.sections
            if section.items
        ]
        choices += [Choice(item.code, f"{item.code} {item.title}", item.how) for item in sheet.items]
        self.app.push_screen(Picker(_("Find an item"), among(choices), wide=True), self._found)

    def _found(self, choice: Choice | None) -> None:
        if choice is not None:
            self.show_tab("items")
            self.checklist.go_to(choice.value)

    def action_missing(self) -> None:
        """What is still missing; Enter jumps."""
        from tui.screens.inspection_missing import ask_missing

        ask_missing(self, self.inspection_id)

    def why_not_seal(self) -> str:
        """Sealed once."""
        return _("This inspection is sealed already.") if self._sealed else ""

    def action_seal(self) -> None:
        """Seal it, after saying what that means."""
        from tui.screens.inspection_seal import ask_to_seal

        ask_to_seal(self, self.inspection_id)

    def why_not_amend(self) -> str:
        """Before the seal everything is corrected directly."""
        return "" if self._sealed else _("It is not sealed yet: correct it directly.")

    def action_amend(self) -> None:
        """Correct or add to the sealed inspection."""
        self.desk.open_place("amendment", inspection_id=self.inspection_id)

    why_not_withdraw = why_not_note

    def action_withdraw(self) -> None:
        """Take the finding or measurement under the cursor out, with a reason."""
        acts.ask_to_withdraw(self, self.part)

    def action_onsite(self) -> None:
        """Interviews, measures and service of this visit."""
        acts.show_onsite(self, self.inspection_id)

    def action_clue(self) -> None:
        """Make a clue of what is under the cursor, else of the visit, and open it."""
        acts.make_clue(self, self.inspection_id, self.part)


def _kept_item(place: str) -> str:
    try:
        kept = json.loads(place or "{}")
    except ValueError:
        return ""
    return str(kept.get("item", "")) if isinstance(kept, dict) else ""
