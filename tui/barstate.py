"""What the bar says, read off the event loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.registry.units import label_of

if TYPE_CHECKING:
    from models.store.notebook import Notebook


@dataclass(frozen=True, slots=True)
class BarState:
    """What the bar always says."""

    person: str = ""
    unit: str = ""
    unsent: int = 0
    demo: bool = False
    busy: str = ""
    """A long thing under way, in a few words."""


def read_bar(notebook: Notebook) -> tuple[str, str, int]:
    """Name of who is unlocked, name of the unit, number of unsent entries.

    Raises:
        NotebookLocked: it was closed meanwhile.
    """
    from models.registry import queries as registry

    officer = registry.officer(notebook, notebook.person)
    with notebook:
        unsent, _bytes = notebook.journal.unsent()
    return (officer.name if officer is not None else "") or "", label_of(notebook.unit), unsent
