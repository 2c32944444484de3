"""Regular expressions as ODK Collect's engine reads them (java.util.regex), made into Python's.

Letters, digits and blanks of `\\w`, `\\d`, `\\s` are those of ASCII; Unicode has `\\p{L}`, `\\p{IsHan}` and
the like. Classes within classes and `&&` are not made over.
"""

from __future__ import annotations

import re
import string
import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from models.errors import BadInput
from models.language import N_

_SPECIAL = re.compile(
    r"""\\Q(?P<quoted>.*?)(?:\\E|$)
      | \\(?P<sign>[pP])(?:\{(?P<long>[^}]*)\}|(?P<short>[A-Z]))
      | \\(?P<other>.)
      | (?P<mark>[\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_HAN = (
    *((0x2E80, 0x2FD5), (0x3005, 0x3005), (0x3007, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B)),
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x323AF)),
)
_ASCII = {
    "Lower": string.ascii_lowercase,
    "Upper": string.ascii_uppercase,
    "Alpha": string.ascii_letters,
    "Digit": string.digits,
    "Alnum": string.ascii_letters + string.digits,
    "Punct": string.punctuation,
    "Graph": string.ascii_letters + string.digits + string.punctuation,
    "Print": string.ascii_letters + string.digits + string.punctuation + " ",
    "Blank": " \t",
    "Space": " \t\n\x0b\f\r",
    "XDigit": string.hexdigits,
    "ASCII": "".join(map(chr, range(128))),
    "Cntrl": "".join(map(chr, [*range(32), 127])),
}
_CATEGORY = re.compile(r"(?:Is)?(C[cfnos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)")

_Ranges = tuple[tuple[int, int], ...]


@lru_cache(256)
def compiled(expression: str) -> re.Pattern[str]:
    """The pattern, to be matched in full.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        return re.compile(_translated(expression), re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise BadInput(
            N_("The pattern {pattern} cannot be read: {reason}"), pattern=expression, reason=str(error)
        ) from error


def _translated(expression: str) -> str:
    in_class = False

    def part(match: re.Match[str]) -> str:
        nonlocal in_class
        if match["mark"]:
            in_class = match["mark"] == "[" or (in_class and match["mark"] != "]")
            return match[0]
        if match["sign"]:
            ranges = _ranges(match["long"] or match["short"] or "")
            if match["sign"] == "P":
                ranges = _others(ranges)
            inner = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
            return inner if in_class else f"[{inner}]"
        if match["other"]:
            return r"\Z" if match["other"] == "z" else match[0]
        return re.escape(match["quoted"])

    return _SPECIAL.sub(part, expression)


@lru_cache(64)
def _ranges(name: str) -> _Ranges:
    """The characters of a named class."""
    if name in {"IsHan", "script=Han", "sc=Han", "IsIdeographic", "InCJKUnifiedIdeographs"}:
        return _HAN
    if name in _ASCII:
        return _runs(lambda character: character in _ASCII[name], 128)
    known = _CATEGORY.fullmatch(name)
    if known is None:
        raise re.error(f"\\p{{{name}}}")
    return _runs(lambda character: unicodedata.category(character).startswith(known[1]), sys.maxunicode + 1)


def _runs(belongs: Callable[[str], bool], end: int) -> _Ranges:
    found: list[tuple[int, int]] = []
    begin = -1
    for code in range(end + 1):
        if code < end and belongs(chr(code)):
            begin = code if begin < 0 else begin
        elif begin >= 0:
            found.append((begin, code - 1))
            begin = -1
    return tuple(found)


def _others(ranges: _Ranges) -> _Ranges:
    """All characters but those."""
    found: list[tuple[int, int]] = []
    at = 0
    for low, high in ranges:
        if low > at:
            found.append((at, low - 1))
        at = high + 1
    if at <= sys.maxunicode:
        found.append((at, sys.maxunicode))
    return tuple(found)
