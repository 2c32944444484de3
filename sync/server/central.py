"""The central server's seat: the same journal and fold as a notebook, and the log that it signs for.

<folder>/central.db      journal, projections, people (plain SQLite), unless `server.toml` names PostgreSQL
<folder>/server.key      the server's signing key, PKCS#8 DER
<folder>/ca.key ca.crt   the agency's certificate authority
<folder>/log.crt         its certificate of the signing key, as evidence packages bear it
<folder>/files/          evidence by content hash, unless `server.toml` names a bucket
<folder>/spool/          uploads on their way

On PostgreSQL several processes may serve one folder: none remembers what another may change.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import models.areas  # noqa: F401 -- every kind of record is folded here
from models.errors import StoreRefused
from models.language import N_
from models.store import schema
from models.store.change import Change
from models.store.clock import Clock
from models.store.data_key import AgePair, age_pair, hkdf
from models.store.database import of_the_disk, run, run_many, unhurried
from models.store.durable import write_whole
from models.store.entry import Entry
from models.store.journal import RECEIVED, EntryRow
from models.store.lookup import last_of
from models.store.postgres import Postgres
from models.store.seat import Place, Seat
from models.store.signer import Signer
from sync import merkle
from sync.checkpoint import Checkpoint, sign_checkpoint, signed_at
from sync.receipts import Receipt, sign_recipient
from sync.server import certificates, erasing, log
from sync.server.settings import Settings
from sync.server.storage import storage_of
from sync.server.tables import TABLES, Blob, SignedHead, UnitGrant, narrow_old_grants

DATABASE = "central.db"
KEY_FILES = {"server.key": 0o600, "ca.key": 0o600, "ca.crt": 0o644}
"""The server's keys in its folder, with their modes."""
_END = "log.end"
"""Beside the database: epoch and size of the last head that was signed."""
NO_SERVER = N_(
    "There is no server in this database. Bring its journal back into it first "
    "(docs/server.md, Backup), or look at the address in server.toml."
)
OCCUPIED = N_("There is a server in this database already. Choose another database.")
CITY = "350600"
"""Zhangzhou: the unit of what the server itself writes."""


class Central(Seat):
    """An open central server. `Central.create` makes one, `Central.open` opens one."""

    folder: Path
    settings: Settings
    """As they stood when it was opened."""
    _new = False

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        organisation: str,
        host: str,
        recovery: str = "",
        clock: Clock | None = None,
        settings: Settings | None = None,
    ) -> Central:
        """Make a server's folder: its signing key, its certificate authority, an empty log.

        Args:
            folder: made when missing; must hold no server.
            organisation: the bureau's name, as certificates bear it.
            host: the public name under which QR codes and devices find the server.
            recovery: the agency's public recovery key (age).
            settings: where it keeps what, if not all in the folder.

        Raises:
            StoreRefused: when there is a server already.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (folder / DATABASE).exists() or (folder / "server.key").exists():
            raise StoreRefused(N_("There is a server in this folder already. Choose another folder."))
        if settings is not None:
            settings.write(folder)
        if settings is None or not settings.database:
            (folder / DATABASE).touch(mode=0o600)  # what SQLite puts beside it has the same rights
        central = cls.founded(folder, clock)
        signer = Signer.new()
        authority_key, authority = certificates.make_authority(organisation, central.clock.wall_ms())
        write_whole(folder / "ca.key", authority_key)
        write_whole(folder / "ca.crt", authority, mode=0o644)
        write_whole(folder / "server.key", signer.private_bytes())
        with central.writing():
            central.set_meta(
                organisation=organisation,
                host=host,
                recovery=recovery,
                epoch=secrets.token_hex(16),
                session_secret=secrets.token_hex(32),
            )
            central._begin(signer, CITY, "")
            central.trust(signer.device)
        central.sign_head()
        return central

    @classmethod
    def founded(cls, folder: Path, clock: Clock | None = None) -> Central:
        """The tables of a server, without one in them yet.

        Raises:
            StoreRefused: there is one in this database.
        """
        central = cls._opened(folder, clock, new=True)
        if central.epoch:
            central.close()
            raise StoreRefused(OCCUPIED)
        return central

    @classmethod
    def open(
        cls, folder: Path, *, clock: Clock | None = None, restored: bool = False, checked: bool = True
    ) -> Central:
        """Open a server; the whole log is read and its tree computed anew.

        Args:
            restored: take a database that is older than what was signed beside it.
            checked: False leaves both to the caller, who looks at what may be damaged.

        Raises:
            StoreRefused: when there is none, or the log is not what was signed, or is older than that.
        """
        if not has_database(folder):
            raise StoreRefused(N_("There is no server in this folder. Make one with: qingcha admin init"))
        if not (folder / "server.key").exists():
            raise StoreRefused(
                N_("The server in {folder} lacks its file server.key. Put the file back from a backup."),
                folder=str(folder),
            )
        central = cls._opened(folder, clock)
        try:
            if central.meta("moved"):
                raise StoreRefused(
                    N_(
                        "The journal in this folder was carried elsewhere by 'qingcha admin grow' and takes "
                        "nothing more. Go on there; to come back, restore a backup."
                    )
                )
            central.signer = Signer.from_private_bytes((folder / "server.key").read_bytes())
            if checked:
                central.recheck()
                if not restored:
                    central.refuse_older()
        except BaseException:
            central.close()
            raise
        return central

    @classmethod
    def _opened(cls, folder: Path, clock: Clock | None, *, new: bool = False) -> Central:
        settings = Settings.read(folder)
        url = settings.database
        databases = (lambda writer: Postgres(url, writer=writer)) if url else None
        central = cls(folder / DATABASE, None, clock=clock, databases=databases)
        if not url:
            # the lock comes with the first statement: the administrator's process may write too
            central._writer.begin = partial(central._writer.begin, "IMMEDIATE")
        central.folder, central.settings, central._new = folder, settings, new
        central.vault = storage_of(folder, settings.files)
        (folder / "spool").mkdir(exist_ok=True)
        central._prepare()
        return central

    def _prepare(self) -> None:
        self._frontier: merkle.Frontier | None = None
        self.damage = ""
        self._uploads = [threading.Lock() for _ in range(64)]
        self.erasers["server"] = lambda orders, gone, _closed: erasing.follow(self, orders, gone)
        super()._prepare()

    def _tables(self) -> tuple[Any, ...]:
        return (*super()._tables(), *TABLES)

    def _make_tables(self, there: dict[str, set[str]]) -> None:
        # made here, they would stand in the way of the journal that a backup brings back
        if not self._new and EntryRow._meta.table_name not in there:
            raise StoreRefused(NO_SERVER)
        super()._make_tables(there)
        schema.make(TABLES, there)
        grants = there.get(UnitGrant._meta.table_name)
        if grants is not None and schema.widen(UnitGrant, grants):
            narrow_old_grants(CITY)
        files = there.get(Blob._meta.table_name)
        if files is not None:
            schema.widen(Blob, files)
        run("CREATE UNIQUE INDEX IF NOT EXISTS entry_unit_n ON entry (unit, unit_n)")
        # what was put aside is counted for monitors without reading the log
        aside = "ON entry (problem) WHERE problem IS NOT NULL"
        run(f"CREATE INDEX IF NOT EXISTS entry_problem {aside}")

    # -- who it is -------------------------------------------------------------------------------

    @property
    def origin(self) -> str:
        """The name of its log, as checkpoints bear it."""
        return f"{self.meta('host')}/log"

    @property
    def epoch(self) -> str:
        """Random name of this life of the log: another one after a restore (R8)."""
        return self.latest("epoch") or ""

    def latest(self, key: str) -> str | None:
        """A small fact, as `meta`, that another process may change while this one lives."""
        with self:
            row = run("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row is not None else None

    def begin_epoch(self) -> None:
        """Begin another life of the log: after a restore, or when a client proves that we went back (R8).

        Its name is random: a number would come again after a restore.
        """
        name = secrets.token_hex(16)
        with self.writing():
            former = json.dumps([*self._former_epochs(), self.epoch])
            self.set_meta(epoch=name, epoch_began=str(self.clock.wall_ms()), former_epochs=former)
            self.write(Change("epoch", "device", self.device, CITY, body={"epoch": name}))

    def went_back(self, head: Checkpoint) -> None:
        """Begin another life, as a client showed a head of ours that is not of this log (R8).

        Unless it was signed before this life began: then it is of a former one, whose end is known. Who keeps
        such a head could else end one life after the other.
        """
        began = int(self.latest("epoch_began") or 0) // 1000
        signed = signed_at(head.note)
        if not (began and signed and datetime.fromisoformat(signed).timestamp() < began):
            self.begin_epoch()

    def _former_epochs(self) -> list[str]:
        """Names of the lives of the log before this one, the oldest first."""
        found: list[str] = json.loads(self.latest("former_epochs") or "[]")
        return found

    @property
    def organisation(self) -> str:
        """The bureau's name."""
        return self.meta("organisation") or ""

    def bundle_identity(self) -> AgePair:
        """The age key pair of the bundles for this server; it follows from the signing key."""
        return age_pair(hkdf(self.signer.private_bytes(), b"qingcha bundles"))

    def bundle_note(self) -> str:
        """Its public half as the server's signed word."""
        return sign_recipient(
            self.origin, self.bundle_identity().recipient, public_key=self.public_key_der, sign=self.sign
        )

    def certificate_for(self, public_key_der: bytes, device: str) -> str:
        """A certificate (PEM) for a device key. Errors as `certificates.certify`."""
        return self._certified(public_key_der, device)

    def _certified(self, public_key_der: bytes, name: str, *, log: bool = False) -> str:
        authority = ((self.folder / "ca.key").read_bytes(), self.authority.encode())
        return certificates.certify(
            public_key_der,
            device=name,
            organisation=self.organisation,
            authority=authority,
            now_ms=self.clock.wall_ms(),
            log=log,
        )

    @property
    def log_certificate(self) -> str:
        """The authority's certificate (PEM) of the key that signs the log, made when it is first asked for.

        "" where neither it nor the authority's key is in the folder.
        """
        path = self.folder / "log.crt"
        try:
            if not path.is_file():
                made = self._certified(self.public_key_der, self.origin, log=True)
                write_whole(path, made.encode(), mode=0o644)
            return path.read_text(encoding="ascii")
        except OSError:
            return ""

    @property
    def authority(self) -> str:
        """The agency's root certificate, PEM."""
        return (self.folder / "ca.crt").read_text(encoding="ascii")

    # -- writing ---------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """As `Seat.writing`; after any exception the tree is read from the tables again (R3)."""
        try:
            with super().writing():
                if self._depth == 1:
                    # another process, such as the administrator's, may have written since
                    self.forget()
                    if self._frontier is not None:
                        self._refresh_frontier()
                yield
        except BaseException:
            self._frontier = None
            raise

    def write_next(self, build: Callable[[Place], Sequence[Change]], *, by: str | None = None) -> list[Entry]:
        """As `Seat.write_next`; what the server writes takes its place in the log at once."""
        with self.writing():
            return self._placed(super().write_next(build, by=by))

    def carry(self, entries: Sequence[Entry]) -> list[Entry]:
        """As `Seat.carry`; what is carried takes its place in the log at once."""
        with self.writing():
            return self._placed(super().carry(entries))

    def _placed(self, written: list[Entry]) -> list[Entry]:
        with self.writing():
            appender = self.appender()
            places = [(appender.place(entry), entry.parsed_head) for entry in written]
            # by device and number, which are indexed; the hash is not
            run_many(
                "UPDATE entry SET state = ?, cursor = ?, unit_n = ? WHERE device = ? AND seq = ?",
                [(RECEIVED, place["cursor"], place["unit_n"], head.d, head.q) for place, head in places],
            )
            appender.write()
            appender.obey(written)
        return written

    def appender(self) -> log.Appender:
        """Places for new entries; call inside `writing`."""
        return log.Appender(self._refresh_frontier())

    def _refresh_frontier(self) -> merkle.Frontier:
        """The frontier, read again where it is not that of the stored log."""
        if self._frontier is None or self._frontier.size != log.stored_size():
            self._frontier = log.load_frontier()
        return self._frontier

    def savepoint(self) -> Any:
        """A savepoint in the transaction at hand: what fails within it is undone, the rest stands."""
        return self._writer.savepoint()

    def touch(self, kind: str, record: str) -> None:
        """Tell listeners of this record after the commit."""
        self._touched.add((kind, record))

    @contextmanager
    def uploading(self, sha256: str) -> Iterator[None]:
        """Lets one request at a time add to a file (shared with one in 64); StoreRefused as `writing`."""
        number = int(sha256[:2], 16) % len(self._uploads)
        try:
            with self._uploads[number], self.database.alone(number):
                yield
        except OSError as error:
            if of_the_disk(error):
                raise self.refused(error) from error
            raise

    # -- the signed log --------------------------------------------------------------------------

    def recheck(self) -> int:
        """Compute the tree anew from all bytes and compare it with what is stored and what was signed.

        Returns:
            The number of entries.

        Raises:
            StoreRefused: on any difference; the server then signs nothing more.
        """
        with self._writing:
            with self:
                try:
                    # first: another process may go on writing and signing meanwhile
                    head = last_of(SignedHead, "size")
                    size, root = log.recomputed_root(self.journal)
                    whole = root == merkle.root_at(size, log.node)
                    if whole and head is not None:
                        whole = head.size <= size and merkle.root_at(head.size, log.node) == bytes(head.root)
                except (StoreRefused, TypeError, ValueError):
                    size, whole = 0, False
            self.damage = "" if whole else "the log is not what was signed"
            self._refuse_if_damaged()
        return size

    def sign_head(self) -> Checkpoint:
        """The signed head of the committed log.

        Raises:
            StoreRefused: when a check found the log damaged.
        """
        self._refuse_if_damaged()
        with self._writing, self:
            if self._depth:
                raise RuntimeError("a head is signed after the commit, never before")
            newest = last_of(SignedHead, "size")
            frontier = self._refresh_frontier()
            size, root = frontier.size, frontier.root()
            if newest is not None and newest.size == size and bytes(newest.root) == root:
                return Checkpoint(self.origin, size, root, newest.note)
            now = self.clock.wall_ms()
            head = sign_checkpoint(
                self.origin, size, root, public_key=self.public_key_der, sign=self.sign, time_ms=now
            )
            # signed anew where it is lost, of a later time: what it is over is on the disk
            with unhurried(), self.writing():
                schema.keep(SignedHead, size=size, root=root, note=head.note, signed_at=now)
            self._note_end(size)
            return head

    def _note_end(self, size: int) -> None:
        """Note beside the database how far the log was signed: an older one that is put back is seen (R8)."""
        partial = self.folder / f".{_END}.{os.getpid()}"
        with contextlib.suppress(OSError):  # an alarm, not a promise: the notebooks see it too
            partial.write_text(f"{self.epoch} {size}", encoding="ascii")
            partial.replace(self.folder / _END)

    def refuse_older(self) -> None:
        """Refuse a database that is older than what was signed beside it (R8).

        Raises:
            StoreRefused: when it is.
        """
        try:
            # first: another process may go on writing and signing meanwhile
            epoch, signed = (self.folder / _END).read_text(encoding="ascii").split()
        except (OSError, ValueError):
            return
        with self:
            size = log.stored_size()
        behind = signed.isdecimal() and int(signed) > size
        # of a life that this database never lived: it is of before a restore, and that restore came to others
        unknown = epoch not in (self.epoch, *self._former_epochs())
        if unknown or (epoch == self.epoch and behind):
            raise StoreRefused(
                N_(
                    "The database is older than what this server has signed: it was restored from a backup. "
                    "Go on with: qingcha admin restored {folder}"
                ),
                folder=str(self.folder),
            )

    def receipt(self, row: Any, head: Checkpoint | None = None) -> Receipt:
        """The receipt of a logged entry, in the newest head unless one is given."""
        head = head or self.sign_head()
        with self:
            path = merkle.inclusion_path(row.cursor - 1, head.size, log.node)
        return Receipt(row.cursor, bytes(row.hash), tuple(path), head.note)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the log of `second` entries begins with that of `first`. Errors as in `merkle`."""
        with self:
            return merkle.consistency_path(first, second, log.node)

    def root_at(self, size: int) -> bytes | None:
        """The root at an earlier size; None when the log is shorter.

        Raises:
            StoreRefused: the tree lacks a part of it.
        """
        with self:
            return merkle.root_at(size, log.node) if size <= log.stored_size() else None

    def _refuse_if_damaged(self) -> None:
        if self.damage:
            raise StoreRefused(log.DAMAGED)


def has_database(folder: Path) -> bool:
    """Whether a folder holds a server's journal or says where it is."""
    return (folder / DATABASE).exists() or bool(Settings.read(folder).database)


def b64(data: bytes) -> str:
    """Standard base64, as keys and hashes travel in JSON."""
    return base64.b64encode(data).decode()
