"""The key table: every action of every place, once.

The footer, the `?` list, the palette, `docs/keys.md` and the bindings themselves are all made from
`tui/keytable.py`. An action's id is `place.name`: the place is where it works ("app" everywhere, "go" after
the `g` key, "lists" and "checklist" while such a widget has the focus), and the name is the method that does
it, `action_name`. A screen may say that an action cannot run now, and why, by a method `why_not_name() ->
str`.

Letters, digits, function keys, arrows, Enter, Esc, Tab and Ctrl with a letter only: every terminal delivers
them. While a text field has the focus, letters are letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from textual.binding import Binding, BindingType

from models.language import N_, _, translate
from tui.keytable import ACTIONS, PLACE_LABELS, Action

_BY_ID = {action.id: action for action in ACTIONS}


def action(action_id: str) -> Action:
    """The row of that id.

    Raises:
        KeyError: when the table has none.
    """
    return _BY_ID[action_id]


def actions_of(*places: str) -> Iterator[Action]:
    """The rows of these places, in table order."""
    return (row for row in ACTIONS if row.place in places)


def bindings(place: str, *, priority: Iterable[str] = ()) -> list[BindingType]:
    """Textual bindings of a screen: every action runs through `action_do`, which asks `why_not_...` first."""
    return [
        Binding(
            row.keys,
            f"do('{row.id}')",
            row.label,
            show=row.footer,
            tooltip=row.tooltip,
            id=row.id,
            priority=row.id in priority,
        )
        for row in actions_of(place)
    ]


def widget_bindings(place: str) -> list[BindingType]:
    """Textual bindings of a widget: the action is the widget's own `action_name`."""
    return [
        Binding(row.keys, row.name, row.label, show=False, tooltip=row.tooltip, id=row.id)
        for row in actions_of(place)
    ]


def effective(row: Action, own: Mapping[str, str]) -> list[str]:
    """The keys in force: the person's own, else the table's."""
    return [key.strip() for key in (own.get(row.id) or row.keys).split(",") if key.strip()]


def shown(key: str) -> str:
    """A key as it is printed on a keyboard, in the reader's language."""
    *modifiers, last = key.split("+")
    named = _KEY_NAMES.get(last)
    last = (
        translate(named)
        if named
        else last.upper()
        if modifiers or (last.startswith("f") and len(last) > 1)
        else last
    )
    return "+".join([*(part.capitalize() for part in modifiers), last])


def shown_keys(row: Action, own: Mapping[str, str], limit: int = 3) -> str:
    """All keys in force for an action, for a list."""
    return " / ".join(shown(key) for key in effective(row, own)[:limit])


_KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "space": N_("Space"),
    "up": N_("Up"),
    "down": N_("Down"),
    "left": N_("Left"),
    "right": N_("Right"),
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "comma": ",",
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}

_TYPED = {
    "?": "question_mark",
    "/": "slash",
    ",": "comma",
    ".": "full_stop",
    " ": "space",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
}
_UNSURE = frozenset({"ctrl+i", "ctrl+j", "ctrl+m", "ctrl+h", "ctrl+left_square_bracket", "ctrl+c", "ctrl+z"})


def key_problem(action_id: str, key: str, own: Mapping[str, str]) -> str:
    """Why a key cannot be given to an action, as a sentence; empty when it can."""
    key = _TYPED.get(key, key)
    *modifiers, last = key.split("+")
    if key in _UNSURE or any(part != "ctrl" for part in modifiers) or (modifiers and len(last) != 1):
        return _(
            "Not every terminal delivers {key}. Choose a letter, a digit, F1 to F12 or Ctrl with a letter."
        ).format(key=shown(key))
    place = action(action_id).place
    near = (
        {place, "app"}
        if place not in ("app", "go")
        else set(PLACE_LABELS) - {"go"}
        if place == "app"
        else {"go"}
    )
    for row in actions_of(*near):
        if row.id != action_id and key in effective(row, own):
            return _("{key} is already the key of: {action}.").format(
                key=shown(key), action=translate(row.label)
            )
    return ""


def clashes(own: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(key, action id, action id) wherever one key would do two things in one place."""
    found: list[tuple[str, str, str]] = []
    for place in PLACE_LABELS:
        seen: dict[str, str] = {}
        near = (place,) if place in ("app", "go", "lists", "checklist", "form") else (place, "app")
        for row in actions_of(*near):
            for key in effective(row, own):
                if key in seen and seen[key] != row.id:
                    found.append((key, seen[key], row.id))
                seen[key] = row.id
    return found
