"""A seat: one database with its journal, its projections and its signing key.

The inspector's notebook and the central server are both seats; verbs and queries take either:

    with seat:                          # tables now mean this seat's tables, in this thread or task
        rows = list(Inspection.select())
    seat.write(put("inspection", record, unit, place="…"))
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from peewee import Model, OperationalError, TextField
from sqlcipher3 import dbapi2 as sqlcipher

from models import catalogue
from models.errors import BadInput, NotebookLocked, StoreRefused
from models.language import N_
from models.store import search_terms
from models.store.change import Change
from models.store.clock import Clock, rfc3339
from models.store.database import SeatDatabase, _here, full_disk, here, refuse_unsafe_sqlite
from models.store.entry import Entry, Head
from models.store.fold import SETTING, Folded, fold
from models.store.journal import DURABLE, KEPT, PUT_ASIDE, RECEIVED, EntryRow, Journal, row_values
from models.store.projection import Projector
from models.store.signer import Signer

SCHEMA = 1
"""Schema version written into heads (`sv`)."""
_SET_BACK_MS = 2000
"""A clock that went back by more than this is marked (R12)."""
Touched = frozenset[tuple[str, str]]
"""Records that a commit changed: (kind, id)."""


class Meta_(Model):  # noqa: N801 -- `Meta` is Peewee's own inner name
    """Small facts of this seat: who, where, which key, last contact."""

    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        database = here
        table_name = "meta"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next entry will stand in this device's chain."""

    seq: int
    prev: bytes
    after: str | None
    """SHA-256 of the last checkpoint seen, in hex; None before the first contact with a server."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry that came from elsewhere, with what the server said of it."""

    entry: Entry
    cursor: int | None = None
    unit_n: int | None = None


class Seat:
    """Opens, reads and writes; thread-safe. Build one through `Notebook` or the server's `Central`."""

    demo = False
    """Whether this is practice: its papers bear 演示."""
    vault: Any = None

    def __init__(self, path: Path, key: bytes | None, *, clock: Clock | None = None) -> None:
        refuse_unsafe_sqlite()
        self.path = path
        self.clock = clock or Clock()
        self.database = SeatDatabase(path, key, writer=False)
        self._writer = SeatDatabase(path, key, writer=True)
        self._writing = threading.RLock()
        self._depth = 0
        self._touched: set[tuple[str, str]] = set()
        self._listeners: list[Callable[[Touched], None]] = []
        self._entered = threading.local()
        self._closed = False
        self._last: tuple[int, bytes] | None = None
        self._facts: dict[str, str | None] | None = None
        self._refolder: threading.Thread | None = None
        self.journal = Journal(set())
        self.projector = Projector(self.journal)
        self.signer: Signer
        self.person = ""
        self.unit = ""

    # -- opening and closing ---------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make the tables and read who this seat is; the first statement on the database."""
        with self.writing():
            here.create_tables([Meta_])
            self.projector.create_tables()
            self.journal.authority.update(json.loads(self.meta("authority") or "[]"))
            self.person = self.meta("person") or ""
            self.unit = self.meta("unit") or ""
            self.demo = self.meta("demo") == "1"
        if self._stale():
            self._refolder = threading.Thread(target=self.refold, name="refold", daemon=True)
            self._refolder.start()

    def _stale(self) -> list[catalogue.RecordKind]:
        with self:
            return self.projector.stale()

    def _begin(self, signer: Signer, unit: str, person: str) -> None:
        """First write of a new seat: its public key, as entry number one."""
        self.signer = signer
        key = base64.b64encode(signer.public_key_der).decode()
        self.set_meta(unit=unit, person=person)
        self.person, self.unit = person, unit
        body = {"key": key, "alg": "p256-sha256"}
        self.write(Change("enrol", "device", signer.device, unit, body=body))

    def close(self) -> None:
        """Close the database for all threads. What was written is kept."""
        if self._closed:
            return
        self._closed = True
        if self._refolder is not None:
            self._refolder.join()
        with self._writing:
            self._writer.close_all()
            self.database.close_all()

    @property
    def closed(self) -> bool:
        """Whether it was closed: entering it then raises NotebookLocked."""
        return self._closed

    def __enter__(self) -> Seat:
        if self._closed:
            raise NotebookLocked
        stack = self._entered.__dict__.setdefault("tokens", [])
        # within a write of this thread, reads see what was written so far
        inside = self._depth > 0 and _here.get() is self._writer
        stack.append(_here.set(self._writer if inside else self.database))
        return self

    def __exit__(self, *exc: object) -> None:
        _here.reset(self._entered.tokens.pop())

    # -- identity --------------------------------------------------------------------------------

    @property
    def device(self) -> str:
        """This device's id."""
        return self.signer.device

    @property
    def key_id(self) -> str:
        """The short name of the device key, as seal lines carry it."""
        return self.signer.key_id

    @property
    def public_key_der(self) -> bytes:
        """The device's public key, DER SubjectPublicKeyInfo."""
        return self.signer.public_key_der

    def sign(self, data: bytes) -> bytes:
        """DER ECDSA signature over SHA-256(data) by the device key."""
        return self.signer.sign(data)

    def meta(self, key: str) -> str | None:
        """A small fact of this seat."""
        facts = self._facts
        if facts is None:
            with self:
                facts = self._facts = {row.key: row.value for row in Meta_.select()}
        return facts.get(key)

    def set_meta(self, **facts: str | None) -> None:
        """Keep small facts; None removes one."""
        with self.writing():
            for key, value in facts.items():
                if value is None:
                    Meta_.delete().where(Meta_.key == key).execute()
                else:
                    Meta_.insert(key=key, value=value).on_conflict_replace().execute()
                if self._facts is not None:
                    self._facts[key] = value

    def trust(self, *devices: str) -> None:
        """Obey the verdicts of these devices (the server's) from now on, and refold what they judged."""
        self.journal.authority.update(devices)
        with self.writing():
            self.set_meta(authority=json.dumps(sorted(self.journal.authority)))
            judged = EntryRow.select().where(EntryRow.kind.in_(["verdict", "release", "reject"]))
            records = {(row.record_kind, row.record) for row in judged}
            for kind, record in records:
                self.projector.project(kind, record, self.journal.entries_of(record))
            self._touched.update(records)

    # -- writing ---------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction on the one connection that writes; nests. Tells listeners after the commit.

        Raises:
            StoreRefused: when the disk is full or refuses; nothing of the transaction is kept.
        """
        if self._closed:
            raise NotebookLocked
        touched: Touched = frozenset()
        with self._writing:
            token = _here.set(self._writer)
            self._depth += 1
            try:
                with self._writer.atomic():
                    yield
                if self._depth == 1:
                    touched = frozenset(self._touched)
            except BaseException as error:
                self._last = self._facts = None  # as they were before the transaction
                if isinstance(error, (OperationalError, sqlcipher.OperationalError, OSError)) and full_disk(
                    error
                ):
                    raise StoreRefused(
                        N_("The disk is full. Nothing was lost; free some space and do it again.")
                    ) from error
                raise
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._touched.clear()
                _here.reset(token)
        if touched:
            for listener in list(self._listeners):
                listener(touched)

    def subscribe(self, callback: Callable[[Touched], None]) -> Callable[[], None]:
        """Call back after each commit with the records it changed; gives the function that ends it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def write(self, *changes: Change, by: str | None = None) -> list[Entry]:
        """Append entries and project their records, in one transaction: the only way to write.

        A `set` replaces the value that is shown; other sides of a conflict stay until a `resolve`. Fields
        that would not change are left out, and a `set` of nothing new writes no entry.

        Raises:
            BadInput: when a text cannot be kept. StoreRefused: when the disk is full.
        """
        return self.write_next(lambda place: changes, by=by)

    def write_next(self, build: Callable[[Place], Sequence[Change]], *, by: str | None = None) -> list[Entry]:
        """As `write`, for changes that must know their place in the chain, such as a seal."""
        with self.writing():
            written: list[Entry] = []
            rows: list[dict[str, Any]] = []
            loaded: dict[str, list[Entry]] = {}
            states: dict[str, Folded] = {}
            kinds: dict[str, str] = {}
            seq, prev = self._chain_end()

            def append(change: Change, body: dict[str, Any]) -> None:
                nonlocal seq, prev
                entry = Entry.written(self.signer, prev, self._head(change, seq + 1, by), body)
                seq, prev = seq + 1, entry.hash
                written.append(entry)
                rows.append(row_values(entry, own=True))
                loaded.setdefault(change.record, []).append(entry)
                states.pop(change.record, None)
                kinds[change.record] = change.record_kind

            anchor = self.meta("clock_pending")
            if anchor:
                loaded[self.device] = []
                append(Change("clock", "device", self.device, self.unit), json.loads(anchor))
            changes = build(Place(seq + 1, prev, self.meta("checkpoint_hash")))
            missing = [change.record for change in changes if change.record not in loaded]
            loaded.update(self.journal.entries_of_many(missing))
            for change in changes:
                if not change.fields and change.kind not in SETTING:
                    append(change, change.body)
                    continue
                known = loaded[change.record]
                state = states.get(change.record)
                if state is None:
                    state = states[change.record] = fold(known, self.journal.authority)
                body = _setting_body(change, state, new=not known)
                if body is not None:
                    append(change, body)
            if len(written) == bool(anchor):
                return []  # a clock entry never goes alone, so that unsent work reaches zero
            if anchor:
                self.set_meta(clock_pending=None)
            _insert(rows)
            for record, kind in kinds.items():
                self.projector.project(kind, record, loaded[record])
                self._touched.add((kind, record))
            self._last = (seq, prev)
        return written

    def _chain_end(self) -> tuple[int, bytes]:
        if self._last is None:
            self._last = self.journal.last(self.device)
        return self._last

    def _head(self, change: Change, seq: int, by: str | None) -> Head:
        clock = self.clock
        wall, mono, boot = clock.wall_ms(), clock.mono_ms(), clock.boot()
        correction, went_back = self._clock_check(wall, mono, boot)
        return Head(
            v=1,
            d=self.device,
            q=seq,
            k=change.kind,
            t=change.record_kind,
            e=change.record,
            sc=change.unit,
            sv=SCHEMA,
            u=by if by is not None else self.person,
            w=rfc3339(wall, clock.offset_minutes(wall)),
            m=(boot, mono),
            c=correction,
            j=int(went_back),
        )

    # -- clocks ----------------------------------------------------------------------------------

    def remember_server_time(self, server_ms: int) -> int:
        """Note what time the server says it is; the next entry is preceded by a `clock` entry (R12).

        Returns:
            The correction in ms: server time minus this device's.
        """
        wall, mono, boot = self.clock.wall_ms(), self.clock.mono_ms(), self.clock.boot()
        anchor = {"server": server_ms, "wall": wall, "boot": boot, "mono": mono}
        self._anchor = anchor
        self.set_meta(clock_anchor=json.dumps(anchor), clock_pending=json.dumps(anchor))
        return server_ms - wall

    _anchor: dict[str, Any] | None = None
    _anchor_read = False

    def _clock_check(self, wall: int, mono: int, boot: str) -> tuple[int, bool]:
        """The correction in force, and whether the clock was set back since the last contact."""
        if not self._anchor_read:
            self._anchor_read = True
            kept = self.meta("clock_anchor")
            self._anchor = json.loads(kept) if kept else None
        anchor = self._anchor
        if anchor is None:
            return 0, False
        expected = anchor["wall"] + (max(0, mono - anchor["mono"]) if boot == anchor["boot"] else 0)
        return anchor["server"] - anchor["wall"], wall < expected - _SET_BACK_MS

    # -- what comes from elsewhere ---------------------------------------------------------------

    def receive(self, arrivals: Sequence[Arrival]) -> list[tuple[str, str, str]]:
        """Append entries of other devices (or learn the place of own ones) and project their records.

        Entries known by hash only get their cursor. A record whose projection fails keeps its entries; the
        failure is returned, never raised: (kind, record, what failed).
        """
        failed: list[tuple[str, str, str]] = []
        with self.writing():
            rows: list[dict[str, Any]] = []
            fresh: dict[str, str] = {}
            once: set[tuple[str, int]] = set()
            for arrival in arrivals:
                head = arrival.entry.parsed_head
                if (head.d, head.q) in once:
                    continue
                once.add((head.d, head.q))
                known = self.journal.at(head.d, head.q)
                if known is not None:
                    if bytes(known.hash) != arrival.entry.hash:
                        failed.append((head.t, head.e, "fork"))
                        continue
                    if arrival.cursor is not None and known.cursor != arrival.cursor:
                        EntryRow.update(cursor=arrival.cursor, unit_n=arrival.unit_n).where(
                            EntryRow.n == known.n
                        ).execute()
                    continue
                fresh[head.e] = head.t
                place = {"cursor": arrival.cursor, "unit_n": arrival.unit_n, "state": RECEIVED}
                rows.append(row_values(arrival.entry, own=False, **place))
            _insert(rows)
            for row in rows:
                self._obey(row)
            loaded = self.journal.entries_of_many(fresh)
            for record, kind in fresh.items():
                try:
                    with self._writer.savepoint():
                        self.projector.project(kind, record, loaded[record])
                except Exception as error:
                    failed.append((kind, record, type(error).__name__))
                self._touched.add((kind, record))
            self._touched.add(("entry", ""))
        return failed

    def _obey(self, row: dict[str, Any]) -> None:
        """Mark the entry that a verdict of the authority names."""
        if row["kind"] not in ("verdict", "release", "reject") or row["device"] not in self.journal.authority:
            return
        body = msgspec.json.decode(row["body"])
        try:
            target = bytes.fromhex(str(body.get("of", "")))
        except ValueError:
            return
        released = row["kind"] == "release"
        state = RECEIVED if released else PUT_ASIDE
        problem = None if released else str(body.get("type", row["kind"]))
        EntryRow.update(state=state, problem=problem).where(
            (EntryRow.record == row["record"]) & (EntryRow.hash == target)
        ).execute()

    def mark_received(self, up_to_seq: int, *, state: int = RECEIVED) -> None:
        """Own entries up to that number now have a verified receipt (or are durable)."""
        lower = [KEPT] if state == RECEIVED else [KEPT, RECEIVED]
        with self.writing():
            changed = (
                EntryRow.update(state=state)
                .where(EntryRow.own & (EntryRow.seq <= up_to_seq) & EntryRow.state.in_(lower))
                .execute()
            )
            if changed:
                self._touched.add(("entry", ""))

    # -- reading ---------------------------------------------------------------------------------

    def search(
        self, text: str, kinds: Sequence[str] | None = None, limit: int = 200
    ) -> list[tuple[str, str]]:
        """Records found by words, parts of Chinese words or pinyin initials, newest first: (kind, id)."""
        match = search_terms.query(text)
        if match is None:
            return []
        some = list(kinds) if kinds is not None else [kind.name for kind in catalogue.kinds() if kind.search]
        marks = ", ".join("?" for _ in some)
        with self:
            found = here.execute_sql(
                "SELECT s.kind, s.record FROM full_text f JOIN searched s ON s.id = f.rowid"
                f" WHERE full_text MATCH ? AND s.kind IN ({marks}) ORDER BY f.rowid DESC LIMIT ?",
                (match, *some, limit),
            )
            return [(kind, record) for kind, record in found.fetchall()]

    # -- refolding -------------------------------------------------------------------------------

    def refold(self, kinds: Sequence[str] | None = None, *, batch: int = 500) -> None:
        """Make projections anew from the journal: those of other versions, or the kinds named.

        Batches are short transactions, so that work goes on; a stop half-way resumes at the next start.
        """
        with self:
            stale = {kind.name for kind in self.projector.stale()}
        for kind in catalogue.kinds():
            if kind.name not in (stale if kinds is None else set(kinds)):
                continue
            with self.writing():
                self.projector.begin_refold(kind)
            more = True
            while more:
                if self._closed:
                    return
                with self.writing():
                    more = self.projector.refold_some(kind, batch)
                    if not more:
                        self._touched.add((kind.name, ""))


def _setting_body(change: Change, state: Folded, *, new: bool) -> dict[str, Any] | None:
    """The body of a set, add, resolve or void; None when nothing would change."""
    fields: dict[str, Any] = {}
    for name, value in change.fields.items():
        if isinstance(value, float):
            raise TypeError(f"{name}: no floats in records; give a decimal string")
        if isinstance(value, str):
            _check_text(value)
        heads = state.heads.get(name, [])
        settles = change.kind == "resolve"
        if heads and heads[0].value == value and (len(heads) == 1 or not settles):
            continue
        if not heads and value is None:
            continue
        replaced = heads if settles else heads[:1]
        fields[name] = {"x": value, "b": [head.uid for head in replaced]}
    if change.kind == "void":
        cell = fields.get("voided")
        return None if cell is None else {"why": cell["x"], "b": cell["b"]}
    return {"f": fields} if fields or new else None


def _check_text(value: str) -> None:
    """Refuse what no file, form or database could give back (evidence.md attack 6)."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise BadInput(N_("The text holds characters that cannot be kept. Type it again."))


def _insert(rows: list[dict[str, Any]]) -> None:
    """Insert entry rows; compiled once, as Peewee's compiler costs more than the insert."""
    if not rows:
        return
    names = list(rows[0])
    marks = ", ".join("?" for _ in names)
    statement = f"INSERT INTO entry ({', '.join(names)}) VALUES ({marks})"
    for row in rows:
        here.execute_sql(statement, list(row.values()))


__all__ = ["DURABLE", "KEPT", "PUT_ASIDE", "RECEIVED", "Arrival", "Place", "Seat"]
