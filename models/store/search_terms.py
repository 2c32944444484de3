"""Words for full-text search: what is stored for a text, and what is asked for by a reader.

Chinese has no spaces, so a run of characters is stored as its overlapping pairs and asked for as a
phrase of pairs: every part of two or more characters is found, and nothing that is not there. Words of
letters and digits are stored whole and found by their beginnings. Pinyin initials are stored as
windows of up to four letters behind a mark that no text can hold ("排水口超标" gives ~pskc ~skcb ~kcb
~cb ~b), with every reading that words use, and are found by any stretch of them (`kcb`).

The same terms serve SQLite's FTS5 (tokenizer `TOKENIZER`) and, looked through one by one, any database.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path

TOKENIZER = "unicode61 remove_diacritics 0 tokenchars '~'"
"""How FTS5 must read the terms: they are alphanumeric but for the mark."""

_MARK = "~"
_WINDOW = 4
_SEVERAL = Path(__file__).with_name("pinyin_initials.csv")
"""Characters that words read with different initials, as 行 x and h: from pypinyin's phrase table, which
takes 100 ms and 60 MB to load. The rare readings that no word uses would double the index."""
_LONGEST_FOR_INITIALS = 2_000
"""Names and phrases are looked up by initials; the rest of a long statement only by its words."""
_LONGEST_QUERY = 120
_MOST_INITIALS = 8
_LIKE = "' ' || s.terms || ' ' LIKE ?"


def terms(text: str) -> str:
    """The terms of a text, separated by spaces; the order of pairs matters, each initial comes once."""
    words: list[str] = []
    initials: dict[str, None] = {}
    left = _LONGEST_FOR_INITIALS
    for run in _runs(text):
        for piece, chinese in _pieces(run):
            if chinese:
                words.extend(_pairs(piece))
                words.append(piece[-1])
            else:
                # of a word as long as a pasted key the beginning is looked for: its tails take its square
                words.append(piece[:_LONGEST_QUERY])
                words.extend(_tails(piece[:_LONGEST_QUERY]))
        if left > 0 and not run.isascii():
            initials.update(dict.fromkeys(_windows(run[:left])))
            left -= len(run)
    words.extend(initials)
    return " ".join(words)


def query(text: str) -> str | None:
    """The FTS5 MATCH expression for what a reader typed; None when it holds nothing to look for.

    All parts must be found. Safe for any input: every word is quoted and alphanumeric.
    """
    parts: dict[str, None] = {}
    for run in _runs(text[:_LONGEST_QUERY]):
        for piece, chinese in _pieces(run):
            parts[_asked_chinese(piece) if chinese else _asked_letters(piece)] = None
    return " AND ".join(parts) or None


def condition(text: str) -> tuple[str, list[str]]:
    """As `query`, in SQL over the column `s.terms`, for a database without FTS5: condition and its values.

    It looks through all terms, which is quick enough for a list of people; a server has no screen.
    """
    conditions: list[str] = []
    values: list[str] = []
    for run in _runs(text[:_LONGEST_QUERY]):
        for piece, chinese in _pieces(run):
            if chinese:
                asked = [f"{piece}%" if len(piece) == 1 else f"{' '.join(_pairs(piece))} %"]
                conditions.append(_LIKE)
            else:
                windows = _windows_asked(piece)
                asked = [f"{piece}%", *(f"{_MARK}{window}%" for window in windows)]
                conditions.append(f"({_LIKE} OR ({' AND '.join(_LIKE for _ in windows)}))")
            values += [f"% {each}" for each in asked]
    return " AND ".join(conditions), values


def initials(text: str) -> str:
    """The pinyin initials of a name, letters and digits as they are: 示例企业03 gives `slqy03`.

    Where characters have several readings, up to eight spellings follow each other, the usual first
    and a space between them, so that a search within the text finds each.
    """
    options: list[str] = []
    for run in _runs(text):
        options.extend(_letters(character) or character for character in run)
    spellings = []
    for spelling in product(*options):
        spellings.append("".join(spelling))
        if len(spellings) == _MOST_INITIALS:
            break
    return " ".join(spellings)


# --- a text in runs and pieces ---------------------------------------------------------------------


def _runs(text: str) -> Iterator[str]:
    """The stretches of letters, digits and characters, in one form: NFKC, small letters."""
    normal = text
    if not text.isascii():
        normal = unicodedata.normalize("NFKC", text)
    normal = normal.lower()
    start = None
    for place, character in enumerate(normal):
        if character.isalnum() or _is_chinese(character):
            if start is None:
                start = place
        elif start is not None:
            yield normal[start:place]
            start = None
    if start is not None:
        yield normal[start:]


def _pieces(run: str) -> Iterator[tuple[str, bool]]:
    """A run cut where Chinese meets other letters; with each piece, whether it is Chinese."""
    if run.isascii():
        yield run, False
        return
    start, chinese = 0, _is_chinese(run[0])
    for place in range(1, len(run)):
        if _is_chinese(run[place]) != chinese:
            yield run[start:place], chinese
            start, chinese = place, not chinese
    yield run[start:], chinese


def _is_chinese(character: str) -> bool:
    """Written without spaces: ideographs, kana, and the private area where old systems keep rare names."""
    return (
        "\u3005" <= character <= "\u3007"
        or "\u3040" <= character <= "\u30ff"
        or "\u3400" <= character <= "\u4dbf"
        or "\u4e00" <= character <= "\u9fff"
        or "\ue000" <= character <= "\ufaff"
        or "\U00020000" <= character <= "\U0003ffff"
    )


def _pairs(piece: str) -> list[str]:
    return [piece[place : place + 2] for place in range(len(piece) - 1)]


def _tails(word: str) -> Iterator[str]:
    """What follows each change between letters and digits: gb3838 is found by 3838 too."""
    for place in range(1, len(word)):
        if word[place].isdecimal() != word[place - 1].isdecimal():
            yield word[place:]


def _asked_chinese(piece: str) -> str:
    return f'"{piece}"*' if len(piece) == 1 else f'"{" ".join(_pairs(piece))}"'


def _asked_letters(piece: str) -> str:
    marked = " AND ".join(f'"{_MARK}{window}"*' for window in _windows_asked(piece))
    return f'("{piece}"* OR ({marked}))'


def _windows_asked(piece: str) -> list[str]:
    """The stretches of initials that must all be there for a word to be a stretch of initials."""
    windows = [piece[place : place + _WINDOW] for place in range(max(1, len(piece) - _WINDOW + 1))]
    return list(dict.fromkeys(windows))


# --- initials --------------------------------------------------------------------------------------


def _windows(run: str) -> Iterator[str]:
    """The marked initials from each place of a run on, where a Chinese character is among them."""
    letters = [_letters(character) for character in run]
    options = [known or character for known, character in zip(letters, run, strict=True)]
    for place in range(len(run)):
        if any(letters[place : place + _WINDOW]):
            for spelling in product(*options[place : place + _WINDOW]):
                yield _MARK + "".join(spelling)


def _letters(character: str) -> str:
    """The initials of a character's readings, the usual first; "" for what has none."""
    return "" if character.isascii() else _readings().get(character, "")


@lru_cache
def _readings() -> dict[str, str]:
    """Initials by character, the usual first: `重` gives "zc". Made once, at the first Chinese text.

    pypinyin's table of single characters is read as a file, in 60 ms; importing the package with its
    phrases takes 240 ms.
    """
    table = {}
    for code, readings in _pinyin():
        letter = unicodedata.normalize("NFD", readings)[:1]
        if "a" <= letter <= "z":
            table[chr(code)] = letter
    with _SEVERAL.open(encoding="utf-8", newline="") as file:
        table.update((row["character"], row["initials"]) for row in csv.DictReader(file))
    return table


def _pinyin() -> Iterator[tuple[int, str]]:
    package = find_spec("pypinyin")
    if package is not None and package.origin is not None:
        file = Path(package.origin).with_name("pinyin_dict.json")
        if file.is_file():
            content = json.loads(file.read_bytes())
            yield from ((int(code), readings) for code, readings in content.items())
            return
    from pypinyin.constants import PINYIN_DICT  # the same table by the package's own way

    yield from PINYIN_DICT.items()
