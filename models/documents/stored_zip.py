"""Zip files in the one form that we write: stored, sorted names, fixed date, no gap and nothing added.

Of each list of contents there is exactly one such file, so that an export made twice has the same bytes; and
reading takes that form only. Bombs, overlaps (CVE-2024-0450), names that stand twice, links, encryption and
what is hidden before, between or behind the members cannot be said in it (PKWARE APPNOTE 6.3, 4.3-4.4).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from models.errors import BadInput
from models.language import N_

BLOCK = 256 * 1024
MOST_MEMBERS = 2000
MOST_BYTES = 2**32 - 2
"""Of a whole file: beyond it a zip needs other headers (ZIP64), which older programs cannot read."""
LONGEST_NAME = 64
_DATE = 0x0021
"""1 January 1980, the first day that a zip can name."""
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_UNIX_1_0 = 3 << 8 | 10
_MODES = {".sh": 0o100755}
_TOO_LARGE = N_("Together the files are larger than 4 GiB. Hand the largest over apart, with their hashes.")
_OTHER_FORM = N_(
    "This zip file is damaged, or was packed anew by another program. Give the original file, or the folder "
    "that it was unpacked to."
)


class Source(Protocol):
    """What a member is made of."""

    @property
    def size(self) -> int:
        """Bytes."""

    def blocks(self) -> Iterator[bytes]:
        """The content, in pieces."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """A content in memory."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def blocks(self) -> Iterator[bytes]:
        yield self.data


def write_zip(file: BinaryIO, members: dict[str, Source]) -> None:
    """Write a zip to an empty file that can be sought in.

    Args:
        members: name, of ASCII characters, to content.

    Raises:
        BadInput: it would be larger than 4 GiB, or hold more than 2,000 members.
        ValueError: a source gave more or less than its size.
    """
    names = sorted(members)
    heads = sum(_LOCAL.size + _CENTRAL.size + 2 * len(name) for name in names)
    if sum(each.size for each in members.values()) + heads + _END.size > MOST_BYTES:
        raise BadInput(_TOO_LARGE)
    if len(names) > MOST_MEMBERS:
        raise BadInput(N_("There are more than {most} files. Seal fewer in one record."), most=MOST_MEMBERS)
    directory = bytearray()
    for name in names:
        size, start, crc, count = members[name].size, file.tell(), 0, 0
        file.write(_local(name, size, 0))
        for block in members[name].blocks():
            crc, count = zlib.crc32(block, crc), count + len(block)
            file.write(block)
        if count != size:
            raise ValueError(f"{name} has {count} bytes, not {size}")
        end = file.tell()
        file.seek(start)
        file.write(_local(name, size, crc))
        file.seek(end)
        directory += _central(name, size, crc, start)
    place = file.tell()
    file.write(directory)
    file.write(_end(len(names), len(directory), place))


class Archive:
    """A zip that is in our form. `Archive(file)` reads its directory; nothing is unpacked.

    Args:
        file: to be sought in; stays the caller's.

    Raises:
        BadInput: it is not in that form.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, tuple[int, int, int]] = {}
        try:
            self._read_directory()
        except (ValueError, struct.error, IndexError) as error:
            raise BadInput(_OTHER_FORM) from error

    def names(self) -> Sequence[str]:
        """The members, sorted."""
        return list(self._places)

    def size(self, name: str) -> int:
        """Bytes of a member."""
        return self._places[name][1]

    def blocks(self, name: str) -> Iterator[bytes]:
        """A member's content, in pieces.

        Raises:
            BadInput: at the end, where it does not fit its checksum.
        """
        place, left, wanted = self._places[name]
        self._file.seek(place)
        crc = 0
        while left:
            block = self._file.read(min(BLOCK, left))
            if not block:
                raise BadInput(_OTHER_FORM)
            left -= len(block)
            crc = zlib.crc32(block, crc)
            yield block
            self._file.seek(place := place + len(block))  # another member may be read meanwhile
        if crc != wanted:
            raise BadInput(_OTHER_FORM)

    def _read_directory(self) -> None:
        whole = self._file.seek(0, 2)
        if whole < _END.size or whole > MOST_BYTES:
            raise ValueError("size")
        end = self._at(whole - _END.size, _END.size)
        count, length, start = _END.unpack(end)[4:7]
        if count > MOST_MEMBERS or start + length + _END.size != whole or end != _end(count, length, start):
            raise ValueError("end")
        if length > count * (_CENTRAL.size + LONGEST_NAME):
            raise ValueError("directory")
        directory = self._at(start, length)
        place, next_local, before = 0, 0, ""
        for _ in range(count):
            fields = _CENTRAL.unpack_from(directory, place)
            crc, size, name_length = fields[7], fields[9], fields[10]
            name = directory[place + _CENTRAL.size :][:name_length].decode("ascii")
            if not before < name or len(name) > LONGEST_NAME:
                raise ValueError("name")
            whole_head = _central(name, size, crc, next_local)
            if directory[place : place + len(whole_head)] != whole_head:
                raise ValueError("directory")
            local = _local(name, size, crc)
            if next_local + len(local) + size > start or self._at(next_local, len(local)) != local:
                raise ValueError("member")
            self._places[name] = (next_local + len(local), size, crc)
            place, next_local, before = place + len(whole_head), next_local + len(local) + size, name
        if place != length or next_local != start:
            raise ValueError("gap")

    def _at(self, place: int, length: int) -> bytes:
        self._file.seek(place)
        data = self._file.read(length)
        if len(data) != length:
            raise ValueError("short")
        return data


def _local(name: str, size: int, crc: int) -> bytes:
    data = name.encode("ascii")
    return _LOCAL.pack(b"PK\3\4", 10, 0, 0, 0, _DATE, crc, size, size, len(data), 0) + data


def _central(name: str, size: int, crc: int, start: int) -> bytes:
    data = name.encode("ascii")
    mode = next((mode for suffix, mode in _MODES.items() if name.endswith(suffix)), 0o100644)
    fields = (b"PK\1\2", _UNIX_1_0, 10, 0, 0, 0, _DATE, crc, size, size, len(data), 0, 0, 0, 0)
    return _CENTRAL.pack(*fields, mode << 16, start) + data


def _end(count: int, length: int, start: int) -> bytes:
    return _END.pack(b"PK\5\6", 0, 0, count, count, length, start, 0)
