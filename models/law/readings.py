"""What a laboratory or an officer writes as a measured value, read into exact decimals and units."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

from models.errors import BadInput
from models.language import N_

_FOLDER = Path(__file__).parent / "limit_tables"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NUMBER = r"(?:\d{1,12}(?:\.\d{1,12})?|\.\d{1,12})"
_POWER = r"(?:[eE]([+-]?\d)|[x×*]10\^([+-]?\d))"
_AMOUNT = re.compile(rf"(?P<number>{_NUMBER})(?P<power>{_POWER})?")
_UNDETECTED = ("ND", "N.D.", "N.D", "未检出", "低于检出限", "<DL", "<LOD", "<MDL", "L")
_NO_VALUE = N_(
    "“{value}” is not a measured value. Write a number (0.12), a value below the detection limit (<0.004, "
    "0.004L), or ND."
)


@dataclass(frozen=True)
class Reading:
    """A value: exact, or below the detection limit ("<"), or beyond the range of the method (">", "≥")."""

    value: Decimal | None
    """The number; the detection limit for "<", None where that is not known."""
    sign: Literal["", "<", ">", "≥"] = ""

    def times(self, factor: Decimal) -> Reading:
        """The same reading in a unit `factor` times smaller, as precise as written: 0.12 g is 120 mg."""
        return Reading(None if self.value is None else self.value * factor.normalize(), self.sign)


def read_value(text: str, detection_limit: str = "") -> Reading:
    """Read a value as written: "0.12", "1.1×10⁴", "<0.004", "0.004L", "ND", "未检出", ">24000".

    "ND" without number takes its detection limit from the second argument, and a number below that limit
    counts as not detected.

    Raises:
        BadInput: if it is neither a number nor a word for "not detected". A comma is refused, since
            1,234 means different numbers to different people.
    """
    raised = re.sub(r"10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda found: "10^" + found[1].translate(_SUPERSCRIPTS), text)
    if re.search("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]", raised):
        raise BadInput(_NO_VALUE, value=text)
    written = re.sub(r"\s", "", unicodedata.normalize("NFKC", raised))
    limit = _detection_limit(detection_limit)
    if written.upper() in _UNDETECTED:
        return Reading(limit, "<")
    bracketed = re.fullmatch(r"(?:ND|N\.D\.|未检出)\(<?([^()]+)\)", written, re.IGNORECASE)
    if bracketed:
        return Reading(_amount(bracketed[1], text), "<")
    if written[:1] == "<":
        return Reading(_amount(written[1:], text), "<")
    if written[:1] in ("≥", "≧"):
        return Reading(_amount(written[1:], text), "≥")
    if written[:1] == ">":
        return Reading(_amount(written[1:], text), ">")
    if written[-1:] in ("L", "l"):
        return Reading(_amount(written[:-1], text), "<")
    value = _amount(written, text)
    return Reading(limit, "<") if limit is not None and value < limit else Reading(value)


def read_number(text: str) -> Decimal:
    """A number that has no detection limit: a height, a temperature.

    Raises:
        BadInput: it is none.
    """
    reading = read_value(text)
    if reading.sign or reading.value is None:
        raise BadInput(N_("“{value}” is not a number."), value=text)
    return reading.value


def _detection_limit(text: str) -> Decimal | None:
    written = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lstrip("<").rstrip("Ll")
    return _amount(written, text) if written else None


def _amount(written: str, shown: str) -> Decimal:
    found = _AMOUNT.fullmatch(written)
    # "1.1×104" is what remains of 1.1×10⁴ after a careless copy: it could be either, so only 10^4 is read.
    if not found:
        raise BadInput(_NO_VALUE, value=shown)
    power = found[3] or found[4] or "0"
    return Decimal(found["number"]).scaleb(int(power))


@lru_cache(maxsize=1)
def _units() -> dict[str, tuple[str, Decimal]]:
    with (_FOLDER / "units.toml").open("rb") as file:
        families = tomllib.load(file)
    return {
        _plain(name): (family, Decimal(factor))
        for family, names in families.items()
        for name, factor in names.items()
    }


def _plain(unit: str) -> str:
    folded = unicodedata.normalize("NFKC", unit).casefold()
    return re.sub(r"\s", "", folded)  # NFKC has made one letter of both signs for micro


def family_of(unit: str) -> str:
    """The kind of a unit, such as "concentration" or "rate"; "" for one that is not known."""
    known = _units().get(_plain(unit))
    return known[0] if known else ""


def converted(reading: Reading, unit: str, wanted: str) -> Reading:
    """The reading in another unit of the same kind (J4: μg/L ÷ 1000 = mg/L, 个/100mL × 10 = 个/L).

    Raises:
        BadInput: for a unit that is not known, or of another kind than the wanted.
    """
    units = _units()
    if _plain(unit) not in units:
        raise BadInput(
            N_("The unit “{unit}” is not known. The limit is in {wanted}."), unit=unit, wanted=wanted or "–"
        )
    family, factor = units[_plain(unit)]
    wanted_family, wanted_factor = units[_plain(wanted)]
    if family != wanted_family:
        raise BadInput(
            N_("A value in {unit} cannot be compared with a limit in {wanted}. Correct the unit."),
            unit=unit or "–",
            wanted=wanted or "–",
        )
    return reading.times(factor / wanted_factor)
