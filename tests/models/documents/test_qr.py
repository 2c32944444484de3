"""QR codes that scanners read back, in the version, level and mode that were promised."""

from __future__ import annotations

import io
from urllib.parse import quote

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.documents import qr
from models.errors import BadInput

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LONGEST = ("HTTPS://E.XX.GOV.CN/1/" + "A1B2C3D4/" * 40)[:311]


def scan(image: Image.Image) -> zxingcpp.Barcode:
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1
    return found[0]


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_the_longest_seal_is_read_back_from_every_printer(dpi: int) -> None:
    code = scan(opened(qr.png(qr.seal_modules(LONGEST), dpi)))
    assert code.text == LONGEST
    assert (code.extra["Version"], code.extra["ECLevel"]) == ("10", "M")


@settings(max_examples=30)
@given(st.text(ALPHABET, min_size=1, max_size=311))
def test_any_seal_text_gets_version_10_and_is_read_back(text: str) -> None:
    modules = qr.seal_modules(text)
    assert len(modules) == 57
    code = scan(opened(qr.png(modules)))
    assert code.text == text
    assert code.extra["Version"] == "10"


def test_311_characters_fit_only_in_alphanumeric_mode() -> None:
    """Version 10-M holds 311 alphanumeric characters but 213 bytes: so the mode was alphanumeric."""
    assert len(qr.seal_modules(LONGEST)) == 57
    assert len(qr.modules(LONGEST.lower())) > 57


def test_digits_do_not_slip_into_numeric_mode_chunks() -> None:
    digits = "1234567890" * 31 + "A"
    assert scan(opened(qr.png(qr.seal_modules(digits)))).text == digits


@pytest.mark.parametrize("text", ["A" * 312, "abc", "编号", "A\n"])
def test_what_does_not_fit_a_seal_code_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        qr.seal_modules(text)


@pytest.mark.parametrize(("dpi", "dots", "side"), [(203, 4, 32.53), (300, 5, 27.52), (600, 10, 27.52)])
def test_modules_are_whole_dots_of_at_least_0_40_mm(dpi: int, dots: int, side: float) -> None:
    code = qr.seal_modules(LONGEST)
    image = opened(qr.png(code, dpi))
    assert image.size == ((57 + 8) * dots,) * 2
    assert round(image.info["dpi"][0]) == dpi
    assert dots * 25.4 / dpi >= 0.40
    assert qr.printed_mm(code, dpi) == pytest.approx(side, abs=0.01)


def test_the_white_border_is_four_modules_wide() -> None:
    image = opened(qr.png(qr.seal_modules(LONGEST))).convert("L")
    box = image.point([255 - value for value in range(256)]).getbbox()
    assert box == (20, 20, 325 - 20, 325 - 20)


def painted(rows: list[str], cell: tuple[int, int]) -> Image.Image:
    """What a terminal shows: each cell in black on white, with its block character drawn exactly."""
    width, height = cell
    image = Image.new("L", (len(rows[0]) * width, len(rows) * height), 255)
    for top, row in enumerate(rows):
        for left, character in enumerate(row):
            for x, y, w, h in boxes(character):
                area = (
                    left * width + round(x * width),
                    top * height + round(y * height),
                    left * width + round((x + w) * width),
                    top * height + round((y + h) * height),
                )
                image.paste(0, area)
    return image


def boxes(character: str) -> list[tuple[float, float, float, float]]:
    known: dict[str, list[tuple[float, float, float, float]]] = {
        " ": [],
        "█": [(0, 0, 1, 1)],
        "▀": [(0, 0, 1, 0.5)],
        "▄": [(0, 0.5, 1, 0.5)],
        "▌": [(0, 0, 0.5, 1)],
        "▐": [(0.5, 0, 0.5, 1)],
    }
    if character in known:
        return known[character]
    pattern = ord(character) - 0x1FB00 + 1
    pattern += pattern > 20
    pattern += pattern > 41
    return [(place % 2 / 2, place // 2 / 3, 1 / 2, 1 / 3) for place in range(6) if pattern >> place & 1]


@pytest.mark.parametrize(("width", "height"), [(80, 40), (80, 33), (65, 31), (61, 30), (80, 24), (40, 22)])
def test_the_code_on_the_screen_fits_and_is_read_by_a_camera(width: int, height: int) -> None:
    rows = qr.terminal_rows(qr.seal_modules(LONGEST), width, height)
    assert rows is not None
    assert len(rows) <= height
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows[0]) <= width
    assert scan(painted(rows, (10, 20))).text == LONGEST


@pytest.mark.parametrize("name", ["甲乙", "欧阳青山", "执法员01"])
def test_a_secret_for_a_phone_is_read_from_half_blocks_on_the_smallest_terminal(name: str) -> None:
    text = f"otpauth://totp/Qingcha:{quote(name)}?secret={'ABCD2345' * 4}&issuer=Qingcha"
    rows = qr.terminal_rows(qr.screen_modules(text), 80, 22)
    assert rows is not None
    assert set("".join(rows)) <= set(" ▀▄█")
    assert scan(painted(rows, (10, 20))).text == text


def test_a_screen_that_is_too_small_gets_none_rather_than_half_a_code() -> None:
    assert qr.terminal_rows(qr.seal_modules(LONGEST), 80, 15) is None
    assert qr.terminal_rows(qr.seal_modules(LONGEST), 25, 60) is None


@pytest.mark.parametrize(
    "text", ["QCE:350602-20261123-7K2QX-01:3:-", "https://10.0.0.2:8443/p/abc", "证据 3"]
)
def test_other_texts_get_the_smallest_code_that_reads_back(text: str) -> None:
    modules = qr.modules(text)
    assert len(modules) < 57
    assert scan(opened(qr.png(modules, 203))).text == text


@pytest.mark.parametrize("length", [800, 5000])
def test_a_text_too_long_to_be_read_from_paper_is_refused(length: int) -> None:
    with pytest.raises(BadInput):
        qr.modules("中" * length)
