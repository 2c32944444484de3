"""Evidence files on their way up: after the entries, what is asked for and then the smallest first.

Each is resumed where it was cut.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from models.errors import QingchaError
from sync import outcome as says
from sync.engine import Answer, Call, Cut, Engine, Lane, Steps, Together, listed, post
from sync.file_ledger import THERE
from sync.outcome import Exit, Progress, Trouble
from sync.portion import Portion
from sync.problems import Problem
from sync.receipts import ReceiptRefused, check_file_receipt
from sync.tables import FileRow
from sync.wire import MIB

PROBE = "/v1/blobs/probe"
TRIES = 3
"""How often a file is sent whole before the next session has to try again."""

SHOWN = 50
"""Files with their receipts that one probe asks about at most: a receipt has some 300 bytes."""
CARRIED = 8 * MIB
"""Bytes of a file in one part of a bundle at most."""


def _probe_call(rows: Sequence[FileRow]) -> Call:
    """Asks how much of some files is there."""
    return post(PROBE, {"files": [_asking(row) for row in rows]})


def _asking(row: FileRow) -> dict[str, Any]:
    asked = {"sha256": row.sha256, "size": row.size}
    # a restored server may have it without knowing whose it is (R8)
    return {**asked, "receipt": row.receipt} if _shows(row) else asked


def _shows(row: FileRow) -> bool:
    """Whether the server's word that it has a file is of a former life of its log, or it lost it since."""
    return row.receipt is not None and row.state not in THERE


class Sending:
    """Sends the files that own, received entries name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ledger = engine.ledger
        self._vault = engine.seat.vault
        limits = engine.limits
        least, most = limits.chunk_least, limits.chunk_most
        self._chunk = Portion(least, least=least, most=most, good=2, seconds=2)
        # on a link that one file fills, more at once would only be cut together
        self._lanes = Portion(1, least=1, most=limits.uploads, good=2, seconds=0.5)
        self._files = self._bytes = self._done = self._done_bytes = 0
        self._under_way: dict[str, int] = {}

    def whole(self) -> Steps[None]:
        """Ask what is there, then send what is not."""
        self._engine.phase = "files"
        self._ledger.scan_files()
        yield from self._asked(self._ledger.lacking_files())
        first = self._engine.files_first
        rows = sorted(self._ledger.waiting_files(), key=lambda row: row.sha256 not in first)
        self._files, self._bytes = len(rows), sum(row.size for row in rows)
        for some in self._by_probe(rows):
            offsets = yield from self._probe(some)
            self._told()
            lanes = (self._lane(row, offsets.get(row.sha256)) for row in some)
            yield Together(lanes, lambda: self._lanes.size, self._engine.limits.uploads)
        self._tell_what_is_left()

    def _lane(self, row: FileRow, offset: int | None) -> Lane:
        if offset is not None:
            yield from self._send(row, offset)
        self._under_way.pop(row.sha256, None)
        self._done += 1
        self._done_bytes += row.size
        self._told()

    def receipts(self) -> Steps[None]:
        """Ask what is there; nothing is sent."""
        self._engine.phase = "files"
        self._ledger.scan_files()
        yield from self._asked([*self._ledger.lacking_files(), *self._ledger.waiting_files()])

    def _asked(self, rows: Sequence[FileRow]) -> Steps[None]:
        """Ask about these, and about what may have come into the off-site backup.

        What the server had and has lost since is sent again.
        """
        again = self._ledger.files_to_ask()
        for some in self._by_probe([*rows, *again]):
            lost = yield from self._probe(some)
            for row in some:
                if row.state in THERE and row.sha256 in lost:
                    self._ledger.update_file(row.sha256, state="queued", offset=0)
        self._ledger.files_asked()

    def upload_calls(self, up_to: int) -> Iterator[Call]:
        """The files of own entries up to that number, whole, for who is not there to answer."""
        most = min(self._engine.limits.chunk_most, CARRIED)
        for row in self._ledger.waiting_files(up_to):
            offset = 0
            while (data := self._read(row, offset, min(most, row.size - offset))) is not None:
                yield self._upload(row, offset, data)
                offset += len(data)
                if offset >= row.size:
                    break

    def probe_calls(self, up_to: int) -> Iterator[Call]:
        """What asks for these files' receipts afterwards."""
        ledger = self._ledger
        for some in self._by_probe(
            [*ledger.lacking_files(), *ledger.waiting_files(up_to), *ledger.files_there()]
        ):
            yield _probe_call(some)

    def _by_probe(self, rows: Sequence[FileRow]) -> Iterator[Sequence[FileRow]]:
        step = self._engine.limits.probe
        if any(_shows(row) for row in rows):
            step = min(step, SHOWN)
        return (rows[place : place + step] for place in range(0, len(rows), step))

    def _read(self, row: FileRow, offset: int, length: int) -> bytes | None:
        """A part of a file; None, and the file marked as damaged, where it is not there whole."""
        try:
            data = self._vault.read_range(row.sha256, offset, length)
        except (QingchaError, OSError):
            data = b""
        if len(data) == length:
            return data
        self._ledger.update_file(row.sha256, state="damaged")
        return None

    def _probe(self, rows: Sequence[FileRow]) -> Generator[Call, Answer, dict[str, int]]:
        """Where to go on with each file that is not there whole; those that are get their receipt kept."""
        try:
            answer = yield _probe_call(rows)
        except Problem as problem:
            if problem.name != "not-found":
                raise
            # one that the server lets us not send must not hold up the others
            half = len(rows) // 2
            return {
                **((yield from self._probe(rows[:half])) if half else {}),
                **((yield from self._probe(rows[half:])) if half else {}),
            }
        offsets: dict[str, int] = {}
        for each in listed(self._engine.heard(answer).get("files")):
            if not isinstance(each, dict) or not isinstance(each.get("sha256"), str):
                continue
            if each.get("state") == "complete":
                self._received(each["sha256"], each.get("receipt"), durable=each.get("durable") is True)
            elif type(each.get("offset")) is int:
                offsets[each["sha256"]] = each["offset"]
        return offsets

    def _send(self, row: FileRow, offset: int) -> Lane:
        """Send one file from an offset on."""
        tries = 0
        # what is sent whole is lost whole
        whole = row.size <= min(self._engine.limits.whole, self._chunk.size)
        while tries < TRIES:
            length = row.size if offset == 0 and whole else min(self._chunk.size, row.size - offset)
            data = self._read(row, offset, length)
            if data is None:
                return
            try:
                answer = yield self._upload(row, offset, data)
            except Problem as problem:
                if problem.name == "mismatching-upload-offset" and type(problem.more.get("offset")) is int:
                    tries += int(problem.more["offset"] <= offset)
                    offset = problem.more["offset"]
                elif problem.name == "digest-mismatch":
                    tries, offset = tries + 1, 0
                    if self._vault.verify(row.sha256) != "kept":
                        self._ledger.update_file(row.sha256, state="damaged")
                        return
                elif problem.name in ("not-found", "too-large", "too-many", "bad-request"):
                    break
                else:
                    raise
                continue
            except Cut:
                self._lanes.was_cut()
                whole = False
                offsets = yield from self._probe([row])
                if row.sha256 not in offsets:
                    return
                if offsets[row.sha256] <= offset:
                    self._chunk.was_cut()  # a proxy before the server may wait for all of a piece
                offset = offsets[row.sha256]
                continue
            self._chunk.went(answer.seconds)
            self._lanes.went(answer.seconds)
            if answer.status == 201:
                told = self._engine.heard(answer)
                self._received(row.sha256, told.get("receipt"), durable=told.get("durable") is True)
                return
            offset += len(data)
            self._ledger.update_file(row.sha256, state="sending", offset=offset)
            self._under_way[row.sha256] = offset
            self._told()
        self._ledger.update_file(row.sha256, state="queued", tries=row.tries + 1)

    def _upload(self, row: FileRow, offset: int, data: bytes) -> Call:
        target = f"/v1/blobs/{row.sha256}"
        if offset == 0 and len(data) == row.size and row.size <= self._engine.limits.whole:
            return Call("PUT", target, data, signed=True, expects="upload", large=True)
        fields = {
            "content-type": "application/partial-upload",
            "upload-offset": str(offset),
            "upload-length": str(row.size),
            "upload-complete": "?1" if offset + len(data) == row.size else "?0",
        }
        return Call("PATCH", target, data, fields, signed=True, expects="upload", large=True)

    def _received(self, sha256: str, note: object, *, durable: bool) -> None:
        """Mark a file as received; only the server's signed word counts."""
        engine = self._engine
        try:
            check_file_receipt(str(note), sha256, origin=engine.origin, public_key=engine.key)
        except ReceiptRefused:
            return
        if self._ledger.file_received(sha256, str(note), durable=durable):
            engine.outcome.files_sent += 1

    def _told(self) -> None:
        sent = self._done_bytes + sum(self._under_way.values())
        self._engine.told(Progress("files", self._done, self._files, sent, self._bytes))

    def _tell_what_is_left(self) -> None:
        counts = self._ledger.file_counts()
        bad = sum(counts.get(state, (0, 0))[0] for state in ("damaged", "missing"))
        left = sum(counts.get(state, (0, 0))[0] for state in ("queued", "sending"))
        problems = self._engine.outcome.problems
        if bad:
            problems.append(Trouble(Exit.FILE_DAMAGED, says.FILES_DAMAGED, {"count": bad}))
        if left:
            problems.append(Trouble(Exit.FAILED, says.FILES_LEFT, {"count": left}))
