"""What a person is told when a notebook was opened, and what is done then beside all else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.language import translate

if TYPE_CHECKING:
    from models.store.notebook import Notebook
    from tui.app import QingchaApp

SOON = 20.0
"""Seconds after opening until room is set aside: 64 MB are not written beside a first screen."""
AGAIN = 600.0
"""Seconds until it is looked at again: what was released comes back when there is room."""


def words(notebook: Notebook) -> list[str]:
    """The sentences, in the reader's language; mostly none."""
    said: list[str] = []
    if notebook.made_room():
        from models.store.ballast import OPENED

        said.append(translate(OPENED))
    if notebook.was_copied:
        from sync import copied

        said.append(copied.words(notebook).text())
    return said


def keep_ballast(app: QingchaApp, notebook: Notebook, after: float | None = None) -> None:
    """Set room aside in a while, and look again for as long as the notebook is open."""
    ballast = getattr(notebook, "ballast", None)
    if ballast is None or notebook.demo:
        return

    def look() -> None:
        if app.notebook_is_open and app.open_notebook is notebook:
            app.run_worker(ballast.keep, thread=True, exit_on_error=False)
            keep_ballast(app, notebook, AGAIN)

    app.set_timer(SOON if after is None else after, look)
