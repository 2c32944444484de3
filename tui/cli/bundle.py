"""Commands for a stick: export, import, and the server's part."""

from __future__ import annotations

import argparse
import contextlib
import re
from dataclasses import asdict

from models.errors import BadInput
from models.language import N_, _
from tui.cli.notebook import tell_outcome
from tui.cli.opening import own_notebook
from tui.cli.telling import DONE, FINDINGS, tell

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def export(given: argparse.Namespace) -> int:
    """`qingcha bundle export FILE|FOLDER`: what waits, for the server."""
    from sync.carrying import VOLUME, export

    size = _size(given.size) if given.size else VOLUME
    with contextlib.closing(own_notebook(given)) as notebook:
        made = export(notebook, given.target, size=size)
    tell(given, asdict(made), made.text())
    return DONE


def take(given: argparse.Namespace) -> int:
    """`qingcha bundle import FILE|FOLDER`: what the server answered."""
    from sync.carrying import newest_answer, take_answers

    with contextlib.closing(own_notebook(given)) as notebook:
        path = newest_answer(notebook, given.file) if given.file.is_dir() else given.file
        outcome = take_answers(notebook, path)
    return tell_outcome(given, outcome)


def at_server(given: argparse.Namespace) -> int:
    """`qingcha admin bundle FOLDER BUNDLE…`: takes bundles in and writes the answers beside them."""
    from sync.server.carried import take_in

    taken = take_in(given.folder, given.bundles, answers=given.answers)
    lines = []
    for each in taken:
        if each.problem:
            lines.append(f"{each.bundle.name}: {each.problem}")
        if each.problem and each.answer is None:
            continue
        words = _("{name}: new entries {entries}, files {files}.").format(
            name=each.bundle.name, entries=each.entries, files=each.files
        )
        if each.answer is not None:
            words += " " + _("Carry back: {answer}").format(answer=each.answer)
        lines.append(words)
    tell(given, [asdict(each) for each in taken], "\n".join(lines))
    return FINDINGS if any(each.problem for each in taken) else DONE


def _size(text: str) -> int:
    """Bytes from "700M" or "4G".

    Raises:
        BadInput: when it is no size, or one that no bundle fits in.
    """
    from sync.carrying import LEAST

    found = re.fullmatch(r"(\d{1,12})([kmg]?)b?", text.strip().lower())
    if found is None:
        raise BadInput(N_("“{text}” is no size. Give it as 700M or 4G."), text=text)
    size = int(found[1]) * _UNITS[found[2]]
    if size < LEAST:
        raise BadInput(N_("A bundle cannot be cut so small. Give --size 21M or more."))
    return size
