from __future__ import annotations

import io
import struct
import sys
import textwrap
import unicodedata
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from models.errors import BadInput
from models.inspections import photo
from models.inspections.photo import PhotoFacts, PhotoReader, Said, judge
from models.inspections.samples import jpeg_with_exif

MORNING = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
AT = int(datetime(2026, 11, 23, 2, 0, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(scope="module")
def reader() -> Iterator[PhotoReader]:
    with PhotoReader() as reader:
        yield reader


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def claimed(**said: str) -> PhotoFacts:
    return judge(10, 10, "JPEG", Said(**said), False, AT)


def with_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    worker = tmp_path / "worker.py"
    folder = str(Path(photo.__file__).parent)
    head = f"import sys; sys.path.insert(0, {folder!r}); import photo_worker as worker\n"
    worker.write_text(head + textwrap.dedent(script))
    monkeypatch.setattr(photo, "_WORKER", worker)


def test_a_photo_s_size_time_place_and_camera_are_read(reader: PhotoReader, tmp_path: Path) -> None:
    path = jpeg_with_exif(tmp_path / "a.jpg", taken=MORNING, gps=(24.5101, -117.65), size=(640, 480))
    assert reader.facts(path, at_ms=AT) == PhotoFacts(
        640,
        480,
        "JPEG",
        taken="2026-11-23T09:15:00",
        offset="+08:00",
        latitude="24.510100",
        longitude="-117.650000",
        camera="QINGCHA SAMPLE",
    )
    assert reader.facts(path.read_bytes(), at_ms=AT) == reader.facts(path, at_ms=AT)


def test_a_photo_that_claims_nothing_has_no_problem(reader: PhotoReader) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        facts = reader.facts(encoded(Image.new("RGB", (30, 20)), kind))
        assert facts == PhotoFacts(30, 20, kind)
        assert not facts.sound("taken")


def test_absurd_claims_are_kept_as_text_and_named(reader: PhotoReader, tmp_path: Path) -> None:
    facts = reader.facts(jpeg_with_exif(tmp_path / "a.jpg", absurd=True))
    assert facts.taken == "0000:00:00 00:00:00"
    assert facts.latitude == "200.000000"
    assert facts.longitude == "400.000000"
    assert [problem.field for problem in facts.problems] == ["taken", "latitude", "longitude"]
    assert "200.000000" in facts.problems[1].text()
    assert facts.sound("camera")
    assert not facts.sound("latitude")


@pytest.mark.parametrize(
    ("taken", "offset", "expected"),
    [
        ("2026:11:23 10:00:00", "+08:00", None),
        ("2026:11:23 10:04:00", "+08:00", None),
        ("2026:11:23 10:06:00", "+08:00", "future"),
        ("2026:11:23 10:06:00", "", None),
        ("2026:11:23 16:06:00", "", "future"),
        ("1970:01:01 00:00:00", "", "too early"),
        ("1980:01:01 00:00:00", "+08:00", "too early"),
        ("0001:01:01 00:00:00", "+14:00", "too early"),
        ("9999:12:31 23:59:59", "-14:00", "future"),
        ("2026:02:30 10:00:00", "", "no time"),
        ("2026:11:23 24:00:00", "", "no time"),
        ("    :  :     :  :  ", "", "no time"),
        ("昨天", "", "no time"),
    ],
)
def test_a_camera_s_clock_is_doubted_when_it_cannot_be_right(
    taken: str, offset: str, expected: str | None
) -> None:
    facts = claimed(taken=taken, offset=offset)
    found = [problem for problem in facts.problems if problem.field == "taken"]
    assert len(found) == (expected is not None)
    assert expected is None or expected in found[0].msgid
    assert facts.taken is not None


@pytest.mark.parametrize("offset", ["+25:00", "+08:60", "8", "中国", "+0800"])
def test_a_time_zone_that_is_none_is_named(offset: str) -> None:
    facts = claimed(taken="2026:11:23 09:15:00", offset=offset)
    assert [problem.field for problem in facts.problems] == ["offset"]
    assert facts.offset == offset


@pytest.mark.parametrize(
    ("latitude", "reference", "value", "sound"),
    [
        ("24/1 30/1 36/1", "N", "24.510000", True),
        ("24/1 30/1 36/1", "S", "-24.510000", True),
        ("2451/100", "N", "24.510000", True),
        ("90/1 0/1 0/1", "S", "-90.000000", True),
        ("90/1 0/1 1/1", "N", "90.000278", False),
        ("24/1 30/1 36/1", "", "24/1 30/1 36/1", False),
        ("24/0 30/1 36/1", "N", "24/0 30/1 36/1", False),
        ("0/0 0/0 0/0", "N", "0/0 0/0 0/0", False),
        ("-24/1", "N", "-24/1", False),
        ("nan", "N", "nan", False),
        ("1e999999", "N", "1e999999", False),
        ("1/1 1/1 1/1 1/1", "N", "1/1 1/1 1/1 1/1", False),
    ],
)
def test_a_position_is_decimal_degrees_or_the_text_it_was(
    latitude: str, reference: str, value: str, sound: bool
) -> None:
    facts = claimed(latitude=latitude, latitude_ref=reference)
    assert facts.latitude == value
    assert facts.sound("latitude") == sound


def test_a_position_without_a_fix_is_named() -> None:
    facts = claimed(latitude="0/1", latitude_ref="N", longitude="0/1", longitude_ref="W")
    assert not facts.sound("latitude")
    assert not facts.sound("longitude")


@pytest.mark.parametrize(
    ("altitude", "reference", "value", "sound"),
    [("123/10", "0", "12.3", True), ("5/1", "1", "-5.0", True), ("99999/1", "", "99999/1", False)],
)
def test_an_altitude_is_metres(altitude: str, reference: str, value: str, sound: bool) -> None:
    facts = claimed(altitude=altitude, altitude_ref=reference)
    assert facts.altitude == value
    assert facts.sound("altitude") == sound


SAID = st.builds(Said, **dict.fromkeys(Said.__struct_fields__, st.text(max_size=40)))
NUMBERS = st.text(st.sampled_from("0123456789/ .-+e:NnaIif"), max_size=40)
NUMERIC = st.builds(Said, **dict.fromkeys(Said.__struct_fields__, NUMBERS))


@given(
    st.one_of(SAID, st.builds(Said, **dict.fromkeys(Said.__struct_fields__, NUMBERS))), st.integers(0, 10**14)
)
@example(Said(latitude="1e400000 1 1", latitude_ref="N"), 0)
@example(Said(latitude="1_0/1", latitude_ref="N"), 0)
@example(Said(taken="2026:11:23 09:15:00", offset="+99:99"), AT)
def test_no_claim_crashes_and_none_carries_controls(said: Said, at_ms: int) -> None:
    facts = judge(1, 1, "JPEG", said, False, at_ms)
    texts = [facts.taken, facts.offset, facts.latitude, facts.longitude, facts.altitude, facts.camera]
    for text in [*texts, *(problem.text() for problem in facts.problems)]:
        assert text is None or not any(unicodedata.category(character)[0] == "C" for character in text)


def test_terminal_escapes_in_a_camera_s_name_are_made_visible(reader: PhotoReader, tmp_path: Path) -> None:
    path = jpeg_with_exif(tmp_path / "a.jpg", camera=("\x1b]52;c;eA==\x07", "evil\x9b2J\u202e"))
    camera = reader.facts(path).camera
    assert camera is not None
    assert camera.startswith("\ufffd]52;c;eA==\ufffd")
    assert "\x1b" not in camera


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        encoded(Image.new("RGB", (9, 9)), "GIF"),
        encoded(Image.new("RGB", (9, 9)), "BMP"),
        encoded(Image.new("RGB", (9, 9)), "EPS"),
    ],
)
def test_what_is_no_photo_is_refused_in_one_sentence(reader: PhotoReader, content: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        reader.facts(content)
    assert "JPEG" in caught.value.text()


def test_a_file_that_is_not_there_is_named(reader: PhotoReader, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        reader.facts(tmp_path / "missing.jpg")
    assert "missing.jpg" in caught.value.text()


def test_a_photo_larger_than_the_limit_never_reaches_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo, "LARGEST_BYTES", 1000)
    with PhotoReader() as reader, pytest.raises(BadInput):
        reader.facts(b"\xff\xd8\xff" + bytes(1000))


def png(width: int, height: int, rows: int = 0) -> bytes:
    """A PNG that claims a size and holds only some of its rows."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    squeezed = zlib.compressobj(1)
    data = b"".join(squeezed.compress(bytes(1 + width * 4)) for _ in range(rows)) + squeezed.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_a_bomb_of_pixels_is_refused_and_the_next_photo_opens(reader: PhotoReader) -> None:
    with pytest.raises(BadInput) as caught:
        reader.facts(png(20_000, 20_000))
    assert "pixels" in caught.value.msgid
    with pytest.raises(BadInput):
        reader.thumbnail(png(11_000, 10_000), 100)
    assert reader.facts(encoded(Image.new("RGB", (3, 2)), "PNG")).width == 3


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits hold on Linux")
def test_a_picture_that_needs_too_much_memory_is_refused_and_the_next_one_opens() -> None:
    with PhotoReader() as reader:
        with pytest.raises(BadInput) as caught:
            reader.thumbnail(png(9_900, 9_900, rows=9_900), 100)
        assert "memory" in caught.value.msgid
        assert reader.facts(png(9_900, 9_900)).height == 9_900


def test_a_child_that_hangs_is_ended_by_the_wall_clock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_worker(monkeypatch, tmp_path, "sys.stdin.buffer.read()")
    with PhotoReader(wall_seconds=0.3) as reader, pytest.raises(BadInput):
        reader.facts(png(1, 1))


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
def test_a_child_that_computes_for_ever_is_ended_by_its_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_worker(
        monkeypatch,
        tmp_path,
        """
        def endless(image):
            while True: pass
        worker.facts, worker.CPU_SECONDS = endless, 1
        worker.main()
        """,
    )
    with PhotoReader(wall_seconds=60) as reader, pytest.raises(BadInput):
        reader.facts(png(1, 1))


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
def test_the_child_can_write_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_worker(
        monkeypatch,
        tmp_path,
        f"""
        worker.limit_once()
        with open({str(tmp_path / "leak")!r}, "wb") as file:
            file.write(b"plain")
        """,
    )
    with PhotoReader() as reader, pytest.raises(BadInput):
        reader.facts(png(1, 1))
    assert (tmp_path / "leak").read_bytes() == b""


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no json\n",
        b"[]\n",
        b'{"bytes": -1}\n',
        b'{"bytes": 99999999999}\n',
        b'{"bytes": 10}\nshort',
        b'{"bytes": 0, "width": "1"}\n',
        b'{"bytes": 0, "width": 1, "height": 1, "format": "EXE"}\n',
        b'{"bytes": 0, "other": 1}\n',
        b'{"bytes": 0, "said": {"taken": 5}}\n',
        b"x" * 100_000,
    ],
)
def test_a_child_taken_over_by_a_picture_can_only_be_disbelieved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: bytes
) -> None:
    script = f"sys.stdin.buffer.readline(); sys.stdout.buffer.write({answer!r})"
    with_worker(monkeypatch, tmp_path, script)
    with PhotoReader() as reader:
        with pytest.raises(BadInput):
            reader.facts(png(1, 1))
        with pytest.raises(BadInput):
            reader.thumbnail(png(1, 1), 9)


def test_a_batch_uses_one_child_and_leaves_none() -> None:
    with PhotoReader() as reader:
        reader.facts(png(1, 1))
        child = reader._child
        reader.facts(png(2, 2))
        assert reader._child is child
    assert child is not None
    assert child.returncode is not None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_broken_photo_gives_facts_or_one_sentence(
    reader: PhotoReader, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "sound.jpg"
    if not path.exists():
        jpeg_with_exif(path, taken=MORNING, gps=(24.5, 117.6), size=(64, 48))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, 600))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    for use in (reader.facts, lambda photo: reader.thumbnail(photo, 16)):
        try:
            use(bytes(content))
        except BadInput as error:
            assert error.text()  # noqa: PT017 -- either outcome is right


def test_a_preview_is_small_upright_and_claims_nothing(reader: PhotoReader) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    exif[0x010F] = "QINGCHA"
    content = encoded(Image.new("RGB", (800, 600), "red"), "JPEG", exif=exif)
    preview = Image.open(io.BytesIO(reader.thumbnail(content, 100)))
    assert preview.format == "JPEG"
    assert preview.size == (75, 100)
    assert dict(preview.getexif()) == {}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_pictures_of_every_mode_get_a_preview(reader: PhotoReader, mode: str) -> None:
    kind = "PNG" if mode in ("1", "L", "LA", "P", "RGBA", "I;16") else "TIFF"
    preview = Image.open(io.BytesIO(reader.thumbnail(encoded(Image.new(mode, (90, 60)), kind), 30)))
    assert preview.size == (30, 20)
    assert preview.mode == "RGB"


def test_what_is_transparent_shows_white(reader: PhotoReader) -> None:
    content = encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG")
    colour = Image.open(io.BytesIO(reader.thumbnail(content, 20))).getpixel((10, 10))
    assert colour == (255, 255, 255)


def test_two_samples_with_different_texts_differ(tmp_path: Path) -> None:
    one = jpeg_with_exif(tmp_path / "1.jpg", text="演示 W01", size=(200, 100))
    two = jpeg_with_exif(tmp_path / "2.jpg", text="演示 W02", size=(200, 100))
    assert one.read_bytes() != two.read_bytes()


@given(st.floats(-89.99, 89.99), st.floats(-179.99, 179.99))
@settings(max_examples=30, deadline=None)
def test_a_sample_s_position_comes_back(
    reader: PhotoReader, tmp_path_factory: pytest.TempPathFactory, latitude: float, longitude: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "place.jpg"
    facts = reader.facts(jpeg_with_exif(path, gps=(latitude, longitude), size=(8, 8)))
    assert facts.latitude is not None
    assert facts.longitude is not None
    assert abs(float(facts.latitude) - latitude) < 0.000_001
    assert abs(float(facts.longitude) - longitude) < 0.000_001
