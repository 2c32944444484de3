"""What a crash left, told some seconds after a notebook is opened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from models.errors import NotebookLocked
from models.language import _
from tui.trouble import note_trouble

if TYPE_CHECKING:
    from models.store.notebook import Notebook
    from tui.app import QingchaApp

SOON = 3.0
"""Seconds after opening: ten thousand files take a fifth of one, which no first screen or save is to pay."""


def look_soon(app: QingchaApp, notebook: Notebook) -> None:
    """Look for files that no record names, beside all else that goes on."""
    look = partial(app.run_worker, partial(_look, app, notebook), thread=True, exit_on_error=False)
    app.set_timer(SOON, look)


def _look(app: QingchaApp, notebook: Notebook) -> None:
    if _count(app, notebook):
        # again between two writes: a file that is just being attached has its record then
        app.verbs.submit(_tell, app, notebook)


def _tell(app: QingchaApp, notebook: Notebook) -> None:
    count = _count(app, notebook)
    if count:
        words = _("Files that no record names: {count}. See: qingcha found").format(count=count)
        app.call_later(app.say, words, severity="warning")


def _count(app: QingchaApp, notebook: Notebook) -> int:
    from sync import queries

    try:
        return len(queries.unnamed_files(notebook))
    except NotebookLocked:
        return 0
    except Exception as error:
        note_trouble(app.home, error)
        return 0
