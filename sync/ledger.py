"""The notebook's side of what has travelled: everything the engine reads from or keeps in the database."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from models.registry import access
from models.registry import units as registry
from models.registry.queries import ACCOUNT_ROLE, GRANTED_UNITS, READ_ONLY_UNITS
from models.store import schema
from models.store.database import here, run
from models.store.entry import GENESIS, entry_line
from models.store.fold import content
from models.store.journal import KEPT, PUT_ASIDE
from models.store.lookup import last_of, row_of, rows_of
from models.store.seat import Arrival, Seat
from sync import displaced
from sync.checkpoint import Checkpoint
from sync.file_ledger import BACKUP, FileLedger
from sync.heads import superfluous
from sync.outcome import Outcome, Trouble
from sync.receipts import Receipt, ReceiptRefused, read_recipient
from sync.tables import (
    FormerChain,
    FormerProof,
    Proof,
    ServerFacts,
    Session,
    StampedProof,
    TreeHead,
    UnitPosition,
    prepare,
)
from sync.wire import Limits

_LEAVING = "leaving_units"
"""Key of the fact that units were taken away whose entries are still here."""
_LOG_CERTIFICATE = "log_certificate"
_DURABLE = "durable_cursor"
"""Key of the fact how far the server's off-site backup reaches."""
_BUNDLES = "bundle_recipient"
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


class Ledger(FileLedger):
    """Reads and keeps the state of synchronisation in one notebook."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.decisions: Counter[str] = Counter()
        """What supervisors decided on own entries, as far as it came through here: by "release", "reject"."""
        prepare(seat)

    # -- the server ------------------------------------------------------------------------------

    def server(self) -> ServerFacts | None:
        """The server that this notebook is enrolled with."""
        with self.seat:
            return row_of(ServerFacts, id=1)

    def keep_server(self, **facts: Any) -> None:
        """Keep what the server said at enrolment; obey its verdicts from now on."""
        with self.seat.writing():
            schema.keep(ServerFacts, id=1, **facts)
            self.seat.set_meta(verify_host=facts["host"], device_certificate=facts["certificate"])
            self.seat.trust(facts["device"])
            self.follow_role(facts["role"])

    def update_server(self, **facts: Any) -> None:
        """Change some of what is known of the server."""
        with self.seat.writing():
            schema.change(ServerFacts, {"id": 1}, **facts)

    def follow_units(self, told: dict[str, Any]) -> None:
        """Keep which units the server grants, and which for reading only: the verbs obey them from now on."""
        units, reading = (
            ",".join(str(unit) for unit in each) if isinstance(each := told.get(name), list) else ""
            for name in ("units", "read_only")
        )
        granted = units.split(",")
        with self.seat.writing():
            gone = [row.unit for row in rows_of(UnitPosition, "unit") if row.unit not in granted]
            leaving = {*self.leaving(), *gone}.difference(granted)
            self.update_server(units=units)
            self.seat.set_meta(**{_LEAVING: ",".join(sorted(leaving)) or None})
            self.seat.set_meta(**{GRANTED_UNITS: units, READ_ONLY_UNITS: reading})

    def leaving(self) -> list[str]:
        """Units that were taken away and whose entries by others are still here."""
        return [unit for unit in (self.seat.meta(_LEAVING) or "").split(",") if unit]

    def leave_units(self) -> int:
        """Forget what others wrote in the units that were taken away (R13); how many entries went.

        After own entries were sent: they stay here in any case.
        """
        gone, granted = self.leaving(), self.seat.meta(GRANTED_UNITS) or ""
        with self.seat.writing():
            # from now on nothing of them is here as far as the server is told: granted again, they come whole
            UnitPosition.delete().where(UnitPosition.unit.in_(gone)).execute()
        with self.seat:
            former = self._former_devices()
        taken = self.seat.forget_units(gone, granted.split(","), former)
        if gone:
            taken += displaced.forget(self.seat, granted.split(","), former)
        self.seat.set_meta(**{_LEAVING: None})
        return taken

    @staticmethod
    def _former_devices() -> list[str]:
        """The devices as which this notebook wrote before it went on under another key (R6)."""
        return [row.device for row in FormerChain.select(FormerChain.device)]

    def follow_role(self, role: str) -> None:
        """Keep what the account's role is: the verbs of this notebook obey it from now on.

        Where it reads more than before, all units are fetched anew: of what is here some lacks its content.
        """
        found = registry.role(role)
        may = found.may if found is not None else frozenset()
        reads = access.readable(may)
        before = self.seat.meta("readable_kinds")
        with self.seat.writing():
            if before is not None and reads - set(before.split(",")):
                UnitPosition.update(last=0).execute()  # kept: what of a unit is here is to be known
            self.seat.set_meta(**{ACCOUNT_ROLE: role, "readable_kinds": ",".join(sorted(reads))})

    def read_as(self, role: object) -> None:
        """Note for which role a page was made: the account's may have been narrowed since hello.

        What such a page withholds comes with all else once a hello names the wider role again.
        """
        before = self.seat.meta("readable_kinds")
        found = registry.role(role) if isinstance(role, str) else None
        if before is None or found is None:
            return
        reads = access.readable(found.may)
        if not reads.issuperset(before.split(",")):
            self.seat.set_meta(readable_kinds=",".join(sorted(reads.intersection(before.split(",")))))

    def keep_durable(self, cursor: object, backup: object) -> None:
        """Keep how far the server's off-site backup reaches, and that backup's name."""
        known = type(cursor) is int and cursor >= 0 and isinstance(backup, str)
        said = {_DURABLE: str(cursor), BACKUP: str(backup)[:80]} if known else {_DURABLE: "0", BACKUP: ""}
        if any(self.seat.meta(key) != value for key, value in said.items()):
            self.seat.set_meta(**said)

    def durable_cursor(self) -> int:
        """All of the server's log up to there is in its off-site backup, as it last said."""
        return int(self.seat.meta(_DURABLE) or 0)

    def keep_bundle_note(self, note: object) -> None:
        """Keep the key that bundles for the server are encrypted to; only its signed word of it counts."""
        server = self.server()
        if server is None:
            return
        try:
            named = read_recipient(str(note), origin=server.origin, public_key=bytes(server.key))
        except ReceiptRefused:
            return
        if named != self.bundle_recipient():
            self.seat.set_meta(**{_BUNDLES: named})

    def bundle_recipient(self) -> str | None:
        """That key (age); None where the server has not named it yet."""
        return self.seat.meta(_BUNDLES)

    def keep_log_certificate(self, pem: object) -> None:
        """Keep the authority's certificate of the pinned key, as evidence packages bear it."""
        from sync.proof.trust import holder, issued_by  # X.509 takes 20 ms, and is seldom asked

        server = self.server()
        if server is None or not isinstance(pem, str) or pem == self.log_certificate():
            return
        named = holder(pem.encode())
        ours = named is not None and named.log and named.key == bytes(server.key)
        if ours and issued_by(pem.encode(), server.authority.encode()):
            self.seat.set_meta(**{_LOG_CERTIFICATE: pem})

    def log_certificate(self) -> str:
        """That certificate (PEM); "" where the server has not given it yet."""
        return self.seat.meta(_LOG_CERTIFICATE) or ""

    def limits(self) -> Limits:
        """What the server takes at once, as it last said."""
        server = self.server()
        return Limits.from_dict(json.loads(server.limits)) if server is not None else Limits()

    # -- heads -----------------------------------------------------------------------------------

    def newest_head(self) -> TreeHead | None:
        """The largest verified head."""
        with self.seat:
            return last_of(TreeHead, "size")

    def root_of(self, size: int) -> bytes | None:
        """The root of the verified head of that size; None when none is kept."""
        with self.seat:
            head = row_of(TreeHead, size=size)
            return bytes(head.root) if head is not None else None

    def proven_note(self) -> str | None:
        """The head up to which the log is proved to have only grown; None before the first."""
        return self.seat.meta("proven_head")

    def keep_proven(self, head: Checkpoint) -> None:
        """Note that the log is proved to have only grown up to this head."""
        self.seat.set_meta(proven_head=head.note)

    def keep_head(self, head: Checkpoint) -> None:
        """Keep a verified head, and tell the seat, whose next seals name it."""
        with self.seat.writing():
            schema.keep(
                TreeHead,
                size=head.size,
                root=head.root,
                note=head.note,
                received_at=self.seat.clock.wall_ms(),
            )
            sizes = [row.size for row in rows_of(TreeHead, "size")]
            TreeHead.delete().where(TreeHead.size.in_(superfluous(sizes))).execute()
            digest = hashlib.sha256(head.note.encode()).hexdigest()
            self.seat.set_meta(checkpoint_hash=digest, checkpoint_note=head.note)

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
            return self._last_arrival() - before

    def _decided(self, arrivals: Sequence[Arrival]) -> Iterator[str]:
        """The kinds of the server's decisions on own entries that were put aside."""
        own = {self.seat.device, *self._former_devices()}
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
