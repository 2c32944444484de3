"""Opening the notebook that a command works on: one's own, or the demo's."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.errors import BadInput
from models.language import N_, _
from tui.cli.telling import say

if TYPE_CHECKING:
    from models.store.notebook import Notebook


@contextlib.contextmanager
def opened(given: argparse.Namespace) -> Iterator[Notebook]:
    """The notebook that was asked for, closed at the end; with --demo the practice notebook.

    Raises:
        QingchaError: there is none, or it does not open.
    """
    if given.demo:
        from models.store.home import home_folder
        from tui.demo.world import open_notebook

        with open_notebook(home_folder(), told=say) as notebook:
            yield notebook
        return
    with contextlib.closing(own_notebook(given)) as notebook:
        yield notebook


def own_notebook(given: argparse.Namespace) -> Notebook:
    """The notebook named by --notebook, or the only one; close it.

    Raises:
        QingchaError: there is none, the choice is not clear, or it does not open.
    """
    from models.store.home import home_folder, the_notebook
    from tui.opened import words
    from tui.services import open_notebook

    folder = the_notebook(home_folder(), given.notebook)
    notebook = open_notebook(folder, typed_passphrase())
    for sentence in words(notebook):
        say(sentence)
    return notebook


def typed_passphrase() -> str:
    """From QINGCHA_PASSPHRASE, else asked for, else the first line of standard input.

    Raises:
        BadInput: none was given; that is no guess, and makes nobody wait.
    """
    named = os.environ.get("QINGCHA_PASSPHRASE")
    if named is None and sys.stdin.isatty():
        from getpass import getpass

        named = getpass(_("Passphrase: "), stream=sys.stderr)
    elif named is None:
        named = sys.stdin.readline().rstrip("\n")
    if not named:
        raise BadInput(
            N_(
                "No passphrase was given. Type it, or give it in QINGCHA_PASSPHRASE or as the first "
                "line of standard input."
            )
        )
    return named


def new_passphrase(variable: str = "QINGCHA_NEW_PASSPHRASE") -> str:
    """From that variable, else asked for twice, else the next line of standard input.

    Raises:
        BadInput: the two that were typed differ.
    """
    named = os.environ.get(variable)
    if named is not None:
        return named
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    typed = getpass(_("New passphrase: "), stream=sys.stderr)
    if getpass(_("The same again: "), stream=sys.stderr) != typed:
        raise BadInput(N_("The two differ. Nothing was changed; try again."))
    return typed
