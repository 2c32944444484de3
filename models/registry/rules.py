"""What the registry demands of codes, names and numbers: pure functions."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015: no I, O, S, V, Z."""
NAME_LIMIT = 120
"""Characters in a name; the longest registered company names have about 60."""
TEXT_LIMIT = 2000
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECK = "10X98765432"
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BRACKETED = re.compile(r"[（(\[【].*?[)）\]】]")


def credit_check_character(first_seventeen: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015, annex: weights 3^i, modulus 31).

    Raises:
        ValueError: for a character outside the alphabet, or another length than 17.
    """
    if len(first_seventeen) != 17:
        raise ValueError(first_seventeen)
    total = sum(
        CREDIT_ALPHABET.index(character) * weight
        for character, weight in zip(first_seventeen, _CREDIT_WEIGHTS, strict=True)
    )
    return CREDIT_ALPHABET[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether the code has 18 allowed characters, a numeric area (places 3-8) and the right last one."""
    if len(code) != 18 or any(character not in CREDIT_ALPHABET for character in code):
        return False
    area = code[2:8]
    return area.isdecimal() and area.isascii() and credit_check_character(code[:17]) == code[17]


def is_resident_id(number: str) -> bool:
    """Whether an 18-character citizen number has a real birthday and its check character (GB 11643-1999)."""
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdecimal()):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECK[total % 11] == number[17]


def tidy_code(text: str) -> str:
    """A code as it is kept: full-width letters made plain, spaces and hyphens dropped, upper case."""
    return re.sub(r"[\s\-‐-―]", "", unicodedata.normalize("NFKC", text)).upper()


def tidy_text(text: str) -> str:
    """Text as it is kept: NFC, one kind of line end, hidden and control characters shown as visible ones.

    Nothing is dropped: a control character becomes its picture (U+2400 and on), a direction or zero-width
    mark or half a surrogate pair becomes U+FFFD, so that what is signed is what was seen.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return unicodedata.normalize("NFC", _HIDDEN.sub(_visible, text)).strip()


def tidy_line(text: str) -> str:
    """The same for what stands on one line: a line end becomes a space."""
    return tidy_text(text).replace("\n", " ")


def _visible(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point < 0x20:
        return chr(0x2400 + point)
    return "\u2421" if point == 0x7F else "\ufffd"


def is_degree(text: str, bound: int) -> bool:
    """Whether the text is decimal degrees within ±bound (90 for latitude, 180 for longitude)."""
    if not re.fullmatch(r"-?\d{1,3}(\.\d{1,8})?", text, re.ASCII):
        return False
    whole, _, fraction = text.lstrip("-").partition(".")
    return int(whole) < bound or (int(whole) == bound and not fraction.strip("0"))


def folded_header(text: str) -> str:
    """A column header made comparable: no spaces, marks, brackets and what they hold, lower case."""
    text = _BRACKETED.sub("", unicodedata.normalize("NFKC", text))
    return re.sub(r"[\s_*＊:：\-/]", "", text).casefold()


def guarded_cell(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula: an apostrophe before = + - @ tab and line ends.

    Source: OWASP, CSV injection.
    """
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠") else text


def is_certificate(number: str) -> bool:
    """Whether this can be an enforcement certificate number: 4 to 24 letters, digits, hyphens."""
    return bool(re.fullmatch(r"[0-9A-Z\u4e00-\u9fff][0-9A-Z\-\u4e00-\u9fff()]{3,23}", number)) and any(
        character.isdecimal() for character in number
    )
