"""What a photo says of itself, and small previews: read in a child process, believed in nothing.

Decoders have holes, so pictures are opened only in a child with 512 MB of memory, ten seconds of
processor time and a time-out by the wall clock (Windows: the time-outs only). The picture goes through
a pipe: no plain copy of it lies on the disk. EXIF values are claims; absurd ones are kept as the text
they are and named.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO

import msgspec

from models.errors import BadInput, reason_of
from models.language import N_, translate
from models.store.clock import now_ms

LARGEST_BYTES = 96 * 1024 * 1024
"""More is not opened as a photo; it is kept as evidence all the same."""
_WALL_SECONDS = 20.0
_LONGEST_HEADER = 16 * 1024
_LONGEST_PREVIEW = 8 * 1024 * 1024
_BLOCK = 1024 * 1024
_WORKER = Path(__file__).with_name("photo_worker.py")
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")

_EARLIEST_YEAR = 1995
"""No digital camera of an inspector is older; 1970 and 1980 are clocks that were never set."""
_FUTURE_TOLERANCE = timedelta(minutes=5)
_FURTHEST_EAST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Problem:
    """A claim that cannot be right."""

    field: str
    """The field of `PhotoFacts` it is about; "exif" for the whole block."""
    value: str
    """What the photo says, as text."""
    msgid: str

    def text(self) -> str:
        """The sentence in the reader's language."""
        return translate(self.msgid).format(value=self.value)


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Size and format as decoded; all the rest as claimed by the photo."""

    width: int
    height: int
    format: str
    """JPEG, PNG, WEBP or TIFF."""
    taken: str | None = None
    """The camera's wall clock, ISO 8601 without zone; as it stands where it cannot be read as a time."""
    offset: str | None = None
    """The camera's offset from UTC, `+08:00`."""
    latitude: str | None = None
    """Decimal degrees, north positive, six places; as it stands where it is no number."""
    longitude: str | None = None
    altitude: str | None = None
    """Metres, one place."""
    camera: str | None = None
    problems: tuple[Problem, ...] = ()

    def sound(self, field: str) -> bool:
        """Whether the field is claimed and nothing speaks against the claim."""
        return getattr(self, field) is not None and all(problem.field != field for problem in self.problems)


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """What the child passes on from EXIF, as text; checked like any input from outside."""

    make: str = ""
    model: str = ""
    changed: str = ""
    taken: str = ""
    digitised: str = ""
    offset: str = ""
    latitude: str = ""
    latitude_ref: str = ""
    longitude: str = ""
    longitude_ref: str = ""
    altitude: str = ""
    altitude_ref: str = ""


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    bytes: int
    error: str = ""
    width: int = 0
    height: int = 0
    format: str = ""
    said: Said = msgspec.field(default_factory=Said)
    broken: bool = False


def looks_like_photo(head: bytes) -> bool:
    """Whether the first 12 bytes are those of a format that is opened here."""
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
    )  # fmt: skip


def facts(source: Path | bytes) -> PhotoFacts:
    """The facts of one photo; for several keep a `PhotoReader`. Errors as `PhotoReader.facts`."""
    with PhotoReader() as reader:
        return reader.facts(source)


def thumbnail(source: Path | bytes, edge: int) -> bytes:
    """A JPEG preview of one photo. Errors as `PhotoReader.facts`."""
    with PhotoReader() as reader:
        return reader.thumbnail(source, edge)


class PhotoReader:
    """One child process for a batch of photos, started at the first and anew after one that ended it."""

    def __init__(self, *, wall_seconds: float = _WALL_SECONDS) -> None:
        self._wall_seconds = wall_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> PhotoReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def facts(self, source: Path | bytes, *, at_ms: int | None = None) -> PhotoFacts:
        """Size, format and claims.

        Args:
            source: the photo, as a file or its bytes.
            at_ms: the time that "in the future" is measured by; now by default.

        Raises:
            BadInput: when it is no JPEG, PNG, WebP or TIFF, is broken, or needs too much to open.
        """
        answer, _ = self._ask("facts", source, 0)
        if not (answer.width > 0 and answer.height > 0 and answer.format in _FORMATS):
            raise _unreadable()
        return judge(
            answer.width, answer.height, answer.format, answer.said, answer.broken, at_ms or now_ms()
        )

    def thumbnail(self, source: Path | bytes, edge: int) -> bytes:
        """A JPEG of at most edge x edge pixels, upright, without EXIF. Errors as `facts`."""
        if not 1 <= edge <= 4096:
            raise ValueError("a preview has 1 to 4096 pixels")
        _, payload = self._ask("thumbnail", source, edge)
        if not payload.startswith(b"\xff\xd8\xff"):
            raise _unreadable()
        return payload

    # --- within ---

    def _ask(self, what: str, source: Path | bytes, edge: int) -> tuple[_Answer, bytes]:
        with _opened(source) as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(0)
            if size > LARGEST_BYTES:
                raise BadInput(
                    N_("The photo is larger than {count} MB and was not opened."), count=LARGEST_BYTES >> 20
                )
            if not looks_like_photo(stream.read(12)):
                raise _unreadable()
            stream.seek(0)
            request = json.dumps({"do": what, "size": size, "edge": edge}).encode() + b"\n"
            with self._lock:
                answer, payload = self._exchange(request, stream)
        if answer.error == "pixels":
            raise BadInput(N_("The picture has more than 100 million pixels and was not opened."))
        if answer.error == "memory":
            raise BadInput(N_("The picture needs too much memory and was not opened."))
        if answer.error:
            raise _unreadable()
        return answer, payload

    def _exchange(self, request: bytes, stream: BinaryIO) -> tuple[_Answer, bytes]:
        child = self._child or self._start()
        self._child = child
        assert child.stdin is not None
        assert child.stdout is not None
        timer = threading.Timer(self._wall_seconds, child.kill)
        timer.daemon = True
        timer.start()
        try:
            child.stdin.write(request)
            while block := stream.read(_BLOCK):
                child.stdin.write(block)
            child.stdin.flush()
            answer, payload = _read_answer(child.stdout)
        except (OSError, ValueError, msgspec.MsgspecError):
            # It ran out of time or memory, crashed in a decoder, or was taken over by the picture.
            self._end()
            raise BadInput(
                N_("The picture could not be opened safely. It is kept as it is, without a preview.")
            ) from None
        except BaseException:
            self._end()
            raise
        finally:
            timer.cancel()
        if answer.error == "memory":
            self._end()
        return answer, payload

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libtiff writes there, over the screen
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")


def _opened(source: Path | bytes) -> BinaryIO:
    if isinstance(source, bytes):
        return BytesIO(source)
    try:
        return source.open("rb")
    except OSError as error:
        raise BadInput(
            N_("{name} cannot be read: {reason}. Copy it to the laptop and try again."),
            name=source.name,
            reason=reason_of(error),
        ) from error


def _read_answer(stream: IO[bytes]) -> tuple[_Answer, bytes]:
    header = stream.readline(_LONGEST_HEADER)
    if not header.endswith(b"\n"):
        raise ValueError("no answer")
    answer = msgspec.json.decode(header, type=_Answer)
    if not 0 <= answer.bytes <= _LONGEST_PREVIEW:
        raise ValueError("senseless answer")
    payload = stream.read(answer.bytes)
    if len(payload) != answer.bytes:
        raise ValueError("cut answer")
    return answer, payload


def _unreadable() -> BadInput:
    return BadInput(N_("This is not a photo that can be opened (JPEG, PNG, WebP or TIFF)."))


# --- judging the claims ----------------------------------------------------------------------------


def judge(width: int, height: int, kind: str, said: Said, broken: bool, at_ms: int) -> PhotoFacts:
    """The facts from what EXIF says; pure."""
    problems: list[Problem] = []
    if broken:
        problems.append(Problem("exif", "", N_("The photo's EXIF block is damaged.")))
    taken, offset = _time(said, at_ms, problems)
    latitude = _degrees("latitude", said.latitude, said.latitude_ref, "NS", 90, problems)
    longitude = _degrees("longitude", said.longitude, said.longitude_ref, "EW", 180, problems)
    if latitude is not None and longitude is not None and _is_zero(latitude) and _is_zero(longitude):
        for name, value in (("latitude", latitude), ("longitude", longitude)):
            problems.append(Problem(name, value, N_("The position is 0, 0: the camera had no fix.")))
    camera = _clean(f"{_clean(said.make)} {_clean(said.model)}")
    return PhotoFacts(
        width,
        height,
        kind,
        taken=taken,
        offset=offset,
        latitude=latitude,
        longitude=longitude,
        altitude=_altitude(said, problems),
        camera=camera or None,
        problems=tuple(problems),
    )


_TIME = re.compile(r"(\d{4})[:\-/.](\d{2})[:\-/.](\d{2})[ T](\d{2}):(\d{2}):(\d{2})", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})", re.ASCII)


def _time(said: Said, at_ms: int, problems: list[Problem]) -> tuple[str | None, str | None]:
    text = _clean(said.taken) or _clean(said.digitised) or _clean(said.changed)
    offset, shift = _offset(_clean(said.offset), problems)
    if not text:
        return None, offset
    parts = _TIME.match(text)
    try:
        moment = datetime.fromisoformat("{}-{}-{}T{}:{}:{}+00:00".format(*parts.groups())) if parts else None
    except ValueError:
        moment = None
    if moment is None:
        problems.append(Problem("taken", text, N_("The photo's time {value} is no time.")))
        return text, offset
    if moment.year < _EARLIEST_YEAR:
        problems.append(
            Problem(
                "taken", text, N_("The photo's time {value} is too early: the camera's clock was not set.")
            )
        )
    else:
        now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
        # Without an offset any zone is possible; only a time that is future everywhere is absurd.
        if moment > now + _FUTURE_TOLERANCE + (shift if shift is not None else _FURTHEST_EAST):
            problems.append(Problem("taken", text, N_("The photo's time {value} is in the future.")))
    return moment.replace(tzinfo=None).isoformat(), offset


def _offset(text: str, problems: list[Problem]) -> tuple[str | None, timedelta | None]:
    if not text:
        return None, None
    parts = _OFFSET.fullmatch(text)
    if parts is not None:
        shift = timedelta(hours=int(parts[2]), minutes=int(parts[3]))
        if int(parts[3]) < 60 and shift <= _FURTHEST_EAST:
            return text, shift if parts[1] == "+" else -shift
    problems.append(Problem("offset", text, N_("The photo's time zone {value} is none.")))
    return text, None


def _degrees(
    field: str, text: str, reference: str, signs: str, most: int, problems: list[Problem]
) -> str | None:
    raw, sign = _clean(text), _clean(reference)[:1].upper()
    if not raw:
        return None
    wrong = N_("The photo's position {value} is no place on earth.")
    parts = [_rational(part) for part in raw.split(" ")]
    if len(parts) > 3 or any(part is None or part < 0 for part in parts) or sign not in tuple(signs):
        problems.append(Problem(field, f"{raw} {sign}".strip(), wrong))
        return raw
    degrees = sum(
        (part / weight for part, weight in zip(parts, (1, 60, 3600), strict=False) if part is not None),
        Decimal(0),
    )
    value = f"{-degrees if sign == signs[1] else degrees:.6f}" if degrees < 10**9 else raw
    if degrees > most:
        problems.append(Problem(field, value, wrong))
    return value


def _altitude(said: Said, problems: list[Problem]) -> str | None:
    raw = _clean(said.altitude)
    if not raw:
        return None
    metres = _rational(raw)
    if metres is None or not 0 <= metres <= 9000:
        problems.append(Problem("altitude", raw, N_("The photo's altitude {value} is none.")))
        return raw
    return f"{-metres if said.altitude_ref.strip() in ('1', chr(1)) else metres:.1f}"


def _rational(text: str) -> Decimal | None:
    above, _, below = text.partition("/")
    try:
        value = Decimal(above) / Decimal(below or "1")
    except (InvalidOperation, ArithmeticError, ValueError):
        return None
    return value if value.is_finite() else None


def _is_zero(text: str) -> bool:
    return text.lstrip("-") == "0.000000"


def _clean(text: str) -> str:
    """A claim as text that can be shown: NFC, one line, without controls, at most 200 characters."""
    shown = "".join(
        " " if character.isspace() else "\ufffd" if unicodedata.category(character)[0] == "C" else character
        for character in unicodedata.normalize("NFC", text.split("\0", 1)[0])
    )
    return " ".join(shown.split())[:200]
