"""`qingcha report`: figures as of a day, from the records of the notebook alone."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from typing import Any

from models.language import N_, _, translate
from models.registry.days import today
from models.registry.typed import read_day
from tui.cli.opening import opened
from tui.cli.rooms import refuse_unseen, table
from tui.cli.telling import DONE, tell

AMOUNTS = {
    "fish_fry": N_("Fish fry released"),
    "snails": N_("Snails released"),
    "river_water_m3": N_("River water restored, m3"),
    "channel_m": N_("Channel restored, m"),
    "replanting_yuan": N_("Replanting, yuan"),
}
"""Amounts of restoration (msgid)."""
BASES = {
    "fish_release_built": N_("Bases for fish release, built"),
    "replanting_building": N_("Bases for replanting, being built"),
    "watershed": N_("Small watersheds"),
}
"""Bases (msgid)."""


def city(given: argparse.Namespace) -> int:
    """`qingcha report city`: the city's figures."""
    from models.oversight.figures import city_figures
    from models.oversight.published import as_json

    as_of = date.fromisoformat(read_day(given.as_of, "as_of")) if given.as_of else None
    with opened(given) as notebook:
        refuse_unseen(notebook, "damage_case")
        figures = as_json(city_figures(notebook, as_of or today(notebook)))
    tell(given, figures, "{page}", page=words_of(figures))
    return DONE


def words_of(figures: Mapping[str, Any]) -> str:
    """The figures as a page of text."""
    lines = [
        _("The city as of {day}, by legal dates").format(day=figures["as_of"]),
        "",
        _("Units with a case: {covered} of {units} ({rate})").format(
            covered=figures["covered"], units=figures["units"], rate=_percent(figures["coverage"])
        ),
        _("Started {started}: done {done} ({rate}), awaiting performance {awaiting}, others {other}").format(
            started=figures["started"],
            done=figures["done"],
            rate=_percent(figures["done_rate"]),
            awaiting=figures["awaiting"],
            other=figures["other"],
        ),
    ]
    place = figures["ranking"]
    if place is not None:
        lines.append(
            _("Place in the province: {place} ({day}, {source})").format(
                place=place["place"], day=place["as_of"], source=place["source"]
            )
        )
    lines.append(_("Bulletins issued: {count}").format(count=figures["bulletins"]))
    lines.append(_("Experts: {count}").format(count=figures["experts"]["total"]))
    lines += ["", _("Restoration"), _amounts(figures)]
    lines += ["", _("Units"), _units(figures["by_unit"])]
    if figures["by_month"]:
        rows = [[_("Month"), _("Started"), _("Done")]]
        rows += [[each["month"], str(each["started"]), str(each["done"])] for each in figures["by_month"]]
        lines += ["", _("Months"), table(rows)]
    return "\n".join(lines)


APPROX = {"余": N_("over {amount}"), "约": N_("about {amount}")}
"""How an amount is said that is not exact."""


def _amounts(figures: Mapping[str, Any]) -> str:
    rows = []
    for name, amount in figures["restoration"].items():
        words = APPROX.get(figures["restoration_approx"].get(name, "="), "{amount}")
        rows.append(
            [f"  {translate(AMOUNTS.get(name, name))}", translate(words).format(amount=f"{amount:,}")]
        )
    for name, count in figures["bases"].items():
        rows.append([f"  {translate(BASES.get(name, name))}", str(count)])
    return table(rows)


def _units(rows: list[Mapping[str, Any]]) -> str:
    found = [[_("Unit"), _("Started"), _("Done"), _("Awaiting"), _("Others"), _("First case")]]
    for row in rows:
        counts = [str(row[name]) for name in ("started", "done", "awaiting", "other")]
        first = f"{row['first_on']}  {row['first_number']}".strip() if row["first_on"] else ""
        found.append(
            [row["label"], *counts, first or (_("! none") if row["zero"] and row["counted"] else "")]
        )
    return table(found)


def _percent(share: float) -> str:
    """A share with one place."""
    return f"{share * 100:.1f}%"
