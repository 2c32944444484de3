"""Taking a pushed batch into the log (R3, R4, R5).

First, outside any lock, the lines are read and their chain and signatures checked; what cannot be
believed ends the batch there (`stopped`), and everything before it is taken. Then, in one transaction:
what is known already is compared by hash, what is new is judged, logged and projected, and verdicts are
written. The head is signed after the commit.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.store.change import Change
from models.store.database import full_disk
from models.store.entry import GENESIS, Entry, is_withheld
from models.store.fold import DEVICE_KINDS, JUDGING, decided_on, fold, put_aside
from models.store.journal import PUT_ASIDE, RECEIVED, EntryRow, insert, row_values
from sync.problems import Problem
from sync.server import naming, people, seals
from sync.server.central import Central, b64
from sync.server.judge import (
    SEALED_BY_RIGHT,
    SEALED_KINDS,
    SEALERS,
    Refusal,
    judge,
    only_prepares,
)
from sync.server.people import Caller
from sync.server.tables import Notice
from sync.verifying import first_false
from sync.wire import BadFrame, read_offered, split_line

OF_ONE_LIFE = DEVICE_KINDS | {"epoch"}
"""What the server says of itself in one life of its log; it means nothing in the next."""


@dataclass(slots=True)
class Batch:
    """The believed beginning of a pushed batch."""

    entries: list[Entry]
    stopped: dict[str, Any] | None = None
    """The first entry that is not believed, and why."""


@dataclass(slots=True)
class Accepted:
    """What a push did."""

    up_to: int
    """Number of the last entry of this device that is in the log."""
    duplicates: int = 0
    cursors: tuple[int, int] | None = None
    """First and last place of the new entries."""
    aside: list[dict[str, Any]] = field(default_factory=list)
    """The entries of this batch without effect."""
    stopped: dict[str, Any] | None = None


def read_batch(lines: Sequence[bytes], first: int, prev: bytes, caller: Caller, key: bytes) -> Batch:
    """Read lines and check each entry's place, chain and signature; stop at the first that is wrong."""
    batch = Batch([])
    for seq, line in enumerate(lines, first):
        try:
            raw = split_line(line)
            entry = Entry.of_bytes(prev, raw.head, raw.body, raw.signature)
            reason = _disbelieved(entry, seq, caller, key)
        except (BadFrame, ValueError, RecursionError) as error:
            reason = f"line: {error}"
        if reason:
            batch.stopped = _stop(seq, reason)
            break
        batch.entries.append(entry)
        prev = entry.hash
    false = first_false([(entry, key) for entry in batch.entries])
    if false is not None:
        batch.entries[false:] = []
        batch.stopped = _stop(first + false, "signature: false (or the chain before it is another)")
    return batch


def _stop(seq: int, reason: str) -> dict[str, Any]:
    return {"q": seq, "type": "bad-frame", "detail": reason[:200]}


def _disbelieved(entry: Entry, seq: int, caller: Caller, key: bytes) -> str:
    head = entry.parsed_head
    if head.d != caller.device or head.q != seq:
        return "head: of another device or number"
    if not head.e or len(head.e) > 64 or len(head.t) > 64 or len(head.sc) > 32 or len(head.k) > 32:
        return "head: a name is missing or too long"
    if is_withheld(entry.body):
        return "body: withheld"
    if (seq == 1) != (head.k == "enrol"):
        return "head: a chain begins with its one enrol entry"
    if seq == 1 and entry.parsed_body.get("key") != base64.b64encode(key).decode():
        return "body: enrols another key"
    return ""


def accept(central: Central, caller: Caller, batch: Batch, first: int, prev: bytes) -> Accepted:
    """Log a batch.

    Raises:
        Problem: gap, or fork with the device's last entries as the server has them; nothing was stored.
    """
    with central.writing():
        up_to, last_hash = central.journal.last(caller.device)
        if first > up_to + 1:
            raise Problem("gap", have={"q": up_to, "hash": last_hash.hex()})
        known = _known(central, caller.device, first - 1, batch)
        before = known.get(first - 1, GENESIS) if first > 1 else GENESIS
        if before != prev:
            raise Problem("fork", probe=probe(central, caller.device))
        fresh: list[Entry] = []
        for entry in batch.entries:
            seq = entry.parsed_head.q
            if seq > up_to:
                fresh.append(entry)
            elif known.get(seq) != entry.hash:
                raise Problem("fork", probe=probe(central, caller.device))
        result = Accepted(
            up_to=max(up_to, batch.entries[-1].parsed_head.q if batch.entries else first - 1),
            duplicates=len(batch.entries) - len(fresh),
            stopped=batch.stopped,
        )
        if fresh:
            result.cursors = _Intake(central, caller).take(fresh)
        result.aside = _aside(caller.device, first, len(batch.entries))
    return result


@dataclass(slots=True)
class Recovered:
    """What became of entries that a client gave back."""

    stored: int = 0
    have: int = 0
    refused: list[str] = field(default_factory=list)
    """Hashes, in hex, of those that cannot be placed: who offers them carries them in their own log."""


def recover(central: Central, lines: Sequence[bytes]) -> Recovered:
    """Log entries of other devices, which their own signatures prove; each device's in its order (R8).

    Raises:
        Problem: bad-frame for a line that is no entry; nothing was stored.
    """
    by_device: dict[str, list[Entry]] = defaultdict(list)
    for line in lines:
        try:
            prev, raw = read_offered(line)
            entry = Entry.of_bytes(prev, raw.head, raw.body, raw.signature)
            by_device[entry.parsed_head.d].append(entry)
        except (BadFrame, ValueError, RecursionError) as error:
            raise Problem("bad-frame", f"line: {error}") from error
    result = Recovered()
    for device, entries in by_device.items():
        entries.sort(key=lambda entry: entry.parsed_head.q)
        if device == central.device:
            _recover_own(central, entries, result)
        else:
            _recover(central, device, entries, result)
    central.sign_head()
    return result


def _recover(central: Central, device: str, entries: list[Entry], result: Recovered) -> None:
    with central.writing():
        caller = people.caller_here(device)
        seq, prev = central.journal.last(device)
        fresh: list[Entry] = []
        for entry in entries:
            row = central.journal.at(device, entry.parsed_head.q)
            if row is not None and bytes(row.hash) == entry.hash:
                result.have += 1
            elif caller is None or not _follows(entry, seq, prev, caller):
                result.refused.append(entry.hash.hex())
            else:
                fresh.append(entry)
                seq, prev = seq + 1, entry.hash
        if caller is not None and fresh:
            _Intake(central, caller).take(fresh)
            result.stored += len(fresh)


def _recover_own(central: Central, entries: list[Entry], result: Recovered) -> None:
    """What this server wrote in a former life, as its own signature proves: it says it again (R8)."""
    with central.writing():
        again: list[Entry] = []
        for entry in entries:
            row = central.journal.at(central.device, entry.parsed_head.q)
            if row is not None and bytes(row.hash) == entry.hash:
                result.have += 1
            elif entry.parsed_head.k in OF_ONE_LIFE or not entry.verify(central.public_key_der):
                result.refused.append(entry.hash.hex())
            else:
                again.append(entry)
        result.stored += len(central.carry(again))


def _follows(entry: Entry, seq: int, prev: bytes, caller: Caller) -> bool:
    """Whether it is what the device itself could send next."""
    if entry.prev != prev or entry.parsed_head.q != seq + 1:
        return False
    try:
        return not _disbelieved(entry, seq + 1, caller, caller.key) and entry.verify(caller.key)
    except (ValueError, RecursionError):
        return False


def probe(central: Central, device: str) -> list[list[Any]]:
    """Number and hash of the device's entries at the last, last-1, last-2, last-4, … 1 (R6)."""
    last, _ = central.journal.last(device)
    places = [last]
    step = 1
    while last - step >= 1:
        places.append(last - step)
        step *= 2
    if last > 1 and places[-1] != 1:
        places.append(1)
    rows = EntryRow.select(EntryRow.seq, EntryRow.hash).where(
        (EntryRow.device == device) & EntryRow.seq.in_(places)
    )
    return [[row.seq, bytes(row.hash).hex()] for row in rows.order_by(EntryRow.seq.desc())]


def _known(central: Central, device: str, least: int, batch: Batch) -> dict[int, bytes]:
    rows = EntryRow.select(EntryRow.seq, EntryRow.hash).where(
        (EntryRow.device == device) & (EntryRow.seq >= least) & (EntryRow.seq <= least + len(batch.entries))
    )
    return {row.seq: bytes(row.hash) for row in rows}


def _aside(device: str, first: int, count: int) -> list[dict[str, Any]]:
    rows = EntryRow.select(EntryRow.seq, EntryRow.problem).where(
        (EntryRow.device == device)
        & (EntryRow.seq >= first)
        & (EntryRow.seq < first + count)
        & (EntryRow.state == PUT_ASIDE)
    )
    return [{"q": row.seq, "s": "quarantined", "type": row.problem} for row in rows.order_by(EntryRow.seq)]


class _Intake:
    """New entries of one device on their way into log and projections, within one transaction."""

    def __init__(self, central: Central, caller: Caller) -> None:
        self._central = central
        self._caller = caller
        self._authority = central.journal.authority
        self._loaded: dict[str, list[Entry]] = {}
        self._older: set[str] = set()
        self._refused: dict[str, tuple[Entry, Refusal]] = {}
        self._decided: dict[str, set[str]] = {}
        self._judged_before: list[Entry] = []
        self._units: dict[tuple[str, str], str] = {}
        self._closing = seals.Closing(self._entries_of, self._authority)
        self._owners = naming.Named(self._entries_of, self._authority, naming.owner)

    def take(self, fresh: list[Entry]) -> tuple[int, int]:
        """Log and project; the first and last cursor of the batch."""
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
        self._loaded = self._central.journal.entries_of_many({record for _, record in by_record})
        self._older = {record for record, entries in self._loaded.items() if entries}
        self._judge_all(fresh)
        insert(rows)
        appender.write()
        if not self._all_projected(by_record):
            for (kind, record), entries in by_record.items():
                self._project(kind, record, entries)
        for kind, record in by_record:
            self._central.touch(kind, record)
        self._write_verdicts()
        return places[0], places[-1]

    def _judge_all(self, fresh: list[Entry]) -> None:
        for entry in fresh:
            record = entry.parsed_head.e
            entries = self._loaded.setdefault(record, [])
            if entry.hash.hex() in self._decided_on(record):
                entries.append(entry)  # judged in a former life of the log: folds obey what was said then
                self._judged_before.append(entry)
                continue
            refusal = judge(entry, self._caller)
            if refusal is None:
                entries.append(entry)
                refusal = self._by_record(entry)
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

    def _by_record(self, entry: Entry) -> Refusal | None:
        """The refusal that follows from the record it is about: of another unit, or sealed."""
        head = entry.parsed_head
        if head.k in DEVICE_KINDS:
            return None
        begun = len(self._own(entry)) > 1
        # the first entry of a record gives it its unit; a unit that is granted must not open records of
        # one that is not
        if begun and self._unit_of(head.e, head.t) not in ("", head.sc):
            return Refusal("unit", "the record belongs to another unit")
        # what is named but not here yet has no unit: records may come in any order
        named = (*self._closing.parents(entry), *self._owners.by(entry))
        if any(self._unit_of(record) not in ("", head.sc) for record in named):
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
        return self._caller.officer in [found.value(name) for name in SEALERS]

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
            if each.hash != entry.hash and each.parsed_head.k not in JUDGING and each.hash.hex() not in aside
        )
        maker = next(devices, None)
        return maker is not None and (
            maker == self._caller.device or people.officer_of(maker) == self._caller.officer
        )

    def _unit_of(self, record: str, kind: str = "") -> str:
        """The unit of a record, by its first entry that stands; "" where none is here.

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
                if each.parsed_head.k not in JUDGING and each.hash.hex() not in aside
            )
            found = self._units[record, kind] = next(units, "")
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
            if full_disk(error):
                raise
            return False
        return True

    def _write_verdicts(self) -> None:
        for entry in [each for entries in list(self._loaded.values()) for each in entries]:
            if entry.parsed_head.k == "seal" and entry.parsed_head.d == self._caller.device:
                for other in seals.left_out(entry, self._entries_of(entry.parsed_head.e), self._authority):
                    refusal = Refusal("sealed", "the seal does not cover it")
                    self._refused.setdefault(other.hash.hex(), (other, refusal))
        for entry in self._judged_before:
            aside = put_aside(self._entries_of(entry.parsed_head.e), self._authority)
            if entry.hash.hex() in aside:
                _mark_aside(entry, aside[entry.hash.hex()])
        if not self._refused:
            return
        for entry, refusal in self._refused.values():
            _mark_aside(entry, refusal.type)
        judged = list(self._refused.values())
        verdicts = self._central.write(*(_verdict(entry, refusal) for entry, refusal in judged))
        for verdict, (entry, _) in zip(verdicts, judged, strict=True):
            place = verdict.parsed_head
            row = EntryRow.get((EntryRow.device == place.d) & (EntryRow.seq == place.q))
            Notice.insert(cursor=row.cursor, device=entry.parsed_head.d).on_conflict_replace().execute()


def _mark_aside(entry: Entry, reason: str) -> None:
    head = entry.parsed_head
    EntryRow.update(state=PUT_ASIDE, problem=reason).where(
        (EntryRow.device == head.d) & (EntryRow.seq == head.q)
    ).execute()


def _verdict(entry: Entry, refusal: Refusal) -> Change:
    head = entry.parsed_head
    body = {"of": entry.hash.hex(), "s": "quarantined", "type": refusal.type, "detail": refusal.detail}
    return Change("verdict", head.t, head.e, head.sc, body=body)


def reply(central: Central, caller: Caller, result: Accepted, want: list[str]) -> dict[str, Any]:
    """The JSON answer to a push, with the receipt of the last entry held."""
    head = central.sign_head()
    answer: dict[str, Any] = {
        "acc": result.up_to,
        "dup": result.duplicates,
        "cursors": result.cursors,
        "size": head.size,
        "root": b64(head.root),
        "checkpoint": head.note,
        "results": result.aside,
        "want": want,
        "time": central.clock.wall_ms(),
    }
    with central:
        row = central.journal.at(caller.device, result.up_to)
    if row is not None:
        answer["receipt"] = central.receipt(row, head).as_dict()
    if result.stopped is not None:
        answer["stopped"] = result.stopped
    return answer
