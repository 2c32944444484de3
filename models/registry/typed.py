"""What a person typed into a form or on the command line, as the verbs take it: days, money, numbers, marks.

Days are ISO text (YYYY-MM-DD), money integer cents, quantities decimal text: no floats in records.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.errors import RuleBroken
from models.language import N_, listed, translate
from models.registry.days import CHINA, local
from models.registry.rules import tidy_text
from models.rooms import Act, Choices, Field

MOST_CENTS = 10**15
"""Ten thousand thousand million yuan: beyond it a slip of the finger."""
_YES = {"1", "y", "yes", "true", "是", "有", "对", "√"}
_NO = {"0", "n", "no", "false", "否", "无", "不", "×", ""}


def read_day(text: str, field: str) -> str:
    """A day as it is kept, from 2021-11-30, 2021/11/30, 20211130, 2021年11月30日.

    Raises:
        RuleBroken: it is no day.
    """
    plain = re.sub(r"[年月/.]", "-", unicodedata.normalize("NFKC", text)).replace("日", "").strip()
    if re.fullmatch(r"\d{8}", plain, re.ASCII):
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    parts = plain.split("-")
    try:
        if not re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", plain, re.ASCII):
            raise ValueError
        year, month, day = (int(part) for part in parts)
        if not 1900 <= year <= 2200:
            raise ValueError
        return date(year, month, day).isoformat()
    except ValueError:
        raise RuleBroken(
            N_("“{value}” is no date: give it as 2027-06-30."), field=field, value=text
        ) from None


def read_moment(text: str, field: str) -> int:
    """A day and minute in China, or a minute of today, as ms since 1970 UTC.

    Raises:
        RuleBroken: it is none.
    """
    words = unicodedata.normalize("NFKC", text).strip().replace("/", "-").replace("T", " ")
    if "-" not in words:
        words = f"{datetime.now(CHINA):%Y-%m-%d} {words}"
    try:
        moment = datetime.strptime(words, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)
        if not 1970 <= moment.year <= 2200:
            raise ValueError
        return int(moment.timestamp()) * 1000
    except ValueError:
        raise RuleBroken(
            N_("“{value}” is no time: write it as 2026-11-23 14:20, or 14:20 for today."),
            field=field,
            value=text,
        ) from None


def read_cents(text: str, field: str) -> int:
    """Yuan as typed (1234.5, 1,234.50, 10万, 3.2万元), in cents.

    Raises:
        RuleBroken: it is no amount, is negative, or has parts of a cent.
    """
    value = _number(text, before="¥", after="元")
    if value is None or value * 100 % 1 or value * 100 > MOST_CENTS:
        raise RuleBroken(
            N_("“{value}” is no amount: give yuan, as 12345.60 or 3.2万."), field=field, value=text
        )
    return int(value * 100)


def read_decimal(text: str, field: str) -> str:
    """A quantity of zero or more as decimal text (1358800, 135.88万, 3.5).

    Raises:
        RuleBroken: it is no number.
    """
    value = _number(text)
    if value is None:
        raise RuleBroken(
            N_("“{value}” is no number: give it in digits, as 2, 3.5 or 1.5万."), field=field, value=text
        )
    return format(value.normalize(), "f")


def _number(text: str, before: str = "", after: str = "") -> Decimal | None:
    """A number, with commas at the thousands or none, also in 万 or 亿; None for any other text."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").removeprefix(before).removesuffix(after)
    found = re.fullmatch(r"(\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(\.\d{1,8})?([万亿]?)", plain, re.ASCII)
    if found is None:
        return None
    return Decimal(found[1].replace(",", "") + (found[2] or "")) * {"万": 10**4, "亿": 10**8}.get(found[3], 1)


def read_count(text: str, field: str) -> int:
    """A whole number of zero or more.

    Raises:
        RuleBroken: it is none.
    """
    decimal = read_decimal(text, field)
    if "." in decimal:
        raise RuleBroken(N_("“{value}” is no whole number."), field=field, value=text)
    return int(decimal)


def read_flag(text: str, field: str) -> bool:
    """Yes or no, in either language.

    Raises:
        RuleBroken: it is neither.
    """
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise RuleBroken(N_("“{value}” is neither yes nor no."), field=field, value=text)


def read_choice(text: str, field: str, choices: Choices) -> str:
    """A value of a closed list, given by itself or by its words in either language.

    Raises:
        RuleBroken: it is none of them; lists the words.
    """
    wanted = tidy_text(text).casefold()
    for value, words in choices:
        if wanted in (value.casefold(), words.casefold(), translate(words).casefold()):
            return value
    raise RuleBroken(
        N_("“{value}” is none of the choices here: {choices}."),
        field=field,
        value=text,
        choices=listed(translate(words) for _, words in choices),
    )


def typed(act: Act, raw: Mapping[str, str]) -> dict[str, Any]:
    """The keyword arguments of an act's verb from what was typed.

    A field that is not in `raw` is left out; one that is there and empty was emptied: None.

    Raises:
        RuleBroken: a required field is empty or a value cannot be read; names the field.
        TypeError: a name is no field of the act.
    """
    known = {field.key: field for field in act.fields}
    unknown = set(raw) - set(known)
    if unknown:
        raise TypeError(", ".join(sorted(unknown)))
    values: dict[str, Any] = {}
    for field in act.fields:
        text = raw.get(field.key, "").strip()
        if not text:
            if field.required:
                raise RuleBroken(N_("“{name}”: fill this in."), field=field.key, name=translate(field.label))
            if field.key in raw:
                values[field.key] = None
            continue
        values[field.key] = _value(field, text)
    return values


def _value(field: Field, text: str) -> Any:
    if field.kind == "day":
        return read_day(text, field.key)
    if field.kind == "moment":
        return read_moment(text, field.key)
    if field.kind == "money":
        return read_cents(text, field.key)
    if field.kind == "number":
        return read_decimal(text, field.key)
    if field.kind == "count":
        return read_count(text, field.key)
    if field.kind == "flag":
        return read_flag(text, field.key)
    if field.kind == "choice":
        return read_choice(text, field.key, field.choices)
    if field.kind == "marks":
        parts = [each for each in re.split(r"[,，、]", text) if each.strip()]
        return ",".join(dict.fromkeys(read_choice(each, field.key, field.choices) for each in parts))
    return text


def shown(field: Field, value: Any) -> str:
    """A value as the form's field shows it, so that reading it again gives the value."""
    if value is None:
        return ""
    if field.kind == "moment":
        return f"{local(int(value)):%Y-%m-%d %H:%M}"
    if field.kind == "money":
        return yuan(int(value))
    if field.kind == "flag":
        return "1" if value else "0"
    return str(value)


def yuan(cents: int) -> str:
    """Cents as yuan with two places: 123456 is 1,234.56."""
    sign, whole = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{whole // 100:,}.{whole % 100:02d}"
