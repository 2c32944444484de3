"""A seat: one database with its journal, its projections and its signing key.

The inspector's notebook and the central server are both seats; verbs and queries take either:

    with seat:                          # tables now mean this seat's tables, in this thread or task
        rows = list(Inspection.select())
    seat.write(put("inspection", record, unit, place="…"))
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peewee import DatabaseError

from models import catalogue
from models.errors import NotebookLocked
from models.store import schema, search_terms
from models.store.bodies import attaching_body, check_texts, setting_body
from models.store.change import Change
from models.store.clock import Clock, corrected, rfc3339
from models.store.database import SeatDatabase, _here, here, of_the_disk, refuse_unsafe_sqlite, run
from models.store.entry import Arrival, Entry, Head, Place
from models.store.facts import Facts, MetaRow
from models.store.fold import JUDGING, SETTING, Folded, fold
from models.store.journal import (
    KEPT,
    PUT_ASIDE,
    RECEIVED,
    EntryRow,
    Journal,
    Recent,
    insert,
    row_values,
)
from models.store.orders import REDACT
from models.store.projection import Projector
from models.store.receiving import Receiving
from models.store.signer import Signer
from models.version import VERSION

SCHEMA = 1
"""Schema version written into heads (`sv`)."""
_PATIENCE = 5.0
"""Seconds that closing waits for those who read."""
_log = logging.getLogger(__name__)
Touched = frozenset[tuple[str, str]]
"""Records that a commit changed: (kind, id)."""


class Seat(Receiving):
    """Opens, reads and writes; thread-safe. Build one through `Notebook` or the server's `Central`."""

    demo = False
    """Whether this is practice: its papers bear 演示."""
    vault: Any = None

    def __init__(
        self,
        path: Path,
        key: bytes | None,
        *,
        clock: Clock | None = None,
        databases: Callable[[bool], Any] | None = None,
    ) -> None:
        """Nothing is opened yet.

        Args:
            path: the database file.
            key: as `SeatDatabase` takes it.
            databases: makes the database to read (False) and to write (True) that takes the file's place.
        """
        refuse_unsafe_sqlite()
        self.path = path
        self.clock = clock or Clock()
        made = databases or (lambda writer: SeatDatabase(path, key, writer=writer))
        self.database = made(False)
        self._writer = made(True)
        self._writing = threading.RLock()
        self._depth = 0
        self._touched: set[tuple[str, str]] = set()
        self._listeners: list[Callable[[Touched], None]] = []
        self._entered = threading.local()
        self._readers = 0
        self._left = threading.Condition()
        self._closed = False
        self._last: tuple[int, bytes] | None = None
        self._facts = Facts()
        self._refolder: threading.Thread | None = None
        self.journal = Journal(set())
        self.projector = Projector(self.journal)
        self._recent = Recent(self.journal)
        self.erasers = {}
        self.signer: Signer
        self.person = ""
        self.unit = ""

    # -- opening and closing ---------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make the tables and read who this seat is; the first statement on the database."""
        with self.writing():
            tables, names = self._tables(), (VERSION, *(kind.name for kind in catalogue.kinds()))
            if not schema.stands(tables, names):
                self._make_tables(schema.present())
                schema.note(tables, names)
            self.journal.authority.update(json.loads(self.meta("authority") or "[]"))
            self.person = self.meta("person") or ""
            self.unit = self.meta("unit") or ""
            self.demo = self.meta("demo") == "1"
        if self._stale():
            self._refolder = threading.Thread(target=self._refold_behind, name="refold", daemon=True)
            self._refolder.start()

    def _tables(self) -> tuple[Any, ...]:
        """The tables of such a seat."""
        return (MetaRow, *self.projector.tables())

    def _make_tables(self, there: dict[str, set[str]]) -> None:
        """Make what is missing of them.

        Args:
            there: what `schema.present` gave.
        """
        schema.make([MetaRow], there)
        self.projector.create_tables(there)

    def _stale(self) -> list[catalogue.RecordKind]:
        with self:
            return self.projector.stale()

    def _begin(self, signer: Signer, unit: str, person: str) -> None:
        """First write of a new seat."""
        self.set_meta(unit=unit, person=person)
        self.person, self.unit = person, unit
        self._begin_chain(signer)

    def _begin_chain(self, signer: Signer) -> None:
        """Sign with that key from now on: its public half is entry number one of a chain of its own."""
        with self.writing():
            self.signer = signer
            self._last = None
            pending = self.meta("clock_pending")
            self.set_meta(clock_pending=None)  # nothing goes before the first entry
            key = base64.b64encode(signer.public_key_der).decode()
            body = {"key": key, "alg": "p256-sha256"}
            self.write(Change("enrol", "device", signer.device, self.unit, body=body))
            self.set_meta(clock_pending=pending)

    def close(self) -> None:
        """Close the database for all threads. What was written is kept; what reads is cut short."""
        if self._closed:
            return
        self._closed = True
        if self._refolder is not None and self._refolder is not threading.current_thread():
            self._refolder.join()
        with self._writing:
            self._writer.close_all()
            self.database.refuse()
            with self._left:
                mine = len(self._entered.__dict__.get("tokens", ()))
                patience = time.monotonic() + _PATIENCE
                while self._readers > mine and time.monotonic() < patience:
                    self.database.cut_short()
                    self._left.wait(0.02)
                if self._readers <= mine:
                    self.database.close_all()
                # else the last to leave does it: none is closed under a thread that reads through it

    @property
    def closed(self) -> bool:
        """Whether it was closed: entering it then raises NotebookLocked."""
        return self._closed

    def __enter__(self) -> Seat:
        with self._left:
            if self._closed:
                raise NotebookLocked
            self._readers += 1
        stack = self._entered.__dict__.setdefault("tokens", [])
        # within a write of this thread, reads see what was written so far
        inside = self._depth > 0 and _here.get() is self._writer
        stack.append(_here.set(self._writer if inside else self.database))
        return self

    def __exit__(self, kind: object, error: BaseException | None, *rest: object) -> None:
        entered = _here.get()
        _here.reset(self._entered.tokens.pop())
        with self._left:
            self._readers -= 1
            if self._closed:
                self._left.notify_all()
                if not self._readers:
                    self.database.close_all()
        failures: Any = (DatabaseError, *self.database.failures)
        if error is None or not isinstance(error, failures):
            return
        if self._closed:
            raise NotebookLocked from error
        if of_the_disk(error):
            if entered is self.database:
                self.database.let_go()
            raise self.database.refused(error, writing=False) from error

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
        return self._facts.get(key, lambda: self, writing=_here.get() is self._writer)

    def set_meta(self, **facts: str | None) -> None:
        """Keep small facts; None removes one."""
        with self.writing():
            self._facts.put(facts)

    def trust(self, *devices: str) -> None:
        """Obey the verdicts of these devices (the server's) from now on, and refold what they judged."""
        with self.writing():
            before = set(self.journal.authority)
            try:
                self.journal.authority.update(devices)
                self._recent.forget()
                self.set_meta(authority=json.dumps(sorted(self.journal.authority)))
                said = EntryRow.select().where(EntryRow.kind.in_(sorted(JUDGING | {REDACT})))
                words = [row.entry() for row in said]
                self._fold_without(
                    self._heed(words), {(one.parsed_head.t, one.parsed_head.e) for one in words}
                )
            except BaseException:
                self.journal.authority.intersection_update(before)
                raise

    # -- writing ---------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction on the one connection that writes; nests. Tells listeners after the commit.

        Raises:
            StoreRefused: when the disk is full or fails; nothing of the transaction is kept.
        """
        touched: Touched = frozenset()
        with self._writing:
            if self._closed:
                raise NotebookLocked
            token = _here.set(self._writer)
            self._depth += 1
            signer = self.__dict__.get("signer")  # none yet where a seat is begun
            try:
                if self._depth == 1:
                    self._writer.heed_hurry()
                with self._writer.atomic() if self._depth == 1 else self._writer.nested(self._depth):
                    yield
                if self._depth == 1:
                    touched = frozenset(self._touched)
            except BaseException as error:
                self.forget()  # all is as it was before the transaction
                if signer is not None:
                    self.signer = signer  # also the key, where another one was taken meanwhile (R6)
                if of_the_disk(error) and self._depth == 1:
                    self._writer.let_go()
                failures: Any = (DatabaseError, *self._writer.failures, OSError)
                if isinstance(error, failures) and of_the_disk(error):
                    raise self.refused(error) from error
                raise
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._touched.clear()
                    self._facts.settle()
                _here.reset(token)
        if touched:
            for listener in list(self._listeners):
                try:
                    listener(touched)
                except Exception:
                    # the commit stands: a failure to draw it must not look like a failure to keep it
                    _log.exception("a listener failed")

    def forget(self) -> None:
        """Read anew what is remembered of the tables: a transaction failed, or another process wrote."""
        self._last = None
        self._facts.forget()
        self._recent.forget()
        self.projector.forget()

    def subscribe(self, callback: Callable[[Touched], None]) -> Callable[[], None]:
        """Call back after each commit with the records it changed; gives the function that ends it."""
        self._listeners.append(callback)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(callback)

        return end

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
            seq, prev = self._chain_end()
            written: list[Entry] = []
            rows: list[tuple[Any, ...]] = []
            loaded: dict[str, list[Entry]] = {}
            states: dict[tuple[str, str], Folded] = {}
            touched: dict[tuple[str, str], bool] = {}

            def append(change: Change, body: dict[str, Any]) -> None:
                nonlocal seq, prev
                entry = Entry.written(self.signer, prev, self._head(change, seq + 1, by), body)
                seq, prev = seq + 1, entry.hash
                written.append(entry)
                rows.append(tuple(row_values(entry, own=True).values()))
                place = (change.record_kind, change.record)
                touched.setdefault(place, not loaded[change.record])
                loaded[change.record].append(entry)
                states.pop(place, None)

            anchor = self.meta("clock_pending")
            if anchor:
                loaded.update(self._recent.entries_of([self.device]))
                append(Change("clock", "device", self.device, self.unit), json.loads(anchor))
            changes = build(Place(seq + 1, prev, self.meta("checkpoint_hash")))
            missing = [change.record for change in changes if change.record not in loaded]
            loaded.update(self._recent.entries_of(missing))
            for change in changes:
                known = loaded[change.record]
                again = change.kind == "attach" and any(each.parsed_head.k == "attach" for each in known)
                if not change.fields and change.kind not in SETTING and not again:
                    check_texts(change.body)
                    append(change, change.body)
                    continue
                place = (change.record_kind, change.record)
                state = states.get(place) or self._recent.state(*place, len(known))
                if state is None and not known:
                    state = Folded()
                if state is None:
                    own = [entry for entry in known if entry.parsed_head.t == change.record_kind]
                    state = states[place] = fold(own, self.journal.authority)
                if again:
                    check_texts(change.body)
                    append(change, attaching_body(change, state))
                    continue
                body = setting_body(change, state, new=not known)
                if body is not None:
                    append(change, body)
            if len(written) == bool(anchor):
                return []  # a clock entry never goes alone, so that unsent work reaches zero
            if anchor:
                self.set_meta(clock_pending=None)
            insert(rows)
            for (kind, record), fresh in touched.items():
                state = self.projector.project(kind, record, loaded[record], fresh=fresh)
                self._recent.keep(kind, record, loaded[record], state)
            self._touched.update(touched)
            self._last = (seq, prev)
        return written

    def _chain_end(self) -> tuple[int, bytes]:
        if self._last is None:
            self._last = self.journal.last(self.device)
        return self._last

    def _head(self, change: Change, seq: int, by: str | None) -> Head:
        clock = self.clock
        wall, mono, boot = clock.wall_ms(), clock.mono_ms(), clock.boot()
        correction, went_back = corrected(self.meta("clock_anchor"), wall, mono, boot)
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
            j=int(clock.was_set_back(wall, mono, boot) or went_back),
        )

    # -- clocks ----------------------------------------------------------------------------------

    def remember_server_time(self, server_ms: int) -> int:
        """Note what time the server says it is; the next entry is preceded by a `clock` entry (R12).

        Returns:
            The correction in ms: server time minus this device's.
        """
        wall, mono, boot = self.clock.wall_ms(), self.clock.mono_ms(), self.clock.boot()
        anchor = json.dumps({"server": server_ms, "wall": wall, "boot": boot, "mono": mono})
        self.set_meta(clock_anchor=anchor, clock_pending=anchor)
        return server_ms - wall

    def last_contact(self) -> int | None:
        """The server's time at the last contact, in ms, while nothing was written after it; else None."""
        pending = self.meta("clock_pending")
        return int(json.loads(pending)["server"]) if pending else None

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
            source, number = "full_text f JOIN searched s ON s.id = f.rowid", "f.rowid"
            condition, asked = "full_text MATCH ?", [match]
            if not here.full_text:
                source, number = "searched s", "s.id"
                condition, asked = search_terms.condition(text)
            found = run(
                f"SELECT s.kind, s.record FROM {source}"
                f" WHERE {condition} AND s.kind IN ({marks}) ORDER BY {number} DESC LIMIT ?",
                (*asked, *some, limit),
            )
            return [(kind, record) for kind, record in found.fetchall()]

    # -- refolding -------------------------------------------------------------------------------

    def _refold_behind(self) -> None:
        try:
            self.refold()
        except NotebookLocked:
            pass  # closed meanwhile; it goes on at the next opening
        except Exception:
            _log.exception("the refold stopped; the rows of before stay")

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


__all__ = ["KEPT", "PUT_ASIDE", "RECEIVED", "SCHEMA", "Arrival", "Place", "Seat"]
