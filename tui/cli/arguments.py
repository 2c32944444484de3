"""The parser of the command line: argparse that speaks the reader's language."""

from __future__ import annotations

import argparse
from typing import Any

from models.language import N_, translate
from tui.cli.telling import visible

_TEXTS = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("one of the arguments %s is required"),
    N_("not allowed with argument %s"),
    N_("ignored explicit argument %r"),
)
"""argparse's own words, as it asks gettext for them (CPython 3.11 to 3.13, Lib/argparse.py)."""

# its gettext reads another catalogue, by LANGUAGE; this is the one place where it can be told of ours
vars(argparse)["_"] = translate


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments without letting them steer the terminal."""

    def _print_message(self, message: str, file: Any = None) -> None:
        super()._print_message(visible(message), file)
