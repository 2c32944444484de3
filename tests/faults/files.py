"""All files outside of SQLite, through a disk that fails: what `open`, `os.fsync` and `os.replace` do."""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

from .disk import Disk, Failed

_open, _fsync, _replace = builtins.open, os.fsync, os.replace


@contextlib.contextmanager
def through(disk: Disk) -> Iterator[None]:
    """Let this process's files below the disk's folder go through it."""

    def opened(file: Any, mode: str = "r", buffering: int = -1, *more: Any, **named: Any) -> Any:
        path = _path_of(file)
        if not disk.holds(path):
            return _open(file, mode, buffering, *more, **named)
        if not isinstance(file, int) and not set(mode).isdisjoint("wxa+"):
            _step(disk, "open" if os.path.exists(path) else "create", path)
        plain = "".join(letter for letter in mode if letter not in "bt")
        raw = _Raw(disk, path, file, plain, named.get("closefd", True), named.get("opener"))
        if buffering == 0:
            return raw
        kind = io.BufferedRandom if "+" in mode else io.BufferedReader if "r" in mode else io.BufferedWriter
        buffered: Any = kind(raw)
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, encoding=named.get("encoding", more[0] if more else None))

    def fsync(descriptor: int) -> None:
        path = _path_of(descriptor)
        _step(disk, "sync", path)
        if not disk.holds(path):
            _fsync(descriptor)
        disk.synced(path)

    def replace(source: Any, target: Any) -> None:
        old, new = os.fspath(source), os.fspath(target)
        _step(disk, "rename", new)
        replaced = None
        if disk.remembers and disk.holds(new):
            with contextlib.suppress(FileNotFoundError), _open(new, "rb") as file:
                replaced = file.read()
        _replace(source, target)
        if disk.remembers and disk.holds(new):
            disk.renamed(old, new, replaced)

    with (
        mock.patch("builtins.open", opened),
        mock.patch("io.open", opened),
        mock.patch("os.fsync", fsync),
        mock.patch("os.replace", replace),
    ):
        yield


class _Raw(io.FileIO):
    def __init__(self, disk: Disk, path: str, file: Any, mode: str, closefd: bool, opener: Any) -> None:
        size = os.path.getsize(path) if "w" in mode and os.path.exists(path) else 0
        if size and disk.remembers:
            with _open(path, "rb") as before:
                disk.wrote(path, 0, None, before.read(), size)
        super().__init__(file, mode, closefd, opener)
        self._disk = disk
        self._path = path

    def write(self, data: Any) -> int:
        torn = False
        try:
            self._disk.step("write", self._path)
        except Failed as failed:
            if failed.how != "torn":
                raise _as_error(failed) from failed
            torn = True
        if self._disk.remembers:
            at, size = self.tell(), os.fstat(self.fileno()).st_size
            with _open(self._path, "rb") as before:
                before.seek(at)
                self._disk.wrote(self._path, at, bytes(data), before.read(len(data)), size)
        written = super().write(data)
        if torn:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return written

    def readinto(self, buffer: Any) -> int:
        room = memoryview(buffer)
        try:
            self._disk.step("read", self._path)
        except Failed as failed:
            if failed.how != "short":
                raise _as_error(failed) from failed
            room = room[: max(1, len(room) // 2)]
        return super().readinto(room)

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return self.readall()
        buffer = bytearray(size)
        return bytes(buffer[: self.readinto(buffer)])

    def readall(self) -> bytes:
        whole = bytearray()
        while piece := self.read(1 << 16):
            whole += piece
        return bytes(whole)


def _step(disk: Disk, kind: str, path: str) -> None:
    try:
        disk.step(kind, path)
    except Failed as failed:
        raise _as_error(failed) from failed


def _as_error(failed: Failed) -> OSError:
    number = errno.ENOSPC if failed.how == "full" else errno.EIO
    return OSError(number, os.strerror(number))


def _path_of(file: Any) -> str:
    if isinstance(file, int):
        return os.readlink(f"/proc/self/fd/{file}")
    return os.path.abspath(os.fspath(file))
