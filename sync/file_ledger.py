"""The files that own entries name, and how far each has got on its way to the server."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from peewee import fn

from models.store.digests import BLOCK
from models.store.journal import EntryRow
from models.store.seat import Seat
from sync.files import files_named
from sync.tables import FileRow, FormerChain

THERE = ("received", "durable")
"""States of files that the server has whole."""
BACKUP, _ASKED = "durable_backup", "durable_asked"
"""Keys of the facts which off-site backup the server named last, and about which its files were asked."""


class FileLedger:
    """The part of a ledger that is about files; `sync.ledger.Ledger` is the whole."""

    seat: Seat

    @property
    @abstractmethod
    def _own(self) -> Any: ...

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
            naming = EntryRow.kind.in_(["attach", "seal"]) | (fn.INSTR(EntryRow.body, b'"sha256"') > 0)
            fresh = self._own & (EntryRow.seq > scanned)
            for row in EntryRow.select().where(fresh & naming).order_by(EntryRow.seq):
                self._list_files(row)
            seat.set_meta(files_scanned=str(last))

    def _list_files(self, row: EntryRow) -> None:
        for file in files_named(row.entry()):
            if FileRow.get_or_none(FileRow.sha256 == file.sha256) is None:
                kept = self.seat.vault.has(file.sha256)
                if not kept and self._is_carried(row):
                    continue  # its content was never here: who wrote the entry has it
                size = file.size if file.size is not None else (self._measured(file.sha256) if kept else 0)
                FileRow.create(
                    sha256=file.sha256, size=size, seq=row.seq, state="queued" if kept else "missing"
                )

    @staticmethod
    def _is_carried(row: EntryRow) -> bool:
        """Whether an own entry was written by somebody else, for whom this notebook carries it."""
        home = row.entry().parsed_head.o
        return home is not None and FormerChain.get_or_none(FormerChain.device == home.d) is None

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
            for row in FileRow.select().where(FileRow.state.in_(["missing", "damaged"])):
                if self.seat.vault.verify(row.sha256) == "kept":
                    self.update_file(row.sha256, state="queued", size=row.size or self._measured(row.sha256))
            received = self.acknowledged() if up_to is None else up_to
            return list(
                FileRow.select()
                .where(FileRow.state.in_(["queued", "sending"]) & (FileRow.seq <= received))
                .order_by(FileRow.size, FileRow.sha256)
            )

    def lacking_files(self) -> list[FileRow]:
        """Files that own received entries name and that are not here whole; the server may have them."""
        with self.seat:
            lacking = FileRow.state.in_(["missing", "damaged"]) & (FileRow.seq <= self.acknowledged())
            return list(FileRow.select().where(lacking).order_by(FileRow.sha256))

    def files_there(self) -> list[FileRow]:
        """Files that the server has whole, but those of a chain that this device has left."""
        with self.seat:
            there = FileRow.state.in_(THERE) & (FileRow.seq > 0)
            return list(FileRow.select().where(there).order_by(FileRow.sha256))

    def file_received(self, sha256: str, note: str, *, durable: bool) -> bool:
        """Keep the server's verified word that it has a file; whether that is new.

        Args:
            durable: it is in the off-site backup too.
        """
        state = "durable" if durable else "received"
        with self.seat.writing():
            row = FileRow.get_or_none(FileRow.sha256 == sha256)
            new = row is not None and row.state not in THERE
            # the first word stays: its time is when the server had the file
            facts = {"state": state, "receipt": note} if new else {"state": state}
            if row is not None and (new or row.state != state):
                self.update_file(sha256, **facts)
        return new

    def update_file(self, sha256: str, **facts: Any) -> None:
        """Change what is known of a file."""
        with self.seat.writing():
            FileRow.update(**facts).where(FileRow.sha256 == sha256).execute()

    def file_counts(self) -> dict[str, tuple[int, int]]:
        """Number and bytes of listed files, by state."""
        with self.seat:
            counted = FileRow.select(FileRow.state, fn.COUNT(FileRow.sha256), fn.SUM(FileRow.size))
            rows: Any = counted.group_by(FileRow.state).tuples()
            return {row[0]: (row[1], row[2]) for row in rows}
