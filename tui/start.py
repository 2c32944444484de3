"""The way in: sets what must be set before Textual is imported, then runs the app."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.store.notebook import Notebook
    from tui.services import Services


def run(
    home: Path,
    notebook: Notebook | None = None,
    *,
    services: Services | None = None,
    server: str = "",
    mouse: bool = True,
) -> int:
    """Open the notebook on this terminal until the person quits.

    Args:
        home: folder of the notebooks, the settings and the log.
        notebook: an open one; without it the app begins at Unlock.
        services: how notebooks are found, opened and begun; by default those in `home`.
        server: address to sync with; else the one in the settings.
        mouse: whether the mouse is listened to.

    Returns:
        The exit code: 0, or 1 when the program broke (one sentence is on standard error then).
    """
    # Textual 8.2.8 and the Kitty keyboard protocol: a commit of five or more Chinese characters arrives as
    # one sequence that its parser gives up on, and iTerm2 then swallows input-method text whole. Textual
    # reads this once, at import. A value that the person has set is respected.
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    from tui.app import QingchaApp

    app = QingchaApp(home, notebook, services=services, server=server)
    app.run(mouse=mouse)
    if app.parting_words:
        print(app.parting_words, file=sys.stderr)
    if app.wants_demo:
        from argparse import Namespace

        from tui.cli.seats import demo

        return demo(Namespace(play=False, fresh=False))
    return app.return_code or 0
