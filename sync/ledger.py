"""The notebook's side of what has travelled: everything the engine reads from or keeps in the database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from models.store import schema
from models.store.database import here, run
from models.store.entry import GENESIS, entry_line
from models.store.fold import content
from models.store.journal import KEPT, PUT_ASIDE
from models.store.lookup import last_of, rows_of
from models.store.seat import Arrival, Seat
from sync import displaced, taken_out
from sync.file_ledger import FileLedger
from sync.outcome import Outcome, Trouble
from sync.receipts import Receipt
from sync.server_ledger import ServerLedger
from sync.tables import (
    FormerProof,
    Proof,
    ServerFacts,
    Session,
    StampedProof,
    UnitPosition,
    prepare,
)

_PLACE_OWN = "UPDATE entry SET cursor = seq + ? WHERE device = ? AND seq > ? AND seq <= ? AND cursor IS NULL"
_PUT_ASIDE = "UPDATE entry SET state = ?, problem = ? WHERE device = ? AND seq = ? AND state != ?"
# a seal always names the file of its bytes, and there are far fewer files than entries
_SEALS_WITHOUT_PROOF = (
    "SELECT seq, hash FROM entry WHERE device = ? AND kind = 'seal'"
    " AND seq IN (SELECT seq FROM sync_file_use) AND seq NOT IN (SELECT seq FROM sync_receipt)"
)
_FORMER_SEALS = (
    "SELECT device, seq, hash FROM entry WHERE kind = 'seal' AND device IN (SELECT device FROM sync_chain)"
    " AND cursor IS NOT NULL AND LOWER(HEX(hash)) NOT IN (SELECT hash FROM sync_chain_receipt)"
)
_SEALS_PROVED = (
    "SELECT seq, hash FROM entry WHERE device = ? AND kind = 'seal'"
    " AND seq IN (SELECT seq FROM sync_receipt WHERE cursor <= ?)"
)
_BEGIN = (
    "INSERT INTO sync_session (started_at, phase, bytes_up, bytes_down, entries_sent, entries_received,"
    " files_sent, problems) VALUES (?, '', 0, 0, 0, 0, 0, '[]') RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Entries to be pushed, as lines."""

    first: int
    prev: bytes
    lines: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes before compression."""
        return sum(map(len, self.lines))


@dataclass(frozen=True, slots=True)
class OwnRun:
    """Where own entries stand in the log: cursors, numbers in the unit and sequence all go up by one."""

    seq: int
    count: int
    cursor: int
    number: int
    """Of the first; 0 for none."""

    @property
    def last(self) -> int:
        """Sequence number of the last."""
        return self.seq + self.count - 1


class Ledger(ServerLedger, FileLedger):
    """Reads and keeps the state of synchronisation in one notebook."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.decisions: Counter[str] = Counter()
        """What supervisors decided on own entries, as far as it came through here: by "release", "reject"."""
        prepare(seat)
        taken_out.obey(seat)

    # -- own entries -----------------------------------------------------------------------------

    def own_end(self) -> tuple[int, bytes]:
        """Number and hash of this device's last entry."""
        with self.seat:
            return self.seat.journal.last(self.seat.device)

    def own_hash(self, seq: int) -> bytes | None:
        """The hash of this device's entry with that number; None when there is none."""
        if seq == 0:
            return GENESIS
        with self.seat:
            row = self.seat.journal.at(self.seat.device, seq)
            return bytes(row.hash) if row is not None else None

    def own_units(self, run: OwnRun) -> dict[str, int]:
        """How many entries of a run of own ones there are, by their unit."""
        with self.seat:
            rows = here.execute_sql(
                "SELECT unit, COUNT(*) FROM entry WHERE device = ? AND seq BETWEEN ? AND ? GROUP BY unit",
                (self.seat.device, run.seq, run.last),
            )
            return dict(rows.fetchall())

    def acknowledged(self) -> int:
        """The number up to which all own entries have a receipt: the newest one covers all before it."""
        with self.seat:
            newest = last_of(Proof, "seq")
            return newest.seq if newest is not None else 0

    def outgoing(self, first: int, entries: int, size: int) -> Outgoing:
        """The next own entries from a number on, at most so many and so many bytes, but one at least."""
        with self.seat:
            rows = here.execute_sql(
                "SELECT prev, head, body, signature FROM entry WHERE device = ? AND seq >= ?"
                " ORDER BY seq LIMIT ?",
                (self.seat.device, first, entries),
            ).fetchall()
        lines: list[bytes] = []
        total = 0
        for row in rows:
            line = entry_line(row[3], row[1], row[2])
            total += len(line)
            if lines and total > size:
                break
            lines.append(line)
        return Outgoing(first, rows[0][0] if rows else b"", tuple(lines))

    def acknowledge(
        self, receipt: Receipt, up_to: int, *, placed: tuple[int, int] | None, aside: Iterable[dict[str, Any]]
    ) -> int:
        """Keep a verified receipt of own entries; gives how many of them were newly put aside.

        Args:
            up_to: number of the entry that the receipt is for.
            placed: first and last cursor of a run of own entries that ends there.
        """
        with self.seat.writing():
            self._keep_proof(receipt, up_to)
            self.seat.mark_received(up_to)
            if placed is not None:
                first, last = placed
                run(_PLACE_OWN, (last - up_to, self.seat.device, up_to - (last - first) - 1, up_to))
            changed = 0
            for each in aside:
                reason = str(each.get("type", ""))[:80]
                place = (self.seat.device, each.get("q"))
                changed += run(_PUT_ASIDE, (PUT_ASIDE, reason, *place, PUT_ASIDE)).rowcount
        return changed

    def keep_proof(self, receipt: Receipt, seq: int) -> None:
        """Keep the verified receipt of one own entry."""
        with self.seat.writing():
            self._keep_proof(receipt, seq)

    def _keep_proof(self, receipt: Receipt, seq: int) -> None:
        schema.keep(
            Proof,
            seq=seq,
            cursor=receipt.cursor,
            receipt=json.dumps(receipt.as_dict()),
            received_at=self.seat.clock.wall_ms(),
        )

    def seals_without_proof(self, up_to: int | None = None) -> list[tuple[int, bytes]]:
        """Own received seal entries that have no receipt of their own yet: number and hash.

        Args:
            up_to: number of the last entry that will be received by the time it is asked for.
        """
        self.scan_files()
        with self.seat:
            reached, bound = ("state != ?", KEPT) if up_to is None else ("seq <= ?", up_to)
            rows = run(f"{_SEALS_WITHOUT_PROOF} AND {reached}", (self.seat.device, bound)).fetchall()
            return [(seq, bytes(digest)) for seq, digest in rows]

    def former_seals_without_proof(self) -> list[tuple[str, int, bytes]]:
        """As `seals_without_proof`, of what was received under a former key (R6): device, number and hash."""
        with self.seat:
            return [(device, seq, bytes(digest)) for device, seq, digest in run(_FORMER_SEALS).fetchall()]

    def keep_former_proof(self, receipt: Receipt) -> None:
        """Keep the verified receipt of a seal that was written under a former key."""
        facts = {"cursor": receipt.cursor, "receipt": json.dumps(receipt.as_dict())}
        with self.seat.writing():
            schema.keep(FormerProof, hash=receipt.entry_hash.hex(), **facts)

    def seals_without_stamp(self, size: int) -> list[tuple[int, bytes]]:
        """Own seals in the log up to a size whose time-stamped receipt is not here: number and hash."""
        with self.seat:
            rows = run(_SEALS_PROVED, (self.seat.device, size)).fetchall()
            stamped = {digest for (digest,) in run("SELECT hash FROM sync_stamp").fetchall()}
            return [(seq, bytes(digest)) for seq, digest in rows if bytes(digest).hex() not in stamped]

    def keep_stamp(self, receipt: Receipt, answer: bytes) -> None:
        """Keep a seal's verified receipt in a head with an outside time-stamp over it."""
        with self.seat.writing():
            told = json.dumps(receipt.as_dict())
            schema.keep(StampedProof, hash=receipt.entry_hash.hex(), receipt=told, answer=answer)

    # -- others' entries -------------------------------------------------------------------------

    def positions(self) -> dict[str, int]:
        """How many entries of each unit have been received."""
        with self.seat:
            return {row.unit: row.last for row in rows_of(UnitPosition, "unit")}

    def take_page(
        self,
        arrivals: Sequence[Arrival],
        own: Sequence[OwnRun],
        positions: dict[str, int],
        cursor: int | None,
    ) -> int:
        """Keep a verified page in one transaction; gives how many entries were new.

        Args:
            own: places of own entries.
            cursor: how far the log has been looked through; None leaves it.
        """
        seat = self.seat
        with seat.writing():
            before = self._last_arrival()
            seat.receive(arrivals, partial(displaced.keep, seat))
            self.decisions.update(self._decided(arrivals))
            for run in own:
                self._place(run)
            for unit, last in positions.items():
                schema.keep(UnitPosition, unit=unit, last=last)
            if cursor is not None:
                schema.change(ServerFacts, {"id": 1}, cursor=cursor)
            new = self._last_arrival() - before
        taken_out.erase_files(seat)
        return new

    def _decided(self, arrivals: Sequence[Arrival]) -> Iterator[str]:
        """The kinds of the server's decisions on own entries that were put aside."""
        own = {self.seat.device, *self.former_devices()}
        for arrival in arrivals:
            head = arrival.entry.parsed_head
            if head.k not in ("release", "reject") or head.d not in self.seat.journal.authority:
                continue
            target = content(arrival.entry).get("of")
            if any(
                each.hash.hex() == target and each.parsed_head.d in own
                for each in self.seat.journal.entries_of(head.e)
            ):
                yield head.k

    def _place(self, run: OwnRun) -> None:
        place = (self.seat.device, run.seq, run.last)
        own = "device = ? AND seq BETWEEN ? AND ?"
        if run.number:
            here.execute_sql(f"UPDATE entry SET unit_n = seq + ? WHERE {own}", (run.number - run.seq, *place))
        # most know it since they were pushed, and there is an index over it
        shift = run.cursor - run.seq
        here.execute_sql(
            f"UPDATE entry SET cursor = seq + ? WHERE {own} AND cursor IS NOT seq + ?", (shift, *place, shift)
        )

    @staticmethod
    def _last_arrival() -> int:
        return int(here.execute_sql("SELECT COALESCE(MAX(n), 0) FROM entry").fetchone()[0])

    # -- sessions --------------------------------------------------------------------------------

    def begin_session(self) -> int:
        """Note that a synchronisation begins."""
        with self.seat.writing():
            return int(run(_BEGIN, (self.seat.clock.wall_ms(),)).fetchone()[0])

    def end_session(self, session: int, outcome: Outcome, phase: str) -> None:
        """Note how it went."""
        told = [_kept(trouble) for trouble in (*outcome.problems, *outcome.warnings)]
        with self.seat.writing():
            schema.change(
                Session,
                {"id": session},
                ended_at=self.seat.clock.wall_ms(),
                phase=phase,
                bytes_up=outcome.bytes_up,
                bytes_down=outcome.bytes_down,
                entries_sent=outcome.entries_sent,
                entries_received=outcome.entries_received,
                files_sent=outcome.files_sent,
                exit_code=outcome.exit_code,
                problems=msgspec.json.encode(told).decode(),
            )


def _kept(trouble: Trouble) -> dict[str, Any]:
    params = {name: value if isinstance(value, int) else str(value) for name, value in trouble.params.items()}
    return {"exit": int(trouble.exit), "msgid": trouble.msgid, "params": params}
