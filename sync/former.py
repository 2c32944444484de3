"""What a notebook keeps of a life of the server's log that a restore undid, and what it gives back of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from peewee import chunked, fn

from models.store.database import here
from models.store.entry import Entry, is_withheld
from models.store.journal import WITHHELD, EntryRow
from models.store.lookup import last_of
from models.store.receiving import taken_out
from sync.file_ledger import THERE
from sync.ledger import Ledger
from sync.tables import FileRow, FormerLife, Proof, ServerFacts, TreeHead, UnitPosition

_GIVING = "giving_back"
"""Key of the fact that others' entries wait to be offered to a restored server: since which former life."""
_SAID = "said_again"
"""Key of the fact that the server's words were offered and have not come again: since which former life."""
_SOME = 500
"""Entries read at once."""


def heads(ledger: Ledger) -> list[tuple[int, bytes]]:
    """Size and root of each verified head that is kept, the newest first."""
    with ledger.seat:
        return [(row.size, bytes(row.root)) for row in TreeHead.select().order_by(TreeHead.size.desc())]


def leave(ledger: Ledger, common: int, epoch: str) -> None:
    """Go back to the last size that both logs had in common, in one transaction.

    Heads, receipts, the server's own entries beyond it and others' whose content is not here are kept as
    evidence (`FormerLife`), without effect: in the new life other entries stand in their places. Entries of
    people stay; only their places in the log, and that they were received, are forgotten.
    """
    seat = ledger.seat
    server = ledger.server()
    if server is None:
        return
    with seat.writing():
        beyond = EntryRow.cursor.is_null(False) & (EntryRow.cursor > common)
        undone = seat.undo_authority(server.device, common)
        # a receipt for an entry before the cut may be of a head beyond it, which is of no log any more
        receipts = {row.seq: json.loads(row.receipt) for row in Proof.select()}
        gone = {seq: each for seq, each in receipts.items() if _head_size(each) > common}
        _keep_as_evidence(ledger, server.epoch, common, undone, seat.undo_withheld(common), gone)
        TreeHead.delete().where(TreeHead.size > common).execute()
        for some in chunked(gone, _SOME):
            Proof.delete().where(Proof.seq.in_(some)).execute()
        EntryRow.update(cursor=None, unit_n=None).where(beyond).execute()
        seat.unreceive(ledger.acknowledged())
        _count_units_anew()
        FileRow.update(state="queued", offset=0).where(FileRow.state.in_(THERE)).execute()
        ServerFacts.update(cursor=fn.MIN(ServerFacts.cursor, common), epoch=epoch).where(
            ServerFacts.id == 1
        ).execute()
        newest = last_of(TreeHead, "size")
        # a server may be restored again before all was offered, or before its words came again: that of both
        # lives waits then
        newest_life = FormerLife.select(fn.MAX(FormerLife.id)).scalar()
        since = seat.meta(_GIVING) or seat.meta(_SAID) or str(newest_life)
        seat.set_meta(**{"proven_head": newest.note if newest is not None else None, _GIVING: since})


def _head_size(receipt: dict[str, Any]) -> int:
    """The size of the log in a verified receipt's signed head (C2SP tlog-checkpoint: its second line)."""
    return int(receipt["checkpoint"].split("\n")[1])


def _keep_as_evidence(
    ledger: Ledger,
    epoch: str,
    common: int,
    undone: Iterable[Entry],
    withheld: Iterable[Entry],
    receipts: dict[int, Any],
) -> None:
    kept = {
        "heads": [
            row.note for row in TreeHead.select().where(TreeHead.size > common).order_by(TreeHead.size)
        ],
        "receipts": {str(seq): receipt for seq, receipt in receipts.items()},
        "entries": _lines(undone),
        "withheld": _lines(withheld),
    }
    FormerLife.create(
        epoch=epoch, common=common, ended_at=ledger.seat.clock.wall_ms(), evidence=json.dumps(kept)
    )


def _lines(entries: Iterable[Entry]) -> list[list[str]]:
    return [[base64.b64encode(part).decode() for part in (each.prev, each.line())] for each in entries]


def _count_units_anew() -> None:
    """The numbers within a unit go up with the cursor: what is left below the cut is what was received."""
    last = dict(
        here.execute_sql(
            "SELECT unit, MAX(unit_n) FROM entry WHERE cursor IS NOT NULL GROUP BY unit"
        ).fetchall()
    )
    for row in UnitPosition.select():
        UnitPosition.update(last=min(row.last, last.get(row.unit) or 0)).where(
            UnitPosition.unit == row.unit
        ).execute()


def is_giving_back(ledger: Ledger) -> bool:
    """Whether others' entries wait to be offered."""
    return ledger.seat.meta(_GIVING) is not None


def to_give_back(ledger: Ledger) -> int:
    """How many entries wait."""
    with ledger.seat:
        return int(EntryRow.select(fn.COUNT(EntryRow.n)).where(_waiting()).scalar())


def of_others(ledger: Ledger) -> Iterator[Entry]:
    """Others' entries that have no place in the log as it is now, each device's in its order.

    What was withheld from this reader is not theirs to give.
    """
    device, seq = "", 0
    while True:
        with ledger.seat:
            after = (EntryRow.device > device) | ((EntryRow.device == device) & (EntryRow.seq > seq))
            rows = list(
                EntryRow.select()
                .where(_waiting() & after)
                .order_by(EntryRow.device, EntryRow.seq)
                .limit(_SOME)
            )
        for row in rows:
            yield row.entry()
        if len(rows) < _SOME:
            return
        device, seq = rows[-1].device, rows[-1].seq


def words(ledger: Ledger) -> list[Entry]:
    """What the server itself wrote in its former lives that is not given back yet."""
    since = int(ledger.seat.meta(_GIVING) or 0)
    with ledger.seat:
        lives = list(FormerLife.select().where(FormerLife.id >= since).order_by(FormerLife.id))
    kept = [each for life in lives for each in json.loads(life.evidence)["entries"]]
    return [
        Entry.of_line(base64.b64decode(line)[:-1], base64.b64decode(prev))
        for prev, line in kept
        if not is_withheld(base64.b64decode(line).rstrip(b"\n").rpartition(b"\t")[2])
    ]


def _waiting() -> Any:
    others = (~EntryRow.own) & EntryRow.cursor.is_null()
    without = taken_out(others)  # nobody has more of them, and what is chained to them needs them
    return others & ((~WITHHELD | EntryRow.n.in_(without)) if without else ~WITHHELD)


def carry(ledger: Ledger, entries: Iterable[Entry]) -> int:
    """Write what the server could not place into the own log, under its first home's name; how many.

    What the server itself wrote in its former life has weight only from its own hand.
    """
    server = ledger.server()
    own = server.device if server is not None else ""
    return len(ledger.seat.carry([each for each in entries if each.parsed_head.d != own]))


def gave_back(ledger: Ledger) -> None:
    """Note that everything was offered; the server's words are nowhere but there until they come again."""
    ledger.seat.set_meta(**{_GIVING: None, _SAID: ledger.seat.meta(_GIVING)})


def caught_up(ledger: Ledger) -> None:
    """Note that all of the log was fetched, and so what the server said again."""
    if ledger.seat.meta(_SAID) is not None:
        ledger.seat.set_meta(**{_SAID: None})
