"""`qingcha found`: files that no record names, as a crash leaves them, shown, written out, or deleted."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.language import N_, _
from models.store.vault import Leftover, PlainVault
from tui.cli.opening import own_notebook
from tui.cli.telling import DONE, FINDINGS, tell


def found(given: argparse.Namespace) -> int:
    """`qingcha found [--to FOLDER] [--delete NAME…]`: 0 where there is none left, 1 where some are."""
    from sync.queries import unnamed_files

    notebook = own_notebook(given)
    try:
        files = {_name(each): each for each in unnamed_files(notebook)}
        _delete(notebook.vault, files, given.delete)
        written = _written(notebook.vault, files, given.to) if given.to is not None else {}
    finally:
        notebook.close()
    lines = [_line(name, each, written.get(name)) for name, each in files.items()]
    facts: list[dict[str, Any]] = [
        {"name": name, "bytes": each.size, "changed_at": each.changed_at, "written": written.get(name)}
        for name, each in files.items()
    ]
    if lines and given.to is None:
        lines.append(
            _(
                "Write them out with --to FOLDER, look at them, and take in as evidence what is some. Then "
                "remove them here with --delete NAME."
            )
        )
    tell(given, facts, "\n".join(lines) or _("Every file is named by a record."))
    return FINDINGS if lines else DONE


def _name(leftover: Leftover) -> str:
    return leftover.path.name[:12]


def _line(name: str, leftover: Leftover, written: Path | None) -> str:
    when = datetime.fromtimestamp(leftover.changed_at / 1000).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006
    words = _("{name}  {when}  bytes: {size}").format(name=name, when=when, size=leftover.size)
    if written is not None:
        return words + "  " + _("written: {file}").format(file=written)
    return words if leftover.sha256 else words + "  " + _("not finished: take the original in again")


def _delete(vault: PlainVault, files: dict[str, Leftover], names: list[str]) -> None:
    unknown = [each for each in names if each not in files]
    if unknown:
        raise BadInput(
            N_("No file of this list is called {name}. Run qingcha found for the list."), name=unknown[0]
        )
    for each in names:
        vault.discard(files.pop(each))


def _written(vault: PlainVault, files: dict[str, Leftover], folder: Path) -> dict[str, Path]:
    """Write out what is whole, each under its name and the ending of what it is."""
    from models.inspections.rules import media_type, suffix_of

    folder.mkdir(parents=True, exist_ok=True)
    done: dict[str, Path] = {}
    for name, each in files.items():
        kept = vault.adopt(each)
        if kept is not None:
            start = vault.read_range(kept.sha256, 0, 16)
            done[name] = folder / (kept.sha256[:12] + suffix_of(media_type(start, "")))
            vault.export(kept.sha256, done[name])
    return done
