"""Every field takes every hostile string: nothing acts, and what is kept is what is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.color import ColorSystem
from textual import events
from textual.widgets import Input

from models.errors import BadInput
from models.inspections import queries
from models.inspections.tables import Evidence, Finding, Measurement, Statement
from models.store.lookup import by_id
from tests.hostile.corpus import HOSTILE, Hostile, sample
from tests.hostile.desk import Desk
from tests.hostile.typing import calm, fill, kept_right, paste, shown_right, through, type_keys, typed_fields
from tests.hostile.watch import WatchedApp, problems, watched
from tests.tui.helpers import screen_text, settle
from tui.places import PLACES
from tui.quirks import UNSEEN
from tui.screens.register import NewOfficerScreen, NewSiteScreen
from tui.services import Services
from tui.settings import Settings, save, settings_path
from tui.widgets.field import Field
from tui.widgets.form import Form
from tui.widgets.prose import Prose

Read = Callable[[Any, Desk, str], "str | None"]


def _visit(app: Any, desk: Desk, key: str) -> Any:
    return getattr(queries.inspection(app.open_notebook, desk.visit), key)


def _row(table: Any, record: Callable[[Desk], str]) -> Read:
    def read(app: Any, desk: Desk, key: str) -> Any:
        with app.open_notebook:
            return getattr(by_id(table, record(desk)), key)

    return read


@dataclass(frozen=True, slots=True)
class Typing:
    """One form: how it is opened, and where what is typed is kept."""

    place: str
    arguments: Callable[[Desk], dict[str, Any]]
    kept: Read | None
    """None where nothing is kept before another key."""
    screen: Any = None
    """Its class, where it comes over another screen and is no place by itself."""

    @property
    def module(self) -> str:
        """Name of the file of its screen."""
        where = PLACES[self.place].module if self.screen is None else self.screen.__module__
        return where.rpartition(".")[2]

    def show(self, app: Any, desk: Desk) -> None:
        """Open it."""
        if self.screen is None:
            app.open_place(self.place, **self.arguments(desk))
        else:
            app.push_screen(self.screen(**self.arguments(desk)))


FORMS = (
    Typing("facts", lambda desk: {"inspection_id": desk.visit}, _visit),
    Typing(
        "finding",
        lambda desk: {"inspection_id": desk.visit, "record_id": desk.finding},
        _row(Finding, lambda desk: desk.finding),
    ),
    Typing(
        "measurement",
        lambda desk: {"inspection_id": desk.visit, "record_id": desk.measurement},
        _row(Measurement, lambda desk: desk.measurement),
    ),
    Typing("signatures", lambda desk: {"inspection_id": desk.visit}, _visit),
    Typing(
        "statement",
        lambda desk: {"inspection_id": desk.visit, "record_id": desk.statement},
        _row(Statement, lambda desk: desk.statement),
    ),
    Typing(
        "describe",
        lambda desk: {"inspection_id": desk.visit, "record_id": desk.evidence},
        _row(Evidence, lambda desk: desk.evidence),
    ),
    Typing("custody", lambda desk: {"inspection_id": desk.visit, "record_id": desk.evidence}, None),
    Typing("amendment", lambda desk: {"inspection_id": desk.sealed}, None),
    Typing("settings", lambda desk: {}, lambda app, desk, key: getattr(app.chosen, key)),
    Typing("act", lambda desk: {"room": "cases", "act": "register"}, None),
    Typing("register-site", lambda desk: {}, None, NewSiteScreen),
    Typing("register-officer", lambda desk: {"typed": "示例"}, None, NewOfficerScreen),
)
TIMES = ("began_at", "ended_at", "taken_at")
NUMBERS = ("pages",)
SOME = 3
"""Strings a field in `make test`; each form goes on in the corpus where the one before ended."""


async def type_into(desk: Desk, form: Typing, strings_of: Callable[[int], list[Hostile]], by: Any) -> int:
    """Fill every typed field of a form with the strings for its place; how many were filled in."""
    count = 0
    async with watched(desk) as (app, pilot):
        form.show(app, desk)
        await settle(pilot)
        screen = app.screen
        assert problems(app) == []
        for at, key in enumerate(typed_fields(screen.query_one(Form))):
            for each in strings_of(at):
                shown, sentence = await fill(pilot, screen.query_one(Form), key, each.text, by=by)
                shown_right(each.text, shown)
                if form.kept is not None:
                    kept = form.kept(app, desk, key)
                    if key in TIMES and not sentence:
                        assert kept is None
                        assert not shown.strip()
                    elif key in NUMBERS:
                        assert sentence or not shown.strip() or str(kept) == shown.strip()
                    else:
                        kept_right(shown, kept, sentence)
                assert app.screen is screen, (key, each)
                count += 1
            assert problems(app) == [], key
    return count


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.place)
async def test_what_is_pasted_into_a_form_is_kept_as_it_is_seen_or_refused(desk, form):
    start = 97 * FORMS.index(form)
    count = await type_into(
        desk,
        form,
        lambda at: [HOSTILE[(start + at * SOME + step) * 5 % len(HOSTILE)] for step in range(SOME)],
        paste,
    )
    assert count >= SOME


KEYS = {chr(code) for code in range(0x20)} | {"\x7f"}
"""Typed, a control character is a key."""
TYPED = [each for each in HOSTILE if len(each.text) < 30 and not KEYS & set(each.text)]


async def test_what_is_typed_into_a_form_is_kept_as_it_is_seen_or_refused(desk):
    count = await type_into(desk, FORMS[0], lambda at: [TYPED[at * 15]], type_keys)
    assert count > 12


@pytest.mark.soak
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.place)
async def test_every_string_goes_into_every_field(desk, form):
    await type_into(desk, form, lambda at: list(HOSTILE), paste)


async def test_a_note_on_an_item_is_kept_as_it_is_seen(desk):
    async with watched(desk) as (app, pilot):
        app.open_place("inspection", inspection_id=desk.visit)
        await settle(pilot)
        screen = app.screen
        item = screen.item
        for each in HOSTILE[::16]:
            screen.action_note()
            editor = screen.checklist.editor
            await through(editor, screen)
            editor.load("")
            await paste(pilot, each.text)
            shown = editor.value
            shown_right(each.text, shown)
            editor.post_message(events.Key("escape", None))
            await calm(pilot, editor, screen.checklist)
            sheet = queries.sheet(app.open_notebook, desk.visit)
            kept = next(one.note for one in sheet.items if one.code == item)
            kept_right(shown, kept, " ".join(note.message for note in app._notifications))
            app.clear_notifications()
            assert app.screen is screen
        await settle(pilot)
        assert problems(app) == []


async def search(app: Any, pilot: Any, strings: list[Hostile]) -> None:
    """Paste into the search line in front; the app still answers and draws nothing raw."""
    screen = app.screen
    field = app.focused
    assert isinstance(field, Field)
    for each in strings:
        with field.prevent(Input.Changed):
            field.value = ""
        await paste(pilot, each.text)
        shown_right(each.text, field.value)
        assert app.screen is screen
    await pilot.pause(0.2)
    await settle(pilot)
    assert problems(app) == []


async def test_filters_and_pickers_take_anything(desk):
    async with watched(desk) as (app, pilot):
        await pilot.press("slash")
        await settle(pilot)
        app.screen.action_find()
        await pilot.pause()
        await search(app, pilot, list(HOSTILE[::3]))
        app.go("today")
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        await search(app, pilot, list(HOSTILE[1::9]))
        await pilot.press("escape")
        app.open_place("new")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await search(app, pilot, list(HOSTILE[2::3]))


async def test_each_string_alone_is_searched_for_without_trouble(desk):
    """Past the pause between keys: the query itself."""
    from models.registry import queries as registry

    book = desk.open()
    try:
        for each in HOSTILE:
            assert queries.inspection_ids(book, each.text) is not None
            assert registry.find_sites(book, each.text) is not None
            assert registry.find_officers(book, each.text) is not None
            assert queries.phrases(book, each.text) is not None
            assert book.search(each.text) is not None
    finally:
        book.close()


def test_every_form_of_the_program_is_typed_into():
    """A new screen with a form must come into `FORMS`."""
    screens = Path(__file__).parent.parent.parent / "tui" / "screens"
    with_form = {path.stem for path in screens.glob("*.py") if "FormField(" in path.read_text("utf-8")}
    modules = {form.module for form in FORMS}
    helpers = {"measurement_fields"}
    elsewhere = {"unlock", "new"}
    assert with_form - modules - helpers - elsewhere == set()


async def test_a_notebook_is_begun_with_no_name_that_hides(tmp_path):
    save(settings_path(tmp_path), Settings(lock_minutes=0))
    app = WatchedApp(tmp_path)
    app.console._color_system = ColorSystem.TRUECOLOR
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("f8")
        await settle(pilot)
        screen = app.screen
        form = screen.query_one(Form)
        for at, key in enumerate(typed_fields(form)):
            for each in HOSTILE[at::53]:
                shown, _sentence = await fill(pilot, form, key, each.text)
                shown_right(each.text, shown)
        form.load({"passphrase": "12345678901234", "again": "12345678901234"})
        for each in sample(1, shift=2):
            form.load({"name": each.text, "certificate": each.text[:999] + "!", "unit": "350602"})
            form.post_message(Form.Finished(form))
            await calm(pilot, form)
            await settle(pilot)
            assert app.screen is screen, each
            assert form.query_one("#error-certificate", Prose).text, each
        assert problems(app) == []


async def test_a_passphrase_may_be_anything_and_is_never_shown(desk):
    save(settings_path(desk.home), Settings(lock_minutes=0))
    tried: list[str] = []

    def opened(folder: Path, passphrase: str) -> Any:
        tried.append(passphrase)
        raise BadInput("{text}", text=each.text)

    app = WatchedApp(desk.home, services=Services(open=opened))
    app.console._color_system = ColorSystem.TRUECOLOR
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        for each in sample(1)[::2]:
            await paste(pilot, each.text)
            assert each.marker not in screen_text(app)
            await pilot.press("enter")
            await settle(pilot)
            assert problems(app) == []
    assert len(tried) == len(sample(1)[::2])
    assert not any(UNSEEN.search(one) for one in tried)
