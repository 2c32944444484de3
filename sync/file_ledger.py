"""The files that own entries name, and how far each has got on its way to the server."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator
from operator import attrgetter
from typing import Any

from peewee import chunked

from models.store import schema
from models.store.database import run, run_many
from models.store.digests import BLOCK
from models.store.entry import Entry
from models.store.lookup import row_of, rows_of
from models.store.redacting import is_file_out
from models.store.seat import Seat
from sync.files import files_named
from sync.tables import FileRow, FormerChain

THERE = ("received", "durable")
"""States of files that the server has whole."""
NOT_WHOLE = ("missing", "damaged")
"""States of files that are not here whole."""
_NAMING = (
    "SELECT seq, prev, head, body, signature, hash FROM entry WHERE device = ? AND seq > ?"
    " AND (kind IN ('attach', 'seal') OR INSTR(body, ?) > 0) ORDER BY seq"
)
_USED = schema.upsert("sync_file_use", ("seq", "sha256"), ("seq", "sha256"))
_NAMED_ANEW = "UPDATE sync_file SET seq = ? WHERE sha256 = ? AND seq = 0"
"""One of a chain that was left, which an entry of this one names too."""
_LISTED = 500
"""Files that one statement lists."""
BACKUP, _ASKED = "durable_backup", "durable_asked"
"""Keys of the facts which off-site backup the server named last, and about which its files were asked."""


class FileLedger:
    """The part of a ledger that is about files; `sync.ledger.Ledger` is the whole."""

    seat: Seat

    @abstractmethod
    def acknowledged(self) -> int:
        """The number up to which all own entries have a receipt."""

    def files_to_ask(self) -> list[FileRow]:
        """Received files whose place in the off-site backup is to be asked: there is another backup since."""
        if (self.seat.meta(BACKUP) or "") == (self.seat.meta(_ASKED) or ""):
            return []
        return self.files_there()

    def files_asked(self) -> None:
        """Note that they were asked."""
        if self.seat.meta(_ASKED) == (self.seat.meta(BACKUP) or ""):
            return
        self.seat.set_meta(**{_ASKED: self.seat.meta(BACKUP) or ""})

    def scan_files(self) -> None:
        """List the files that own entries name and that were not listed yet."""
        seat = self.seat
        scanned = int(seat.meta("files_scanned") or 0)
        with seat:
            last = seat.journal.last(seat.device)[0]
        if scanned >= last:
            return
        with seat.writing():
            rows = run(_NAMING, (seat.device, scanned, b'"sha256"'))
            listed = (facts for seq, *columns in rows for facts in self._files_of(seq, Entry(*columns)))
            for some in chunked(listed, _LISTED):
                FileRow.insert_many(some).on_conflict_ignore().execute()
                named = [(facts["seq"], facts["sha256"]) for facts in some]
                run_many(_USED, named)
                run_many(_NAMED_ANEW, named)
            seat.set_meta(files_scanned=str(last))

    def _files_of(self, seq: int, entry: Entry) -> Iterator[dict[str, Any]]:
        for file in files_named(entry):
            kept = self.seat.vault.has(file.sha256)
            if (not kept and self._is_carried(entry)) or is_file_out(file.sha256):
                continue  # its content was never here: who wrote the entry has it; or an order took it out
            size = file.size if file.size is not None else (self._measured(file.sha256) if kept else 0)
            state = "queued" if kept else "missing"
            yield {"sha256": file.sha256, "size": size, "seq": seq, "state": state}

    @staticmethod
    def _is_carried(entry: Entry) -> bool:
        """Whether an own entry was written by somebody else, for whom this notebook carries it."""
        home = entry.parsed_head.o
        return home is not None and row_of(FormerChain, device=home.d) is None

    def _measured(self, sha256: str) -> int:
        size = 0
        with self.seat.vault.open(sha256) as stream:
            while block := stream.read(BLOCK):
                size += len(block)
        return size

    def waiting_files(self, up_to: int | None = None) -> list[FileRow]:
        """Files to be sent whose entry is received, the smallest first.

        Args:
            up_to: number of the last entry whose files are meant, where those before it travel with them.
        """
        with self.seat:
            # one that was not there or not whole may have been taken in again since
            for row in rows_of(FileRow, "sha256", state=NOT_WHOLE):
                if self.seat.vault.verify(row.sha256) == "kept":
                    self.update_file(row.sha256, state="queued", size=row.size or self._measured(row.sha256))
            received = self.acknowledged() if up_to is None else up_to
            waiting = rows_of(FileRow, "sha256", state=("queued", "sending"))
            return sorted((row for row in waiting if row.seq <= received), key=attrgetter("size"))

    def lacking_files(self) -> list[FileRow]:
        """Files that own received entries name and that are not here whole; the server may have them."""
        with self.seat:
            received = self.acknowledged()
            return [row for row in rows_of(FileRow, "sha256", state=NOT_WHOLE) if row.seq <= received]

    def files_nowhere(self, whole: Collection[str] = ()) -> list[FileRow]:
        """Files that own entries name, that the server has not whole and that are not here whole either.

        Args:
            whole: SHA-256 of those that need not be read, as they were just now.
        """
        self.scan_files()
        with self.seat:
            waiting = rows_of(FileRow, "sha256", state=("queued", "sending", *NOT_WHOLE))
            return [
                row
                for row in waiting
                if row.sha256 not in whole and self.seat.vault.verify(row.sha256) != "kept"
            ]

    def files_there(self) -> list[FileRow]:
        """Files that the server has whole, but those of a chain that this device has left."""
        with self.seat:
            return [row for row in rows_of(FileRow, "sha256", state=THERE) if row.seq > 0]

    def file_received(self, sha256: str, note: str, *, durable: bool) -> bool:
        """Keep the server's verified word that it has a file; whether that is new.

        Args:
            durable: it is in the off-site backup too.
        """
        state = "durable" if durable else "received"
        with self.seat.writing():
            row = row_of(FileRow, sha256=sha256)
            if row is None or row.state == state:
                return False
            # the first word stays: its time is when the server had the file
            first = {} if row.state in THERE else {"receipt": note}
            self.update_file(sha256, state=state, **first)
            return bool(first)

    def update_file(self, sha256: str, **facts: Any) -> None:
        """Change what is known of a file."""
        with self.seat.writing():
            schema.change(FileRow, {"sha256": sha256}, **facts)

    def file_counts(self) -> dict[str, tuple[int, int]]:
        """Number and bytes of listed files, by state."""
        with self.seat:
            rows = run("SELECT state, COUNT(*), SUM(size) FROM sync_file GROUP BY state").fetchall()
            return {state: (count, int(size)) for state, count, size in rows}
