"""The label of a sample's bottle: its code on the screen, and as a picture for the thermal printer."""

from __future__ import annotations

from functools import partial
from typing import Any

from models.documents.qr import modules
from models.documents.sample_labels import sample_labels
from models.language import _
from models.registry.keeping import row_of
from tui.place import Asking
from tui.screens.record_code import CodeView
from tui.screens.record_files import file_name
from tui.widgets.choice import Choice
from tui.widgets.picker import Picker, among


def show_labels(screen: Asking, kind: str, record: str) -> None:
    """Show the label of a bottle; a choice first where there are several."""
    notebook = screen.notebook

    def read() -> list[Any]:
        row = row_of(notebook, kind, record)
        found = sample_labels(notebook, record if kind == "sampling" else row.sampling)
        return (
            found
            if kind == "sampling"
            else [each for each in found if f":{row.number}:" in f":{each.code[4:]}"]
        )

    screen.ask(read, partial(_choose, screen), group="label")


def _choose(screen: Asking, found: list[Any]) -> None:
    if not found:
        screen.desk.say(_("No sample is written down."), severity="warning")
    elif len(found) == 1:
        _show(screen, found, Choice("0", ""))
    else:
        choices = [
            Choice(str(at), each.code.split(":")[1], " · ".join(each.lines[-7:-4]))
            for at, each in enumerate(found)
        ]
        screen.app.push_screen(Picker(_("Labels"), among(choices), wide=True), partial(_show, screen, found))


def _show(screen: Asking, found: list[Any], choice: Choice | None) -> None:
    if choice is None:
        return
    label = found[int(choice.value)]
    number = label.code.split(":")[1]
    words = [line for line in label.lines if not line.startswith("编号")][-7:]
    view = CodeView(
        number, modules(label.code), file_name(number, "label", ".png"), words=words, picture=label.png
    )
    screen.app.push_screen(view)
