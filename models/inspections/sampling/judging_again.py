"""Judging a laboratory's result anew, once what decides its limit is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections.judging import judged
from models.inspections.sampling.context import context_of
from models.inspections.sampling.lab import refuse_covered
from models.inspections.standards.queries import setting_of
from models.inspections.tables import Measurement
from models.inspections.writing import refuse_who_may_not_inspect, tidy
from models.language import N_
from models.registry import keeping
from models.registry.tables import Site
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

CIRCUMSTANCES = {
    "water": ("category", "water", "grade", "built", "sampled", "temperature"),
    "air": ("category", "stack", "zone", "clear", "hourly", "fuel", "table_id", "oxygen", "built"),
}
"""What decides the limit of a laboratory's result and the report does not say, by medium."""


def judge_again(seat: Seat, measurement: str, **given: Any) -> None:
    """Judge a laboratory's result anew: by its sampling record and site as they are now, and what is given.

    Args:
        given: of `CIRCUMSTANCES`; what is empty is as sampling record and site say.

    Raises:
        RuleBroken: it is no result of a laboratory, its visit's seal covers it, or a value is not possible.
    """
    refuse_who_may_not_inspect(seat)
    with seat.writing():
        row: Measurement = keeping.standing(seat, "measurement", measurement)
        sampling = keeping.row_of(seat, "sampling", row.sampling or "")
        if not row.report or sampling is None:
            raise RuleBroken(
                N_("This was not reported by a laboratory: correct it at its inspection."), field="value"
            )
        refuse_covered(seat, row)
        wrong = set(given) - set(CIRCUMSTANCES.get(row.medium or "", ()))
        if wrong:
            raise TypeError(f"decides nothing here: {', '.join(sorted(wrong))}")
        with seat:
            site = by_id(Site, sampling.site) if sampling.site else None
        said = {name: value for name, value in given.items() if value is not None and value != ""}
        known = {**context_of(sampling, site), "taken_at": row.taken_at, "instrument": row.instrument}
        held = {name: getattr(row, name) for name in row._meta.fields}
        values: dict[str, Any] = dict(tidy("measurement", {**known, **said}))
        values.update(judged(held | values, setting_of(seat, sampling.site)))
        changed = {name: one for name, one in values.items() if getattr(row, name) != one}
        if changed:
            keeping.change(seat, row, "measurement", changed)
