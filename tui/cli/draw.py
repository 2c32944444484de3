"""Commands on a draw by lot: no notebook is needed."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING

from models.language import _, listed
from tui.cli.rooms import table
from tui.cli.telling import DONE, FINDINGS, say, tell

if TYPE_CHECKING:
    from models.planning.repeating import Difference


def _say_difference(found: Difference | None) -> None:
    """The first row that differs, as the file has it and as it is drawn."""
    if found is None:
        return
    nothing = _("no such row")
    say(
        _("Row {row}: the file states {stated}; drawn again: {found}. Rows that differ: {rows}.").format(
            row=found.row,
            stated=listed(found.stated) or nothing,
            found=listed(found.found) or nothing,
            rows=found.rows,
        )
    )


def repeat(given: argparse.Namespace) -> int:
    """`qingcha draw repeat FILE`: draw again and compare; 1 where list or result is another."""
    from models.planning.repeating import repeat as again

    found = again(given.file, given.seed)
    rows = [[str(at), each.name, *each.names] for at, each in enumerate(found.lines, 1)]
    heads = ["#", _("Site"), _("First officer"), _("Second officer")]
    facts = {**dataclasses.asdict(found), "same": found.same}
    tell(given, facts, table([heads, *rows]))
    say(_("SHA-256 of the list: {hash}").format(hash=found.list_hash))
    if not found.same_list:
        say(
            _("The list is not the one that was frozen: the file says {hash}.").format(hash=found.stated_hash)
        )
    if found.stated is not None and not found.same_result:
        say(_("Drawing again gives another result than the file states."))
        _say_difference(found.difference)
    if found.stated is not None and found.same:
        say(_("Drawing again gives the same: list and result are as the file states them."))
    return DONE if found.same else FINDINGS
