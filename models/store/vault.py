"""The evidence files, named by the SHA-256 of their content.

`Vault` keeps them in age format (C2SP age.md) at `<root>/aa/<sha256>.age`, for the notebook's own key
and for the agency's recovery key, so that the ordinary `age` program opens them too. `PlainVault`
keeps them as they are at `<root>/aa/<sha256>`, for the server. A file is there whole, on the disk and
under its hash, or it is not there: temp file, fsync, rename, fsync of the folder. Plain text of a
`Vault` never touches the disk, except where `export` is told to put it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import secrets
import stat
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import pyrage

from models.errors import BadInput, NotebookLocked, QingchaError, StoreRefused, reason_of
from models.language import N_
from models.store.decrypting import Decrypting
from models.store.digests import BLOCK, Digests, Kept, Progress, digests_of_stream, is_sha256
from models.store.durable import sync_folder
from models.store.encrypting import Reader, Writer
from models.store.ranges import Ranges

__all__ = ["Kept", "Leftover", "PlainVault", "Sizes", "State", "Vault"]

State = Literal["kept", "missing", "damaged"]
_INCOMING = "incoming"
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the vault takes up."""

    files: int
    bytes_on_disk: int


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file that no record names: begun and not finished, or finished just before a crash."""

    path: Path
    size: int
    """Bytes on the disk."""
    changed_at: int
    """Ms since the epoch."""
    sha256: str | None
    """The content's hash when the file is whole; None for one that was not finished."""


class PlainVault:
    """Contents kept as they are; also the frame that `Vault` encrypts within."""

    suffix = ""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._being_written: set[Path] = set()
        with _disk_errors_told():
            for folder in (root, root / _INCOMING):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    # --- taking in ---

    def put_file(self, path: Path, progress: Progress | None = None, *, expected: str | None = None) -> Kept:
        """Keep a file's content; the file itself is only read. What is hashed is what is kept.

        Raises:
            BadInput: when it cannot be read, changes meanwhile, or is not the content `expected`.
            StoreRefused: when the disk is full or fails. Nothing half-kept remains in either case.
        """
        with self._partial() as partial:
            try:
                if not stat.S_ISREG(path.stat().st_mode):  # asked before opening: a pipe would wait for ever
                    raise BadInput(
                        N_("{name} is not a file. Choose a photo, video or document."), name=path.name
                    )
                with path.open("rb") as source:
                    before = os.fstat(source.fileno())
                    kept = self._take_in(partial, source, progress, before.st_size, limit=before.st_size)
                    after = os.fstat(source.fileno())
            except OSError as error:
                raise BadInput(
                    N_("{name} cannot be read: {reason}. Copy it to the laptop and try again."),
                    name=path.name,
                    reason=reason_of(error),
                ) from error
            changed = (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size)
            if changed or kept.size != before.st_size:
                raise BadInput(
                    N_("{name} was still being written. Wait until it is finished and try again."),
                    name=path.name,
                )
            return self._keep(kept, partial, expected)

    def put_bytes(self, data: bytes) -> Kept:
        """Keep some bytes; errors as `put_file`."""
        return self.put_stream(io.BytesIO(data), total=len(data))

    def put_stream(
        self,
        stream: BinaryIO,
        progress: Progress | None = None,
        *,
        total: int = 0,
        expected: str | None = None,
    ) -> Kept:
        """Keep all that a stream gives; what reading it raises is passed on. Errors as `put_file`."""
        with self._partial() as partial:
            return self._keep(self._take_in(partial, stream, progress, total), partial, expected)

    def take_over(self, path: Path, *, expected: str | None = None) -> Kept:
        """Keep a file of our own making, as a finished upload, and remove it from where it was.

        Within one disk it is moved, not copied. Errors as `put_file`; the file then stays.
        """
        try:
            with path.open("rb") as source:
                kept = digests_of_stream(source)
                os.fsync(source.fileno())
        except OSError as error:
            raise StoreRefused(
                N_("The evidence folder cannot be written: {reason}."), reason=reason_of(error)
            ) from error
        return self._keep(kept, path, expected)

    # --- giving out ---

    def has(self, sha256: str) -> bool:
        """Whether the content is here; says nothing about its health."""
        return self.path_of(sha256).is_file()

    def state(self, sha256: str) -> State:
        """ "kept" or "missing", by a look at the folder only; `verify` reads the content."""
        return "kept" if self.has(sha256) else "missing"

    def open(self, sha256: str) -> BinaryIO:
        """The plain content as a stream to be read forward and closed.

        Raises:
            StoreRefused: when it is not here; while reading, when it turns out to be damaged.
        """
        return self._opened(sha256)

    def read_range(self, sha256: str, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only at the end. Errors as `open`."""
        with self._opened(sha256) as stream:
            stream.seek(offset)
            return stream.read(length)

    def export(self, sha256: str, target: Path, progress: Progress | None = None) -> Kept:
        """Write the plain content to a new file, checked against its hash.

        Raises:
            BadInput: when the target is there already or cannot be written.
            StoreRefused: when the content is missing or damaged; no target file is left then.
        """
        if target.exists():
            raise BadInput(N_("{name} is there already. Choose another name."), name=target.name)
        partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            with self._opened(sha256) as source, open(partial, "xb", opener=_private) as file:
                digests = Digests()
                while block := source.read(BLOCK):
                    digests.update(block)
                    file.write(block)
                    if progress is not None:
                        progress(digests.size, 0)
                kept = digests.kept()
                if kept.sha256 != sha256:
                    raise damaged(sha256)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, target)
            sync_folder(target.parent)
        except OSError as error:
            raise BadInput(
                N_("{name} cannot be written there: {reason}."),
                name=target.name,
                reason=reason_of(error),
            ) from error
        finally:
            _discard(partial)
        return kept

    def verify(self, sha256: str, progress: Progress | None = None) -> State:
        """Read the whole content and compare its hash."""
        if not self.has(sha256):
            return "missing"
        try:
            with self._opened(sha256) as stream:
                read = hashlib.sha256()  # without SM3, which takes most of the time
                done = 0
                while block := stream.read(BLOCK):
                    read.update(block)
                    done += len(block)
                    if progress is not None:
                        progress(done, 0)
                return "kept" if read.hexdigest() == sha256 else "damaged"
        except (StoreRefused, OSError):
            return "damaged"

    def path_of(self, sha256: str) -> Path:
        """Where the content is kept, or would be.

        Raises:
            BadInput: when it is not a SHA-256 in lower-case hex; a name never becomes a path unread.
        """
        if not is_sha256(sha256):
            raise BadInput(N_("This is not the hash of a content."))
        return self.root / sha256[:2] / (sha256 + self.suffix)

    def close(self) -> None:
        """Let go of open streams."""

    # --- housekeeping ---

    def hashes(self, shelf: str = "") -> Iterator[str]:
        """The hashes of all contents here, in no order.

        Args:
            shelf: two digits, for those that begin so only.
        """
        for folder in self.root.iterdir():
            if folder.name == (shelf or folder.name) and len(folder.name) == 2 and folder.is_dir():
                for path in folder.iterdir():
                    name = path.name.removesuffix(self.suffix)
                    if is_sha256(name) and path == self.path_of(name):
                        yield name

    def sizes(self) -> Sizes:
        """How many contents there are and the room they take."""
        sizes = [self.path_of(sha256).stat().st_size for sha256 in self.hashes()]
        return Sizes(len(sizes), sum(sizes))

    def sweep(self, known: Collection[str] | None = None) -> list[Leftover]:
        """The files that a crash left: unfinished ones, and with `known` those that no record names.

        Nothing is deleted: `adopt` keeps one after all, `discard` is for the person to decide.
        """
        found = [
            _leftover(path, None)
            for path in sorted((self.root / _INCOMING).iterdir())
            if path not in self._being_written
        ]
        if known is not None:
            unnamed = sorted(sha256 for sha256 in self.hashes() if sha256 not in known)
            found += [_leftover(self.path_of(sha256), sha256) for sha256 in unnamed]
        return found

    def adopt(self, leftover: Leftover) -> Kept | None:
        """Keep a leftover under its hash when it is whole; None, and untouched, when it is not."""
        try:
            with self._opened_at(leftover.path, None) as stream:
                kept = digests_of_stream(stream)
        except (StoreRefused, OSError):
            return None
        if leftover.sha256 is None:
            return self._keep(kept, leftover.path, None)
        return kept if kept.sha256 == leftover.sha256 else None

    def discard(self, leftover: Leftover) -> None:
        """Delete a leftover that a person has looked at and does not want."""
        _discard(leftover.path)

    def erase(self, sha256: str) -> None:
        """Remove a content for good, as an order asks for; nothing where it is not here.

        Raises:
            StoreRefused: the disk refuses.
        """
        path = self.path_of(sha256)
        with _disk_errors_told():
            if path.is_file():
                path.unlink()
                sync_folder(path.parent)

    # --- how the bytes are kept: plain here, encrypted in Vault ---

    def _encode(self, reader: Reader, writer: Writer) -> None:
        while block := reader.read(BLOCK):
            writer.write(block)

    def _opened_at(self, path: Path, sha256: str | None) -> io.BufferedReader:
        return path.open("rb")

    def _opened(self, sha256: str) -> io.BufferedReader:
        try:
            return self._opened_at(self.path_of(sha256), sha256)
        except FileNotFoundError:
            raise StoreRefused(
                N_("The file {hash} is not on this laptop. Synchronise to fetch it."), hash=sha256[:8]
            ) from None

    def incoming(self) -> Path:
        """A name for a file in the making, which `sweep` finds where it stays."""
        return self.root / _INCOMING / f"{secrets.token_hex(16)}.tmp"

    # --- within ---

    @contextlib.contextmanager
    def _partial(self) -> Iterator[Path]:
        """A name for a file in the making, gone afterwards unless it was renamed."""
        path = self.incoming()
        self._being_written.add(path)
        try:
            yield path
        finally:
            _discard(path)
            self._being_written.discard(path)

    def _take_in(
        self,
        partial: Path,
        stream: BinaryIO,
        progress: Progress | None,
        total: int,
        *,
        limit: int = sys.maxsize,
    ) -> Kept:
        reader = Reader(stream, progress, total, limit)
        with _disk_errors_told(reader), open(partial, "xb", opener=_private) as file:
            writer = Writer(file)
            try:
                self._encode(reader, writer)
            except Exception:
                # pyrage tells every failure by its text alone: raise the one that was the cause.
                raise (reader.failure or writer.failure or _unknown_failure()) from None
            if failure := reader.failure or writer.failure:
                raise failure  # pyrage 1.4.0 does not tell of every failed write
            file.flush()
            os.fsync(file.fileno())
        return reader.digests.kept()

    def _keep(self, kept: Kept, partial: Path, expected: str | None) -> Kept:
        if expected is not None and expected != kept.sha256:
            raise BadInput(N_("The content is not the one announced. Fetch it again."))
        target = self.path_of(kept.sha256)
        with _disk_errors_told():
            if not target.parent.is_dir():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                sync_folder(self.root)
            try:
                # Over a file of that hash too: the same content anew, and sound if that one was not.
                os.replace(partial, target)
            except PermissionError:
                if not target.is_file():  # Windows keeps a file that somebody reads; it has the content
                    raise
                _discard(partial)
            sync_folder(target.parent)
            sync_folder(partial.parent)
        return kept


class Vault(PlainVault):
    """Contents kept in age format, for this notebook's key and the recovery key."""

    suffix = ".age"

    def __init__(self, root: Path, *, identity: str, recipients: Sequence[str] = ()) -> None:
        """Open the vault.

        Args:
            root: its folder, made if need be.
            identity: this notebook's age identity (`DataKey.files_identity().identity`).
            recipients: further age recipients, as the agency's recovery key.

        Raises:
            BadInput: when a recipient is not one.
        """
        super().__init__(root)
        self._identity: Any = pyrage.x25519.Identity.from_str(identity)
        self._recipients: dict[str, Any] = {}
        self.add_recipient(str(self._identity.to_public()))
        for recipient in recipients:
            self.add_recipient(recipient)
        self._ranges = Ranges(lambda sha256: self._opened(sha256))

    def add_recipient(self, recipient: str) -> None:
        """Encrypt to one more recipient from now on; earlier files open through the recovery copy.

        Raises:
            BadInput: when it is not an age recipient.
        """
        try:
            self._recipients[recipient] = pyrage.x25519.Recipient.from_str(recipient)
        except (pyrage.RecipientError, ValueError):
            raise BadInput(N_("This is not a public recovery key. It begins with age1.")) from None

    def take_over(self, path: Path, *, expected: str | None = None) -> Kept:
        """Keep a file of our own making, encrypted, and remove the plain one. Errors as `put_file`."""
        kept = self.put_file(path, expected=expected)
        _discard(path)
        return kept

    def read_range(self, sha256: str, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only at the end. Errors as `open`.

        An age stream is read forward only: what is asked for in order, as by uploads, costs one pass each.
        """
        return self._ranges.read(sha256, offset, length)

    def close(self) -> None:
        """Let go of the streams that `read_range` holds; opening a file from now on is refused."""
        self._identity = None
        self._ranges.close()

    def _encode(self, reader: Reader, writer: Writer) -> None:
        pyrage.encrypt_io(reader, writer, list(self._recipients.values()))

    def _opened_at(self, path: Path, sha256: str | None) -> io.BufferedReader:
        if self._identity is None:
            raise NotebookLocked
        return io.BufferedReader(Decrypting(path, self._identity, sha256, damaged), BLOCK)


def damaged(sha256: str) -> StoreRefused:
    """The error for a content that is not what its name says."""
    return StoreRefused(
        N_("The file {hash} is damaged on this laptop. Fetch it again from the server or a backup."),
        hash=sha256[:8],
    )


@contextlib.contextmanager
def _disk_errors_told(reader: Reader | None = None) -> Iterator[None]:
    """Turn what the vault's own disk raises into a sentence; the source's failures pass."""
    try:
        yield
    except OSError as error:
        if reader is not None and error is reader.failure:
            raise
        if error.errno in _FULL:
            raise StoreRefused(
                N_("The disk is full. Nothing was taken in; free some space and try again.")
            ) from error
        raise StoreRefused(
            N_("The evidence folder cannot be written: {reason}."), reason=reason_of(error)
        ) from error


def _unknown_failure() -> QingchaError:
    return StoreRefused(N_("The file could not be encrypted. Nothing was taken in; try again."))


def _leftover(path: Path, sha256: str | None) -> Leftover:
    facts = path.stat()
    return Leftover(path, facts.st_size, facts.st_mtime_ns // 1_000_000, sha256)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _discard(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
