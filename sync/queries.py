"""What the screens ask about the way to the server."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from peewee import chunked

from models import catalogue
from models.registry import keeping
from models.registry.tables import Officer
from models.store.database import here, run
from models.store.fold import content, words_on
from models.store.journal import KEPT, PUT_ASIDE, RECEIVED, UNSENT, EntryRow
from models.store.lookup import by_id, row_of, rows_of
from models.store.projection import Conflicted
from models.store.seat import Seat
from models.store.vault import Leftover
from sync.file_ledger import THERE
from sync.ledger import Ledger
from sync.outcome import Exit, Trouble, reason
from sync.receipts import Receipt, received_at
from sync.tables import FileRow, FormerProof, Proof, ServerFacts, Session, StampedProof, UnitPosition

Mark = Literal["kept", "sent", "received", "durable", "aside"]
"""How far a record has got, by the levels of a receipt. kept (0): on this laptop only; sent (1): its entries
have receipts, files still wait; received (2): all of it is there, files hashed again; durable (3): and in the
server's off-site backup; aside: the server put an entry of it aside."""
_NAMING = "SELECT body FROM entry WHERE kind IN ('attach', 'seal') OR INSTR(body, ?) > 0"
_HASH = re.compile(b"[0-9a-f]{64}")
KEPT_DAYS = 30
"""A file that is in the off-site backup stays on the laptop so long all the same."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """What waits to be sent."""

    entries: int
    bytes: int
    files: int
    file_bytes: int


@dataclass(frozen=True, slots=True)
class Levels:
    """How many own entries have got how far."""

    kept: int
    received: int
    """Whose files still wait."""
    complete: int
    durable: int


@dataclass(frozen=True, slots=True)
class FileOnItsWay:
    """A file of a record that the server has not whole."""

    kind: str
    """Of the record that names it."""
    record: str
    sha256: str
    size: int
    state: str
    """queued, sending, missing or damaged; as `sync.tables.FileRow`."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The server that a notebook is enrolled with."""

    url: str
    organisation: str
    host: str
    role: str
    units: tuple[str, ...]
    revoked: bool
    clock_offset_ms: int
    enrolled_at: int
    certificate: str
    """This device's, PEM."""
    authority: str
    """The agency's root, PEM."""
    key: bytes
    """The server's pinned signing key, DER SubjectPublicKeyInfo."""


@dataclass(frozen=True, slots=True)
class PastSession:
    """One synchronisation that was made."""

    started_at: int
    ended_at: int | None
    """None when it was cut off."""
    phase: str
    bytes_up: int
    bytes_down: int
    entries_sent: int
    entries_received: int
    files_sent: int
    exit_code: int | None
    problems: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class PutAside:
    """An entry that has no effect until a supervisor releases it."""

    kind: str
    """Kind of record."""
    record: str
    seq: int
    device: str
    own: bool
    reason: str
    """Type of the server's verdict, a key of `sync.outcome.REASONS`."""
    why: str = ""
    """Who rejected it, and why, in words; "" while nobody has."""

    def text(self) -> str:
        """The reason in the reader's language."""
        return reason(self.reason) + (f": {self.why}" if self.why else "")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record with own entries that have no receipt."""

    kind: str
    record: str
    entries: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field with more than one value, the one that is shown first."""

    kind: str
    record: str
    field: str
    values: tuple[Any, ...]


def marks(notebook: Seat, record_ids: Iterable[str]) -> dict[str, Mark]:
    """How far each record has got with all that belongs to it: a visit with its answers and evidence.

    Only records that this notebook wrote something on can be unsent.
    """
    ledger = Ledger(notebook)
    ledger.scan_files()
    durable = ledger.durable_cursor()
    found: dict[str, Mark] = {}
    with notebook:
        for some in chunked(list(record_ids), 500):
            chosen = ", ".join("?" for _ in some)
            for source, record in _sources():
                rows = here.execute_sql(
                    f"SELECT {record}, e.state, MAX(f.state IS NOT NULL AND f.state != 'received'),"
                    " MAX(f.state IS NOT NULL OR e.cursor IS NULL OR e.cursor > ?)"
                    f" FROM {source} LEFT JOIN sync_file_use u ON u.seq = e.seq"
                    " LEFT JOIN sync_file f ON f.sha256 = u.sha256 AND f.state != 'durable'"
                    f" WHERE {record} IN ({chosen}) AND e.own = 1 GROUP BY 1, 2",
                    (durable, *some),
                )
                for owner, *facts in rows.fetchall():
                    found[owner] = _worse(found.get(owner, "durable"), _mark(*facts))
            for owner in some:
                found.setdefault(owner, "received")
    return found


def _sources() -> list[tuple[str, str]]:
    """Entries of records and of what belongs to them: what to select from, and the owner's column."""
    sources = [("entry e", "e.record")]
    for kind in catalogue.kinds():
        if kind.parent:
            table = kind.table._meta.table_name
            sources.append((f'"{table}" c JOIN entry e ON e.record = c.id', f'c."{kind.parent}"'))
    return sources


def files_on_their_way(notebook: Seat, record_id: str) -> list[FileOnItsWay]:
    """The files of a record, and of what belongs to it, that the server has not: the smallest first."""
    Ledger(notebook).scan_files()
    found: set[FileOnItsWay] = set()
    with notebook:
        for source, record in _sources():
            rows = here.execute_sql(
                f"SELECT e.record_kind, e.record, f.sha256, f.size, f.state FROM {source}"
                " JOIN sync_file_use u ON u.seq = e.seq"
                " JOIN sync_file f ON f.sha256 = u.sha256 AND f.state NOT IN (?, ?)"
                f" WHERE {record} = ? AND e.own = 1",
                (*THERE, record_id),
            )
            found.update(FileOnItsWay(*row) for row in rows.fetchall())
    return sorted(found, key=lambda each: (each.size, each.sha256))


def levels(notebook: Seat) -> Levels:
    """Own entries by how far they have got, with the files that they name."""
    ledger = Ledger(notebook)
    ledger.scan_files()
    waits = "f.state IS NOT NULL AND f.state NOT IN ('received', 'durable')"
    once = "f.state = 'received' OR e.cursor IS NULL OR e.cursor > ?"
    level = f"CASE WHEN e.state = {KEPT} THEN 0 WHEN {waits} THEN 1 WHEN {once} THEN 2 ELSE 3 END"
    with notebook:
        rows = here.execute_sql(
            f"SELECT level, COUNT(*) FROM (SELECT MIN({level}) AS level FROM entry e"
            " LEFT JOIN sync_file_use u ON u.seq = e.seq LEFT JOIN sync_file f ON f.sha256 = u.sha256"
            " WHERE e.device = ? GROUP BY e.seq) GROUP BY 1",
            (ledger.durable_cursor(), notebook.device),
        )
        counted = dict(rows.fetchall())
    return Levels(*(counted.get(each, 0) for each in range(4)))


def removable(notebook: Seat) -> tuple[int, int]:
    """How many files, and of how many bytes, may be removed from this laptop (R9): nothing does it by itself.

    They are in the server's off-site backup, and the server has had them for `KEPT_DAYS`.
    """
    before = notebook.clock.wall_ms() - KEPT_DAYS * 86_400_000
    with notebook:
        rows = list(FileRow.select().where(FileRow.state == "durable"))
    sizes = [row.size for row in rows if received_at(row.receipt or "") <= before]
    return len(sizes), sum(sizes)


def unsent(notebook: Seat) -> Unsent:
    """What has no receipt yet."""
    ledger = Ledger(notebook)
    ledger.scan_files()
    with notebook:
        entries, size = notebook.journal.unsent()
    waiting = [ledger.file_counts().get(state, (0, 0)) for state in ("queued", "sending")]
    return Unsent(entries, size, sum(count for count, _ in waiting), sum(size for _, size in waiting))


def enrolment(notebook: Seat) -> Enrolment | None:
    """The server that the notebook is enrolled with; None when it is not."""
    row = Ledger(notebook).server()
    return _enrolment(row) if row is not None else None


def sessions(notebook: Seat, limit: int = 50) -> list[PastSession]:
    """The last synchronisations, newest first."""
    Ledger(notebook)
    with notebook:
        rows = list(Session.select().order_by(Session.id.desc()).limit(limit))  # clocks are set
    return [_session(row) for row in rows]


def put_aside(notebook: Seat) -> list[PutAside]:
    """Entries that the server put aside, newest first: own ones and others'."""
    with notebook:
        rows = EntryRow.select().where(EntryRow.state == PUT_ASIDE).order_by(EntryRow.n.desc())
        return [
            PutAside(
                row.record_kind,
                row.record,
                row.seq,
                row.device,
                row.own,
                row.problem or "",
                _why(notebook, row),
            )
            for row in rows
        ]


def _why(notebook: Seat, row: EntryRow) -> str:
    journal = notebook.journal
    for entry in words_on(journal.entries_of(row.record), bytes(row.hash).hex(), journal.authority):
        if entry.parsed_head.k == "reject":
            said = content(entry)
            who = by_id(Officer, str(said.get("by", "")))
            return " ".join(filter(None, (who.name if who is not None else "", str(said.get("why", "")))))
    return ""


def waiting(notebook: Seat) -> list[Waiting]:
    """What own entries without a receipt are about, in the order written; a record's parts count for it."""
    with notebook:
        unsent_entries = EntryRow.select(EntryRow.record_kind, EntryRow.record).where(UNSENT)
        rows: Any = list(unsent_entries.order_by(EntryRow.seq).tuples())
        owners: dict[str, tuple[str, str]] = {}
        for kind in catalogue.kinds():
            parts = [record for name, record in rows if name == kind.name and kind.parent]
            for some in chunked(dict.fromkeys(parts), 500):
                owner = getattr(kind.table, kind.parent)
                pairs = kind.table.select(kind.table.id, owner).where(kind.table.id.in_(some)).tuples()
                # the field is called as the kind of what it names
                owners.update({record: (kind.parent, whole) for record, whole in pairs if whole})
    counted = Counter(owners.get(record, (kind, record)) for kind, record in rows)
    return [Waiting(kind, record, count) for (kind, record), count in counted.items()]


def conflicts(notebook: Seat) -> list[Conflict]:
    """The fields that devices wrote without knowing of each other, and every value of each.

    Records that who is unlocked may not open are left out.
    """
    with notebook:
        found = []
        for row in Conflicted.select().order_by(Conflicted.kind, Conflicted.record):
            if not _may_open(notebook, row.kind, row.record):
                continue
            heads = notebook.journal.heads(row.record)
            for field in filter(heads.get, row.fields.split(",")):
                values = tuple(head.value for head in heads[field])
                found.append(Conflict(row.kind, row.record, field, values))
        return found


def count_conflicts(notebook: Seat) -> int:
    """How many there are, without reading the values."""
    with notebook:
        rows = [row for row in rows_of(Conflicted, "record") if _may_open(notebook, row.kind, row.record)]
    return sum(len(row.fields.split(",")) for row in rows)


def _may_open(notebook: Seat, kind: str, record: str) -> bool:
    known = catalogue.kind(kind)
    return keeping.may_open(notebook, kind, by_id(known.table, record) if known is not None else None)


def receipt(notebook: Seat, record_id: str) -> Receipt | None:
    """The verified receipt that covers all this device wrote on a record, its seal's own where there is one.

    None while any of it is without a receipt. A later entry's receipt covers the earlier ones through the
    device's chain.
    """
    Ledger(notebook)
    with notebook:
        rows = list(EntryRow.select().where(EntryRow.own & (EntryRow.record == record_id)))
        if not rows or any(row.state == KEPT for row in rows):
            return None
        seals = [row.seq for row in rows if row.kind == "seal"]
        proof = Proof.get_or_none(Proof.seq.in_(seals)) if seals else None
        last = max(row.seq for row in rows)
        proof = proof or Proof.select().where(Proof.seq >= last).order_by(Proof.seq).first()
    return Receipt.from_dict(json.loads(proof.receipt)) if proof is not None else None


def seal_receipt(notebook: Seat, seal_hash: str) -> Receipt | None:
    """The receipt of exactly one own entry, by its hash in hex; None before it is there."""
    Ledger(notebook)
    with notebook:
        row = row_of(EntryRow, hash=bytes.fromhex(seal_hash))
        proof = row_of(Proof, seq=row.seq) if row is not None and row.own else None
        former = row_of(FormerProof, hash=seal_hash) if proof is None else None
    kept = proof or former
    if kept is None:
        return None
    found = Receipt.from_dict(json.loads(kept.receipt))
    return found if found.entry_hash.hex() == seal_hash else None


def seal_stamp(notebook: Seat, seal_hash: str) -> tuple[Receipt, bytes] | None:
    """A seal's receipt in a head with an outside time-stamp, and that (RFC 3161, DER); None before."""
    Ledger(notebook)
    with notebook:
        kept = row_of(StampedProof, hash=seal_hash)
    return (Receipt.from_dict(json.loads(kept.receipt)), bytes(kept.answer)) if kept is not None else None


def file_receipt(notebook: Seat, sha256: str) -> str | None:
    """The server's signed note that it holds a file; None before it is there."""
    Ledger(notebook)
    with notebook:
        row = row_of(FileRow, sha256=sha256)
        return row.receipt if row is not None and row.state in THERE else None


def unnamed_files(notebook: Seat) -> list[Leftover]:
    """What a crash left in the vault between a file and its entry (R1): no record names it."""
    Ledger(notebook).scan_files()
    with notebook:
        known = {row.sha256 for row in rows_of(FileRow, "sha256")}
    found: list[Leftover] = notebook.vault.sweep(known)
    named = _named_among({each.sha256 for each in found if each.sha256}, notebook)
    return [each for each in found if each.sha256 not in named]


def _named_among(files: set[str], notebook: Seat) -> set[str]:
    """Those of some files that any entry here names, also another's or one of a chain that was left."""
    if not files:
        return set()
    with notebook:
        bodies = run(_NAMING, (b'"sha256"',))
        return files.intersection(name.decode() for (body,) in bodies for name in _HASH.findall(bytes(body)))


def received_units(notebook: Seat) -> dict[str, int]:
    """How many entries of each unit are here."""
    Ledger(notebook)
    with notebook:
        return {row.unit: row.last for row in UnitPosition.select()}


_ORDER: Sequence[Mark] = ("durable", "received", "sent", "kept", "aside")


def _worse(one: Mark, other: Mark) -> Mark:
    return max(one, other, key=_ORDER.index)


def _mark(state: int, waits: int, once: int) -> Mark:
    """The mark of entries of one state.

    Args:
        waits: whether a file of them is not at the server.
        once: whether any of it is not in the off-site backup.
    """
    if state == PUT_ASIDE:
        return "aside"
    if state < RECEIVED:
        return "kept"
    return "sent" if waits else "received" if once else "durable"


def _enrolment(row: ServerFacts) -> Enrolment:
    return Enrolment(
        url=row.url,
        organisation=row.organisation,
        host=row.host,
        role=row.role,
        units=tuple(filter(None, row.units.split(","))),
        revoked=bool(row.revoked),
        clock_offset_ms=row.clock_offset_ms,
        enrolled_at=row.enrolled_at,
        certificate=row.certificate,
        authority=row.authority,
        key=bytes(row.key),
    )


def _session(row: Session) -> PastSession:
    troubles = tuple(
        Trouble(Exit(each["exit"]), each["msgid"], each["params"]) for each in json.loads(row.problems)
    )
    return PastSession(
        row.started_at,
        row.ended_at,
        row.phase,
        row.bytes_up,
        row.bytes_down,
        row.entries_sent,
        row.entries_received,
        row.files_sent,
        row.exit_code,
        troubles,
    )
