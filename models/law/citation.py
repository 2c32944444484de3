"""How an article is cited: `1108.1(3)` in a pack is 第一千一百零八条第一款第三项 on paper."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.errors import BadInput
from models.language import N_

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_REFERENCE = re.compile(
    r"(?P<article>[1-9]\d{0,3})(?:-(?P<last>[1-9]\d{0,3}))?"
    r"(?:\.(?P<paragraph>[1-9]\d?))?(?:\((?P<item>[1-9]\d?)\))?"
)


@dataclass(frozen=True)
class Citation:
    """One article of one instrument; `article` may be empty where the whole instrument is meant."""

    instrument: str
    """Key of the instrument in the packs."""
    article: str
    """As written in the pack: "1108", "1108.1(3)", "318-321" or ""."""

    @property
    def text(self) -> str:
        """The article as Chinese papers write it."""
        return article_text(self.article)

    @property
    def en(self) -> str:
        """The article as English readers write it."""
        return f"art. {self.article}" if self.article else ""


def chinese_number(number: int) -> str:
    """A number from 1 to 9999 in Chinese numerals, as laws number their articles (10 is 十, 110 一百一十)."""
    if not 1 <= number <= 9999:
        raise ValueError(number)
    digits = [int(digit) for digit in str(number)]
    written = ""
    for index, digit in enumerate(digits):
        place = len(digits) - 1 - index
        if digit == 0:
            continue
        if written and digits[index - 1] == 0:
            written += _DIGITS[0]
        written += ("" if digit == 1 and place == 1 and not written else _DIGITS[digit]) + _PLACES[place]
    return written


def article_text(article: str) -> str:
    """`1108.1(3)` → 第一千一百零八条第一款第三项; `318-321` → 第三百一十八条至第三百二十一条."""
    found = _REFERENCE.fullmatch(article)
    if not found:
        return ""
    written = f"第{chinese_number(int(found['article']))}条"
    if found["last"]:
        written += f"至第{chinese_number(int(found['last']))}条"
    if found["paragraph"]:
        written += f"第{chinese_number(int(found['paragraph']))}款"
    if found["item"]:
        written += f"第{chinese_number(int(found['item']))}项"
    return written


def read_citation(text: str, *, file: str, key: str) -> Citation:
    """`code:1108.1(3)` as a citation; `state_council_54:` cites the whole instrument.

    Raises:
        BadInput: naming the pack, the key and the citation.
    """
    instrument, colon, article = text.partition(":")
    if not colon or not instrument or (article and not _REFERENCE.fullmatch(article)):
        raise BadInput(
            N_(
                "{file}, {key}: “{text}” is not a citation. Write instrument:article, such as code:1108.1(3)."
            ),
            file=file,
            key=key,
            text=text,
        )
    return Citation(instrument, article)
