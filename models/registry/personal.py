"""Names, telephone and citizen numbers found in a text however they are written: pure functions.

Written "１３８ 0013-8000" a number is the same number, and 陈 示例（女士） the same person as 陈示例.

Source of what is kept confidential: 生态环境法典 arts. 51 and 146.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from models.registry.rules import is_resident_id

GAP = r"(?:[^\S\n]|[-‐-―·._]){0,3}"
"""What may stand between two digits of one number."""
PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
"""The first two digits of a citizen number."""
_BETWEEN = "-_·•・()（）[]【】\ufffd\u00ad"
_LEAST_NAME = 2
_LEAST_NUMBER = 7
"""Digits in the shortest telephone number, one of seven without its area code."""
_MOBILE = re.compile(rf"(?<!\d)(?:\+?86{GAP})?1{GAP}[3-9](?:{GAP}\d){{9}}(?!\d)", re.ASCII)
_EIGHTEEN = re.compile(rf"(?<![0-9a-z])\d(?:{GAP}\d){{16}}{GAP}[\dx](?![0-9a-z])", re.ASCII)
_BRACKETED = re.compile(r"[(\[【].*?[)\]】]")
_LIST = re.compile(r"[、,，;；/:：\n]")
_TITLES = re.compile(
    "先生|女士|小姐|同志|师傅|老师|阿姨|大爷|大妈|大叔|大姐|大哥|老板|业主|居民|租户|住户|商户|群众|代表"
    "|举报人|投诉人|本人"
)
_NO_NAMES = re.compile(
    "姓名|(?:联系)?(?:电话|手机|方式)(?:号码?)?|微信号?|qq号?|邮[箱件]|[地住]址|匿名者?|不详|未知|没有|保密|某某"
    "|tel|phone|wechat|email"
)
"""Words that stand where a name or number is asked for, and are none."""
_NUMERALS = str.maketrans("〇零一幺二两三四五六七八九", "0011223456789")


def folded_pairs(text: str, *, numbers: bool = False) -> list[tuple[str, int]]:
    """The characters that count, made comparable, each with its place in the text.

    NFKC and small letters, without spaces, hyphens, brackets and hidden marks.

    Args:
        numbers: only letters and digits count, so that nothing parts a number.
    """
    found = []
    for place, one in enumerate(text):
        for character in unicodedata.normalize("NFKC", one).casefold():
            if numbers:
                counts = character.isalnum()
            else:
                counts = character == "\n" or not (
                    character in _BETWEEN
                    or character.isspace()
                    or unicodedata.category(character) in ("Cf", "Pd", "Zs")
                )
            if counts:
                found.append((character, place))
    return found


def folded(text: str) -> str:
    """A name made comparable: NFKC, small letters, without spaces, hyphens, brackets and hidden marks."""
    return "".join(character for character, _ in folded_pairs(text))


def folded_number(text: str) -> str:
    """A number made comparable: its letters and digits only."""
    return "".join(character for character, _ in folded_pairs(text, numbers=True))


def told_in(text: str, secrets: Iterable[str | None]) -> str:
    """The passage of a text that tells one of these names or numbers, as it stands there; empty for none.

    It quotes the text and never the secret, which whoever wrote the text may not know.

    Args:
        secrets: names and ways to reach somebody, each perhaps several in one, with titles and labels.
    """
    pairs = folded_pairs(text)
    digits = [(character.translate(_NUMERALS), place) for character, place in pairs]
    plain, figures = ("".join(character for character, _ in some) for some in (pairs, digits))
    for secret in secrets:
        for part in _LIST.split(unicodedata.normalize("NFKC", secret or "")):
            for name in _names(part):
                if (at := plain.find(name)) >= 0:
                    return _passage(text, pairs, at, len(name))
            for number in _numbers(part):
                if (at := figures.find(number)) >= 0:
                    return _passage(text, digits, at, len(number))
    return ""


def number_in(text: str) -> str:
    """The first mobile or citizen number in a text, as it stands there; empty for none."""
    pairs = [
        (character.translate(_NUMERALS), place)
        for place, one in enumerate(text)
        for character in unicodedata.normalize("NFKC", one).casefold()
        if unicodedata.category(character) != "Cf"
    ]
    plain = "".join(character for character, _ in pairs)
    for found in _EIGHTEEN.finditer(plain):
        number = folded_number(found.group()).upper()
        if is_resident_id(number) or like_resident_id(number):
            return _passage(text, pairs, found.start(), len(found.group()))
    mobile = _MOBILE.search(plain)
    return _passage(text, pairs, mobile.start(), len(mobile.group())) if mobile is not None else ""


def like_resident_id(number: str) -> bool:
    """A citizen number with a slip in it tells as much as a right one: birthday of 1900 to 2099."""
    return bool(
        re.fullmatch(
            rf"{PROVINCE}\d{{4}}(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}[\dX]",
            number,
            re.ASCII,
        )
    )


def _passage(text: str, pairs: list[tuple[str, int]], at: int, length: int) -> str:
    return text[pairs[at][1] : pairs[at + length - 1][1] + 1]


def _names(part: str) -> Iterator[str]:
    """The ways in which the name in a part is written: whole, and without titles, brackets and numbers."""
    bare = re.sub(r"[\d\s+-]{7,}", "", _BRACKETED.sub("", part))
    inside = "" if folded(bare) else re.sub(r"[\d\s+-]{7,}", "", part)
    for each in (part, bare, _TITLES.sub("", bare), inside, _TITLES.sub("", inside)):
        name = folded(each)
        known = _NO_NAMES.fullmatch(name) or not _TITLES.sub("", name)
        if len(name) >= _LEAST_NAME and not known:
            yield name


def _numbers(part: str) -> Iterator[str]:
    """The runs of digits in a part that are numbers of somebody, with and without what goes before them."""
    for run in re.findall(rf"\d{{{_LEAST_NUMBER},}}", folded(part).translate(_NUMERALS), re.ASCII):
        yield run
        for prefix in (r"(?:00)?86(?=1\d{10}$)", r"0\d{2}", r"0\d{3}"):
            rest = re.sub(f"^{prefix}", "", run)
            if rest != run and len(rest) >= _LEAST_NUMBER:
                yield rest
