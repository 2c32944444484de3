"""Taking a pushed batch into the log (R3, R4, R5).

First, outside any lock, the lines are read and their chain and signatures checked; what cannot be
believed ends the batch there (`stopped`), and everything before it is taken. Then, in one transaction:
what is known already is compared by hash, what is new is judged, logged and projected, and verdicts are
written. The head is signed after the commit.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.store import redacting
from models.store.database import run
from models.store.entry import GENESIS, Entry, is_withheld
from models.store.journal import PUT_ASIDE
from models.store.orders import is_plain
from models.store.redacting import Gone
from sync.problems import Problem
from sync.server import people
from sync.server.central import Central, b64
from sync.server.intake import Intake
from sync.server.people import Caller
from sync.verifying import first_false
from sync.wire import BadFrame, split_line

_HASHES = "SELECT seq, hash FROM entry WHERE device = ?"
_PUT_ASIDE = (
    "SELECT seq, problem FROM entry WHERE device = ? AND seq BETWEEN ? AND ? AND state = ? ORDER BY seq"
)


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
            reason = disbelieved(entry, seq, caller, key)
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


def disbelieved(entry: Entry, seq: int, caller: Caller, key: bytes) -> str:
    """Why an entry is not what this device could send as its next, whatever its signature; "" where it is."""
    head = entry.parsed_head
    if head.d != caller.device or head.q != seq:
        return "head: of another device or number"
    if not head.e or len(head.e) > 64 or len(head.t) > 64 or len(head.sc) > 32 or len(head.k) > 32:
        return "head: a name is missing or too long"
    if "\0" in f"{head.e}{head.t}{head.sc}{head.k}{head.o.d if head.o is not None else ''}":
        return "head: a name has a character that no name has"  # and PostgreSQL cannot keep
    if head.o is not None and not is_plain(entry):
        return "head: its first home's hash is not as programs write it"  # and no order would find it
    if (seq == 1) != (head.k == "enrol"):
        return "head: a chain begins with its one enrol entry"
    if seq == 1 and entry.parsed_body.get("key") != base64.b64encode(key).decode():
        return "body: enrols another key"
    return ""


def lacks_content(entry: Entry, gone: Collection[Gone]) -> bool:
    """Whether an entry comes without its content though no order took that out.

    Args:
        gone: what orders took out, as far as it is known here (`redacting.names`).
    """
    return is_withheld(entry.body) and not redacting.is_taken_out(entry, gone)


def accept(central: Central, caller: Caller, batch: Batch, first: int, prev: bytes) -> Accepted:
    """Log a batch.

    Raises:
        Problem: gap, or fork with the device's last entries as the server has them; nothing was stored.
    """
    with central.writing():
        # what was decided of its person while the batch was read holds for it
        caller = people.caller_here(caller.device) or caller
        up_to, last_hash = central.journal.last(caller.device)
        if first > up_to + 1:
            raise Problem("gap", have={"q": up_to, "hash": last_hash.hex()})
        known = _known(central, caller.device, first - 1, batch)
        before = known.get(first - 1, GENESIS) if first > 1 else GENESIS
        if before != prev:
            raise Problem("fork", probe=probe(central, caller.device))
        fresh: list[Entry] = []
        gone = redacting.names()
        for place, entry in enumerate(batch.entries):
            seq = entry.parsed_head.q
            if seq > up_to:
                if lacks_content(entry, gone):
                    batch.entries[place:] = []
                    batch.stopped = _stop(seq, "body: withheld")
                    break
                fresh.append(entry)
            elif known.get(seq) != entry.hash:
                raise Problem("fork", probe=probe(central, caller.device))
        result = Accepted(
            up_to=max(up_to, batch.entries[-1].parsed_head.q if batch.entries else first - 1),
            duplicates=len(batch.entries) - len(fresh),
            stopped=batch.stopped,
        )
        if fresh:
            result.cursors = Intake(central, caller).take(fresh)
        result.aside = _aside(caller.device, first, len(batch.entries))
    return result


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
    marks = ", ".join("?" * len(places))
    found = run(f"{_HASHES} AND seq IN ({marks}) ORDER BY seq DESC", (device, *places)).fetchall()
    return [[seq, bytes(digest).hex()] for seq, digest in found]


def _known(central: Central, device: str, least: int, batch: Batch) -> dict[int, bytes]:
    found = run(f"{_HASHES} AND seq BETWEEN ? AND ?", (device, least, least + len(batch.entries))).fetchall()
    return {seq: bytes(digest) for seq, digest in found}


def _aside(device: str, first: int, count: int) -> list[dict[str, Any]]:
    found = run(_PUT_ASIDE, (device, first, first + count - 1, PUT_ASIDE)).fetchall()
    return [{"q": seq, "s": "quarantined", "type": problem} for seq, problem in found]


def reply(central: Central, caller: Caller, result: Accepted, want: list[str]) -> dict[str, Any]:
    """The JSON answer to a push, with the receipt of the last entry held."""
    head = central.sign_head()
    answer: dict[str, Any] = {
        "epoch": central.epoch,
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
