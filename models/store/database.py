"""Opening SQLite under SQLCipher, and the proxy through which tables find this seat's database.

What SQLite and PostgreSQL say in different words is a method of `SeatDatabase` here and of `Postgres` in
`models.store.postgres`; everything else is written in the SQL that both know, with `?` for a value.
"""

from __future__ import annotations

import contextlib
import errno
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from peewee import DatabaseError, DatabaseProxy, IntegrityError, OperationalError, PeeweeException, fn
from playhouse.sqlcipher_ext import SqlCipherDatabase
from sqlcipher3 import dbapi2 as sqlcipher

from models.errors import NotebookLocked, StoreRefused
from models.language import N_

try:
    import fcntl
except ImportError:  # Windows: no server runs there beside another process
    fcntl = None  # type: ignore[assignment]

_DISK = {errno.ENOSPC, errno.EIO, errno.EROFS, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What a disk itself answers with; other errors of the system are of names and rights."""
CONTRADICTIONS = (IntegrityError, sqlcipher.IntegrityError)
"""What a row raises whose key or place another one has."""
_TOO_MUCH = "54"
"""Class of PostgreSQL's errors of a content that is more than it takes, as of an index."""
OF_THE_DISK: list[type[Exception]] = [OperationalError, sqlcipher.OperationalError]
"""What drivers raise where what is kept is not at fault; another database adds its own."""
_here: ContextVar[Any] = ContextVar("database of this seat", default=None)


_unhurried: ContextVar[bool] = ContextVar("commits may reach the disk later", default=False)


@contextlib.contextmanager
def unhurried() -> Iterator[None]:
    """What is written within may reach the disk with a later commit that is not: for what can be had again.

    After a loss of power it may be gone as if it had not happened yet, in the order of the commits; a killed
    process loses nothing of it. In WAL mode that is `synchronous=NORMAL`: no wait for the disk.
    """
    token = _unhurried.set(True)
    try:
        yield
    finally:
        _unhurried.reset(token)


class SeatProxy(DatabaseProxy):
    """Tables bind to this once; it answers with the database of the seat entered here.

    Peewee's `bind_ctx` is one binding for all threads, so with two seats in one process it writes one seat's
    row into the other's database; a context variable does not.
    """

    @property
    def obj(self) -> Any:
        """The database of the seat entered in this thread or task; None outside of `with seat:`."""
        return _here.get()

    @obj.setter
    def obj(self, value: Any) -> None:
        """Nothing is bound for the whole process."""

    def __getattr__(self, name: str) -> Any:
        database = _here.get()
        if database is None:
            raise NotebookLocked
        return getattr(database, name)


here = SeatProxy()


@contextlib.contextmanager
def entered(database: Any) -> Iterator[None]:
    """Tables mean those of this database until the block is left, as within `with seat:`."""
    token = _here.set(database)
    try:
        yield
    finally:
        _here.reset(token)


def run(sql: str, parameters: Sequence[Any] = ()) -> Any:
    """Run one statement on the seat that is entered, past Peewee's wrapping; gives the cursor.

    For statements on the path of every save: the wrapping costs more than most of them. Errors are the
    driver's own.
    """
    return _entered().run(sql, parameters)


def run_many(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run one statement for each of many rows; as `run`."""
    _entered().run_many(sql, rows)


def _entered() -> Any:
    database = _here.get()
    if database is None:
        raise NotebookLocked
    return database


def refuse_unsafe_sqlite(version: tuple[int, int, int] = sqlcipher.sqlite_version_info) -> None:
    """Refuse an SQLite with the WAL-reset bug (3.7.0 to 3.51.2; fixed also in 3.50.7 and 3.44.6).

    Raises:
        StoreRefused: for an affected version.
    """
    fixed = (
        version >= (3, 51, 3)
        or (3, 50, 7) <= version < (3, 51, 0)
        or (3, 44, 6) <= version < (3, 45, 0)
        or version < (3, 7, 0)
    )
    if not fixed:
        raise StoreRefused(
            N_("SQLite {version} can lose commits (WAL-reset bug). Install sqlcipher3 0.6.4 or later."),
            version=".".join(map(str, version)),
        )


class _Connection(sqlcipher.Connection):  # type: ignore[misc,unused-ignore]
    """A connection that can be referred to weakly, so that a thread's ends with the thread."""


def connected(path: str) -> Any:
    """A connection to a database file, before its key is given; tests of failing disks put theirs here."""
    return sqlcipher.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        timeout=30,
        cached_statements=512,
        factory=_Connection,
    )


class Connections:
    """The connections of all threads to one database, so that one thread can close them."""

    failures: tuple[type[Exception], ...] = ()
    """What the driver raises past Peewee."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self._open: weakref.WeakSet[Any] = weakref.WeakSet()
        self._refusing = False
        self._opening = threading.Lock()
        super().__init__(*args, **more)

    def may_open(self) -> None:
        """Whether a connection may be opened.

        Raises:
            NotebookLocked: after `refuse`.
        """
        if self._refusing:
            raise NotebookLocked

    def opened(self, connection: Any) -> Any:
        """Note a connection; gives it."""
        with self._opening:
            self._open.add(connection)
        return connection

    def refuse(self) -> None:
        """Open no connection from now on."""
        self._refusing = True

    def cut_short(self) -> None:
        """Interrupt what is being read in any thread."""
        with self._opening:
            for connection in self._open:
                self.interrupt(connection)

    @staticmethod
    def interrupt(connection: Any) -> None:
        """End what a connection runs."""
        connection.interrupt()

    @contextlib.contextmanager
    def nested(self, depth: int) -> Iterator[None]:
        """A savepoint by hand: Peewee's takes three times as long, on the path of every answer."""
        database: Any = self
        name, execute = f"nested{depth}", database.connection().execute
        execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            with contextlib.suppress(*self.failures):  # all of it is undone: a full disk, a lost connection
                execute(f"ROLLBACK TO {name}")
                execute(f"RELEASE {name}")
            raise
        execute(f"RELEASE {name}")

    def refused(self, error: BaseException, *, writing: bool) -> StoreRefused:
        """The sentence for an error of the disk."""
        return refused_by_the_disk(error, writing=writing)

    def let_go(self) -> None:
        """Close this thread's connection; the next use opens another.

        After a read that failed SQLCipher calls everything malformed for as long as the connection lives.
        """
        database: Any = self
        with contextlib.suppress(PeeweeException, *self.failures):
            database.close()

    def close_all(self) -> None:
        """Close the connections of all threads: nothing can be read after."""
        self.refuse()
        with self._opening:
            for connection in self._open:
                connection.close()
            self._open.clear()
        database: Any = self
        if not database.is_closed():
            database._state.reset()


class SeatDatabase(Connections, SqlCipherDatabase):
    """SQLite in WAL mode with full sync; encrypted when a raw key is given.

    Args:
        path: the database file.
        key: 32 bytes, or None for a plain file.
        writer: whether this is the one connection that writes; all others may only read.
    """

    failures = (sqlcipher.Error,)
    full_text = True
    """Whether it has FTS5; else search looks through the terms themselves."""

    def __init__(self, path: Path, key: bytes | None, *, writer: bool) -> None:
        self._raw_key = key.hex() if key is not None else None
        self._writer = writer
        self._full = True
        super().__init__(str(path), passphrase="", thread_safe=not writer, check_same_thread=False)

    def _connect(self) -> Any:
        self.may_open()
        connection = connected(self.database)
        try:
            # SQLCipher writes its errors to stderr, which would smear the screen
            connection.execute("PRAGMA cipher_log_level = NONE")
            if self._raw_key is not None:
                connection.execute(f"PRAGMA key = \"x'{self._raw_key}'\"")
            connection.execute("PRAGMA cache_size = -16000")
            if self._writer:
                connection.execute("PRAGMA journal_mode = wal").fetchone()
                connection.execute("PRAGMA synchronous = full")
            else:
                connection.execute("PRAGMA query_only = 1")
            self._add_conn_hooks(connection)
        except sqlcipher.DatabaseError as error:
            connection.close()
            if "not a database" in str(error):
                raise StoreRefused(
                    N_("The notebook's database does not open with its key: the file is damaged or swapped.")
                ) from error
            raise OperationalError(str(error)) from error
        return self.opened(connection)

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """See `run` of this module."""
        return self.connection().execute(sql, parameters)

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """See `run_many` of this module."""
        self.connection().executemany(sql, rows)

    def streamed(self, sql: str) -> Any:
        """A cursor over the rows of a statement, which are never in memory all at once."""
        return self.run(sql)

    def count_on(self, table: str, column: str) -> None:
        """Have the numbers that the database gives to rows go on after those that are there: they do."""

    def present(self) -> Iterable[tuple[str, str]]:
        """Each column with its table, and each index with no column."""
        return self.run(
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' "
            "UNION ALL SELECT name, '' FROM sqlite_schema WHERE type = 'index'"
        )

    @staticmethod
    def made(statement: str) -> str:
        """A statement of Peewee that makes a table, as this database takes it."""
        return statement

    def guard(self, fixed: Sequence[str]) -> None:
        """Refuse to change these columns of an entry, and its content once it is here.

        Content that was withheld may come, but for what an order took out; content that a `redact` entry on
        the same record names, with its hash, may become that hash. Nothing else.
        """
        hashed = "CAST(lower(hex(NEW.hash)) AS BLOB)"
        # a `redact` body begins {"of":"<64 digits>","body":"<64 digits>" (models.store.orders.body_of)
        ordered = (
            "length(NEW.body) = 65 AND EXISTS (SELECT 1 FROM entry r WHERE r.record = NEW.record"
            " AND r.kind = 'redact' AND r.state IS NOT 3"
            " AND CAST('-' || CAST(substr(r.body, 82, 64) AS TEXT) AS BLOB) IS NEW.body"
            f" AND (substr(r.body, 8, 64) IS {hashed}"
            " OR instr(NEW.head,"
            " CAST('\"h\":\"' || CAST(substr(r.body, 8, 64) AS TEXT) || '\"' AS BLOB)) > 0))"
        )
        gone = (
            "EXISTS (SELECT 1 FROM redacted g WHERE '-' || g.body IS CAST(OLD.body AS TEXT)"
            " AND g.record IS NEW.record"
            " AND (g.of IS lower(hex(NEW.hash))"
            " OR instr(NEW.head, CAST('\"h\":\"' || g.of || '\"' AS BLOB)) > 0))"
        )
        self.run("DROP TRIGGER IF EXISTS entry_stays")  # a version before made one that knew no orders
        self.run(
            f"CREATE TRIGGER entry_stays BEFORE UPDATE OF {', '.join(fixed)}, body ON entry"
            f" WHEN {' OR '.join(f'OLD.{name} IS NOT NEW.{name}' for name in fixed)}"
            " OR (OLD.body IS NOT NEW.body AND CASE WHEN substr(OLD.body, 1, 1) IS x'2d'"
            f" THEN {gone} ELSE NOT ({ordered}) END)"
            " BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END"
        )

    def unguard(self) -> None:
        """Within a write: take away what `guard` made."""
        self.run("DROP TRIGGER IF EXISTS entry_stays")

    def overwrite(self) -> None:
        """From now on, write zeros over what is deleted or replaced on this connection."""
        self.run("PRAGMA secure_delete = 1").fetchall()

    def rewritten(self) -> bool:
        """Write the file anew without free space, and its WAL to nothing; whether that went all the way."""
        try:
            self.run("VACUUM")
            busy, *_sizes = self.run("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlcipher.OperationalError as error:
            if full_disk(error):
                raise
            return False  # another process writes, or reads for longer than one waits
        return not busy

    def contains(self, field: Any, part: bytes) -> Any:
        """The condition that a column of bytes holds these."""
        return fn.INSTR(field, part) > 0

    def version(self) -> int | None:
        """A number that changes whenever another connection commits; None where there is none."""
        return int(self.run("PRAGMA data_version").fetchone()[0])

    def schema_mark(self) -> tuple[int, int] | None:
        """A number that goes up with each table made or altered, and the mark beside it; None without one."""
        names = ("schema_version", "user_version")
        version, mark = (int(self.run(f"PRAGMA {name}").fetchone()[0]) for name in names)
        return version, mark

    def mark_schema(self, mark: int) -> None:
        """Keep a mark of 31 bits, within a write."""
        self.run(f"PRAGMA user_version = {mark}")

    def size(self) -> int:
        """Bytes that it takes on the disk."""
        return Path(self.database).stat().st_size

    def damage(self) -> list[str]:
        """What the database itself finds wrong with its file."""
        with self.atomic():
            pages = self.run("PRAGMA cipher_integrity_check").fetchall()
            # SQLite 3.53's check of a full-text index trusts what the connection remembers of it and calls
            # the file corrupt after another connection wrote; a search makes the connection look again
            self.run("SELECT rowid FROM full_text WHERE full_text MATCH '\"~\"' LIMIT 1").fetchall()
            rows = self.run("PRAGMA integrity_check").fetchall()
        return [str(row[0]) for row in (*pages, *rows) if row[0] != "ok"]

    @contextlib.contextmanager
    def alone(self, number: int) -> Iterator[None]:
        """Be the only thread of all processes with this number: the administrator's beside the server's."""
        locks = Path(self.database).with_name("locks")
        locks.mkdir(mode=0o700, exist_ok=True)
        with (locks / f"{number:02}").open("ab") as file:
            if fcntl is not None:  # let go of with the file, also by a process that ends
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def heed_hurry(self) -> None:
        """Wait for the disk at the next commit, or not (`unhurried`); before the transaction begins."""
        full = not _unhurried.get()
        if full != self._full:
            self.connection().execute(f"PRAGMA synchronous = {'full' if full else 'normal'}")
            self._full = full

    def close_all(self) -> None:
        """As `Connections.close_all`; the key is forgotten too."""
        super().close_all()
        self._raw_key = None


def full_disk(error: BaseException) -> bool:
    """Whether an error of SQLite or the system means that the disk is full.

    SQLite takes the transaction back by itself when the disk is full; the failed ROLLBACK that follows hides
    the first error, so the errors behind this one are looked at too.
    """
    seen: BaseException | None = error
    while seen is not None:
        text = str(seen).lower()
        if any(sign in text for sign in ("is full", "no space", "file too large", "disk i/o error")):
            return True
        seen = seen.__context__
    return False


def of_the_disk(error: BaseException) -> bool:
    """Whether an error comes of the disk or of who else has the file open, and so of nothing that is kept.

    Full, failing, locked or damaged: all are an OperationalError or a bare DatabaseError; what a content
    causes is an error of another kind.
    """
    behind = [error]
    while behind[-1].__context__ is not None:
        behind.append(behind[-1].__context__)
    if any(str(getattr(each, "sqlstate", "")).startswith(_TOO_MUCH) for each in behind):
        return False
    return any(
        isinstance(each, tuple(OF_THE_DISK))
        or type(each) in (DatabaseError, sqlcipher.DatabaseError)
        or (isinstance(each, OSError) and each.errno in _DISK)
        for each in behind
    )


def refused_by_the_disk(error: BaseException, *, writing: bool) -> StoreRefused:
    """The sentence for an error of the disk."""
    # a quota or a file system's own limit shows in SQLite as nothing but an I/O error
    if writing and full_disk(error):
        return StoreRefused(N_("The disk is full. Nothing was lost; free some space and do it again."))
    return StoreRefused(
        N_(
            "The disk does not do what it should: {reason}. Nothing was lost; do it again. "
            "If this comes again, have the disk looked at."
        ),
        reason=str(error),
    )
