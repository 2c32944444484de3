"""Text as it may stand on paper: cleaned, measured in cells, wrapped.

Paper text is NFC; whatever a reader could not see, or would see in another order, is made visible.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
_NO_START = frozenset("，。、；：！？）》」』】〕”’…—·％‰℃,.;:!?)]}%")
"""Never begins a line (GB/T 15834-2011, 5.1.2)."""
_NO_END = frozenset("（《「『【〔“‘([{")
"""Never ends a line."""


def visible(text: str) -> str:
    """The text in NFC with control, bidirectional and zero-width characters made visible.

    Line ends become "\\n" and tabs four spaces; C0 controls become their pictures (U+2400), DEL "␡", and
    everything else that hides or reorders "�".
    """
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))
    return _HIDDEN.sub(_picture, plain)


def escaped(json_text: str) -> str:
    """JSON text with what hides or acts as escapes: the same value, and nothing that steers a terminal."""
    return _HIDDEN.sub(_escape, json_text)


def one_line(text: str) -> str:
    """The text made visible, with line ends as spaces."""
    return " ".join(visible(text).split("\n"))


def cells(text: str) -> int:
    """How many terminal cells the text takes: two for wide and full-width characters, none for marks."""
    return sum(_cells(character) for character in text)


def wrap(text: str, width: int) -> list[str]:
    """Break visible text into lines of at most `width` cells (2 or more).

    Chinese breaks between any two characters, but closing punctuation does not begin a line and opening
    punctuation does not end one; words of Latin letters and digits stay whole while they fit.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap_paragraph(paragraph, max(width, 2))
    return lines


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    lines: list[str] = []
    line, used = "", 0
    for piece in _pieces(paragraph, width):
        size = cells(piece)
        if line and used + size > width:
            lines.append(line.rstrip(" "))
            piece = piece.lstrip(" ")
            line, used = piece, cells(piece)
        else:
            line, used = line + piece, used + size
    lines.append(line.rstrip(" "))
    return lines


def _pieces(paragraph: str, width: int) -> list[str]:
    """What may not be broken: a word, or a character with the punctuation that clings to it."""
    pieces: list[str] = []
    used = 0  # cells of the last piece: measured anew for each mark, a flood of marks took a minute
    for character in paragraph:
        more = _cells(character)
        if pieces and _clings(pieces[-1], character) and used + more <= width:
            pieces[-1] += character
            used += more
        else:
            pieces.append(character)
            used = more
    return pieces


def _clings(before: str, character: str) -> bool:
    last = before[-1]
    if _cells(character) == 0 or character in _NO_START or last in _NO_END:
        return True
    return last != " " and character != " " and _is_word(last) and _is_word(character)


def _is_word(character: str) -> bool:
    return _cells(character) == 1 and (
        character.isalnum() or character in "-_/%+#@&='\"*.:;,!?()[]{}<>\\|~^`$"
    )


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"
