"""The lists of actions over the app: what can be done here (`?`), anywhere (Ctrl+P), and where `g` goes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.keys import action, actions_of, effective
from tui.keytable import Action
from tui.place import Asking
from tui.widgets.choice import Choice

if TYPE_CHECKING:
    from tui.app import QingchaApp


def show_help(desk: QingchaApp) -> None:
    """What can be done here; on Today, under all others, also where one can go."""
    own, moves = _here(desk)
    places = actions_of("go") if getattr(desk.screen, "place_name", "") == "today" else ()
    _show(desk, [*own, *places, *actions_of("app"), *moves])


def show_palette(desk: QingchaApp) -> None:
    """What can be done anywhere."""
    own, moves = _here(desk)
    _show(desk, [*own, *actions_of("go"), *actions_of("app"), *moves], everything=True)


def show_places(desk: QingchaApp) -> None:
    """Wait for the letter of a place."""
    from tui.screens.help import GoTo

    letters = {effective(row, desk.own_keys)[0]: row for row in actions_of("go")}
    desk.push_screen(GoTo(letters), lambda name: desk.go(name) if name else None)


async def run(desk: QingchaApp, action_id: str) -> None:
    """Run an action chosen from a list: of the app, of a place to go to, of the screen, of its widget."""
    row = action(action_id)
    if row.place == "go":
        desk.go(row.name)
    elif row.place == "app":
        await desk.action_do(action_id)
    elif isinstance(desk.screen, Asking) and row.place == desk.screen.place_name:
        await desk.screen.action_do(action_id)
    else:
        focused = desk.screen.focused
        if focused is not None and hasattr(focused, f"action_{row.name}"):
            getattr(focused, f"action_{row.name}")()


def _show(desk: QingchaApp, rows: list[Action], *, everything: bool = False) -> None:
    from tui.screens.help import HelpList

    screen = desk.screen
    offered = screen.offered() if isinstance(screen, Asking) else []
    desk.push_screen(HelpList(rows, offered, everything=everything), partial(_chosen, desk))


async def _chosen(desk: QingchaApp, choice: Choice | None) -> None:
    if choice is None:
        return
    screen = desk.screen
    if isinstance(screen, Asking) and not isinstance(choice.data, str):
        screen.take_offered(choice)
    else:
        await run(desk, choice.value)


def _here(desk: QingchaApp) -> tuple[list[Action], list[Action]]:
    """The actions of the screen in front, and those of the widget that has the focus."""
    places: list[str] = []
    focused = desk.screen.focused
    if focused is not None:
        from tui.widgets.checklist import ChecklistLines
        from tui.widgets.facts import FactList
        from tui.widgets.form import Form
        from tui.widgets.lines import Lines

        if isinstance(focused, ChecklistLines):
            places.append("checklist")
        elif isinstance(focused, (Lines, FactList)):
            places.append("lists")
        elif any(isinstance(parent, Form) for parent in focused.ancestors):
            places.append("form")
    has = getattr(desk.screen, "has_action", lambda row: True)
    own = [row for row in actions_of(getattr(desk.screen, "place_name", "")) if has(row)]
    return own, [row for place in places for row in actions_of(place)]
