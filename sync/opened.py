"""What is looked at when a notebook was opened, before anything is written in it."""

from __future__ import annotations

import contextlib

from models.errors import StoreRefused
from models.store import token
from models.store.notebook import Notebook
from models.store.token import Finding, TokenPlaces


def settle(notebook: Notebook, places: TokenPlaces) -> bool:
    """Look at the token of a notebook just opened; if it is a copy, go on under a key of its own (R6).

    A disk that takes nothing keeps nobody out: it is looked at again at the next opening. Where room was made
    on it, at once: what a copy writes is to bear its own name.

    Returns:
        Whether it was found to be a copy; `notebook.was_copied` says so too.
    """
    try:
        _settle(notebook, places)
    except StoreRefused:
        with contextlib.suppress(StoreRefused):
            _settle(notebook, places)
    return notebook.was_copied


def _settle(notebook: Notebook, places: TokenPlaces) -> None:
    found = token.look(notebook, places)
    if found is not Finding.OWN:
        from sync.copied import go_on_alone  # 250 ms of imports that hardly any opening needs

        lost = token.times_lost(notebook) + 1 if found is Finding.LOST else 0
        go_on_alone(notebook)
        notebook.was_copied = True
        token.make(notebook, places, lost=lost)
