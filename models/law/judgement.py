"""What is judged and what comes out: sample, reasons, judgement, and the rounding that both media share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, time
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, Literal

from models.language import N_, filled

Verdict = Literal["ok", "over", "undecidable"]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One measured value and everything that decides which limit applies to it. All values are as written."""

    parameter: str
    """Name or alias: COD, 化学需氧量, CODCr; 噪声 for noise."""
    value: str
    """As the report has it: "240", "<0.004", "0.004L", "ND", "未检出"."""
    unit: str = ""
    """Empty: the unit of the limit."""
    detection_limit: str = ""
    standard: str = ""
    """Such as "GB 8978-1996"; empty: that, or GB 12348-2008 for noise."""
    table: str = ""
    """Such as "表4"; empty: chosen by the parameter and the building date (J8)."""
    grade: str = ""
    """1, 2 or 3; empty: from the receiving water (J9)."""
    water: str = ""
    """Receiving water: III, IV, sea_2, sewer … or its Chinese name."""
    category: str = ""
    """适用范围, such as 石油化工 or 其他."""
    point: str = ""
    """Where it was taken: "workshop", "total", or Chinese words with 车间 or 总排 in them."""
    sampling: str = ""
    """"instant", "composite" or empty."""
    sampled: date | None = None
    built: date | None = None
    """Date of the approval of the environmental assessment (J8)."""
    zone: str = ""
    """声环境功能区, 0 to 4."""
    period: str = ""
    """"day" or "night"; empty: from the time."""
    taken_at: time | None = None
    """Time of day in China."""
    background: str = ""
    """Background level, dB(A)."""
    calibration_before: str = ""
    calibration_after: str = ""
    wind: str = ""
    """m/s."""
    rain: bool | None = None
    """Rain, snow, thunder or lightning."""
    room: str = ""
    """A or B, for structure-borne noise indoors (表2)."""
    kind: str = ""
    """Of a noise level: "" (equivalent level), "frequent" or "occasional" (highest level by night)."""
    temperature: str = ""
    """Of the water, ℃ (J21)."""
    stack: str = ""
    """Height of the stack, m."""
    clear: bool | None = None
    """Whether it is 5 m higher than the buildings within 200 m (J13)."""
    hourly: bool | None = None
    """Whether the value is the mean of an hour, or of four samples in it (J12)."""
    oxygen: str = ""
    """Oxygen measured in the flue gas, per cent (J22)."""
    fuel: str = ""
    """Of a boiler: 煤, 油 or 气, or coal, oil or gas."""
    bands: str = ""
    """Levels of octave bands indoors, "31.5:70, 63:58" (Hz: dB)."""
    mixed: str = ""
    """Of mixed waste water: "limit:discharge:output" of each part, joined by commas (J11)."""
    indoors: bool = False
    """Boundary less than 1 m from the sensitive building and measured inside it (J19)."""


@dataclass(frozen=True)
class Reason:
    """One thing that decided, stopped or accompanies a judgement."""

    msgid: str
    rule: str
    """Number of the rule, J1 to J22, or empty."""
    params: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """The sentence in the reader's language."""
        return filled(self.msgid, dict(self.params))


def reason(msgid: str, rule: str = "", **params: object) -> Reason:
    """A reason with its parameters as text."""
    return Reason(msgid, rule, tuple((name, str(value)) for name, value in params.items()))


@dataclass(frozen=True)
class Judgement:
    """What the limit says of the sample."""

    verdict: Verdict
    standard: str
    clause: str
    """Table, grade or zone, and category: "表4 一级 其他"."""
    limit: str
    """The limit as the table has it: "100", "6-9", "不得检出", "<0.5", or empty."""
    limit_text: str
    """The limit with its sign and unit: "≤100 mg/L"."""
    times: str = ""
    """超标倍数 (C−S)/S as decimal text; empty where none is worked out."""
    excess: str = ""
    """For noise: how many dB(A) over the limit."""
    result: str = ""
    """What was compared with the limit: the value in the limit's unit, or the corrected level."""
    unit: str = ""
    reasons: tuple[Reason, ...] = ()
    source: str = ""
    """Where the limit comes from: a key of `choosing.SOURCES`; empty where nothing was chosen."""

    def lines(self) -> list[str]:
        """The reasons as sentences in the reader's language."""
        return [one.text() for one in self.reasons]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`: every field, reasons as rule, msgid and text."""
        return {
            "verdict": self.verdict,
            "standard": self.standard,
            "clause": self.clause,
            "limit": self.limit,
            "limit_text": self.limit_text,
            "times": self.times,
            "excess": self.excess,
            "result": self.result,
            "unit": self.unit,
            "source": self.source,
            "reasons": [
                {"rule": one.rule, "msgid": one.msgid, "params": dict(one.params), "text": one.text()}
                for one in self.reasons
            ],
        }


def not_limited(standard: str, parameter: str) -> Judgement:
    """What is said where a standard has no such limit."""
    none = reason(N_("{standard} has no limit for {parameter}."), standard=standard, parameter=parameter)
    return Judgement("undecidable", standard, "", "", "", reasons=(none,))


def pack_reasons(reasons: tuple[Reason, ...]) -> str:
    """Reasons as JSON text for a record, language not yet chosen."""
    return json.dumps([[one.msgid, one.rule, list(one.params)] for one in reasons], ensure_ascii=False)


def unpack_reasons(text: str) -> tuple[Reason, ...]:
    """Reasons back from a record; empty for empty text."""
    return tuple(
        Reason(msgid, rule, tuple((name, value) for name, value in params))
        for msgid, rule, params in json.loads(text or "[]")
    )


def plain(number: Decimal) -> str:
    """A decimal without exponent and without needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def multiple(value: Decimal, limit: Decimal) -> str:
    """超标倍数 (C−S)/S (J1), rounded to two decimals, half to even (GB/T 8170), needless zeros left out.

    The comparison itself is made with the whole value, before rounding (GB/T 8170 全数值比较法). A small
    excess that two decimals would show as nothing keeps its first significant figure.
    """
    with localcontext(prec=80):
        exact = (value - limit) / limit
        places = Decimal("0.01")
        while exact > 0 and exact.quantize(places, ROUND_HALF_EVEN) == 0:
            places /= 10
        return plain(exact.quantize(places, ROUND_HALF_EVEN))


def whole(level: Decimal) -> Decimal:
    """A level rounded to whole dB, half to even (HJ 706-2014 §5.4, GB/T 8170)."""
    return level.quantize(Decimal(1), ROUND_HALF_EVEN)
