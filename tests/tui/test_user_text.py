"""User text never reaches a widget as a bare string: this reads the code of the room."""

from __future__ import annotations

import ast
from pathlib import Path

ROOM = Path(__file__).parent.parent.parent / "tui"
WIDGETS = {
    "Static",
    "Label",
    "Button",
    "Checkbox",
    "RadioButton",
    "Select",
    "OptionList",
    "Option",
    "Collapsible",
    "Tree",
    "DataTable",
    "TabPane",
    "Markdown",
    "notify",
    "update",
    "add_row",
    "add_column",
    "add_option",
}
TITLES = {"border_title", "border_subtitle", "tooltip"}
ALLOWED = {"plain", "Content"}


def is_safe(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in ("", None)
    if isinstance(node, ast.Attribute) and node.attr == "plain":
        return is_safe(node.value)
    if isinstance(node, ast.IfExp):
        return is_safe(node.body) and is_safe(node.orelse)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name in ALLOWED
    return False


def complaints(source: str, name: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in WIDGETS and node.args and not is_safe(node.args[0]):
                if called == "update" and isinstance(
                    node.args[0], (ast.Dict, ast.DictComp, ast.Call, ast.Name)
                ):
                    continue  # dict.update and set.update; Static.update is not used in this room
                found.append(f"{name}:{node.lineno} {called}")
            if called == "notify" and not any(
                word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is False
                for word in node.keywords
            ):
                found.append(f"{name}:{node.lineno} notify without markup=False")
        if isinstance(node, ast.Assign):
            found += [
                f"{name}:{node.lineno} {target.attr}"
                for target in node.targets
                if isinstance(target, ast.Attribute) and target.attr in TITLES and not is_safe(node.value)
            ]
        if isinstance(node, ast.Attribute) and node.attr in ("from_markup", "from_rich_text"):
            found.append(f"{name}:{node.lineno} {node.attr}")
    return found


def test_no_bare_string_is_given_to_a_widget():
    found = []
    for path in ROOM.rglob("*.py"):
        found += complaints(path.read_text(encoding="utf-8"), str(path.relative_to(ROOM)))
    assert found == []


def test_the_lint_sees_what_it_should():
    assert complaints('Static(f"{name}")', "x")
    assert complaints("Button(name)", "x")
    assert complaints("app.notify(text)", "x")
    assert complaints("self.border_title = name", "x")
    assert not complaints("Static(plain(name))", "x")
