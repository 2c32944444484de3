"""What the Evidence screen needs beside itself: pasted paths, kinds by file, folders to browse, pictures."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import unquote, urlsplit

from rich.segment import Segment
from rich.style import Style

from models.errors import BadInput, QingchaError, reason_of
from models.inspections import queries, verbs
from models.inspections.photo import LARGEST_BYTES, PhotoReader
from models.inspections.rules import media_type
from models.language import N_
from models.registry import queries as registry
from sync import queries as way
from tui.screens.history import Names, out_words

THUMBNAIL_COLUMNS = 48
THUMBNAIL_ROWS = 14


class Stopped(QingchaError):
    """The person stopped the taking in; nothing of the file is kept."""

    def __init__(self) -> None:
        super().__init__(N_("Stopped. The file that was being taken in is not kept."))


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """What the screen shows, read in one go."""

    visit: Any
    rows: list[Any]
    marks: dict[str, str]
    custody: dict[str, list[Any]]
    names: dict[str, str]
    """Officers' names by record id, for the custody."""
    hashes: dict[str, str]
    """SHA-256 of the pieces that are files, also of those that went by order."""
    out: dict[str, str]
    """Of pieces whose file went by order, what is said of that."""

    def mark(self, row: Any) -> str:
        """How far a piece has got, as `tui.widgets.bar.MARKS`."""
        return "out" if row.id in self.out else self.marks.get(row.id, "kept")


def read_evidence(notebook: Any, inspection_id: str) -> EvidenceView:
    """Everything for the screen; runs in a thread.

    Raises:
        BadInput: there is no such inspection.
    """
    visit = queries.inspection(notebook, inspection_id)
    if visit is None:
        raise BadInput(N_("There is no such inspection here. Synchronise, or look in the list."))
    rows = queries.evidence_of(notebook, inspection_id)
    custody = {row.id: queries.custody_of(notebook, row.id) for row in rows}
    people = {who for events in custody.values() for event in events for who in (event.by, event.to) if who}
    names = {}
    for who in people:
        officer = registry.officer(notebook, who)
        names[who] = (officer.name if officer is not None else "") or who
    marks = {key: str(value) for key, value in way.marks(notebook, [row.id for row in rows]).items()}
    gone, known = queries.files_out(notebook, rows), Names(notebook)
    hashes = {row.id: row.sha256 for row in rows if row.sha256} | {
        key: each.sha256 for key, each in gone.items()
    }
    out = {key: out_words(known, each) for key, each in gone.items()}
    return EvidenceView(visit, rows, marks, custody, names, hashes, out)


def pasted_paths(text: str) -> list[Path]:
    """The files of a pasted or dropped text: plain, quoted, with escaped blanks, or as file:// addresses."""
    found: list[Path] = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        whole = _path(line.strip("'\""))
        if whole is not None and (_is_there(whole) or sys.platform == "win32"):
            found.append(whole)
            continue
        try:
            parts = shlex.split(line)
        except ValueError:
            parts = [line]
        paths = [_path(part) for part in parts]
        if len(parts) > 1 and all(path is not None and _is_there(path) for path in paths):
            found += [path for path in paths if path is not None]
        elif len(parts) == 1 and paths[0] is not None:
            found.append(paths[0])
        elif whole is not None:
            found.append(whole)
    return found


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name longer than any file's, half a character
        return False


def _path(text: str) -> Path | None:
    try:
        if text.startswith("file://"):
            text = unquote(urlsplit(text).path)
            if sys.platform == "win32":
                text = text.lstrip("/")
        return Path(text).expanduser() if text and "\0" not in text else None
    except (RuntimeError, ValueError):
        return None


def kind_of(path: Path) -> str:
    """The kind of evidence that such a file mostly is; the officer may change it."""
    try:
        with path.open("rb") as file:
            media = media_type(file.read(16), path.name)
    except OSError:
        return "electronic"
    return "audio_visual" if media.startswith(("image/", "video/", "audio/")) else "electronic"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How a batch went."""

    taken: int
    problems: list[str]
    """One sentence a file that was not taken."""


def take_in_all(
    notebook: Any,
    inspection_id: str,
    item: str,
    paths: Sequence[Path],
    *,
    stop: Event,
    told: Callable[[int, int, int, str], None],
) -> TakenIn:
    """Take files in, one after the other; what cannot be read is told and the rest goes on.

    Args:
        told: number of the file from 0, bytes done, bytes in all, its name; at most ten times a second.
    """
    problems: list[str] = []
    taken = 0
    with PhotoReader() as photos:
        for number, path in enumerate(paths):
            last = 0.0

            def progress(done: int, total: int, number: int = number, name: str = path.name) -> None:
                nonlocal last
                if stop.is_set():
                    raise Stopped
                now = time.monotonic()
                if now - last > 0.1 or done >= total:
                    last = now
                    told(number, done, total, name)

            try:
                if stop.is_set():
                    raise Stopped
                verbs.take_in(
                    notebook,
                    inspection_id,
                    path,
                    kind=kind_of(path),
                    item=item or None,
                    progress=progress,
                    photos=photos,
                )
                taken += 1
            except Stopped as stopped:
                problems.append(stopped.text())
                break
            except QingchaError as error:
                problems.append(error.text())
    return TakenIn(taken, problems)


def place_words(kept: str) -> str:
    """Latitude and longitude of a kept claim."""
    try:
        place = json.loads(kept)
        return ", ".join(str(place[name]) for name in ("latitude", "longitude", "altitude") if name in place)
    except (ValueError, TypeError):
        return kept


# -- folders -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder of a listing."""

    path: Path
    folder: bool
    size: int
    changed: float


def listing(folder: Path) -> list[Entry]:
    """Folders by name, then files, the newest first; what cannot be read is left out.

    Raises:
        BadInput: the folder cannot be read.
    """
    found = []
    try:
        with os.scandir(folder) as entries:
            for each in entries:
                if each.name.startswith("."):
                    continue
                try:
                    told = each.stat()
                    found.append(Entry(Path(each.path), each.is_dir(), told.st_size, told.st_mtime))
                except OSError:
                    continue
    except OSError as error:
        raise BadInput(
            N_("The folder {path} cannot be read: {reason}."), path=str(folder), reason=reason_of(error)
        ) from error
    return sorted(
        found, key=lambda each: (not each.folder, each.path.name if each.folder else "", -each.changed)
    )


def places() -> list[Path]:
    """Where files may come from: home and its folders of pictures, cards and sticks that are plugged in."""
    home = Path.home()
    found = [
        home,
        *(home / name for name in ("Pictures", "图片", "Downloads", "下载", "DCIM", "Desktop", "桌面")),
    ]
    user = os.environ.get("USER", "")
    for parent in (
        Path("/media") / user,
        Path("/media"),
        Path("/run/media") / user,
        Path("/Volumes"),
        Path("/mnt"),
    ):
        try:
            found += sorted(child for child in parent.iterdir() if child.is_dir())
        except OSError:
            continue
    if sys.platform == "win32":
        found += [Path(f"{letter}:/") for letter in "DEFGH" if Path(f"{letter}:/").exists()]
    return list(dict.fromkeys(path for path in found if path.is_dir()))


class Watch:
    """A folder whose new files are offered: a tethered camera, or a phone that shares its pictures.

    Args:
        folder: which; what lies there at the start is not offered.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known = {(each.path, each.size) for each in listing(folder) if not each.folder}
        self._growing: dict[Path, int] = {}

    def look(self) -> list[Path]:
        """New files that are whole: those whose size has not changed since the look before."""
        whole = []
        growing = {}
        for each in listing(self.folder):
            if each.folder or (each.path, each.size) in self._known:
                continue
            if self._growing.get(each.path) == each.size:
                whole.append(each.path)
                self._known.add((each.path, each.size))
            else:
                growing[each.path] = each.size
        self._growing = growing
        return whole


# -- pictures ----------------------------------------------------------------------------------------------


def thumbnail_rows(notebook: Any, row: Any) -> list[list[Segment]]:
    """A photo as half blocks, two pixels a cell; empty for what is none. Runs in a thread.

    Decoded in a child process (`models.inspections.photo`); only its own small JPEG is opened here.
    """
    if not (row.mime or "").startswith("image/") or not row.sha256 or (row.size or 0) > LARGEST_BYTES:
        return []
    from PIL import Image

    try:
        with notebook.vault.open(row.sha256) as stream:
            data = stream.read()
        with PhotoReader() as photos:
            small = photos.thumbnail(data, 2 * THUMBNAIL_COLUMNS)
        image = Image.open(io.BytesIO(small)).convert("RGB")
    except (QingchaError, OSError):
        return []
    scale = min(THUMBNAIL_COLUMNS / image.width, 2 * THUMBNAIL_ROWS / image.height)
    width, height = max(1, round(image.width * scale)), max(2, round(image.height * scale) // 2 * 2)
    pixels = image.resize((width, height)).load()
    assert pixels is not None
    return [
        [Segment("▀", Style(color=_hex(pixels[x, y]), bgcolor=_hex(pixels[x, y + 1]))) for x in range(width)]
        for y in range(0, height, 2)
    ]


def _hex(pixel: Any) -> str:
    return "#{:02x}{:02x}{:02x}".format(*pixel[:3])


def whole_number(text: str) -> int | None:
    """Pages as typed; None for nothing.

    Raises:
        BadInput: it is no whole number.
    """
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,6}", text):
        raise BadInput(N_("“{value}” is no whole number."), value=text)
    return int(text)
