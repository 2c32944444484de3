"""The codes of those who decide together: typed without echo, or from a file for scripts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from models.errors import BadInput
from models.language import N_, _


def codes_of(given: argparse.Namespace) -> Callable[[str], str]:
    """What gives the current code of a person, by name; nothing is read or asked before that.

    Raises (by what it gives):
        BadInput: there is nobody to ask, the file cannot be read or has no more lines, or it is no code.
    """
    lines: list[str] = []

    def code(name: str) -> str:
        from sync.second_factor import code_in

        if not given.codes_from:
            return code_in(_asked(name))
        if not lines:
            lines.extend(reversed(_lines(given.codes_from)))
        if not lines:
            raise BadInput(N_("There is no code for {name}: give one line for each person."), name=name)
        return code_in(lines.pop())

    return code


def _asked(name: str) -> str:
    if not sys.stdin.isatty():
        raise BadInput(
            N_("There is no terminal to ask for the code of {name}. Give both with --codes-from."), name=name
        )
    from getpass import getpass

    return getpass(_("Code of {name}: ").format(name=name), stream=sys.stderr)


def _lines(source: str) -> list[str]:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise BadInput(N_("{name} cannot be read."), name=source) from error
    return [line for line in map(str.strip, text.splitlines()) if line]
