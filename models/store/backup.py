"""Copies of a whole seat while it is open, checked before they count, and the way back.

A backup is a seat's folder as any other. Of a notebook everything in it stays encrypted as it was.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from peewee import fn
from sqlcipher3 import dbapi2 as sqlcipher

from models.errors import BadInput, QingchaError, StoreRefused, reason_of
from models.language import N_
from models.store import health, keys, token
from models.store.clock import now_ms
from models.store.database import run
from models.store.durable import sync_folder, write_whole
from models.store.entry import Entry
from models.store.home import beside
from models.store.journal import EntryRow
from models.store.keys import KeyringLike
from models.store.locking import hold
from models.store.notebook import DATABASE, KEYS, Notebook, is_notebook
from models.store.redacting import files_gone
from models.store.reread import MEMORY, forget_aside, read_again, set_aside
from models.store.seat import Seat
from models.store.vault import PlainVault


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds."""

    entries: int
    files: int
    new_files: int
    """Those that were not there from a backup before."""
    missing: tuple[str, ...]
    """SHA-256 of files that the seat itself has not whole: they are not in the backup either."""
    read_again: int = 0
    """Files that were there before and were read again."""
    mended: int = 0
    """Those of them that were damaged, and were copied anew."""
    signatures: int = 0
    """Of entries that have lost them on the server: taken from the backup of before."""


_LOCK = ".backup.tmp"
"""In a backup: held by who copies into it, and gone afterwards."""
_TAKEN = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_LAST_OWN = "SELECT prev, head, body, signature, hash FROM entry WHERE own = 1 ORDER BY seq DESC LIMIT 1"
Lost = Callable[[Notebook, Collection[str]], Collection[str]]
"""SHA-256 of files that a notebook should hold whole and does not; those given were read just now and are."""


def back_up(
    folder: Path,
    target: Path,
    passphrase: str,
    *,
    keyring: KeyringLike | None = None,
    lost: Lost = lambda notebook, whole: (),
    everything: bool = False,
) -> BackedUp:
    """Copy a notebook, which may be open in another window, into an empty folder or a backup from before.

    The copy is opened and looked through, each new file is read, before it counts.

    Args:
        lost: asked of the copy; what it gives is told among the missing.
        everything: read all files again that the backup holds already, and not a part of them.

    Raises:
        BadInput: there is no notebook, or the target holds something else, or what the notebook has not.
        WrongPassphrase: as at unlocking.
        StoreRefused: the disk is full, or what was copied is not whole.
    """
    if not is_notebook(folder):
        raise BadInput(N_("There is no notebook in this folder."))
    evidence = folder / "evidence"
    return _copied(folder, evidence, target, passphrase, keyring, lost, everything=everything)


def _copied(
    folder: Path,
    evidence: Path,
    target: Path,
    passphrase: str,
    keyring: KeyringLike | None,
    lost: Lost,
    *,
    everything: bool = False,
) -> BackedUp:
    _refuse_other(folder, target)  # before anything is made in a folder of somebody else
    with alone_in(target):
        return _copied_alone(folder, evidence, target, passphrase, keyring, lost, everything)


def _refuse_other(folder: Path, target: Path) -> bool:
    """Refuse to write over what is no backup of this notebook; whether there is one of before."""
    same = (target / KEYS).is_file() and keys.name_of(target / KEYS) == keys.name_of(folder / KEYS)
    refuse_other(folder, target, same=same)
    return same


def _copied_alone(
    folder: Path,
    evidence: Path,
    target: Path,
    passphrase: str,
    keyring: KeyringLike | None,
    lost: Lost,
    everything: bool,
) -> BackedUp:
    same = _refuse_other(folder, target)
    data_key = keys.unlock(folder / KEYS, passphrase, keyring=keyring, now_ms=now_ms())
    try:
        key = data_key.database_key()
    finally:
        data_key.forget()
    with copying(target) as making:
        with told_of_disk():
            copy_database(folder / DATABASE, making / DATABASE, key)
            write_whole(making / KEYS, (folder / KEYS).read_bytes())
        with closing(Notebook.open(making, passphrase, keyring=keyring)) as copy:
            # rows are folded anew from the entries where need be, perhaps at this moment: not looked at
            found = [*health.file_problems(copy), *health.chain_problems(copy)]
            if same and not _holds_all_of(copy, target / DATABASE, key):
                raise worked_in(target)
            with told_of_disk():
                token.mark_as_copy(copy)
        if found:
            raise StoreRefused(
                N_("What was copied is not whole: {problem}. Run qingcha doctor on the notebook."),
                problem=found[0],
            )
        with told_of_disk():
            put_in_place(making, target, DATABASE, KEYS)
    with told_of_disk(), closing(Notebook.open(target, passphrase, keyring=keyring)) as copy:
        here = _Encrypted(evidence)
        clear(copy.vault)
        with copy:
            out = files_gone(copy.journal)
        for sha256 in out.difference(here.hashes()) if out else ():
            copy.vault.erase(sha256)  # an order took it out; a backup of before in this folder had it
            forget_aside(copy.vault, sha256)
        came, damaged = _fetch(here, copy.vault, here.hashes())
        again = read_again(copy.vault, target / MEMORY, known=came, everything=everything)
        nowhere = {*lost(copy, came | again.whole)}
        for sha256 in filter(copy.vault.has, nowhere):  # read just now, though not in its turn
            set_aside(copy.vault, sha256)
            again.damaged.add(sha256)
        mended, _ = _fetch(here, copy.vault, again.damaged)
        with copy:
            entries = int(EntryRow.select(fn.COUNT(EntryRow.n)).scalar())
        return BackedUp(
            entries,
            sum(1 for _ in copy.vault.hashes()),
            len(came),
            tuple(sorted((damaged | nowhere | again.damaged) - mended)),
            read_again=len(again.whole) + len(again.damaged),
            mended=len(mended),
        )


def restore(
    source: Path,
    target: Path,
    passphrase: str,
    *,
    keyring: KeyringLike | None = None,
    lost: Lost = lambda notebook, whole: (),
) -> BackedUp:
    """Make a notebook of its backup, in a folder that is not there yet or empty; whole or not at all.

    Its next synchronisation fetches what it lacks. Errors as `back_up`.
    """
    with restoring(target) as making, told_of_backup(source):
        try:
            return back_up(source, making, passphrase, keyring=keyring, lost=lost)
        except keys.Unwritable:
            return _from_full(source, making, passphrase, keyring, lost)


def _from_full(
    source: Path, making: Path, passphrase: str, keyring: KeyringLike | None, lost: Lost
) -> BackedUp:
    """Restore from a disk that takes nothing more: even to count a try, or to open a database, takes room."""
    here = making / ".source.new"
    try:
        with told_of_disk():
            here.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in (KEYS, DATABASE, DATABASE + "-wal"):
                if name in (KEYS, DATABASE) or (source / name).exists():
                    shutil.copyfile(source / name, here / name)
        return _copied(here, source / "evidence", making, passphrase, keyring, lost)
    finally:
        shutil.rmtree(here, ignore_errors=True)


@contextmanager
def restoring(target: Path) -> Iterator[Path]:
    """A folder beside the target, which becomes it when the block is left.

    Raises:
        BadInput: when there is something at the target already.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(
            N_("{folder} is not empty. Move what is there away, or choose another folder."),
            folder=str(target),
        )
    making = beside(target, "restoring")
    shutil.rmtree(making, ignore_errors=True)
    try:
        yield making
        with told_of_disk():
            (making / _LOCK).unlink(missing_ok=True)  # on Windows
            if target.exists():
                target.rmdir()
            making.rename(target)
            sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def refuse_other(folder: Path, target: Path, *, same: bool) -> None:
    """Refuse to write over what is no backup of this seat.

    Args:
        same: whether the target holds a seat of the same key.

    Raises:
        BadInput: as said; also for the seat's own folder and one within it.
    """
    inside = folder.resolve() in (target.resolve(), *target.resolve().parents)
    # what a copy that the disk had no room for left behind is nobody's
    empty = not target.exists() or (target.is_dir() and all(map(_is_left, target.iterdir())))
    if inside or not (same or empty):
        raise BadInput(
            N_("{folder} is neither empty nor a backup of the same. Choose another folder."),
            folder=str(target),
        )


def worked_in(target: Path) -> BadInput:
    """The refusal to put a copy in the place of what has more than it."""
    return BadInput(
        N_(
            "{folder} holds what is not in this copy: it was worked in, or is of a later state. Nothing was "
            "changed. Keep it, and choose another folder for this backup."
        ),
        folder=str(target),
    )


def _holds_all_of(copy: Notebook, database: Path, key: bytes) -> bool:
    """Whether a notebook has the last own entry of its backup from before, itself or carried since (R6)."""
    if not database.exists():  # the first copy ended before it was in its place
        return True
    try:
        with closing(Seat(database, key)) as before, before:
            last = run(_LAST_OWN).fetchone()
    except StoreRefused:
        last = None  # what cannot be read is no reason to keep it
    if last is None:
        return True
    entry = Entry(*map(bytes, last))
    home = entry.home  # a backup that was opened has all of it under a key of its own
    with copy:
        place = copy.journal.place_of(home.d, home.q)
        carried = run("SELECT 1 FROM entry WHERE INSTR(head, ?) > 0", (home.h.encode(),)).fetchone()
    same = place is not None and place[1].hex() == home.h
    return entry.parsed_head.q == 1 or carried is not None or same


def _is_left(path: Path) -> bool:
    return path.name.startswith(".") and path.suffix in {".new", ".tmp"}


@contextmanager
def alone_in(target: Path) -> Iterator[None]:
    """Be the only one that copies into a folder: of two at once one would move what the other still writes.

    Raises:
        StoreRefused: there is another one.
    """
    with told_of_disk():
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            lock = _held(target / _LOCK)
        except BlockingIOError as error:
            if error.errno in _TAKEN:
                raise StoreRefused(
                    N_("Another backup into {folder} is under way. Wait until it is done."),
                    folder=str(target),
                ) from error
            lock = None  # a file system without locks
    try:
        yield
    finally:
        if lock is not None:
            with suppress(OSError):  # Windows lets nobody remove what is open
                (target / _LOCK).unlink()
            lock.close()


def _held(path: Path) -> IO[Any] | None:
    while True:
        lock = hold(path, wait=False)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                return lock
        lock.close()  # who had it was just done, and took the file away


def clear(vault: PlainVault) -> None:
    """Remove what a copy that was killed had of a file; called by the only one that copies there."""
    for leftover in vault.sweep():
        vault.discard(leftover)


@contextmanager
def copying(target: Path) -> Iterator[Path]:
    """A folder within the target, for a copy that is to be found good before it takes another's place."""
    making = target / ".copy.new"
    shutil.rmtree(making, ignore_errors=True)
    with told_of_disk():
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        making.mkdir(mode=0o700)
    try:
        yield making
    finally:
        shutil.rmtree(making, ignore_errors=True)


def put_in_place(making: Path, target: Path, database: str, *names: str) -> None:
    """Move the files of a copy that was looked through to their places, the database last: until then what
    is there is the backup of before, or none that has begun.
    """
    for suffix in ("-wal", "-shm"):  # of the database before
        (target / (database + suffix)).unlink(missing_ok=True)
    for name in (*names, database):
        os.replace(making / name, target / name)
    sync_folder(target)


def copy_database(source: Path, target: Path, key: bytes | None) -> None:
    """Copy a database, as it is at one moment, into a new file.

    Args:
        key: 32 bytes where it is encrypted; the copy is, by the same key.
    """
    target.touch(mode=0o600)  # else it is made as the umask has it
    with closing(sqlcipher.connect(source, timeout=30)) as connection:
        if key is not None:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("VACUUM INTO ?", (str(target),))
    with target.open("rb") as file:
        os.fsync(file.fileno())


class SourceDamaged(StoreRefused):
    """What is to be copied lacks a file, or its database cannot be read."""


@contextmanager
def told_of_disk() -> Iterator[None]:
    """Turn what the disk raises into a sentence.

    Raises:
        SourceDamaged: what is copied is not whole. StoreRefused: the disk is full, or refuses.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise SourceDamaged(
            N_("{file} is missing where it is copied from. Run the doctor on it."), file=str(error.filename)
        ) from error
    except sqlcipher.DatabaseError as error:
        if not isinstance(error, sqlcipher.OperationalError):
            raise SourceDamaged(
                N_("The database that is copied is damaged or cut short. Run the doctor on it.")
            ) from error
        raise _no_copy(
            reason_of(OSError(errno.ENOSPC, "")) if "full" in str(error) else str(error)
        ) from error
    except (OSError, sqlcipher.Error) as error:
        raise _no_copy(reason_of(error) if isinstance(error, OSError) else str(error)) from error


def _no_copy(reason: QingchaError | str) -> StoreRefused:
    return StoreRefused(
        N_("The copy could not be made: {reason}. Make room or take another disk, and do it again."),
        reason=reason,
    )


@contextmanager
def told_of_backup(source: Path) -> Iterator[None]:
    """Say of a backup that is not whole what to do with it; nobody runs the doctor on that."""
    try:
        yield
    except SourceDamaged as error:
        raise StoreRefused(
            N_(
                "The backup {folder} is damaged or was cut short: nothing was restored. Take another backup, "
                "and keep this one as it is."
            ),
            folder=str(source),
        ) from error


def _fetch(here: PlainVault, vault: PlainVault, wanted: Iterable[str]) -> tuple[set[str], set[str]]:
    """Copy those of some files that the backup lacks, encrypted as they are, and read each.

    Args:
        here: where they are copied from.
        vault: of the backup.

    Returns:
        Which came whole, and which are damaged where they are copied from.
    """
    came, damaged = set(), set()
    for sha256 in [each for each in wanted if not vault.has(each) and here.has(each)]:
        path = vault.path_of(sha256)
        partial = vault.incoming()
        if _copy_file(here.path_of(sha256), path, partial) and vault.verify(sha256) == "kept":
            forget_aside(vault, sha256)
            came.add(sha256)
        else:
            path.unlink(missing_ok=True)
            damaged.add(sha256)
    return came, damaged


class _Encrypted(PlainVault):
    """A notebook's vault, of which only the names are read."""

    suffix = ".age"


def _copy_file(source: Path, target: Path, partial: Path) -> bool:
    """Copy a file, on the disk when this returns; False where its own disk cannot read it.

    Args:
        partial: what it is called until it is there whole.
    """
    target.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with closing(_blocks(source)) as blocks, partial.open("xb") as file:
            for block in blocks:
                if block is None:
                    return False
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(target.parent)
    return True


def _blocks(source: Path) -> Generator[bytes | None, None, None]:
    """A file a block at a time; None where it cannot be read on."""
    try:
        with source.open("rb") as file:
            while block := file.read(1 << 20):
                yield block
    except OSError:
        yield None
