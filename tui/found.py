"""What a crash left, told when a notebook is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import NotebookLocked
from models.language import _
from tui.trouble import note_trouble

if TYPE_CHECKING:
    from models.store.notebook import Notebook
    from tui.app import QingchaApp


def tell_of_found(app: QingchaApp, notebook: Notebook) -> None:
    """Say how many files no record names, where there are any; runs in the thread of the verbs."""
    from sync.queries import unnamed_files

    try:
        count = len(unnamed_files(notebook))
    except NotebookLocked:
        return
    except Exception as error:
        note_trouble(app.home, error)
        return
    if count:
        words = _("Files that no record names: {count}. See: qingcha found").format(count=count)
        app.call_later(app.say, words, severity="warning")
