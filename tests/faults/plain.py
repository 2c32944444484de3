"""The product's database connections over `apsw` and a failing disk, as far as the product uses them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apsw
from sqlcipher3 import dbapi2 as sqlcipher

from . import files
from .disk import Disk, Failed

_VFS = "failing"
_CODES = {
    "read": apsw.SQLITE_IOERR_READ,
    "write": apsw.SQLITE_IOERR_WRITE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "open": apsw.SQLITE_CANTOPEN,
    "create": apsw.SQLITE_CANTOPEN,
}
_KINDS = (
    (apsw.ConstraintError, sqlcipher.IntegrityError, ""),
    (apsw.FullError, sqlcipher.OperationalError, "database or disk is full"),
    (apsw.IOError, sqlcipher.OperationalError, "disk I/O error"),
    (apsw.CantOpenError, sqlcipher.OperationalError, "unable to open database file"),
    (apsw.InterruptError, sqlcipher.OperationalError, "interrupted"),
    (apsw.CorruptError, sqlcipher.DatabaseError, "database disk image is malformed"),
    (apsw.NotADBError, sqlcipher.DatabaseError, "file is not a database"),
    (apsw.ConnectionClosedError, sqlcipher.ProgrammingError, "Cannot operate on a closed database."),
    (apsw.Error, sqlcipher.OperationalError, ""),
)
"""As `sqlcipher3` tells the same."""


@contextlib.contextmanager
def _as_sqlcipher() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        for kind, told, words in _KINDS:
            if isinstance(error, kind):
                raise told(words or str(error)) from error
        raise


class Connection:
    """As `sqlcipher3.Connection` in autocommit."""

    def __init__(self, path: str) -> None:
        with _as_sqlcipher():
            self._raw = apsw.Connection(path, vfs=_VFS)
            self._raw.set_busy_timeout(30_000)

    def cursor(self) -> Cursor:
        return Cursor(self._raw)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Cursor:
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Cursor:
        return self.cursor().executemany(sql, rows)

    def create_function(self, name: str, count: int, made: Any, *, deterministic: bool = False) -> None:
        self._raw.create_scalar_function(name, made, count, deterministic=deterministic)

    def interrupt(self) -> None:
        self._raw.interrupt()

    def close(self) -> None:
        with _as_sqlcipher():
            self._raw.close()


class Cursor:
    """As `sqlcipher3.Cursor`; all rows are taken at once."""

    def __init__(self, raw: apsw.Connection) -> None:
        self._raw = raw
        self._rows: Iterator[Any] = iter(())
        self.description: Sequence[Any] = ()
        self.rowcount = -1

    @property
    def lastrowid(self) -> int:
        return self._raw.last_insert_rowid()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Cursor:
        before = self._raw.total_changes()
        with _as_sqlcipher():
            cursor = self._raw.execute(sql, tuple(parameters))
            with contextlib.suppress(apsw.ExecutionCompleteError):
                self.description = cursor.get_description()
            self._rows = iter(cursor.fetchall())
        self.rowcount = self._raw.total_changes() - before
        return self

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Cursor:
        for row in rows:
            self.execute(sql, row)
        return self

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        return [row for row, _ in zip(self._rows, range(size), strict=False)]

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def close(self) -> None:
        self._rows = iter(())


class FailingVfs(apsw.VFS):
    """SQLite's own file system, through a disk that fails."""

    def __init__(self) -> None:
        super().__init__(_VFS, "")
        self.disk: Disk | None = None

    def excepthook(self, kind: Any, value: Any, trace: Any) -> None:
        """What SQLite itself passes over, such as a failed write while it undoes a transaction."""

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802 -- SQLite's own names
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.step("open" if os.path.exists(path or "") else "create", path or "")
        return _File(self, name, path or "", flags)

    def step(self, kind: str, path: str) -> None:
        """As `Disk.step`, in SQLite's own codes."""
        if self.disk is None:
            return
        if self.disk.flavour == "short":
            return  # SQLite itself asks for the rest; what comes short below it is tests/faults/preloaded
        try:
            self.disk.step(kind, path)
        except Failed as failed:
            if failed.how == "torn":
                raise
            code = apsw.SQLITE_FULL if failed.how == "full" else _CODES[kind]
            raise apsw.exception_for(code) from failed


class _File(apsw.VFSFile):
    def __init__(self, vfs: FailingVfs, name: Any, path: str, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._vfs = vfs
        self._path = path

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self._vfs.step("read", self._path)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        torn = False
        try:
            self._vfs.step("write", self._path)
        except Failed:
            torn = True
        disk = self._vfs.disk
        if disk is not None and disk.remembers and disk.holds(self._path):
            size = self.xFileSize()
            before = super().xRead(min(len(data), size - offset), offset) if offset < size else b""
            disk.wrote(self._path, offset, data, before, size)
        super().xWrite(data, offset)
        if torn:  # how much of it arrived is drawn when the power is gone
            raise apsw.exception_for(apsw.SQLITE_IOERR_WRITE)

    def xSync(self, flags: int) -> None:  # noqa: N802
        # the real disk is not waited for
        self._vfs.step("sync", self._path)
        if self._vfs.disk is not None:
            self._vfs.disk.synced(self._path)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._vfs.step("truncate", self._path)
        disk = self._vfs.disk
        if disk is not None and disk.remembers and disk.holds(self._path):
            whole = self.xFileSize()
            before = super().xRead(whole - size, size) if size < whole else b""
            disk.wrote(self._path, size, None, before, whole)
        super().xTruncate(size)


_vfs = FailingVfs()


class PlainDisk(Disk):
    """The disk of seats on plain SQLite, and of all their other files."""

    @contextlib.contextmanager
    def failing(self) -> Iterator[None]:
        _vfs.disk = self
        try:
            with files.through(self), super().failing():
                yield
        finally:
            _vfs.disk = None
