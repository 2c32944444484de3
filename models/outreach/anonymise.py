"""Personal data and trade names taken out of a text for the public: pure, without database.

What is known of a case (names, addresses, numbers) is replaced wherever it stands, in whatever way it is
written: full-width digits, spaces, hyphens or brackets inside, capital or small letters. What only looks like
personal data (citizen numbers, telephone, bank card, e-mail, number plates) is replaced too. It is better to
take out a word too many than one too few: the person who publishes reads the text.

Source: 生态环境法典 arts. 51 and 146; domain knowledge of the naming of parties in `words.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.registry.personal import GAP, PROVINCE, folded, folded_number, folded_pairs, like_resident_id
from models.registry.rules import is_credit_code, is_resident_id
from models.registry.units import units

KINDS = ("person", "enterprise", "address", "phone", "identity", "code", "card", "mail", "plate")
"""What may be taken out."""
NUMBERS = frozenset({"phone", "identity", "code", "card", "mail", "plate"})
"""Kinds of which only letters and digits count, whatever stands between them."""
_COUNTED = ("person", "enterprise")
"""Kinds of which a second one is told from the first."""
BLOCK = "■"
"""Put where every word that could stand there is itself a name."""
_SHORTEST_NAME = 2
_SHORTEST_NUMBER = 6
_WORDED_ROUNDS = 3
"""After so many rounds a name that the replacements themselves form is blocked out."""
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_DIGITS = "〇一二三四五六七八九"


def _anywhere(body: str, before: str = r"\d") -> re.Pattern[str]:
    """The pattern at every place, also where it overlaps itself; group 1 is what it finds."""
    return re.compile(rf"(?<!{before})(?=({body}))", re.ASCII)


_MOBILE = _anywhere(rf"(?:\+?86{GAP})?1{GAP}[3-9](?:{GAP}\d){{9}}(?!\d)")
_LANDLINE = _anywhere(rf"[(]?0(?:{GAP}\d){{2,3}}[)]?{GAP}\d(?:{GAP}\d){{6,7}}(?!\d)")
_LOCAL_PHONE = re.compile(
    rf"(?:电话|手机|座机|传真|tel|phone)(?:号码|号)?[::\s]{{0,3}}(\d(?:{GAP}\d){{6,7}})(?!\d)", re.ASCII
)
_EIGHTEEN = _anywhere(rf"[0-9a-z](?:{GAP}[0-9a-z]){{17}}(?![0-9a-z])", "[0-9a-z]")
_FIFTEEN = _anywhere(
    rf"{PROVINCE}\d{{4}}{GAP}\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){GAP}\d{{3}}(?!\d)"
)
_CARD = _anywhere(rf"[3-69](?:{GAP}\d){{15,18}}(?!\d)")
_MAIL = _anywhere(r"[a-z0-9][a-z0-9._%+\-]*\s?@\s?[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,}", "[a-z0-9._%+-]")
_PLATE = _anywhere(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-z]"
    r"[\s·•.\-]{0,2}[0-9a-hj-np-z](?:[\s·\-]?[0-9a-hj-np-z]){3,4}[0-9a-hj-np-z学警挂领](?![0-9a-z])"
)


@dataclass(frozen=True, slots=True)
class Known:
    """Something of a case that the public must not read."""

    text: str
    what: str
    """One of `KINDS`."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was taken out, and what was put there."""

    what: str
    original: str
    put: str


@dataclass(frozen=True, slots=True)
class Anonymised:
    """A text without what was known, and the list of what was taken out, each once."""

    text: str
    replaced: tuple[Replaced, ...]


@dataclass(frozen=True, slots=True)
class _Form:
    """One way in which something known is written, folded."""

    folded: str
    known: Known


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    what: str
    token: str


def anonymise(text: str, known: Iterable[Known]) -> Anonymised:
    """The text without any known name or number, and without what looks like one.

    Doing it again changes nothing.

    Args:
        known: in an order that stays as more becomes known, so that 王某 remains 王某.
    """
    some = _distinct(known)
    put_for = tokens(some)
    forms = _forms(some)
    replaced: dict[tuple[str, str], Replaced] = {}
    rounds = 0
    while spans := _spans(text, forms, put_for):
        parts, at = [], 0
        for span in spans:
            token = span.token if rounds < _WORDED_ROUNDS else BLOCK
            original = text[span.start : span.end]
            parts += [text[at : span.start], token]
            at = span.end
            if rounds == 0:
                replaced.setdefault((span.what, original), Replaced(span.what, original, token))
        text = "".join(parts) + text[at:]
        rounds += 1
    return Anonymised(text, tuple(replaced.values()))


def leaks(text: str, known: Iterable[Known]) -> list[str]:
    """What of the known, and of what looks like personal data, the text still holds, as it stands there."""
    some = _distinct(known)
    found = _spans(text, _forms(some), dict.fromkeys(some, ""))
    return list(dict.fromkeys(text[span.start : span.end] for span in found))


def tokens(known: Sequence[Known]) -> dict[Known, str]:
    """What stands for each: 王某, 王某乙 for a second Wang, 某印染公司, 某企业乙."""
    forms = [form.folded for form in _forms(known)]
    taken: dict[str, int] = {}
    put: dict[Known, str] = {}
    for each in known:
        candidates = [*_wordings(each), _words()["tokens"][each.what]]
        free = (word for word in candidates if not any(form in folded(word) for form in forms))
        word = next(free, BLOCK)
        count = taken[word] = taken.get(word, 0) + 1
        marked = count > 1 and each.what in _COUNTED and word != BLOCK
        put[each] = word + _ordinal(count) if marked else word
    return put


def what_is(name: str) -> str:
    """ "enterprise" or "person", by the look of a party's name."""
    if is_enterprise(name):
        return "enterprise"
    return "enterprise" if len(_undigited(name)) > 4 and "·" not in name else "person"


def is_enterprise(name: str) -> bool:
    """Whether a name ends as those of enterprises do."""
    return _undigited(name).endswith(tuple(_words()["enterprise"]["endings"]))


def _undigited(name: str) -> str:
    return folded(name).rstrip("0123456789")


def people_in(text: str) -> list[str]:
    """Names of persons in a list of those present: without bodies, roles and what is too long for a name."""
    words = _words()["people"]
    roles = "|".join(sorted(words["roles"], key=len, reverse=True))
    parts = re.split(rf"[、,，;；/()（）:：\s]|{roles}", text)
    return list(dict.fromkeys(name for name in parts if _is_name(name, tuple(words["bodies"]))))


def _is_name(name: str, bodies: tuple[str, ...]) -> bool:
    if "·" in name:
        return True
    return bool(re.fullmatch(r"[\u4e00-\u9fff]{2,4}\d{0,3}", name)) and not name.endswith(bodies)


def _distinct(known: Iterable[Known]) -> list[Known]:
    """Each once, without what is too short to be recognised and what is anonymous already."""
    found: dict[str, Known] = {}
    for each in known:
        numbers = each.what in NUMBERS
        plain = folded_number(each.text) if numbers else folded(each.text)
        if len(plain) < (_SHORTEST_NUMBER if numbers else _SHORTEST_NAME) or BLOCK in plain:
            continue
        anonymous = rf"某.*|.{{1,2}}某{{1,2}}[{_STEMS}{_DIGITS}]*"
        if not numbers and re.fullmatch(anonymous, plain):
            continue
        found.setdefault(plain, each)
    return list(found.values())


def _wordings(each: Known) -> Iterator[str]:
    """What may stand for it, the best first."""
    plain = folded(each.text)
    if each.what == "person":
        surname = next((one for one in _words()["people"]["surnames"] if plain.startswith(one)), plain[0])
        if all("\u4e00" <= character <= "\u9fff" for character in surname):
            yield f"{surname}某"
    elif each.what == "enterprise":
        trade = next((one for one in _trades() if one in plain), "")
        if trade:
            yield f"某{trade}公司"


def _forms(known: Sequence[Known]) -> list[_Form]:
    """All ways in which these are written, the longest first."""
    found: dict[tuple[str, bool], _Form] = {}
    for each in known:
        numbers = each.what in NUMBERS
        for form in _written(each):
            plain = folded_number(form) if numbers else folded(form)
            found.setdefault((plain, numbers), _Form(plain, each))
    return sorted(found.values(), key=lambda form: -len(form.folded))


def _written(each: Known) -> Iterator[str]:
    yield each.text
    plain = folded(each.text)
    if each.what == "address":
        rest = _without_region(plain)
        if len(rest) >= 4:
            yield rest
    elif each.what == "enterprise":
        words = _words()["enterprise"]
        core = _without_region(plain).rstrip("0123456789")
        ending = next((one for one in words["endings"] if core.endswith(one)), "")
        core = core.removesuffix(ending)
        trade = next((one for one in _trades() if core.endswith(one)), "")
        for name in dict.fromkeys((core, core.removesuffix(trade))):
            if len(name) < _SHORTEST_NAME or name in words["common"] or name in words["trades"]:
                continue
            yield name
            yield from (name + loose for loose in words["loose"])


def _without_region(plain: str) -> str:
    """A folded name or address without the names of province, city and county before it."""
    before = None
    while before != plain:
        before = plain
        for name in _regions():
            if plain.startswith(name) and len(plain) > len(name):
                plain = plain.removeprefix(name)
                break
    return plain


@lru_cache(maxsize=1)
def _regions() -> tuple[str, ...]:
    found = {"福建省", "福建", "漳州市", "漳州", "中国"}
    for unit in units():
        if unit.kind in ("district", "county", "zone"):
            for name in (unit.name, *(old for _, old, _ in unit.old)):
                found |= {name, name[:-1]} if len(name) > 2 else {name}
    return tuple(sorted(found, key=len, reverse=True))


def _spans(text: str, forms: Sequence[_Form], put_for: dict[Known, str]) -> list[_Span]:
    """What is to be replaced now, from left to right without overlap: the longest first."""
    found = [*_known_spans(text, forms, put_for), *_looking_like(text)]
    found.sort(key=lambda span: (span.start - span.end, span.start))
    chosen: list[_Span] = []
    held = bytearray(len(text))
    for span in found:
        if not any(held[span.start : span.end]):
            held[span.start : span.end] = b"\x01" * (span.end - span.start)
            chosen.append(span)
    return sorted(chosen, key=lambda span: span.start)


def _known_spans(text: str, forms: Sequence[_Form], put_for: dict[Known, str]) -> Iterator[_Span]:
    for numbers in (False, True):
        pairs = folded_pairs(text, numbers=numbers)
        plain = "".join(character for character, _ in pairs)
        for form in forms:
            if (form.known.what in NUMBERS) is not numbers:
                continue
            at = plain.find(form.folded)
            while at >= 0:
                last = at + len(form.folded) - 1
                yield _Span(pairs[at][1], pairs[last][1] + 1, form.known.what, put_for[form.known])
                at = plain.find(form.folded, at + 1)


def _looking_like(text: str) -> Iterator[_Span]:
    """Numbers that look like personal data, whoever's they are."""
    pairs = [
        (character, place)
        for place, one in enumerate(text)
        for character in unicodedata.normalize("NFKC", one).casefold()
        if unicodedata.category(character) != "Cf"
    ]
    plain = "".join(character for character, _ in pairs)
    put = _words()["tokens"]

    def span(found: re.Match[str], what: str) -> _Span:
        start, end = found.span(1)
        return _Span(pairs[start][1], pairs[end - 1][1] + 1, what, put[what])

    for found in _EIGHTEEN.finditer(plain):
        number = folded_number(found.group(1)).upper()
        if is_resident_id(number) or like_resident_id(number):
            yield span(found, "identity")
        elif is_credit_code(number):
            yield span(found, "code")
    for pattern, what in ((_FIFTEEN, "identity"), (_MOBILE, "phone"), (_LANDLINE, "phone")):
        yield from (span(found, what) for found in pattern.finditer(plain))
    yield from (span(found, "phone") for found in _LOCAL_PHONE.finditer(plain))
    for found in _CARD.finditer(plain):
        if _luhn(folded_number(found.group(1))):
            yield span(found, "card")
    yield from (span(found, "mail") for found in _MAIL.finditer(plain))
    yield from (span(found, "plate") for found in _PLATE.finditer(plain))


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _ordinal(count: int) -> str:
    """甲 is the first, which bears no mark: 乙, 丙, … 癸, 甲二, 乙二, …"""
    stem, turn = _STEMS[(count - 1) % 10], (count - 1) // 10
    return stem + ("".join(_DIGITS[int(digit)] for digit in str(turn + 1)) if turn else "")


@lru_cache(maxsize=1)
def _trades() -> tuple[str, ...]:
    return tuple(sorted(_words()["enterprise"]["trades"], key=len, reverse=True))


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
