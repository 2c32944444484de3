"""Taking content out of the log by order of a court or the agency: `qingcha admin redact`.

The one act that destroys. What goes is the body of an entry, or a file that it names; head, signature and the
SHA-256 of the body stay, so that hash, chain, tree and receipts hold. The server says so in an entry of its
own, `redact`, which every fold obeys, and which every notebook that pulls it obeys with its own copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models import catalogue
from models.errors import BadInput
from models.language import N_, translate
from models.registry import queries
from models.store.bodies import redacting_body
from models.store.digests import is_sha256
from models.store.entry import Entry, is_withheld
from models.store.fold import content, setters
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.lookup import row_of
from models.store.orders import digest_of, may_go, order_on, orders_in
from models.store.redacting import is_file_out, order_for
from sync.files import files_named
from sync.server import erasing, healed, ordering, people, uploads
from sync.server.backup import last_backup
from sync.server.central import Central
from sync.server.settings import Settings
from sync.server.tables import Account, Blob, FileUse


@dataclass(frozen=True, slots=True)
class File:
    """A file that the entry names."""

    sha256: str
    name: str
    size: int | None
    """Bytes; None where the server does not have it."""
    others: int
    """Other entries that name it, and whose content is here."""
    goes: bool
    named_again: bool = False
    """Whether one of those others is of the same record: then the order does not name it."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal that covers the entry, or whose record the file is."""

    record: str
    hash: str
    """Of its entry."""
    bytes: str
    """SHA-256 of the sealed record's own file."""
    sealed_at: int


@dataclass(frozen=True, slots=True)
class Doomed:
    """What an order would take out."""

    hash: str
    kind: str
    """Of entry: set, attach, …"""
    record_kind: str
    record: str
    unit: str
    device: str
    seq: int
    officer: str
    """Who wrote it, by name where there is one."""
    written_at: int
    cursor: int
    put_aside: bool
    copies: int
    """Other entries that carry the same one (R6, R8)."""
    fields: tuple[str, ...]
    bytes: int
    """Of the body; 0 where it stays and a file goes."""
    files: tuple[File, ...]
    seals: tuple[Seal, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """An entry of a record, as a list of them tells it."""

    hash: str
    record: str
    kind: str
    record_kind: str
    officer: str
    written_at: int
    fields: tuple[str, ...]
    redacted: bool


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Where what went may still be, for the operator to see to."""

    backed_up_at: int
    """When the server was last backed up, ms since 1970; 0 for never. Copies of before hold it."""
    former_journal: str
    """A file that `grow` left behind; "" for none."""
    unclean: bool
    """Whether the database's file may still hold bytes of it."""
    database: bool
    """Whether the journal is in PostgreSQL, which has logs and backups of its own."""
    bucket: bool
    """Whether files are in a bucket, which may keep versions of its own."""


def examine(central: Central, digest: str, file: str = "") -> Doomed:
    """What an order on an entry would take out; nothing is changed.

    Args:
        digest: the entry's hash, 64 hex digits.
        file: SHA-256 of a file that the entry names: then that goes and the entry stays.

    Raises:
        BadInput: there is no such entry or file, it went already, or it is of a kind that never goes.
    """
    digest, file = digest.strip().lower(), file.strip().lower()
    if not is_sha256(digest):
        raise BadInput(N_("Name the entry by its hash: 64 digits and letters a to f."))
    with central:
        row = EntryRow.get_or_none(EntryRow.hash == bytes.fromhex(digest))
        if row is None or row.cursor is None:
            raise BadInput(N_("There is no entry {hash} in this server's log."), hash=digest)
        entry = row.entry()
        _refuse(central, entry, file)
        same = _same(central, entry)
        named = {each.sha256: each for each in files_named(entry)}
        if file and file not in named:
            raise BadInput(N_("This entry does not name the file {hash}."), hash=file)
        if file and is_file_out(file):
            raise BadInput(N_("The file {hash} was taken out already."), hash=file)
        cursors = {each.cursor for each in same}
        files = [_file(entry, name, cursors, file) for name in named if file in ("", name)]
        return Doomed(
            digest,
            row.kind,
            row.record_kind,
            row.record,
            row.unit,
            row.device,
            row.seq,
            _writer(central, entry),
            entry.time,
            row.cursor,
            row.state == PUT_ASIDE,
            len(same) - 1,
            () if file else tuple(setters(entry) or content(entry)),
            0 if file else len(entry.body),
            tuple(files),
            tuple(_seals(entry, file)),
        )


def written_on(central: Central, asked: str) -> list[Written]:
    """The entries of a record and of its parts whose content could go or went, by their time in each.

    Args:
        asked: the record's id or number.

    Raises:
        BadInput: there is no such record.
    """
    with central:
        ids = [asked] + [
            row.id
            for kind in catalogue.kinds()
            if "number" in kind.table._meta.fields
            for row in kind.table.select(kind.table.id).where(kind.table.number == asked)
        ]
        authority = central.journal.authority
        found = []
        for entries in central.journal.entries_of_many(_with_parts(ids)).values():
            orders = orders_in(entries, authority)
            for entry in sorted(entries, key=Entry.order):
                if may_go(entry, authority):
                    head, order = entry.parsed_head, order_on(entry, orders, authority)
                    fields = order.replaced if order is not None else setters(entry) or content(entry)
                    found.append(
                        Written(
                            entry.hash.hex(),
                            head.e,
                            head.k,
                            head.t,
                            _writer(central, entry),
                            entry.time,
                            tuple(fields),
                            order is not None,
                        )
                    )
    if not found:
        raise BadInput(N_("There is no record with the number or id {record}."), record=asked)
    return found


def _with_parts(records: list[str]) -> list[str]:
    """Records, and what belongs to them: an order names an inspection, what goes is one of its findings."""
    known, new = dict.fromkeys(records), records
    while new:
        new = [
            row.id
            for kind in catalogue.kinds()
            if kind.parent
            for row in kind.table.select(kind.table.id).where(getattr(kind.table, kind.parent).in_(new))
            if row.id not in known
        ]
        known |= dict.fromkeys(new)
    return list(known)


def _writer(central: Central, entry: Entry) -> str:
    """Who wrote an entry: their name by their record or account, else their id."""
    officer = entry.parsed_head.u or people.officer_of(entry.device) or ""
    person, account = queries.officer(central, officer), row_of(Account, officer=officer)
    known = (person.name if person is not None else None) or (account.name if account is not None else None)
    return str(known or officer)


def redact(central: Central, digest: str, *, by: str, why: str, file: str = "", second: str = "") -> Entry:
    """Take it out, in one transaction with the server's signed word for it; gives that.

    Args:
        digest, file: as `examine`.
        by: record id of who carries the order out.
        why: which order, in words; every notebook receives them.
        second: record id of who decided together with them.

    Raises:
        BadInput: as `examine`, or there is no reason.
        StoreRefused: the disk refuses, or the storage of files does not answer: the order stands, and files
            that are left go with the next call of this command.
    """
    why = why.strip()
    if not why:
        raise BadInput(N_("Name the order: --why. It stays with the record."))
    with central.writing():
        doomed = examine(central, digest, file)
        row = central.journal.at(doomed.device, doomed.seq)
        entry = row.entry() if row is not None else None
        if entry is None:
            raise BadInput(N_("There is no entry {hash} in this server's log."), hash=digest)
        if file:
            others = _also_naming(central, entry, file)
            had = [entry, *(each for each, counts in others if counts)]
            written = central.write(*(ordering.on_file(each, file, why, second) for each in had), by=by)
            elsewhere = translate(ordering.ELSEWHERE)
            rest = [ordering.on_file(each, file, elsewhere) for each, counts in others if not counts]
            written += central.write(*rest) if rest else []
        else:
            files = [each.sha256 for each in doomed.files if not each.named_again]
            body = redacting_body(entry, (central.device,)) | {"files": files}
            written = central.write(ordering.word(entry, body, why, second), by=by)
        central.obey(written)
        ordering.tell_of(central, written)
    finish(central)
    return written[0]


def _also_naming(central: Central, entry: Entry, file: str) -> list[tuple[Entry, bool]]:
    """The other entries that name a file, each once whoever carries it, with whether their writers had it.

    Their readers, who may not see the record that the order names, hear of it by a word on their own.
    """
    counting = {row.cursor for row in uploads.counting(file, row_of(Blob, sha256=file))}
    uses = FileUse.select(FileUse.cursor).where(FileUse.sha256 == file)
    found: dict[str, tuple[Entry, bool]] = {}
    for row in EntryRow.select().where(EntryRow.cursor.in_(uses)).order_by(EntryRow.cursor):
        other = row.entry()
        first, had = found.get(other.uid, (other, False))
        found[other.uid] = (first, had or row.cursor in counting)
    return [each for uid, each in found.items() if uid != entry.uid]


def finish(central: Central) -> bool:
    """What comes after the commit: files go, the head is signed, the database's file is written anew.

    Returns:
        Whether the database's file holds nothing of what went.

    Raises:
        StoreRefused: the disk refuses, or the storage of files does not answer; it is to be called again.
    """
    central.sign_head()
    clean = erasing.clean(central)
    erasing.note_lying(central, settled=healed.is_settled(central))
    erasing.erase_files(central)
    return clean


def left_over(central: Central) -> Leftovers:
    """Where what went may still be."""
    settings, folder = Settings.read(central.folder), Path(central.folder)
    former = folder / "central.db"
    return Leftovers(
        last_backup(folder),
        str(former) if settings.database and former.exists() else "",
        erasing.is_unclean(central),
        bool(settings.database),
        bool(settings.files),
    )


def _refuse(central: Central, entry: Entry, file: str) -> None:
    authority = central.journal.authority
    if not file and not may_go(entry, authority):
        raise BadInput(
            N_(
                "An entry of the kind {kind}, or one that the server wrote, proves others: its content "
                "stays. Of a seal the sealed record's file can go: --file."
            ),
            kind=entry.parsed_head.k,
        )
    if is_withheld(entry.body):
        order = order_for(central.journal, entry)
        raise BadInput(
            N_("The content of this entry was taken out already: {why}"), why=order.why if order else ""
        )


def _same(central: Central, entry: Entry) -> list[EntryRow]:
    """The rows of an entry and of those that carry it."""
    rows = EntryRow.select().where(EntryRow.record == entry.parsed_head.e)
    digest = digest_of(entry.body)
    return [
        row
        for row in rows
        if (each := row.entry()).hash == entry.hash or (each.uid, digest_of(each.body)) == (entry.uid, digest)
    ]


def _file(entry: Entry, sha256: str, cursors: set[int | None], asked: str) -> File:
    blob = row_of(Blob, sha256=sha256)
    uses = FileUse.select(FileUse.cursor).where(FileUse.sha256 == sha256)
    others = {row.cursor for row in uses} - cursors
    here = EntryRow.cursor.in_(others) & (EntryRow.record == entry.parsed_head.e)
    body = content(entry)
    name = str(body.get("name") or "") if body.get("sha256") == sha256 else ""
    size = blob.size if blob is not None and blob.lost_at is None else None
    again = bool(others) and EntryRow.select().where(here).exists()
    return File(sha256, name, size, len(others), bool(asked) or not others, again)


def _seals(entry: Entry, file: str) -> Iterable[Seal]:
    """The seals that cover an entry, or whose record is the file."""
    for row in EntryRow.select().where(EntryRow.kind == "seal").order_by(EntryRow.cursor):
        body = content(row.entry())
        covers = body.get("covers")
        covered = isinstance(covers, list) and entry.uid in covers
        if covered or (file and body.get("bytes") == file):
            digest = str(body.get("bytes", ""))
            yield Seal(row.record, bytes(row.hash).hex(), digest, row.entry().time)


__all__ = [
    "Doomed",
    "File",
    "Leftovers",
    "Seal",
    "Written",
    "examine",
    "finish",
    "left_over",
    "redact",
    "written_on",
]
