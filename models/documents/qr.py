"""QR codes as modules, as PNG for printers and as text for the terminal.

A seal always gets version 10, level M, alphanumeric mode (57 x 57 modules, ISO/IEC 18004). Printed sizes
are whole printer dots a module and at least 0.40 mm a module, with the white border of four modules that
the standard asks for.
"""

from __future__ import annotations

import io
from functools import lru_cache

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

from models.errors import BadInput
from models.language import N_
from models.store.sealing import QR_BUDGET

SEAL_VERSION = 10
QUIET = 4
"""Modules of white border on each side (ISO/IEC 18004, 5.3.8)."""
DOTS = {203: 4, 300: 5, 600: 10}
"""Printer resolution in dpi to dots a module: 0.50 mm on thermal printers, 0.42 mm on page printers."""

Modules = tuple[tuple[bool, ...], ...]
"""Rows of modules, True for dark, without white border."""

_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_SEXTANT_GAPS = {0: " ", 21: "▌", 42: "▐", 63: "█"}


@lru_cache(maxsize=32)
def seal_modules(text: str) -> Modules:
    """The code of a QR text: version 10, level M, alphanumeric mode.

    Raises:
        BadInput: the text has other characters or more than 311 of them.
    """
    if len(text) > QR_BUDGET or not _ALPHANUMERIC.issuperset(text):
        raise BadInput(N_("This text does not fit the QR code of a seal. Seal the record again."))
    return _modules(text, MODE_ALPHA_NUM, SEAL_VERSION)


@lru_cache(maxsize=32)
def modules(text: str, *, level: int = ERROR_CORRECT_M) -> Modules:
    """The smallest code for any text: evidence labels, enrolment codes, addresses.

    Args:
        text: what a phone reads.
        level: of error correction; M for paper, which gets dirty.

    Raises:
        BadInput: the text is too long for any code that a phone reads from paper (version 20).
    """
    mode = MODE_ALPHA_NUM if _ALPHANUMERIC.issuperset(text) else MODE_8BIT_BYTE
    made = _modules(text, mode, None, level)
    if len(made) > 17 + 4 * 20:
        raise BadInput(N_("This text is too long for a QR code that a phone can read. Shorten it."))
    return made


def png(code: Modules, dpi: int = 300) -> bytes:
    """A PNG with whole dots a module and white border, its resolution written in it.

    Args:
        code: the modules.
        dpi: 203 (thermal), 300 or 600 dots an inch.

    Raises:
        KeyError: for another resolution.
    """
    dots = DOTS[dpi]
    side = len(code) + 2 * QUIET
    small = Image.new("1", (side, side), 1)
    small.putdata(
        [
            not (0 <= row < len(code) and 0 <= column < len(code) and code[row][column])
            for row in range(-QUIET, side - QUIET)
            for column in range(-QUIET, side - QUIET)
        ]
    )
    target = io.BytesIO()
    small.resize((side * dots, side * dots), Image.Resampling.NEAREST).save(target, "PNG", dpi=(dpi, dpi))
    return target.getvalue()


def printed_mm(code: Modules, dpi: int = 300) -> float:
    """The printed side in mm, with white border."""
    return (len(code) + 2 * QUIET) * DOTS[dpi] * 25.4 / dpi


def terminal_rows(code: Modules, width: int, height: int) -> list[str] | None:
    """The code as rows of block characters, dark on light, that fit into `width` x `height` cells.

    Half blocks with as much white border as there is room for (four to one module); where the screen is too
    low for them, sextants (Unicode 13), which need two thirds of the height and half of the width. None when
    even they do not fit: ask for a larger window or print the code. Show the rows black on white.
    """
    for quiet in range(QUIET, 0, -1):
        rows = _half_blocks(_bordered(code, quiet))
        if len(rows) <= height and len(rows[0]) <= width:
            return rows
    for quiet in range(QUIET, 0, -1):
        rows = _sextants(_bordered(code, quiet))
        if len(rows) <= height and len(rows[0]) <= width:
            return rows
    return None


def screen_modules(text: str) -> Modules:
    """As `modules`, of level L: a screen has no dirt, and fewer modules fit it in half blocks, which every
    font has.

    Raises:
        BadInput: as `modules`.
    """
    return modules(text, level=ERROR_CORRECT_L)


def _modules(text: str, mode: int, version: int | None, level: int = ERROR_CORRECT_M) -> Modules:
    code = qrcode.QRCode(version=version, error_correction=level, border=0)
    # One segment of a named mode: the package's own choice splits texts into chunks, which costs bits.
    code.add_data(QRData(text.encode("utf-8"), mode=mode), optimize=0)
    try:
        code.make(fit=version is None)
    except (ValueError, qrcode.exceptions.DataOverflowError) as error:
        raise BadInput(
            N_("This text is too long for a QR code that a phone can read. Shorten it.")
        ) from error
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def _bordered(code: Modules, quiet: int) -> list[list[bool]]:
    side = len(code) + 2 * quiet
    edge = [[False] * side for _ in range(quiet)]
    return [*edge, *([False] * quiet + list(row) + [False] * quiet for row in code), *edge]


def _half_blocks(grid: list[list[bool]]) -> list[str]:
    padded = grid + [[False] * len(grid[0])] * (len(grid) % 2)
    return [
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(padded[::2], padded[1::2], strict=True)
    ]


def _sextants(grid: list[list[bool]]) -> list[str]:
    width = len(grid[0]) + len(grid[0]) % 2
    padded = [row + [False] * (width - len(row)) for row in grid]
    padded += [[False] * width] * (-len(grid) % 3)
    return [
        "".join(
            _sextant([padded[top + down][left + right] for down in range(3) for right in range(2)])
            for left in range(0, width, 2)
        )
        for top in range(0, len(padded), 3)
    ]


def _sextant(dark: list[bool]) -> str:
    """The character for six modules, row by row (Unicode 13, Symbols for Legacy Computing, U+1FB00)."""
    pattern = sum(1 << place for place, is_dark in enumerate(dark) if is_dark)
    if pattern in _SEXTANT_GAPS:
        return _SEXTANT_GAPS[pattern]
    return chr(0x1FB00 + pattern - 1 - (pattern > 21) - (pattern > 42))
