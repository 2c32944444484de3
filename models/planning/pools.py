"""Who and what is on the list of a draw, who is left out, and why: the list as it is frozen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.language import N_, in_chinese, translate
from models.planning import drawing, queries, rules
from models.registry import queries as registry
from models.registry import units
from models.registry.days import today
from models.registry.rules import tidy_line
from models.registry.tables import Officer, Site

if TYPE_CHECKING:
    from models.store.seat import Seat

_LINE = N_("“{line}” cannot be read: write {form}, one a line.")
_SITE_FORM = N_("name or code: reason")
_OFFICER_FORM = N_("name or certificate: reason")
_PAIR_FORM = N_("officer: site: reason")


@dataclass(frozen=True, slots=True)
class Frozen:
    """A list about to be frozen."""

    list: drawing.DrawList
    least: int
    """How many sites the plan of the period still asks for."""
    basis: str


def frozen_list(
    seat: Seat,
    *,
    unit: str,
    category: str,
    period: str,
    items: str,
    count: int | None,
    mixed: bool,
    sites_out: str | None,
    officers_out: str | None,
    withdrawals: str | None,
) -> Frozen:
    """The list of today. Arguments and errors as `draws.prepare`."""
    on = today(seat)
    every = _of_class(seat, queries.sites_in(seat, unit), category, on)
    pool = queries.officers_in(seat, unit, all_units=mixed)
    at_home = [row for row in pool if (row.unit_code or row.unit) == unit]
    holders = [row for row in at_home if registry.certificate_valid(row, on)]
    sites, out = _sites(seat, every, unit, period, on, sites_out)
    officers, officers_left = _officers(pool, on, officers_out)
    before = set(queries.drawn_before(seat, unit, period)) & every.keys()
    open_sites = sum(1 for row, watched in every.values() if watched != "closed")
    city = unit == units.city().code
    least, basis = rules.least(category, period, open_sites, len(holders), city=city, on=on)
    still = max(0, least - len(before))
    if not sites:
        raise RuleBroken(
            N_("No site is left to draw. Left out: {count}. Look at their classes and caps."),
            field="category",
            count=len(out),
        )
    wanted = count if count is not None else min(still, len(sites))
    if not 1 <= wanted <= len(sites):
        raise RuleBroken(
            N_(
                "Sites that can be drawn: {left}; the plan of the period still asks for {still}. Say how "
                "many."
            ),
            field="count",
            left=len(sites),
            still=still,
        )
    plan = {
        "unit": unit,
        "category": category,
        "period": period,
        "as-of": on.isoformat(),
        "items": items,
        drawing.WANTED: str(wanted),
        drawing.OTHER_UNITS: "yes" if mixed else "no",
    }
    people = {row.id: _person(row) for row in officers}
    apart, words = _withdrawn(withdrawals, sites, people)
    made = drawing.DrawList(plan, sites, people, frozenset(apart), (*out, *officers_left, *words))
    alone = [name for each, name in sites.items() if not drawing.has_pair(made, each)]
    if alone:
        raise RuleBroken(
            N_("For {site} no two officers are left (two certificates). Leave it out, or add officers."),
            field="withdrawals",
            basis="行政处罚法第四十二条",
            site=alone[0],
        )
    return Frozen(made, still, basis)


def _person(row: Officer) -> drawing.Person:
    certificate = "".join(tidy_line(row.certificate or "").split())
    return drawing.Person(row.id, row.unit_code or row.unit, certificate, tidy_line(row.name or ""))


def _of_class(seat: Seat, rows: Sequence[Site], category: str, on: date) -> dict[str, tuple[Site, str]]:
    """The sites of a category with their class: closed ones are of each, to be left out with the reason."""
    classes = queries.classes(seat, on.year)
    found = {}
    for row in rows:
        held = classes.get(row.id)
        watched = (held.category or "general") if held is not None else "general"
        if category == "all" or watched in (category, "closed"):
            found[row.id] = (row, watched)
    return found


def _sites(
    seat: Seat,
    every: Mapping[str, tuple[Site, str]],
    unit: str,
    period: str,
    on: date,
    typed: str | None,
) -> tuple[dict[str, str], list[str]]:
    """Sites that may be drawn, and in words those that may not."""
    named = _named_out(typed, [row for row, _watched in every.values()], _SITE_FORM, "sites_out")
    before = queries.drawn_before(seat, unit, period)
    made = queries.visits(seat, every, on.year)
    sites, out = {}, []
    for each, (row, watched) in every.items():
        name = tidy_line(row.name or each)
        why = named.get(each) or _why_not(watched, before.get(each), made[each], on)
        if why:
            out.append(f"{name}：{why}")
        else:
            sites[each] = name
    return sites, out


def _why_not(watched: str, before: str | None, made: int, on: date) -> str:
    def words() -> str:
        if watched == "closed":
            return translate(N_("the site is closed"))
        if before is not None:
            return translate(N_("drawn in this period already: {number}")).format(number=before)
        most = rules.cap(watched, on)
        if most is not None and made >= most.value:
            said = translate(N_("inspections this year: {count}, the cap is {most}"))
            return said.format(count=made, most=most.value)
        return ""

    return in_chinese(words)


def _officers(rows: Sequence[Officer], on: date, typed: str | None) -> tuple[list[Officer], list[str]]:
    named = _named_out(typed, rows, _OFFICER_FORM, "officers_out")
    kept, out = [], []
    for row in rows:
        why = named.get(row.id, "")
        if not why and not registry.certificate_valid(row, on):
            why = in_chinese(lambda: translate(N_("no valid certificate")))
        if why:
            out.append(f"{tidy_line(row.name or row.id)}：{why}")
        else:
            kept.append(row)
    return kept, out


def _named_out(typed: str | None, rows: Sequence[Any], form: str, field: str) -> dict[str, str]:
    """Record to reason, from lines "name: reason"."""
    found = {}
    for line in _lines(typed):
        parts = re.split(r"[:：]", line, maxsplit=1)
        if len(parts) != 2 or not parts[1].strip():
            raise RuleBroken(_LINE, field=field, line=line, form=translate(form))
        found[_the_one(parts[0], rows, field)] = parts[1].strip()
    return found


def _withdrawn(
    typed: str | None, sites: Mapping[str, str], people: Mapping[str, drawing.Person]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Pairs of officer and site, and in words who must not go where."""
    pairs, words = [], []
    for line in _lines(typed):
        parts = [each.strip() for each in re.split(r"[:：]", line, maxsplit=2)]
        if len(parts) != 3 or not parts[2]:
            raise RuleBroken(_LINE, field="withdrawals", line=line, form=translate(_PAIR_FORM))
        officer = _the_one(parts[0], list(people.values()), "withdrawals")
        known = [_Named(each, name) for each, name in sites.items()]
        site = _the_one(parts[1], known, "withdrawals")
        pairs.append((officer, site))
        words.append(f"{people[officer].name}（{sites[site]}）：{parts[2]}")
    return pairs, words


@dataclass(frozen=True, slots=True)
class _Named:
    id: str
    name: str


def _the_one(word: str, rows: Iterable[Any], field: str) -> str:
    """The id of the one row that a name, code or certificate means.

    Raises:
        RuleBroken: none, or several.
    """
    wanted = tidy_line(word).strip()
    names = ("id", "name", "code", "certificate")
    found = [row.id for row in rows if wanted and wanted in {getattr(row, name, None) for name in names}]
    if not found:
        raise RuleBroken(N_("“{word}” is none of those that could be drawn."), field=field, word=wanted)
    if len(found) > 1:
        raise RuleBroken(
            N_("“{word}” means {count} of them. Write the code or certificate number."),
            field=field,
            word=wanted,
            count=len(found),
        )
    return str(found[0])


def _lines(typed: str | None) -> list[str]:
    return [tidy_line(line).strip() for line in (typed or "").splitlines() if line.strip()]
