"""Backup and restore, for both seats: what a folder holds decides."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadInput
from models.language import N_, _
from tui.cli.opening import typed_passphrase
from tui.cli.telling import DONE, FINDINGS, not_whole, tell

if TYPE_CHECKING:
    from models.store.backup import BackedUp
    from models.store.notebook import Notebook


def backup(given: argparse.Namespace) -> int:
    """`qingcha backup FOLDER TARGET`: copied while it is open, and checked."""
    from models.store import backup as notebooks
    from sync.server import backup as servers
    from sync.server.durable import back_up_off_site

    if not _holds_server(given.folder):
        if given.off_site:
            raise BadInput(N_("--off-site is for a server; a notebook's receipts come from its server."))
        copy = partial(notebooks.back_up, everything=given.all)
        return _tell(given, _with_passphrase(copy, given.folder, given.target))
    copied = back_up_off_site if given.off_site else servers.back_up
    return _tell(given, copied(given.folder, given.target, everything=given.all))


def restore(given: argparse.Namespace) -> int:
    """`qingcha restore BACKUP TARGET`: a notebook or server again, checked."""
    from models.store import backup as notebooks

    if _holds_server(given.backup):
        return _restore_server(given)
    if given.database or given.files:
        raise BadInput(N_("--database and --files are for a server; a notebook keeps all in its folder."))
    made = _with_passphrase(notebooks.restore, given.backup, given.target)
    then = _("Work in one of the two only. Its next sync fetches what came after the backup.")
    return _tell(given, made, [then])


def _restore_server(given: argparse.Namespace) -> int:
    from sync.server import backup as servers
    from sync.server.healed import RETURNING
    from sync.server.settings import Settings

    made = servers.restore(given.backup, given.target, database=given.database, files=given.files)
    then = [
        _("The server may be started. At its next sync each notebook gives back what it holds."),
        _(RETURNING),
    ]
    before = Settings.read(given.backup)
    was = {"database": before.former_database, "files": before.former_files}
    stays = [was[name] for name in was if was[name] and not getattr(given, name)]
    if stays:
        text = _(
            "Before, it kept a part of this elsewhere: {places}. All is in its folder now; into a new, empty "
            "database or bucket leads: qingcha admin grow {folder} --database … --files …"
        )
        then.append(text.format(places=", ".join(stays), folder=given.target))
    return _tell(given, made, then, before=was)


def _holds_server(folder: Path) -> bool:
    """Whether a server is in the folder; else a notebook.

    Raises:
        BadInput: neither is.
    """
    from models.store.notebook import is_notebook
    from sync.server.central import has_database

    if has_database(folder):
        return True
    if not is_notebook(folder):
        raise BadInput(N_("{folder} holds neither a notebook nor a server."), folder=str(folder))
    return False


def _with_passphrase(copy: Callable[..., BackedUp], source: Path, target: Path) -> BackedUp:
    import models.areas  # noqa: F401 -- all tables must be known before a seat opens
    from models.store import keys
    from models.store.notebook import KEYS
    from sync.ledger import Ledger

    def lost(notebook: Notebook, whole: Collection[str]) -> list[str]:
        return [row.sha256 for row in Ledger(notebook).files_nowhere(whole)]

    keyring = keys.system_keyring() if keys.takes_part(source / KEYS) else None
    return copy(source, target, typed_passphrase(), keyring=keyring, lost=lost)


def _tell(given: argparse.Namespace, made: BackedUp, then: Sequence[str] = (), **more: Any) -> int:
    summary = _("In it, and checked: entries {entries}, files {files} ({new} new).")
    lines = [summary.format(entries=made.entries, files=made.files, new=made.new_files)]
    if made.read_again:
        lines.append(_("Files of before that were read again: {count}.").format(count=made.read_again))
    if made.mended:
        text = _("Damaged in the backup, and copied anew: {count}. Have the disk of the backup looked at.")
        lines.append(text.format(count=made.mended))
    if made.signatures:
        text = _(
            "Entries that have lost their signatures on the server: {count}. Their signatures were taken "
            "from the backup of before; restore this backup in the server's place, and have its disk "
            "looked at."
        )
        lines.append(text.format(count=made.signatures))
    lines += not_whole(made.missing)
    tell(given, asdict(made) | more, "\n".join([*lines, *then]))
    return FINDINGS if made.missing or made.mended or made.signatures else DONE
