"""Which limit comes first: the permit's own, then the local standard, the industry's, then the general one.

The order and its basis stand in `limit_tables/standards.toml`. A local standard is stricter by its nature:
one whose figures are not here lets "over" stand and takes "within" back; an industry's standard whose figures
are not here leaves nothing to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from models.errors import BadInput
from models.language import N_, listed
from models.law import comparing, limits
from models.law import limit_data as data
from models.law.judgement import Judgement, Reason, Sample, reason
from models.law.local import local_limits
from models.law.readings import converted, read_value

SOURCES = {
    "permit": N_("the permit"),
    "local": N_("the local standard"),
    "industry": N_("the standard of the industry"),
    "general": N_("the general standard"),
    "chosen": N_("chosen by hand"),
}
"""Where a limit comes from, with its words; in the order in which they are asked."""
PERMIT = "排污许可证"
"""What stands before a permit's number where a standard is named (data, as the names of tables are)."""
LIMIT = re.compile(r"[<>≥]?\d{1,9}(\.\d{1,9})?|\d{1,6}(\.\d{1,6})?-\d{1,6}(\.\d{1,6})?|不得检出")
"""A limit as the tables write it."""


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A limit of a permit or of a local standard."""

    source: str
    """"permit" or "local"."""
    name: str
    """Number of the permit, or number of the standard."""
    parameter: str
    limit: str
    unit: str = ""
    outlet: str = ""
    """Empty: at every outlet."""
    category: str = ""
    clause: str = ""
    medium: str = ""
    """Empty: of whatever medium."""
    since: date | None = None
    until: date | None = None
    """Days on which it holds, both included."""

    def holds(self, sample: Sample) -> bool:
        """Whether it is of this parameter, and in force on the day of the sample."""
        on = sample.sampled
        in_force = on is None or ((self.since or date.min) <= on <= (self.until or date.max))
        same = data.parameter_key(self.parameter) == data.parameter_key(sample.parameter)
        return in_force and same and self.medium in ("", _medium(sample))

    def at(self, point: str) -> bool:
        """Whether it is of this outlet by name."""
        return bool(self.outlet) and data.folded(self.outlet) in data.folded(point)


def choose(
    sample: Sample, own: Sequence[OwnLimit] = (), industry: str = "", *, chosen: bool = False
) -> Judgement:
    """Judge a value by the limit that comes first; the judgement says which that was and why.

    Args:
        own: the limits of the site's permit.
        industry: key of `limit_data.industries`, or empty.
        chosen: whether the sample's standard was picked by a person.

    Raises:
        BadInput: for a value, unit or name that cannot be read, saying what to write instead.
    """
    permit = [each for each in own if each.source == "permit" and each.holds(sample)]
    at_point = [each for each in permit if each.at(sample.point)] or [
        each for each in permit if not each.outlet
    ]
    if chosen and sample.standard:
        found = replace(limits.judge(sample), source="chosen")
        if not at_point:
            return found
        why = N_("The permit {number} has a limit for this, which comes before the standard that was chosen.")
        return _with(found, reason(why, number=at_point[0].name))
    if at_point:
        return _by_own(sample, at_point)
    if permit:
        why = N_("The permit limits {parameter} at {outlets} only: say at which outlet this was taken.")
        outlets = listed(dict.fromkeys(each.outlet for each in permit))
        return _undecided(sample, reason(why, parameter=sample.parameter, outlets=outlets))
    local = [each for each in local_limits() if each.own.holds(sample)]
    if local:
        by_local = _by_local(sample, [each.own for each in local], industry)
        if by_local is not None:
            return by_local
    found = _by_standard(sample, industry)
    absent = data.local_standard_of(industry, _medium(sample), data.parameter_key(sample.parameter))
    if absent is None or any(each.own.name == absent.code for each in local_limits()):
        return found
    return _beside_unknown_local(found, absent)


def _by_own(sample: Sample, own: Sequence[OwnLimit]) -> Judgement:
    """By one or more limits of the same source; where they differ in what they say, nothing is said."""
    judged = [
        limits.with_flips(sample, _judge_own(sample, each), partial(_judge_own, own=each)) for each in own
    ]
    if len({each.verdict for each in judged}) > 1:
        shown = listed(each.limit_text for each in judged)
        why = N_("There are several limits for this ({limits}): withdraw those that do not hold.")
        return replace(judged[0], verdict="undecidable", times="", reasons=(reason(why, limits=shown),))
    first = own[0]
    if first.source == "permit":
        basis = data.order_basis(sample.sampled)
        why = N_("Judged by the permit {number}: its limits come before all standards ({basis}).")
        said = reason(why, number=first.name, basis=basis)
    else:
        why = N_("Judged by the local standard {standard}, which comes before national ones.")
        said = reason(why, standard=first.name)
    return _with(judged[0], said)


def _judge_own(sample: Sample, own: OwnLimit) -> Judgement:
    unit = own.unit
    standard = f"{PERMIT} {own.name}" if own.source == "permit" else own.name
    found = Judgement(
        "undecidable",
        standard,
        " ".join(part for part in (own.clause, own.outlet, own.category) if part),
        own.limit,
        comparing.limit_text(own.limit, unit),
        unit=unit,
        source=own.source,
    )
    parameter = data.parameter_named(own.parameter) or data.Parameter(
        own.parameter, own.parameter, own.parameter, no_multiple=False
    )
    reading = read_value(sample.value, sample.detection_limit)
    if sample.unit and sample.unit != unit:
        reading = converted(reading, sample.unit, unit)
    found = replace(found, result=comparing.shown(reading))
    return comparing.compared(found, reading, own.limit, parameter)


def _by_local(sample: Sample, own: Sequence[OwnLimit], industry: str) -> Judgement | None:
    """By the rows of local standards whose category fits; None where none can be meant."""
    named = data.industries().get(industry)
    words = {data.folded(each) for each in (sample.category, named.zh if named else "") if each}
    fitting = [
        each for each in own if each.category in ("", data.EVERYTHING) or data.folded(each.category) in words
    ]
    return _by_own(sample, fitting) if fitting else None


def _by_standard(sample: Sample, industry: str) -> Judgement:
    """By the industry's standard, else by the general one."""
    medium = _medium(sample)
    named = data.industries().get(industry)
    code = named.standards.get(medium, "") if named is not None else ""
    if named is not None and code:
        if code not in data.all_standards():
            why = N_(
                "{standard} is the standard of this industry ({industry}) and comes before the general one; "
                "its figures are not kept here: look them up there."
            )
            return replace(
                _undecided(sample, reason(why, standard=code, industry=named.zh)),
                standard=code,
                source="industry",
            )
        if data.parameter_named(sample.parameter, medium) in limits.parameters(code):
            found = limits.judge(replace(sample, standard=code))
            why = N_("Judged by {standard}, the standard of the industry {industry}, before the general one.")
            return _with(replace(found, source="industry"), reason(why, standard=code, industry=named.zh))
        why = N_("{standard} of this industry has no limit for {parameter}: the general standard was taken.")
        general = limits.judge(sample)
        note = reason(why, standard=code, parameter=sample.parameter)
        return _with(replace(general, source="general"), note)
    found = limits.judge(sample)
    of_trade = {code for each in data.industries().values() for code in each.standards.values()}
    if found.standard in of_trade:
        return replace(found, source="industry")
    return replace(found, source="general")


def _beside_unknown_local(found: Judgement, absent: data.LocalStandard) -> Judgement:
    """A local standard of the trade is known by its title only: stricter, so it can only make it worse."""
    why = N_(
        "{standard} ({title}) is local and stricter; its figures are not here: fill in local_limits.csv."
    )
    said = reason(why, standard=absent.code, title=absent.zh)
    if found.verdict == "ok":
        return replace(found, verdict="undecidable", reasons=(said, *found.reasons))
    return _with(found, said)


def _undecided(sample: Sample, why: Reason) -> Judgement:
    read_value(sample.value, sample.detection_limit)  # a value that cannot be read is said to be one
    return Judgement("undecidable", "", "", "", "", reasons=(why,))


def _with(found: Judgement, *notes: Reason) -> Judgement:
    return replace(found, reasons=(*found.reasons, *notes))


def _medium(sample: Sample) -> str:
    return limits.medium_of(sample)


def checked_limit(text: str) -> str:
    """A limit as it is kept.

    Raises:
        BadInput: it is none.
    """
    plain = (
        text.strip().replace("≤", "").replace("~", "-").replace("～", "-").replace("–", "-").replace("—", "-")
    )
    plain = plain.replace("＜", "<").replace("＞", ">").replace(" ", "")
    if not LIMIT.fullmatch(plain):
        raise BadInput(N_("“{value}” is no limit: write 60, 6-9, <0.5 or 不得检出."), value=text)
    return plain
