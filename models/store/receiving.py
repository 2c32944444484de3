"""What comes to a seat from elsewhere: entries, places in the log, receipts; what it carries for others."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from peewee import chunked

from models.errors import StoreRefused
from models.store import redacting
from models.store.database import SeatDatabase, of_the_disk, run, run_many
from models.store.entry import HEAD_LIMIT, Arrival, Entry, is_withheld
from models.store.fold import BESIDE, JUDGING, TELLING, content
from models.store.journal import (
    KEPT,
    PUT_ASIDE,
    RECEIVED,
    UNSENT,
    WITHHELD,
    EntryRow,
    Journal,
    Recent,
    fill_in,
    insert,
    row_values,
)
from models.store.lookup import rows_of
from models.store.orders import Order
from models.store.projection import Projector
from models.store.signer import Signer

_MARK_RECEIVED = f"UPDATE entry SET state = ? WHERE seq <= ? AND {UNSENT.sql}"
_UNMARK = "UPDATE entry SET state = ?, problem = NULL WHERE record = ? AND state = ?"
_SOME_RECORDS = 200
"""Records forgotten in one transaction."""
Failed = tuple[str, str, str]
"""Kind and id of a record, and what failed."""


def taken_out(which: Any) -> list[int]:
    """Of the rows of entries that a condition names, the numbers of those without content by an order."""
    gone = redacting.names()
    rows = EntryRow.select().where(which & WITHHELD) if gone else ()
    return [row.n for row in rows if redacting.is_taken_out(row.entry(), gone)]


def _is_read(entry: Entry) -> bool:
    try:
        entry.parsed_head  # noqa: B018 -- parsed once, and remembered
    except ValueError:
        return False
    return True


class Receiving:
    """The part of a seat that takes in; `models.store.seat.Seat` is the whole."""

    journal: Journal
    projector: Projector
    signer: Signer
    _recent: Recent
    _writer: SeatDatabase
    _writing: threading.RLock
    _touched: set[tuple[str, str]]
    _last: tuple[int, bytes] | None
    erasers: dict[str, Callable[[Collection[Order], Sequence[Entry], Collection[str]], None]]
    """What else takes out what new orders name, within the write: given these, entries as they were, and the
    records of which nothing that others wrote is to stay."""
    person: str

    @property
    @abstractmethod
    def device(self) -> str:
        """Id of this seat's key."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """One transaction."""

    def refused(self, error: BaseException) -> StoreRefused:
        """The sentence for a write that the disk refused."""
        refused: StoreRefused = self._writer.refused(error, writing=True)
        return refused

    def made_room(self) -> bool:
        """Whether room was made on a full disk since this was asked last, so that it may be tried again."""
        return False

    @abstractmethod
    def _chain_end(self) -> tuple[int, bytes]: ...

    @abstractmethod
    def _begin_chain(self, signer: Signer) -> None: ...

    @abstractmethod
    def set_meta(self, **facts: str | None) -> None: ...

    def receive_own(self, arrivals: Sequence[Arrival], said: Iterable[Entry] = ()) -> list[Failed]:
        """As `receive`, of what this device wrote and this copy of it lacks (R7).

        The contact noted here came before those were written: nothing bears witness of it after them (R12).

        Args:
            said: the authority's orders under which some come without their content. They are entries that
                come by their own numbers, which may take a while.
        """
        with self.writing():
            self.set_meta(clock_pending=None)
            self._heed(said)
            return self.receive(arrivals)

    def receive(
        self, arrivals: Sequence[Arrival], displaced: Callable[[Entry], object] = lambda entry: None
    ) -> list[Failed]:
        """Append entries of other devices (or learn the place of own ones) and project their records.

        Entries known by hash only get their cursor, and their content where it was withheld before. A record
        whose projection fails keeps its entries; the failure is returned, never raised.

        Args:
            displaced: told of each entry of another device that leaves the journal, as another one has its
                number in the log: that device had forked, and a restore undid what was here (R6, R8).
        """
        failed: list[Failed] = []
        with self.writing():
            rows: list[tuple[Any, ...]] = []
            fresh: dict[tuple[str, str], None] = {}
            taken: dict[tuple[str, int], bytes] = {}
            readable = [each for each in arrivals if _is_read(each.entry)]
            failed += [("", "", "malformed")] * (len(arrivals) - len(readable))
            ordered = self._heed(each.entry for each in readable)
            out = redacting.names()
            for arrival in readable:
                entry, head = redacting.kept_out(arrival.entry, out), arrival.entry.parsed_head
                known = self.journal.place_of(head.d, head.q)
                if known is not None and self._gives_way(known, arrival):
                    gone = self._displaced(known[0])
                    fresh[gone.parsed_head.t, gone.parsed_head.e] = None
                    displaced(gone)
                    known = None
                here_already = known[1] if known is not None else taken.get((head.d, head.q))
                if here_already is not None and here_already != entry.hash:
                    failed.append((head.t, head.e, "fork"))
                elif known is not None:
                    # what came as a notice has no number of its unit until that is granted
                    number = arrival.unit_n if arrival.unit_n is not None else known[2][1]
                    if arrival.cursor is not None and known[2] != (arrival.cursor, number):
                        EntryRow.update(cursor=arrival.cursor, unit_n=number).where(
                            EntryRow.n == known[0]
                        ).execute()
                    if not is_withheld(entry.body) and fill_in(known[0], entry):
                        fresh[head.t, head.e] = None
                        self._recent.forget()
                elif here_already is None:
                    taken[head.d, head.q] = entry.hash
                    fresh[head.t, head.e] = None
                    own = head.d == self.device  # this seat's own, lost here and given back
                    row = row_values(
                        entry, own=own, state=RECEIVED, cursor=arrival.cursor, unit_n=arrival.unit_n
                    )
                    rows.append(tuple(row.values()))
                    if own:
                        self._last = None
            insert(rows)
            closed = redacting.unreadable((each.entry for each in readable), self.journal.authority)
            failed += self._fold_without(ordered, fresh, closed, may_be_new=True)
            self._touched.add(("entry", ""))
        return failed

    def obey(self, said: Sequence[Entry]) -> None:
        """Take out what orders name that this seat itself has just written."""
        with self.writing():
            self._fold_without(self._heed(said), [(each.parsed_head.t, each.parsed_head.e) for each in said])

    def rewrite(self) -> bool:
        """Write the database's file anew, without what it still has of rows that were replaced.

        Outside of any write. False where another process reads in it meanwhile: then it is to be done again.

        Raises:
            StoreRefused: the disk is full, or fails.
        """
        with self._writing:
            try:
                return self._writer.rewritten()
            except self._writer.failures as error:
                raise self._writer.refused(error, writing=True) from error

    def _heed(self, entries: Iterable[Entry]) -> list[Order]:
        """Remember the orders among some entries that come in; gives them."""
        return redacting.heed(entries, self.journal.authority)

    def _fold_without(
        self,
        orders: Collection[Order],
        records: Iterable[tuple[str, str]],
        closed: Collection[str] = (),
        *,
        may_be_new: bool = False,
    ) -> list[Failed]:
        """As `_fold`, after taking out what new orders name; in one write with what brought them.

        Args:
            closed: records that orders are on which this seat may not read.
        """
        gone = redacting.take_out(self.journal, (each.said.parsed_head.e for each in orders))
        gone += redacting.withhold(self.journal, closed, self.device, self.person)
        for erase in self.erasers.values() if orders or closed else ():
            erase(orders, gone, closed)
        if gone:
            self._recent.forget()
        also = {(each.parsed_head.t, each.parsed_head.e): None for each in gone}
        failed = self._fold({**dict.fromkeys(records), **also}, may_be_new=may_be_new)
        if gone:
            redacting.forget_terms()
        return failed

    def _gives_way(self, known: tuple[int, bytes, tuple[int | None, int | None]], arrival: Arrival) -> bool:
        """Whether what is here under a number has no place in the log, which has another entry there."""
        other = arrival.entry.parsed_head.d != self.device
        return other and known[1] != arrival.entry.hash and known[2][0] is None and arrival.cursor is not None

    def _displaced(self, n: int) -> Entry:
        row = EntryRow.get_by_id(n)
        EntryRow.delete().where(EntryRow.n == n).execute()
        self._recent.forget()
        return row.entry()

    def carry(self, entries: Sequence[Entry]) -> list[Entry]:
        """Append entries of other devices to this chain under the name of their first home (R6, R8).

        Folds count an entry and those that carry it once. Person, times and content stay as they were. What
        was carried before is not carried again, and what gives another key to a device never; nor what is
        too long with its first home's name, as no program of ours writes it: no server believes what is
        chained to that.
        """
        if not entries:
            return []
        with self.writing():
            known = self.journal.carried_by(self.device)
            seq, prev = self._chain_end()
            carried: list[Entry] = []
            for entry in entries:
                if entry.uid not in known and entry.parsed_head.k != "enrol":
                    twin = Entry.carried(self.signer, seq + 1, prev, entry)
                    if len(twin.head) <= HEAD_LIMIT:
                        carried.append(twin)
                        seq, prev = seq + 1, twin.hash
            insert([tuple(row_values(entry, own=True).values()) for entry in carried])
            self._recent.forget()
            ordered = self._heed(carried)  # the server says its own of a former life again
            self._fold_without(ordered, [(each.parsed_head.t, each.parsed_head.e) for each in carried])
            self._last = (seq, prev)
        return carried

    def _rehomed(self, signer: Signer, common: int, also: Collection[int]) -> list[Entry]:
        """Go on under another key: a new chain that carries this one's entries after `common` (R6).

        What stays of the former chain is another device's from now on.

        Args:
            also: numbers up to `common` whose entries are carried all the same.
        """
        former = self.device
        with self.writing():
            own = EntryRow.device == former
            moved = own & ((EntryRow.seq > common) | EntryRow.seq.in_(list(also)))
            carried = [row.entry() for row in EntryRow.select().where(moved).order_by(EntryRow.seq)]
            EntryRow.delete().where(own & (EntryRow.seq > common)).execute()
            EntryRow.update(own=False).where(own).execute()
            EntryRow.update(state=RECEIVED).where(own & (EntryRow.state == KEPT)).execute()
            self._begin_chain(signer)
            return self.carry(carried)

    def undo_authority(self, device: str, cursor: int) -> list[Entry]:
        """Take the authority's own entries after a place in its log out of the journal; gives them back.

        A restored server writes others in their places (R8).
        """
        return self._undo((EntryRow.device == device) & (EntryRow.cursor > cursor))

    def undo_withheld(self, cursor: int) -> list[Entry]:
        """Take others' entries without their content out of the journal, from a place in the log on (R8).

        They cannot be given back. Where the log has them again they come again; else it never will have them.
        What an order took the content of stays: nobody has more of it.
        """
        beyond = EntryRow.cursor.is_null() | (EntryRow.cursor > cursor)
        which = (~EntryRow.own) & beyond & WITHHELD
        with self.writing():
            stay = taken_out(which)
            return self._undo(which & EntryRow.n.not_in(stay) if stay else which)

    def _undo(self, which: Any) -> list[Entry]:
        with self.writing():
            rows = EntryRow.select().where(which).order_by(EntryRow.device, EntryRow.seq)
            undone = [row.entry() for row in rows]
            EntryRow.delete().where(which).execute()
            self._recent.forget()
            # folding marks what is put aside, and unmarks only where somebody still says something
            judged = dict.fromkeys(each.parsed_head.e for each in undone if each.parsed_head.k in JUDGING)
            run_many(_UNMARK, [(RECEIVED, record, PUT_ASIDE) for record in judged])
            self._fold(dict.fromkeys((each.parsed_head.t, each.parsed_head.e) for each in undone))
        return undone

    def forget_units(self, gone: Collection[str], kept: Collection[str], former: Collection[str]) -> int:
        """Take others' entries of units no longer granted out of the journal; how many went (R13).

        Own entries stay, with what the authority said of them. So does all of a record that a unit which is
        kept reads too: it was moved there, or is shown there. Some records at a time, so that a stop half-way
        only leaves less to do.

        Args:
            gone: units taken away.
            kept: units granted.
            former: devices whose chain was this notebook's before it forked; theirs is own too.
        """
        taken = 0
        for some in chunked(self._of_units(gone, kept), _SOME_RECORDS):
            with self.writing():
                for record in some:
                    taken += self._forget(record, former)
                self._recent.forget()
                self._touched.add(("entry", ""))
        return taken

    @abstractmethod
    def __enter__(self) -> Any: ...

    @abstractmethod
    def __exit__(self, *error: Any) -> None: ...

    def _of_units(self, gone: Collection[str], kept: Collection[str]) -> list[str]:
        """Records with others' entries that units of `gone` read and no unit of `kept` does."""
        marks = [", ".join("?" for _ in units) or "''" for units in (gone, kept)]
        with self:
            found = run(
                f"SELECT DISTINCT record FROM entry WHERE unit IN ({marks[0]}) AND own = 0"
                f" EXCEPT SELECT record FROM entry WHERE unit IN ({marks[1]})",
                (*gone, *kept),
            ).fetchall()
            told = EntryRow.select().where(EntryRow.kind.in_(sorted(TELLING)))
            told = told.where(EntryRow.device.in_(sorted(self.journal.authority))).order_by(EntryRow.n)
            to = [(row.record, content(row.entry()).get("to")) for row in told]
            reads = f"SELECT 1 FROM entry WHERE record = ? AND unit IN ({marks[1]}) LIMIT 1"
            # what was moved or shown to a unit that is gone may be of one that was never granted here
            came = dict.fromkeys(record for record, unit in to if unit in gone)
            came = {each: None for each in came if run(reads, (each, *kept)).fetchone() is None}
            elsewhere = {record for record, unit in to if unit in kept}
        lost = {**dict.fromkeys(record for (record,) in found), **came}
        return [record for record in lost if record not in elsewhere]

    def _forget(self, record: str, former: Collection[str]) -> int:
        rows = rows_of(EntryRow, "n", record=record)
        own = {row.n for row in rows if row.own or row.device in former}
        going = [row for row in rows if row.n not in own and not (own and row.kind in BESIDE)]
        EntryRow.delete().where(EntryRow.n.in_([row.n for row in going])).execute()
        self._fold(dict.fromkeys((row.record_kind, record) for row in rows))
        return len(going)

    def unreceive(self, after_seq: int) -> None:
        """Own entries after that number have no receipt any more; what is still put aside stays marked."""
        own = EntryRow.own & (EntryRow.seq > after_seq)
        with self.writing():
            aside = EntryRow.select().where(own & (EntryRow.state == PUT_ASIDE))
            records = dict.fromkeys((row.record_kind, row.record) for row in aside)
            received = EntryRow.state.in_([RECEIVED, PUT_ASIDE])
            EntryRow.update(state=KEPT, problem=None).where(own & received).execute()
            self._fold(records)

    def mark_received(self, up_to_seq: int) -> None:
        """Own entries up to that number now have a verified receipt."""
        with self.writing():
            if run(_MARK_RECEIVED, (RECEIVED, up_to_seq)).rowcount:
                self._touched.add(("entry", ""))

    def _fold(self, records: Iterable[tuple[str, str]], *, may_be_new: bool = False) -> list[Failed]:
        """Project records from all their entries; one that fails stays as it was, and is named.

        Args:
            may_be_new: what has one entry was not here before.
        """
        some = list(records)
        loaded = self.journal.entries_of_many({record for _kind, record in some})
        each = (
            (kind, record, loaded[record], may_be_new and len(loaded[record]) == 1) for kind, record in some
        )
        failed: list[Failed] = []
        done = self.projector.projected_at_once(each, self._writer.savepoint())
        for kind, record in () if done else some:  # one by one, to find what fails
            try:
                with self._writer.savepoint():
                    self.projector.project(kind, record, loaded[record])
            except Exception as error:
                if of_the_disk(error):
                    raise
                failed.append((kind, record, type(error).__name__))
        self._touched.update(some)
        return failed
