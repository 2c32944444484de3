"""The walk: each place, how it is opened, and the keys pressed in it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from models import catalogue, rooms
from models.forms.brought import bring
from models.inspections.form_filling import answer_form, begin_form
from models.inspections.onsite.tables import Question
from models.inspections.tables import Evidence, Finding, Measurement, Statement
from tests.hostile.corpus import UNKEEPABLE, sample
from tests.hostile.typing import key_event, through
from tests.hostile.world import World, room_kinds
from tests.tui.helpers import settle
from tui.named import papers_of
from tui.places import PLACES


@dataclass(frozen=True, slots=True)
class Stop:
    """One way through one place."""

    place: str
    keys: tuple[str, ...] = ()
    arguments: Callable[[World, Any], dict[str, Any]] = lambda world, book: {}
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.place


def _visit(world: World, book: Any) -> dict[str, Any]:
    return {"inspection_id": world.visit}


def _lies(world: World, book: Any) -> dict[str, Any]:
    return {"inspection_id": world.lies}


def _visit_at(number: int) -> Callable[[World, Any], dict[str, Any]]:
    return lambda world, book: {"inspection_id": world.visits[number]}


def _part(table: Any, name: str, at: int, kept_in: str = "visit") -> Callable[[World, Any], dict[str, Any]]:
    """Arguments that open one part of a visit: the id of its record under that name."""

    def arguments(world: World, book: Any) -> dict[str, Any]:
        visit = getattr(world, kept_in)
        with book:
            rows = list(table.select().where(table.inspection == visit).order_by(table.id))
        return {"inspection_id": visit, name: rows[at % len(rows)].id}

    return arguments


def _of_kind(kind: str) -> Callable[[World, Any], dict[str, Any]]:
    """Arguments that open the sheet or history of a record of a kind."""

    def arguments(world: World, book: Any) -> dict[str, Any]:
        known = catalogue.kind(kind)
        assert known is not None
        with book:
            row = known.table.select().order_by(known.table.id.desc()).get()
        return {"kind": kind, "record_id": row.id}

    return arguments


def _paper(kind: str) -> Callable[[World, Any], dict[str, Any]]:
    """Arguments that open the first paper of a record of a kind."""
    return lambda world, book: {**_of_kind(kind)(world, book), "paper": papers_of(kind)[0][0]}


def _interview(world: World, book: Any) -> dict[str, Any]:
    """Arguments that open an interview with a question."""
    with book:
        return {"interview_id": Question.select().order_by(Question.id.desc()).get().interview}


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _filling(world: World, book: Any) -> dict[str, Any]:
    """Arguments that open a form whose labels, choices and answers are hostile."""
    texts = [each.text[:200] for each in sample(2) if not UNKEEPABLE.search(each.text)]
    labels = [escape(_NOT_XML.sub("", text)) for text in texts]
    names = "".join(f"<q{at}/><c{at}/>" for at in range(len(labels)))
    asked = "".join(
        f'<input ref="/data/q{at}"><label>{label}</label><hint>{label}</hint></input>'
        f'<select1 ref="/data/c{at}">'
        f"<label>{label}</label><item><label>{label}</label><value>a</value></item></select1>"
        for at, label in enumerate(labels)
    )
    file = world.home / "hostile.xml"
    file.write_text(
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>'
        f'{labels[0]}</h:title><model><instance><data id="hostile">{names}</data></instance></model></h:head>'
        f"<h:body>{asked}</h:body></h:html>",
        "utf-8",
    )
    filled = begin_form(book, world.visit, bring(book, file))
    answer_form(book, filled, {f"/data/q{at}": text for at, text in enumerate(texts)})
    return {"inspection_id": world.visit, "record_id": filled}


DOWN = ("pagedown",)
IN_VISIT = ("pagedown", "pagedown", "tab", *DOWN * 24, "tab", *DOWN * 24, "tab", *DOWN * 5)
THROUGH = ("down",) * 21
TABS = tuple(key for _ in range(5) for key in ("tab", "pagedown", "pagedown"))
FILTER = ("slash", "a", "escape")
IN_ROOM = (*DOWN * 2, "right_square_bracket")
IN_SHEET = (*DOWN * 6, "end", "a", *DOWN * 3, "escape", "h", *DOWN * 6, "escape")
PAPERS = ("tab", "pagedown") * 12
OFTEN = (
    "cases",
    "community",
    "onsite",
    "planning",
    "sheet-damage_case",
    "sheet-clue",
    "sheet-complaint",
    "sheet-site",
)
"""Rooms, and sheets of kinds, that are walked in every run; all others in `make soak`: each is one screen."""
WALK = (
    Stop("today", DOWN * 4),
    Stop("inspections", ("f4", "f4", "f4", "f4", "f4", "tab", *DOWN * 24)),
    Stop("new", ("enter", "a", "backspace", *DOWN * 4, "enter", "enter", *DOWN * 4)),
    Stop("inspection", IN_VISIT, _visit),
    Stop("inspection", IN_VISIT, _lies, "inspection-lies"),
    Stop("inspection", ("x", *DOWN * 2, "escape", "slash", "w", "escape"), _visit, "inspection-lists"),
    Stop("facts", THROUGH, _visit_at(17), "facts"),
    Stop("facts", THROUGH, _lies, "facts-lies"),
    Stop("finding", THROUGH[:4], _part(Finding, "record_id", 7)),
    Stop("finding", THROUGH[:4], _part(Finding, "record_id", 3, "lies"), "finding-lies"),
    Stop("measurement", THROUGH, _part(Measurement, "record_id", 70)),
    Stop("measurement", THROUGH, _part(Measurement, "record_id", 3, "lies"), "measurement-lies"),
    Stop("amendment", THROUGH[:4], _visit),
    Stop("evidence", (*DOWN * 24, "b", "escape", "e", *THROUGH[:12], "escape"), _visit),
    Stop("evidence", (*DOWN * 4, "b", "escape", "c", *THROUGH[:6], "escape"), _lies, "evidence-lies"),
    Stop("describe", THROUGH[:13], _part(Evidence, "record_id", 150)),
    Stop("custody", THROUGH[:6], _part(Evidence, "record_id", 151)),
    Stop("record", (*DOWN * 10, "tab", *DOWN * 6), _visit),
    Stop("record", (*DOWN * 6, "tab", *DOWN * 6, "o", "escape", "x", "escape"), _lies, "record-lies"),
    Stop("signatures", THROUGH[:12], _visit_at(90)),
    Stop("statement", THROUGH[:9], _part(Statement, "record_id", 90)),
    Stop("filling", ("escape", *DOWN * 4, "slash", "escape", "x", "escape", "enter", "escape"), _filling),
    Stop("interview", ("up", "end", "enter", "escape"), _interview),
    Stop("visit_sampling", IN_SHEET, _visit),
    *(
        Stop(
            name,
            ("slash", "a", "escape", *IN_ROOM * len(rooms.room(name).listings), "a", *DOWN * 4, "escape"),
        )
        for name in rooms.TITLES
    ),
    *(
        Stop("sheet", IN_SHEET, _of_kind(kind.name), f"sheet-{kind.name}")
        for kind in (*room_kinds(), *map(catalogue.kind, ("site", "officer")))
        if kind is not None
    ),
    Stop("act", THROUGH, lambda world, book: {"room": "cases", "act": "register"}),
    Stop("history", DOWN * 8, _of_kind("site")),
    Stop("paper", (*DOWN * 8, "o", "escape", *PAPERS), _paper("damage_case")),
    Stop("chart", ("tab", "tab", "left_square_bracket")),
    Stop("sync", (*DOWN * 8, *TABS), name="sync"),
    Stop("sync", ("e", "escape", "tab", "tab", "end", "enter", "escape"), name="sync-conflict"),
    Stop("settings", THROUGH[:6]),
    Stop("tour", ("enter", "enter", "pagedown")),
)
PLACES_WALKED = {stop.place for stop in WALK} | {"unlock"}
"""Unlock comes first in every walk; `test_unlock` has its own."""


async def walk(app: Any, pilot: Any, world: World, stop: Stop) -> AsyncIterator[str]:
    """Open the place, press the keys; a step after each."""
    if stop.place != "today":
        app.open_place(stop.place, **stop.arguments(world, app.open_notebook))
    await settle(pilot)
    yield f"{stop} opened"
    assert stop.place not in PLACES or type(app.screen).__module__ == PLACES[stop.place].module
    for count, key in enumerate(stop.keys):
        app.post_message(key_event(key))
        await through(app, app.screen, app.focused or app)
        if count % 8 == 7 or count == len(stop.keys) - 1:
            await settle(pilot)
            yield f"{stop} after {stop.keys[: count + 1]}"
