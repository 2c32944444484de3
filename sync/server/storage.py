"""Where the server keeps files that are here whole: its own folder, or a bucket of S3-compatible storage.

Both take a file from the spool only after its hash was computed from its bytes, and both name it by that
hash: a file that is put twice is the same file, so nothing here asks what is there before. No storage is
trusted to check a hash on its own; what a backup copies and `verify` reads is hashed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from models.errors import StoreRefused
from models.language import N_
from models.store.digests import is_sha256
from models.store.durable import sync_folder
from models.store.vault import PlainVault, State
from sync.problems import Problem

try:
    import obstore
    from obstore.exceptions import BaseError
except ImportError:  # an extra: a server with its own folder needs none
    obstore = None  # type: ignore[assignment]

SCHEME = "s3://"
_PART = 8 << 20
_PARTS_AT_ONCE = 2
_BLOCK = 1 << 20
_WAIT_S = 15
_PATIENCE: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
_CLIENT = {"timeout": "60s", "connect_timeout": "5s"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in a bucket, as an answer gives it out."""

    bucket: Bucket
    sha256: str
    size: int

    def read(self, first: int, end: int) -> Iterator[bytes]:
        """Its bytes from one place to before another; what is read is never in memory whole."""
        return self.bucket.read(self.sha256, first, end)


class Folder(PlainVault):
    """Files in the server's own folder."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._shelves: set[str] = set()
        """Those whose names this process has brought to the disk."""

    def keep(self, spool: Path, sha256: str) -> None:
        """Move a file of this hash to its place; on the disk when this returns."""
        target = self.path_of(sha256)
        shelf = target.parent
        shelf.mkdir(mode=0o700, exist_ok=True)
        os.replace(spool, target)
        sync_folder(shelf)
        # a shelf may have been made by a process that ended before its name was on the disk
        if shelf.name not in self._shelves:
            sync_folder(shelf.parent)
            self._shelves.add(shelf.name)

    def lost(self, sha256: str) -> bool:
        """Whether a file that was kept is not here any more, as after a restore without all files."""
        return not self.has(sha256)

    def given(self, sha256: str) -> Path | Stored:
        """A file that is here, to be given out."""
        return self.path_of(sha256)

    def size_of(self, sha256: str) -> int | None:
        """Bytes of a file; None when it is not here."""
        path = self.path_of(sha256)
        return path.stat().st_size if path.is_file() else None


class Bucket:
    """Files in a bucket, at `<prefix>/aa/<sha256>`.

    Endpoint, region and keys come from the environment, as every program of this kind takes them:
    AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY; AWS_ALLOW_HTTP=true without TLS.

    Raises:
        StoreRefused: obstore is not installed.
        Problem: of every method, busy: the storage does not answer or refuses; the file stays in the spool.
    """

    def __init__(self, url: str) -> None:
        if obstore is None:
            raise StoreRefused(N_("S3 storage needs its client: pip install 'qingcha[s3]'"))
        self._url = url

    @cached_property
    def _store(self) -> Any:
        """Made at first use: what needs no file needs no keys of the storage either."""
        # what is given as options takes the place of what the environment says of the client
        plain = {"allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() == "true"}
        options: Any = {**_CLIENT, **plain}
        # the call that deletes many at once is not in every storage of this kind
        singly: Any = {"config": {"disable_bulk_delete": True}} if self._url.startswith(SCHEME) else {}
        return obstore.store.from_url(self._url, retry_config=_PATIENCE, client_options=options, **singly)

    def keep(self, spool: Path, sha256: str) -> None:
        """Put a file of this hash, then let the spool go."""
        size = spool.stat().st_size
        with _told():
            obstore.put(self._store, _key(sha256), spool, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)
            if self.size_of(sha256) != size:
                raise Problem("busy", "the storage holds another size", retry_after=_WAIT_S)
        spool.unlink()

    def has(self, sha256: str) -> bool:
        """Whether the file is here; says nothing about its health."""
        return self.size_of(sha256) is not None

    def lost(self, sha256: str) -> bool:
        """Not asked: hundreds of files of one probe would wait for it; `resending` looks for them."""
        return False

    def given(self, sha256: str) -> Path | Stored:
        """A file that is here, to be given out.

        Raises:
            Problem: not-found, when it is not here after all.
        """
        size = self.size_of(sha256)
        if size is None:
            raise Problem("not-found")
        return Stored(self, sha256, size)

    def read(self, sha256: str, first: int, end: int) -> Iterator[bytes]:
        """Bytes of a file from one place to before another, a block at a time."""
        if end <= first:
            return
        with _told():
            found = obstore.get(self._store, _key(sha256), options={"range": (first, end)})
            for block in found.stream(min_chunk_size=_BLOCK):
                yield bytes(block)

    def open(self, sha256: str) -> io.BufferedReader:
        """The file as a stream to be read forward and closed.

        Raises:
            StoreRefused: when it is not here.
        """
        size = self.size_of(sha256)
        if size is None:
            raise StoreRefused(N_("The file {hash} is not in the storage."), hash=sha256[:8])
        return io.BufferedReader(_Forward(self.read(sha256, 0, size)), _BLOCK)

    def verify(self, sha256: str) -> State:
        """Read the whole file and compare its hash."""
        try:
            with self.open(sha256) as stream:
                same = hashlib.file_digest(stream, "sha256").hexdigest() == sha256
        except StoreRefused:
            return "missing"
        return "kept" if same else "damaged"

    def hashes(self, shelf: str = "") -> Iterator[str]:
        """The hashes of all files here, in no order.

        Args:
            shelf: two digits, for those that begin so only.
        """
        with _told():
            for some in obstore.list(self._store, prefix=shelf or None):
                names = (each["path"].rpartition("/")[2] for each in some)
                yield from (name for name in names if is_sha256(name))

    def size_of(self, sha256: str) -> int | None:
        """Bytes of a file; None when it is not here."""
        with _told(), contextlib.suppress(FileNotFoundError):
            return int(obstore.head(self._store, _key(sha256))["size"])
        return None

    def erase(self, sha256: str) -> None:
        """Remove a file for good; nothing where it is not here."""
        with _told(), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._store, _key(sha256))
        if self.has(sha256):
            raise Problem("busy", "the storage keeps what it was told to delete", retry_after=_WAIT_S)


class _Forward(io.RawIOBase):
    """Blocks as a stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._left = blocks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = block
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def storage_of(folder: Path, url: str) -> Folder | Bucket:
    """What keeps a server's files: the bucket of that address, or where there is none its folder."""
    return Bucket(url) if url else Folder(folder / "files")


SILENT = N_(
    "The storage of files at {files} does not answer, or refuses: no evidence can be received. Look at "
    "the address in server.toml and at the AWS_ variables of this process (docs/server.md, When one "
    "machine is too small)."
)


@contextlib.contextmanager
def told_of_storage(files: str) -> Iterator[None]:
    """Say to an administrator what to look at where the storage does not answer.

    Raises:
        StoreRefused: it does not.
    """
    try:
        yield
    except Problem as problem:
        raise StoreRefused(SILENT, files=files) from problem


def is_silent(vault: object) -> bool:
    """Whether a server's files are in a bucket that does not answer or refuses."""
    if not isinstance(vault, Bucket):
        return False
    try:
        vault.has("0" * 64)
    except Problem:
        return True
    return False


def refuse_silent(vault: object, files: str) -> None:
    """Refuse to begin what would stop half-way.

    Raises:
        StoreRefused: the storage does not answer, or refuses.
    """
    if is_silent(vault):
        raise StoreRefused(SILENT, files=files)


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        # its own words name the endpoint and what it answered; the log has them, the caller does not
        raise Problem("busy", "the storage of files does not answer", retry_after=_WAIT_S) from error
