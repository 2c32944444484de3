"""Commands that open the terminal app: on a notebook of one's own, or on the demo."""

from __future__ import annotations

import argparse

from models.errors import BadInput
from models.language import N_, _
from models.store.home import home_folder
from tui.cli.telling import has_terminal, say


def open_own(given: argparse.Namespace) -> int:
    """`qingcha`: the notebooks of this laptop."""
    if not has_terminal():
        raise BadInput(N_("There is no terminal here. See 'qingcha --help' for commands that need none."))
    from tui.start import run

    return run(home_folder())


def demo(given: argparse.Namespace) -> int:
    """`qingcha demo`: practice with a server of its own; without a terminal it plays and prints."""
    visible = has_terminal()
    if given.play or not visible:
        if not given.play:
            say(_("There is no terminal here, so the demo plays its day by itself and prints it."))
        from tui.demo.play import play

        return play(home_folder(), visible=visible)
    from tui.demo.world import open_world
    from tui.start import run

    with open_world(home_folder(), fresh=given.fresh, told=say) as world:
        return run(world.folder, world.notebook, server=world.address.url)
