"""What a command says: results on standard output, sentences on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from models.language import _

if TYPE_CHECKING:
    import argparse

DONE, FINDINGS, REFUSED = 0, 1, 2
"""Exit codes: done; a check found something; one sentence says what to do."""


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
