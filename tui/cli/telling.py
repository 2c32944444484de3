"""What a command says: results on standard output, sentences on standard error."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from models.language import _

if TYPE_CHECKING:
    import argparse

DONE, FINDINGS, REFUSED = 0, 1, 2
"""Exit codes: done; a check found something; one sentence says what to do."""
PROMPT = 2
"""Lines of a terminal that the shell takes when a command is done."""


def tell(given: argparse.Namespace, facts: Any, text: str, **params: Any) -> None:
    """The result: as JSON where it was asked for, else as text."""
    if given.json:
        from models.documents.text import escaped

        print(escaped(json.dumps(facts, ensure_ascii=False, default=str)))
    else:
        print(visible(text.format(**params) if params else text))


def not_whole(files: Iterable[str]) -> list[str]:
    """A line for each file that was not whole where it was copied from."""
    return [_("Not whole where it was copied from: {file}").format(file=each) for each in files]


def say(text: str) -> None:
    """A sentence beside the result."""
    print(visible(text), file=sys.stderr)


def visible(text: str) -> str:
    """Text without control characters but line ends: names from outside never steer the terminal."""
    from models.documents.text import visible as shown

    return shown(text)


def has_terminal() -> bool:
    """Whether a person sits before this process."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def show_code(given: argparse.Namespace, text: str) -> None:
    """A QR code for a phone in front of this terminal; none in JSON, nor where the terminal is too small.

    The last thing to say: what stands under it would push it off a small screen. Dark on light also where the
    terminal is light on dark, as not every app reads the reverse.
    """
    from models.documents.qr import screen_modules, terminal_rows

    if given.json:
        return
    width, height = shutil.get_terminal_size()
    rows = terminal_rows(screen_modules(text), width, height - PROMPT) or []
    # the console of old Windows shows such marks as they are
    coloured = sys.stdout.isatty() and (os.name != "nt" or "WT_SESSION" in os.environ)
    for row in rows:
        print(f"\x1b[30;107m{row}\x1b[0m" if coloured else row)
