"""Measurement 监测: a value, judged as it is typed, with limit, standard, clause and how many times over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.css.scalar import Scalar
from textual.message import Message
from textual.widgets import Input

from models.errors import BadInput, QingchaError, RuleBroken
from models.inspections import queries, verbs
from models.inspections.items import visit_items
from models.inspections.judging import judge, picked_standard
from models.inspections.standards.queries import NOWHERE, Setting, setting_of
from models.language import _, listed, translate
from models.law import limits
from models.law.asking import fields_asked
from models.registry import queries as registry
from tui.keys import action, bindings, effective, shown
from tui.screens.inspection_form import PartKeeper, PartPlace, from_text, to_text, with_basis
from tui.screens.inspection_parts import over_words
from tui.screens.measurement_fields import CARRIED, OF_SITE, fields_of, of_site
from tui.text import wrap
from tui.widgets.choice import Choice
from tui.widgets.form import Form, Kept
from tui.widgets.picker import among
from tui.widgets.prose import Prose

SAID_LINES = 7
"""So many lines of a verdict are shown at most."""
FORM_LINES = 8
"""So many lines of the form stay, whatever the verdict says."""


class LiveForm(Form):
    """Tells of every key, so that the verdict stands while the value is typed."""

    @dataclass
    class Typed(Message):
        """Something was typed that is not kept yet."""

        form: Form

    @on(Input.Changed)
    def _each_key(self, event: Input.Changed) -> None:
        self.post_message(self.Typed(self))


class MeasurementScreen(PartPlace):
    """One measurement, new or kept.

    Args:
        inspection_id: which inspection.
        item: code of the item that a new one belongs to.
        record_id: an existing one.
        field: where the cursor stands at first; else at what a verdict still needs.
    """

    place_name = "measurement"
    BINDINGS = bindings("measurement")

    def __init__(self, inspection_id: str, item: str = "", record_id: str = "", field: str = "") -> None:
        super().__init__(inspection_id)
        self.item = item
        self._keeper = PartKeeper(self._make, self._correct, record_id)
        self._medium = "water"
        self._values: dict[str, str] = {}
        self._read = False
        self._title = ""
        self._first = field
        self._setting: Setting = NOWHERE
        self._asked: list[str] = []
        """Fields of the form that are asked for so that the value can be judged."""

    def body(self) -> ComposeResult:
        """Item, form, verdict."""
        yield Prose(self._title, id="measure-item")
        yield LiveForm(
            fields_of(self._medium, self._categories),
            {"medium": self._medium, **self._values},
            classes="card",
        )
        yield Prose(_("The verdict stands here while the value is typed."), classes="verdict", id="verdict")

    def _categories(self, text: str) -> list[Choice]:
        values = self.query_one(Form).values
        parameter = values.get("parameter", "")
        if self._medium == "air":
            return list(among([Choice(name, name) for name in limits.air_categories(parameter)])(text))
        names = [
            name
            for table in limits.tables("GB 8978-1996")
            if values.get("table_id", "") in ("", table.name)
            for name in limits.categories(table.name, parameter)
        ]
        return list(among([Choice(name, name) for name in dict.fromkeys(names)])(text))

    # -- reading -------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the measurement, or what a new one takes over."""
        if self._read:
            self._judge()
            return
        notebook, inspection, record, item = self.notebook, self.inspection_id, self._keeper.record, self.item

        def read() -> tuple[Any, Any, str, str, Setting]:
            sheet = queries.sheet(notebook, inspection)
            setting = setting_of(notebook, sheet.inspection.site)
            row = next((each for each in sheet.measurements if each.id == record), None)
            code = (row.item if row is not None else item) or ""
            known = visit_items(sheet.inspection).get(code)
            wanted = known.measure if known is not None else ""
            last = next((each for each in reversed(sheet.measurements) if wanted in ("", each.medium)), None)
            if last is None and sheet.inspection.site:
                last = of_site(registry.site(notebook, sheet.inspection.site), wanted or "water")
            return row, last, f"{code} {known.title}" if known is not None else "", wanted, setting

        self.ask(read, self._show)

    async def _rebuild(self) -> None:
        await self.recompose()
        form = self.query_one(Form)
        self._judge()
        # one that is kept and could not be judged is opened for what it lacks
        asked = self._first or (self._asked[0] if self._asked and self._keeper.record else "")
        self._first = ""
        form.focus_field(asked or ("value" if self._medium == "noise" else "parameter"))

    def _show(self, answer: tuple[Any, Any, str, str, Setting]) -> None:
        row, last, title, wanted, self._setting = answer
        self._read = True
        self._title = title
        if row is not None:
            self._medium = row.medium or "water"
            self._values = {name: to_text(name, getattr(row, name)) for name in row._meta.fields}
            self._values["standard"] = picked_standard(row)
        else:
            self._medium = wanted or (last.medium if last is not None else "") or "water"
            self._values = {}
            if last is not None and last.medium == self._medium:
                carried = CARRIED[self._medium]
                self._values = {name: to_text(name, getattr(last, name, None)) for name in carried}
                self._values["standard"] = picked_standard(last)
        self.call_later(self._filled)

    async def _filled(self) -> None:
        await self._rebuild()

    def touched(self, records: frozenset[tuple[str, str]]) -> None:
        """What is typed here is this screen's own."""

    async def relabel(self) -> None:
        """Another language: the same values."""
        self.keep()
        self._values = self.query_one(Form).values
        await self._rebuild()

    # -- judging -------------------------------------------------------------------------------------------

    def _kept_values(self) -> dict[str, Any]:
        values = {**self.query_one(Form).values, "medium": self._medium}
        return {key: from_text(key, text) for key, text in values.items()}

    @on(LiveForm.Typed)
    def _judge(self) -> None:
        """Judge what stands in the fields now; the tables are in memory, so this waits for nothing."""
        verdict = self.query_one("#verdict", Prose)
        sign, words = self._judged()
        verdict.set_classes(f"verdict {sign}")
        verdict.show(words)
        self._make_room()

    def on_resize(self) -> None:
        """The form gives the verdict other room."""
        self._make_room()

    def _make_room(self) -> None:
        """Let the form scroll where it would push the verdict off a short terminal.

        Reckoned from the terminal's own size: what was just composed has none yet.
        """
        texts = [self.query(name) for name in ("#measure-item", "#verdict")]
        form = self.query(LiveForm)
        if not form or not all(texts):
            return
        width = max(self.size.width - 4, 20)
        item, verdict = (text.first(Prose).text for text in texts)
        title = len(wrap(item, width)) if item else 0
        said = min(len(wrap(verdict, width)), SAID_LINES) + 1  # its border
        room = Scalar.from_number(max(self.size.height - 2 - title - said, FORM_LINES))  # bar and footer
        if form.first(LiveForm).styles.max_height != room:
            form.first(LiveForm).styles.max_height = room
            self.call_after_refresh(self._show_focused)

    def _show_focused(self) -> None:
        if self.focused is not None:
            self.focused.scroll_visible(animate=False)  # it may have been scrolled out of the form

    def _judged(self) -> tuple[str, str]:
        self._asked = []
        try:
            values = self._kept_values()
            if not values.get("value") or (self._medium != "noise" and not values.get("parameter")):
                return "", _("The verdict stands here while the value is typed.")
            values["taken_at"] = values.get("taken_at") or self.notebook.clock.wall_ms()
            found = judge(values, self._setting)
        except QingchaError as error:
            return "undecidable", "? " + error.text()
        standard = " ".join(part for part in (found.standard, found.clause) if part)
        limit = _("limit {limit}").format(limit=found.limit_text) if found.limit_text else ""
        words = {
            "ok": "✓ " + _("Within the limit"),
            "over": "! " + over_words(found.times, found.excess),
            "undecidable": "? " + _("Cannot be decided"),
        }[found.verdict]
        reasons = [f"- {line}" for line in found.lines()]
        if found.verdict == "undecidable" and reasons:
            # the reason decides: it stands in the first line
            form = self.query_one(Form)
            labels = {field.key: translate(field.label) for field in form.fields}
            self._asked = [name for name in fields_asked(found.reasons) if name in labels]
            words = "? " + _("Cannot be decided: {reason}").format(reason=reasons[0][2:])
            reasons = reasons[1:]
            if self._asked:
                key = shown(effective(action("measurement.lack"), self.desk.own_keys)[0])
                go = _("{key} goes to: {fields}").format(
                    key=key, fields=listed(labels[name] for name in self._asked)
                )
                reasons.insert(0, f"  {go}{self._kept_at_site()}")
            if not limit:
                standard = ""
        first = "  ".join(part for part in (words, limit, standard) if part)
        return found.verdict, "\n".join([first, *reasons])

    def _kept_at_site(self) -> str:
        """That the site's own entry would answer it for every visit, where it can."""
        if not OF_SITE.intersection(self._asked):
            return ""
        return " " + _("(The site's entry keeps it for later visits: Cases, Sites, Correct.)")

    def why_not_lack(self) -> str:
        """Something must be asked for."""
        return "" if self._asked else _("Nothing more is asked for here.")

    def action_lack(self) -> None:
        """The cursor to what is asked for; from one of these fields, to the next."""
        form = self.query_one(Form)
        focused = self.focused.id if self.focused is not None else ""
        here = (focused or "").removeprefix("field-")
        at = self._asked.index(here) + 1 if here in self._asked else 0
        if self._asked:
            form.focus_field(self._asked[at % len(self._asked)])

    # -- keeping -------------------------------------------------------------------------------------------

    def _make(self, notebook: Any, values: dict[str, Any]) -> str | None:
        if not values.get("value") or (values["medium"] != "noise" and not values.get("parameter")):
            return None
        given = {key: value for key, value in values.items() if value is not None}
        return verbs.measure(notebook, self.inspection_id, item=self.item or None, **given)

    def _correct(self, notebook: Any, record: str, values: dict[str, Any]) -> None:
        verbs.correct(notebook, record, **values)

    def field_kept(self, event: Kept) -> None:
        """Write it down."""
        if event.key == "medium":
            if event.value and event.value != self._medium:
                self._medium = event.value
                self._values = {}
                self.call_later(self._rebuild)
            return
        self._judge()
        try:
            everything = self._kept_values()
        except RuleBroken as error:
            self.trouble(error)
            return
        key = event.key
        changed = {key: everything[key], "medium": everything["medium"]}
        self.keep_part(changed, everything, lambda error: self._at_field(key, error))

    def _at_field(self, key: str, error: Exception) -> bool:
        if isinstance(error, RuleBroken):
            return self.show_at_field(error.field or key, with_basis(error)) or self.show_at_field(
                key, with_basis(error)
            )
        return isinstance(error, BadInput) and self.show_at_field(key, error.text())

    @on(Form.Finished)
    async def _finished(self, event: Form.Finished) -> None:
        event.stop()
        await self.action_leave()

    def action_more(self) -> None:
        """The next one, with the circumstances of this one."""
        self.keep()
        self.call_later(self._open_next)

    def why_not_more(self) -> str:
        """This one first."""
        return "" if self._keeper.record or self._enough() else _("Give parameter and value first.")

    def _enough(self) -> bool:
        values = self.query_one(Form).values if self.is_mounted else {}
        return bool(values.get("value") and (self._medium == "noise" or values.get("parameter")))

    async def _open_next(self) -> None:
        self.do_verb(lambda: None, lambda _done: self._later(self._next))

    async def _next(self) -> None:
        values = self.query_one(Form).values
        self._keeper = PartKeeper(self._make, self._correct)
        self._values = {key: text for key, text in values.items() if key in CARRIED[self._medium]}
        await self._filled()

    def _later(self, call: Callable[[], Any]) -> None:
        self.call_later(call)
