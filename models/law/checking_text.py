"""What `qingcha limits check` says: a value judged by the limit that comes first."""

from __future__ import annotations

import dataclasses
from datetime import date, time
from typing import Any

from models.errors import BadInput
from models.language import N_, _, listed, translate
from models.law import limit_data as data
from models.law.choosing import SOURCES, OwnLimit, checked_limit, choose
from models.law.judgement import Judgement, Sample
from models.law.limits import VERDICTS

_OWN = ("permit", "permit_number", "industry")
"""What may be typed beside the fields of a sample: a limit of the permit, its number, the industry."""


def check_text(parameter: str, value: str, **fields: Any) -> tuple[str, Judgement]:
    """What `qingcha limits check` prints, and the judgement for `--json`.

    Args:
        parameter: name or alias, such as COD; noise or 噪声 for noise.
        value: as the report has it.
        **fields: any other field of `Sample` by name; `permit` (a limit), `permit_number`, `industry`.

    Raises:
        BadInput: for anything that cannot be read.
    """
    known = {field.name for field in dataclasses.fields(Sample)} | set(_OWN)
    unknown = sorted(fields.keys() - known)
    if unknown:
        raise BadInput(
            N_("There is no “{name}” in a measurement. Give name=value, as unit=mg/L."), name=unknown[0]
        )
    given = {name: _read(name, text) for name, text in fields.items() if name not in _OWN}
    sample = Sample(parameter=parameter, value=value, **given)
    found = choose(sample, _own(sample, fields), _industry(fields), chosen=bool(sample.standard))
    measured = " ".join(part for part in (parameter, value, fields.get("unit") or found.unit) if part)
    first = _("{measured}: {verdict}").format(measured=measured, verdict=_(VERDICTS[found.verdict]))
    if found.times:
        first += _(", exceeding it {times} times").format(times=found.times)
    if found.excess:
        first += _(", by {excess} dB(A)").format(excess=found.excess)
    second = " ".join(part for part in (found.standard, found.clause, found.limit_text) if part)
    second += f" ({translate(SOURCES[found.source])})"
    return "\n".join([first, second.strip(), *(f"- {line}" for line in found.lines())]), found


def _own(sample: Sample, fields: dict[str, Any]) -> tuple[OwnLimit, ...]:
    if not fields.get("permit"):
        return ()
    limit = checked_limit(str(fields["permit"]))
    number = str(fields.get("permit_number") or "-")
    return (OwnLimit("permit", number, sample.parameter, limit, sample.unit),)


def _industry(fields: dict[str, Any]) -> str:
    if not fields.get("industry"):
        return ""
    found = data.industry_named(str(fields["industry"]))
    if found is None:
        raise BadInput(
            N_("“{industry}” is no industry here. Use one of: {known}."),
            industry=fields["industry"],
            known=listed(data.industries()),
        )
    return found.key


_YES, _NO = {"yes", "true", "1", "是"}, {"no", "false", "0", "否"}


def _read(name: str, text: Any) -> Any:
    """A field of a sample as it is typed: yes or no, a day, a time, or text."""
    kind = Sample.__dataclass_fields__[name].type
    if not isinstance(text, str) or kind == "str":
        return text
    word = text.strip().lower()
    try:
        if kind == "date | None":
            return date.fromisoformat(word)
        if kind == "time | None":
            return time.fromisoformat(word)
    except ValueError as error:
        wrong = N_("{name}={value} is no day (2005-06-30) or time (14:30).")
        raise BadInput(wrong, name=name, value=text) from error
    if word not in _YES | _NO:
        raise BadInput(N_("{name} is yes or no, not “{value}”."), name=name, value=text)
    return word in _YES
