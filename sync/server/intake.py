"""New entries of one device on their way into log and projections: judged, kept, shown (R3, R5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from models.store import redacting, schema
from models.store.change import Change
from models.store.database import of_the_disk
from models.store.entry import Entry, is_withheld
from models.store.fold import (
    BESIDE,
    DEVICE_KINDS,
    content,
    decided_on,
    fold,
    moved_to,
    put_aside,
    words_on,
)
from models.store.journal import PUT_ASIDE, RECEIVED, EntryRow, insert, row_values
from models.store.lookup import row_of
from models.store.redacting import order_for
from sync.server import homes, log, moving, naming, ordering, people, rights, seals
from sync.server.central import Central
from sync.server.judge import (
    SEALED_BY_RIGHT,
    SEALED_KINDS,
    SEALERS,
    Refusal,
    judge,
    only_prepares,
)
from sync.server.people import Caller
from sync.server.persons import Persons

NOT_COVERED = Refusal("sealed", "the seal does not cover it")


class Intake:
    """New entries of one device on their way into log and projections, within one transaction."""

    def __init__(self, central: Central, caller: Caller, *, given_back: bool = False) -> None:
        """Nothing is taken yet.

        Args:
            given_back: whether another device gives them back to a restored server.
        """
        self._central = central
        self._caller = caller
        self._judged_as = rights.judged_as(central, caller, given_back=given_back)
        self._authority = central.journal.authority
        self._loaded: dict[str, list[Entry]] = {}
        self._older: set[str] = set()
        self._refused: dict[str, tuple[Entry, Refusal]] = {}
        self._decided: dict[str, set[str]] = {}
        self._judged_before: list[Entry] = []
        self._units: dict[tuple[str, str], str] = {}
        self._closing = seals.Closing(self._entries_of, self._authority)
        self._owners = naming.Named(self._entries_of, self._authority, naming.owner)
        self._restored = bool(central.latest("epoch_began"))
        self._persons = Persons(central.journal, self._entries_of, restored=self._restored)

    def take(self, fresh: list[Entry]) -> tuple[int, int]:
        """Log and project; the first and last cursor of the batch."""
        gone = redacting.names()
        fresh = [redacting.kept_out(entry, gone) for entry in fresh]
        appender = self._central.appender()
        rows: list[tuple[Any, ...]] = []
        places: list[int] = []
        by_record: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in fresh:
            place = appender.place(entry)
            places.append(place["cursor"])
            rows.append(tuple(row_values(entry, own=False, state=RECEIVED, **place).values()))
            head = entry.parsed_head
            by_record[head.t, head.e].append(entry)
        # not a set: verdicts are written in this order, which is to be the same everywhere
        records = dict.fromkeys(record for _, record in by_record)
        self._loaded = self._central.journal.entries_of_many(records)
        self._older = {record for record, entries in self._loaded.items() if entries}
        self._judge_all(fresh)
        insert(rows)
        appender.write()
        if not self._all_projected(by_record):
            for (kind, record), entries in by_record.items():
                self._project(kind, record, entries)
        for kind, record in by_record:
            self._central.touch(kind, record)
        self._tell_of_orders(fresh)
        self._write_verdicts()
        if out := redacting.files_among(gone):  # what cannot be shown is put aside by now
            ordering.follow_files(self._central, fresh, out)
        transfers = [each for each in fresh if each.parsed_head.t == moving.KIND]
        standing = [each for each in transfers if each.hash.hex() not in self._refused]
        if standing:
            moving.obey(self._central, standing, by=self._caller.officer)
        if appender.elsewhere:
            new = [(kind, record) for kind, record in by_record if record not in self._older]
            moving.show_new(self._central, new, by=self._caller.officer)
        return places[0], places[-1]

    def _tell_of_orders(self, fresh: Iterable[Entry]) -> None:
        """Let who sends what an order took out see that order, also where its unit is not granted."""
        for entry in fresh:
            order = order_for(self._central.journal, entry) if is_withheld(entry.body) else None
            if order is not None:
                log.notify(entry.parsed_head.d, order.said)

    def _judge_all(self, fresh: list[Entry]) -> None:
        begins = fresh[0].parsed_head
        last = self._central.journal.at(begins.d, begins.q - 1)
        chain = [last.entry() if last is not None else None, *fresh]
        for before, entry in zip(chain, fresh, strict=False):
            record = entry.parsed_head.e
            entries = self._loaded.setdefault(record, [])
            if entry.hash.hex() in self._decided_on(record):
                entries.append(entry)  # judged in a former life of the log: folds obey what was said then
                self._judged_before.append(entry)
                continue
            self._caller = self._judged_as(entry)
            refusal = judge(entry, self._caller)
            if refusal is None:
                entries.append(entry)
                refusal = self._by_record(entry, before)
                if refusal is None:
                    self._closing.added(entry)
                    self._owners.added(entry)
                else:
                    entries.pop()
            if refusal is not None:
                self._refused[entry.hash.hex()] = (entry, refusal)

    def _decided_on(self, record: str) -> set[str]:
        """What was said of entries of a record before this batch, which cannot say anything of them."""
        if record not in self._decided:
            self._decided[record] = decided_on(self._loaded[record], self._authority)
        return self._decided[record]

    def _by_record(self, entry: Entry, before: Entry | None) -> Refusal | None:
        """The refusal that follows from what is here: another's name, another unit's record, a sealed one.

        Args:
            before: the entry before it in its chain.
        """
        head = entry.parsed_head
        journal = self._central.journal
        if not homes.is_first_homes(entry, before, journal, self._entries_of, restored=self._restored):
            return Refusal("schema", "what it carries is not what its first home signed")
        if not self._persons.is_own(entry):
            return Refusal("forbidden", "written in another person's name")
        if head.k in DEVICE_KINDS:
            return None
        begun = len(self._own(entry)) > 1
        # the first entry of a record gives it its unit; a unit that is granted must not open records of
        # one that is not
        if begun and not self._belongs(entry, head.e, head.t):
            return Refusal("unit", "the record belongs to another unit")
        # what is named but not here yet has no unit: records may come in any order
        named = (*self._closing.parents(entry), *self._owners.by(entry))
        if not all(self._belongs(entry, record) for record in named):
            return Refusal("unit", "the record that it names belongs to another unit")
        if only_prepares(entry, self._caller) and begun:
            return Refusal("forbidden", f"role {self._caller.role} may begin {head.t} only")
        if head.k == "seal" and not self._may_seal(entry):
            return Refusal("forbidden", "a record is sealed by its officers or by who made it")
        if head.t == "officer" and not self._may_change_officer(entry):
            return Refusal("forbidden", f"role {self._caller.role} may not change a colleague's record")
        if self._closing.closed(entry):
            return Refusal("sealed", "the record is sealed")
        return None

    def _may_change_officer(self, entry: Entry) -> bool:
        """The rule of `models.registry.verbs.edit_officer`: one's own record, or one that one entered."""
        head = entry.parsed_head
        if "edit_officers" in self._caller.may or head.e == self._caller.officer or head.k == "note":
            return True
        # that which the notebook began with, also where a colleague's entry on it comes back before (R8)
        if head.e == head.u and people.officer_of(entry.device) == self._caller.officer:
            return True
        return len(self._own(entry)) == 1 or self._made(entry)

    def _may_seal(self, seal: Entry) -> bool:
        """Whether the caller made the record that the seal closes, or is named in it as an officer of it.

        What an office issues is sealed by whoever may write it: `judge` has asked that already.
        """
        head = seal.parsed_head
        if head.t not in SEALED_KINDS:
            return False
        if head.t in SEALED_BY_RIGHT:
            return True
        if self._made(seal):
            return True
        found = fold(self._own(seal), self._authority)
        named = [found.value(name) for name in SEALERS]  # anything at all, until it is projected
        return any(writer in named for writer in self._writers(seal))

    def _writers(self, entry: Entry) -> set[str]:
        """The accounts whose word an entry is: the caller's and, of a seal, that of its first home's device.

        The seal line proves that device's word; of what else is carried the caller answers alone.
        """
        home = entry.parsed_head.o
        first = people.officer_of(home.d) if home is not None and entry.parsed_head.k == "seal" else None
        return {self._caller.officer} | ({first} if first else set())

    def _made(self, entry: Entry) -> bool:
        """Whether the entry's record was begun, in the order of the log, by the caller.

        Asked of devices and their accounts: the person id in an entry is the device's own word, and another
        one in a notebook that was begun before its enrolment.
        """
        entries = self._own(entry)
        aside = put_aside(entries, self._authority)
        devices = (
            each.parsed_head.d
            for each in entries
            if each.hash != entry.hash and each.parsed_head.k not in BESIDE and each.hash.hex() not in aside
        )
        maker = next(devices, None)
        return maker is not None and (
            maker == self._caller.device or people.officer_of(maker) in self._writers(entry)
        )

    def _belongs(self, entry: Entry, record: str, kind: str = "") -> bool:
        """Whether a record is of the entry's unit; what is not here yet may be of any.

        Of a record that was moved (R13), entries in the name of a unit that it came from count too where who
        wrote them writes in the unit that it is of now: they may not have heard of it yet.
        """
        head = entry.parsed_head
        unit = self._unit_of(record, kind)
        if unit in ("", head.sc):
            return True
        entries = [each for each in self._entries_of(record) if kind in ("", each.parsed_head.t)]
        moves = [each for each in entries if each.parsed_head.k == "move"]
        moves = [each for each in moves if each.parsed_head.d in self._authority]
        came_from = {each.parsed_head.sc for each in moves}
        if head.sc in came_from and self._caller.writes_in(unit, head.t):
            return True
        # a restored server says its moves again before it gets back what came before them (R8)
        again = any(each.parsed_head.o is not None for each in moves)
        return again and head.sc == (moved_to(entries, self._authority, entry) or moves[0].parsed_head.sc)

    def _unit_of(self, record: str, kind: str = "") -> str:
        """The unit of a record, by its last move or its first entry that stands; "" where none is here.

        Args:
            kind: what the record is where that is known. An id that can be computed may have been used for
                a record of another kind before, and that is another record.
        """
        found = self._units.get((record, kind))
        if not found:
            entries = [each for each in self._entries_of(record) if kind in ("", each.parsed_head.t)]
            if not entries:
                return ""
            aside = put_aside(entries, self._authority)
            units = (
                each.parsed_head.sc
                for each in entries
                if each.parsed_head.k not in BESIDE and each.hash.hex() not in aside
            )
            found = moved_to(entries, self._authority) or next(units, "")
            self._units[record, kind] = found
        return found

    def _own(self, entry: Entry) -> list[Entry]:
        """The entries of the entry's record, itself among them: of the same id and kind, as it is folded."""
        kind = entry.parsed_head.t
        return [each for each in self._entries_of(entry.parsed_head.e) if each.parsed_head.t == kind]

    def _entries_of(self, record: str) -> list[Entry]:
        if record not in self._loaded:
            self._loaded[record] = self._central.journal.entries_of(record)
        return self._loaded[record]

    def _all_projected(self, records: Iterable[tuple[str, str]]) -> bool:
        """Project all records under one savepoint; False, and nothing done, when any of them fails."""
        return self._central.projector.projected_at_once(
            ((kind, record, self._loaded[record], record not in self._older) for kind, record in records),
            self._central.savepoint(),
        )

    def _project(self, kind: str, record: str, fresh: list[Entry]) -> None:
        """Project what has an effect; where that fails, find the entry at fault and put it aside."""
        taken = self._loaded[record]
        if self._tried(kind, record, taken):
            return
        good = [entry for entry in taken if entry not in fresh]
        for entry in fresh:
            if entry.hash.hex() in self._refused:
                continue
            if self._tried(kind, record, [*good, entry]):
                good.append(entry)
            else:
                self._refused[entry.hash.hex()] = (entry, Refusal("projection", "it cannot be read"))
        self._loaded[record] = good
        self._tried(kind, record, good)

    def _tried(self, kind: str, record: str, entries: list[Entry]) -> bool:
        try:
            with self._central.savepoint():
                self._central.projector.project(kind, record, entries)
        except Exception as error:
            if of_the_disk(error):
                raise
            return False
        return True

    def _write_verdicts(self) -> None:
        for entry in [each for entries in list(self._loaded.values()) for each in entries]:
            if entry.parsed_head.k == "seal" and entry.parsed_head.d == self._caller.device:
                for other in uncovered(entry, self._entries_of, self._authority):
                    self._refused.setdefault(other.hash.hex(), (other, NOT_COVERED))
        for entry in self._judged_before:
            aside = put_aside(self._entries_of(entry.parsed_head.e), self._authority)
            if entry.hash.hex() in aside:
                _mark_aside(entry, aside[entry.hash.hex()])
            tell_of(words_on(self._entries_of(entry.parsed_head.e), entry.hash.hex(), self._authority))
        say(self._central, list(self._refused.values()))


def uncovered(seal: Entry, entries_of: naming.EntriesOf, authority: set[str]) -> list[Entry]:
    """What a seal that has its effect shuts out, but for what somebody decided on."""
    left_out = seals.left_out(seal, entries_of(seal.parsed_head.e), authority)
    return [
        each
        for each in left_out
        if each.hash.hex() not in decided_on(entries_of(each.parsed_head.e), authority)
    ]


def say(central: Central, judged: Sequence[tuple[Entry, Refusal]]) -> None:
    """Put entries aside by a verdict each, for every reader."""
    if not judged:
        return
    for entry, refusal in judged:
        _mark_aside(entry, refusal.type)
    tell_of(central.write(*(_verdict(entry, refusal) for entry, refusal in judged)))


def tell_of(words: Iterable[Entry]) -> None:
    """Let a device see what is said of its entries, also where their unit is not granted to it."""
    for said in words:
        head, of = said.parsed_head, str(content(said).get("of", ""))
        judged = row_of(EntryRow, record=head.e, hash=bytes.fromhex(of))
        # words of a former life may come back before the entry: then they are told of when it comes
        if judged is not None:
            log.notify(judged.device, said)


def _mark_aside(entry: Entry, reason: str) -> None:
    head = entry.parsed_head
    schema.change(EntryRow, {"device": head.d, "seq": head.q}, state=PUT_ASIDE, problem=reason)


def _verdict(entry: Entry, refusal: Refusal) -> Change:
    head = entry.parsed_head
    body = {"of": entry.hash.hex(), "s": "quarantined", "type": refusal.type, "detail": refusal.detail}
    return Change("verdict", head.t, head.e, head.sc, body=body)
