"""`qingcha admin redact`: what an order names is shown, and with --yes taken out for good."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from models.errors import BadInput
from models.language import N_, _, listed
from tui.cli.deciding import codes_of
from tui.cli.telling import DONE, FINDINGS, tell

if TYPE_CHECKING:
    from sync.server.redacting import Doomed, Leftovers, Written

_MISSING = N_("With --yes say who carries the order out and which it is: --by OFFICER --why “order no. …”.")


def admin_redact(given: argparse.Namespace) -> int:
    """`qingcha admin redact FOLDER [ENTRY|RECORD] [--file SHA256] [--by OFFICER --why ORDER --yes]`."""
    from models.store.digests import is_sha256
    from sync.server import admin

    entry = (given.entry or "").strip().lower()
    if not entry:
        left = admin.redacted(given.folder)
        tell(given, asdict(left), "\n".join(_told_of_leftovers(left)) or _("Nothing is left to be done."))
        return FINDINGS if left.unclean else DONE
    if not is_sha256(entry):
        found = admin.written_on(given.folder, given.entry.strip())
        tell(given, [asdict(each) for each in found], "\n".join(map(_told_of_entry, found)))
        return DONE
    if not given.yes:
        doomed = admin.doomed(given.folder, entry, given.file)
        lines = [*_told(doomed), "", _("Nothing was changed. With --yes it goes, everywhere and for good.")]
        tell(given, asdict(doomed), "\n".join(lines))
        return DONE
    if not (given.by and given.why.strip()):
        raise BadInput(_MISSING)
    doomed, left = admin.redact(
        given.folder,
        entry,
        by=given.by,
        why=given.why,
        file=given.file,
        second=given.second,
        codes=codes_of(given),
    )
    done = _("Taken out. Each notebook takes it out of its own copy at its next synchronisation.")
    lines = [*_told(doomed), "", done, *_told_of_leftovers(left)]
    tell(given, {**asdict(doomed), "left": asdict(left)}, "\n".join(lines))
    return FINDINGS if left.unclean else DONE


def _told(doomed: Doomed) -> list[str]:
    from models.registry.units import label_of
    from tui.kinds import kind_label
    from tui.screens.common import moment

    lines = [
        _("Entry {hash}: {what}, record {record}, of {unit}").format(
            hash=doomed.hash,
            what=kind_label(doomed.record_kind),
            record=doomed.record,
            unit=label_of(doomed.unit),
        ),
        _("Written by {name} at {time}, number {seq} of device {device}; place {cursor} of the log").format(
            name=doomed.officer,
            time=moment(doomed.written_at),
            seq=doomed.seq,
            device=doomed.device,
            cursor=doomed.cursor,
        ),
    ]
    if doomed.bytes:
        fields = listed(_field_label(doomed.record_kind, name) for name in doomed.fields)
        goes = _("Goes: the content of the entry, {bytes} bytes: {fields}")
        lines.append(goes.format(bytes=doomed.bytes, fields=fields or "-"))
    if doomed.put_aside:
        lines.append(_("The server has put the entry aside."))
    if doomed.copies:
        lines.append(
            _("Other entries that carry the same: {count}; they go too.").format(count=doomed.copies)
        )
    for file in doomed.files:
        size = _("bytes: {size}").format(size=file.size) if file.size is not None else _("not here")
        which = f"{file.sha256} {file.name}".rstrip() + f" ({size})"
        if file.goes and file.others:
            text = _("Goes: the file {file}, also for the other entries that name it: {count}")
        elif file.goes:
            text = _("Goes: the file {file}, which no other entry names")
        else:
            text = _("Stays: the file {file}; other entries that name it: {count}")
        lines.append(text.format(file=which, count=file.others))
    return lines + [_told_of_seal(doomed, each.record, each.hash, each.bytes) for each in doomed.seals]


def _told_of_seal(doomed: Doomed, record: str, digest: str, sealed: str) -> str:
    if any(file.sha256 == sealed for file in doomed.files):
        return _(
            "! This file is the sealed record {record} itself: nothing can be checked against its seal any "
            "more. It is then told as taken out by order."
        ).format(record=record)
    return _(
        "! The seal {hash} of the record {record} covers it. The sealed record's own file has the content "
        "too: take that out with: {hash} --file {file}"
    ).format(hash=digest, record=record, file=sealed)


def _field_label(kind: str, name: str) -> str:
    from tui.screens.history import label_of

    return label_of(kind, name)


def _told_of_entry(each: Written) -> str:
    from tui.kinds import kind_label
    from tui.screens.common import moment
    from tui.screens.history import ENTRIES

    said = [_(ENTRIES[each.kind])] if each.kind in ENTRIES else []
    words = listed([*said, *(_field_label(each.record_kind, name) for name in each.fields)])
    mark = " " + _("(content taken out by order)") if each.redacted else ""
    what = f"{kind_label(each.record_kind)}  {words}{mark}".rstrip()
    return f"{each.hash}  {moment(each.written_at)}  {each.officer}  {what}"


def _told_of_leftovers(left: Leftovers) -> list[str]:
    from tui.screens.common import moment

    lines = []
    if left.backed_up_at:
        lines.append(
            _(
                "Last backed up at {time}: every backup made until now holds it. Make one now, and destroy "
                "those of before, or let them lapse."
            ).format(time=moment(left.backed_up_at))
        )
    if left.former_journal:
        lines.append(
            _("The journal of before the move to PostgreSQL is still at {file}: delete it.").format(
                file=left.former_journal
            )
        )
    if left.unclean:
        lines.append(
            _(
                "The database's file may still hold bytes of it, as somebody was reading. Do this again "
                "without an entry: qingcha admin redact FOLDER"
            )
        )
    if left.database:
        lines.append(_("PostgreSQL's own archived logs and base backups hold it until they lapse."))
    if left.bucket:
        lines.append(_("Where the bucket keeps versions, the file's old version is there: delete it."))
    return lines
