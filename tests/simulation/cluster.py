"""Where a simulated server keeps its journal: its folder, or PostgreSQL, where several processes serve it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

import obstore
import psycopg
from obstore.exceptions import GenericError
from obstore.store import LocalStore
from peewee import __exception_wrapper__

from sync.server import storage
from sync.server.backup import restore
from sync.server.central import DATABASE
from sync.server.settings import Settings
from sync.server.storage import SCHEME as STORAGE
from tests.postgres import running

from .disk import Watched

if TYPE_CHECKING:
    from .chance import Faults
    from .world import World

RATES = {
    "connection lost before commit": 0.006,
    "connection lost after commit": 0.006,
    "storage silent": 0.04,
    "storage has it and does not say so": 0.1,
}
"""What happens between a server and what it keeps elsewhere, beside `disk.RATES`."""
MOST = 3
"""Processes of one server at most."""


def copy(source: Path, target: Path) -> Path:
    """Copy a folder of a seat that is at rest; what another process would hold open stays behind."""
    return Path(shutil.copytree(source, target, ignore=shutil.ignore_patterns("*-shm", "*.lock")))


class Distant(Watched):
    """A seat whose database is elsewhere: it may be lost at a commit, which was kept or was not."""

    def commit(self) -> None:
        """As `Watched.commit`."""
        if self._faults.hit("connection lost before commit"):
            self._hang_up()
        super().commit()
        if self._faults.hit("connection lost after commit"):
            self._hang_up()
            with __exception_wrapper__:
                raise psycopg.OperationalError("server closed the connection unexpectedly")

    def _hang_up(self) -> None:
        self._seat._writer.connection().close()


class Keeping(Protocol):
    """What a run does with folders of servers that nobody has open."""

    rates: dict[str, float]
    watched: type[Watched]

    def begin(self, world: World, random: Random) -> None:
        """A run begins."""

    def settings(self) -> Settings | None:
        """Those of a new server."""

    def copy(self, source: Path, target: Path) -> Path:
        """Copy one; gives the target."""

    def put_back_database(self, source: Path, folder: Path) -> None:
        """The database, and nothing else, becomes that of the source."""

    def remove(self, folder: Path) -> None:
        """It is no more."""

    def brings_back(self, backup: Path, folder: Path) -> bool:
        """Restore one that the product's own command copied, where no copy would do; False for any other."""

    def processes(self, random: Random) -> int:
        """How many serve one folder."""

    def clear(self, kept: Path) -> None:
        """Remove what is left of all but one."""


class Folders:
    """Everything in the folder, which one process serves."""

    rates: dict[str, float] = {}
    watched = Watched

    def begin(self, world: World, random: Random) -> None:
        """See `Keeping`."""

    def settings(self) -> Settings | None:
        """See `Keeping`."""
        return None

    def copy(self, source: Path, target: Path) -> Path:
        """See `Keeping`."""
        return copy(source, target)

    def put_back_database(self, source: Path, folder: Path) -> None:
        """See `Keeping`."""
        for old in folder.glob(f"{DATABASE}*"):
            old.unlink()
        for part in source.glob(f"{DATABASE}*"):
            shutil.copy2(part, folder)

    def remove(self, folder: Path) -> None:
        """See `Keeping`."""
        shutil.rmtree(folder)

    def brings_back(self, backup: Path, folder: Path) -> bool:
        """See `Keeping`."""
        return False

    def processes(self, random: Random) -> int:
        """See `Keeping`."""
        return 1

    def clear(self, kept: Path) -> None:
        """See `Keeping`."""


class Cluster:
    """Each folder's journal in a database of one PostgreSQL; the files of half the runs are in a bucket.

    No backup copies a bucket, and no restore of a server changes it.
    """

    rates = RATES
    watched = Distant

    def __init__(self, postgres: Any) -> None:
        self._postgres = postgres
        self._made = 0
        self._files = ""
        self.faults: Faults | None = None

    def begin(self, world: World, random: Random) -> None:
        """See `Keeping`."""
        self.faults = world.faults
        self._files = f"{STORAGE}{world.folder / 'bucket'}" if random.random() < 0.5 else ""

    def settings(self) -> Settings:
        """See `Keeping`."""
        return Settings(database=self._new())

    def copy(self, source: Path, target: Path) -> Path:
        """See `Keeping`."""
        copy(source, target)
        of = Settings.read(source)
        replace(of, database=self._new(_name_of(of)), files=self._files).write(target)
        return target

    def put_back_database(self, source: Path, folder: Path) -> None:
        """See `Keeping`."""
        there = Settings.read(folder)
        self._run(f"DROP DATABASE {_name_of(there)}")
        replace(there, database=self._new(_name_of(Settings.read(source)))).write(folder)

    def remove(self, folder: Path) -> None:
        """See `Keeping`."""
        self._run(f"DROP DATABASE {_name_of(Settings.read(folder))}")
        shutil.rmtree(folder)

    def brings_back(self, backup: Path, folder: Path) -> bool:
        """See `Keeping`."""
        if Settings.read(backup).database:
            return False
        self.remove(folder)
        restore(backup, folder, database=self._new(), files=self._files)
        return True

    def processes(self, random: Random) -> int:
        """See `Keeping`."""
        return random.randint(1, MOST)

    def clear(self, kept: Path) -> None:
        """See `Keeping`."""
        stays = _name_of(Settings.read(kept))
        for (name,) in self._run("SELECT datname FROM pg_database WHERE datname LIKE 'sim%'").fetchall():
            if name != stays:
                self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _new(self, like: str = "template1") -> str:
        self._made += 1
        name = f"sim{self._made}"
        # copied file by file: it is at rest, and its pages need not go through the log
        self._run(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY FILE_COPY")
        return str(self._postgres.get_uri(name))

    def _run(self, statement: str) -> Any:
        with psycopg.connect(self._postgres.get_uri(), autocommit=True) as connection:
            return connection.execute(statement)


class Unsteady:
    """The client of a bucket whose storage does not answer now and then, or does what it does not answer."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def _lost(self, name: str) -> None:
        if self._cluster.faults is not None and self._cluster.faults.hit(name):
            raise GenericError(name)

    def put(self, *args: Any, **more: Any) -> Any:
        """As obstore's."""
        self._lost("storage silent")
        told = obstore.put(*args, **more)
        self._lost("storage has it and does not say so")
        return told

    def __getattr__(self, name: str) -> Any:
        self._lost("storage silent")
        return getattr(obstore, name)


@contextmanager
def _buckets(cluster: Cluster) -> Iterator[None]:
    """Buckets are folders, behind a client as `Unsteady`."""
    kept = storage.obstore, storage.Bucket.__dict__["_store"]
    storage.obstore = Unsteady(cluster)
    storage.Bucket._store = property(  # type: ignore[assignment]
        lambda bucket: LocalStore(bucket._url.removeprefix(STORAGE), mkdir=True)
    )
    try:
        yield
    finally:
        storage.obstore, storage.Bucket._store = kept


@contextmanager
def keeping(*, postgres: bool) -> Iterator[Keeping]:
    """Where the servers of a process's runs keep their journals."""
    if not postgres:
        yield Folders()
        return
    with running() as started:
        cluster = Cluster(started)
        with _buckets(cluster):
            yield cluster


def _name_of(settings: Settings) -> str:
    return settings.database.partition("?")[0].rpartition("/")[2]
