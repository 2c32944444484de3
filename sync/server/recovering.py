"""Entries that a restored server gets back from notebooks that held them (R8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from models.store.entry import Entry, is_withheld
from models.store.fold import DEVICE_KINDS, JUDGING
from models.store.redacting import names
from sync.problems import Problem
from sync.server import erasing, ordering, people, rights
from sync.server.accept import disbelieved, lacks_content
from sync.server.central import Central
from sync.server.intake import Intake, tell_of
from sync.server.people import Caller
from sync.wire import BadFrame, read_offered

OF_ONE_LIFE = DEVICE_KINDS | {"epoch"}
"""What the server says of itself in one life of its log; it means nothing in the next."""


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
    erasing.erase_files(central)
    central.sign_head()
    return result


def _recover(central: Central, device: str, entries: list[Entry], result: Recovered) -> None:
    with central.writing():
        caller = people.caller_here(device)
        seq, prev = central.journal.last(device)
        fresh: list[Entry] = []
        gone = names()
        for entry in entries:
            row = central.journal.at(device, entry.parsed_head.q)
            if row is not None and bytes(row.hash) == entry.hash:
                result.have += 1
            elif caller is None or lacks_content(entry, gone) or not _follows(entry, seq, prev, caller):
                result.refused.append(entry.hash.hex())
            else:
                fresh.append(entry)
                seq, prev = seq + 1, entry.hash
        if caller is not None and fresh:
            Intake(central, caller, given_back=True).take(fresh)
            result.stored += len(fresh)


def _recover_own(central: Central, entries: list[Entry], result: Recovered) -> None:
    """What this server wrote in a former life, as its own signature proves: it says it again (R8)."""
    with central.writing():
        again: list[Entry] = []
        for entry in entries:
            row = central.journal.at(central.device, entry.parsed_head.q)
            if row is not None and bytes(row.hash) == entry.hash:
                result.have += 1
            elif is_withheld(entry.body) or not _is_own_word(central, entry):
                result.refused.append(entry.hash.hex())
            else:
                again.append(entry)
        said = central.carry(again)
        tell_of(each for each in said if each.parsed_head.k in JUDGING)
        rights.obey(central, said)
        ordering.tell_of(central, said)
        ordering.follow_files_again(central, said)
        result.stored += len(said)


def _is_own_word(central: Central, entry: Entry) -> bool:
    """Whether it is this server's, and means something in another life of its log."""
    return entry.parsed_head.k not in OF_ONE_LIFE and entry.verify(central.public_key_der)


def _follows(entry: Entry, seq: int, prev: bytes, caller: Caller) -> bool:
    """Whether it is what the device itself could send next."""
    if entry.prev != prev or entry.parsed_head.q != seq + 1:
        return False
    try:
        return not disbelieved(entry, seq + 1, caller, caller.key) and entry.verify(caller.key)
    except (ValueError, RecursionError):
        return False
