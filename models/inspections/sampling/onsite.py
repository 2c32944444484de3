"""Values read while sampling (pH, the level of noise) as measurements of the visit, judged at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections.judging import judged
from models.inspections.rules import child_id
from models.inspections.sampling.context import context_of
from models.inspections.sampling.verbs import open_sampling, visit_of
from models.inspections.standards.queries import setting_of
from models.inspections.writing import open_inspection, tidy
from models.language import N_
from models.registry import keeping
from models.registry import queries as registry
from models.store.change import Change, put

if TYPE_CHECKING:
    from models.store.seat import Seat

READ_ON_SITE = {"water": ("ph", "pH", "无量纲"), "noise": ("leq", "噪声", "dB(A)")}
"""By matter: the field of the record, the name of the parameter, the unit."""


def site_values(seat: Seat, sampling: Any) -> dict[str, Any] | None:
    """The measurement that a record's own reading gives, judged; None where nothing was read.

    Raises:
        BadInput: the value cannot be judged as it is written.
    """
    if sampling.matter not in READ_ON_SITE:
        return None
    field, parameter, unit = READ_ON_SITE[sampling.matter]
    value = getattr(sampling, field)
    if not value:
        return None
    site = registry.site(seat, sampling.site) if sampling.site else None
    values = {
        **context_of(sampling, site),
        "parameter": parameter,
        "value": value,
        "unit_of_value": unit,
        "method": sampling.method,
    }
    kept: dict[str, Any] = dict(tidy("measurement", values))
    return {**kept, **judged(kept, setting_of(seat, sampling.site))}


def enter_site_values(seat: Seat, sampling_id: str) -> str:
    """Enter what was read on site as a measurement of the visit; again, it is corrected. Returns its id.

    Raises:
        RuleBroken: nothing was read, or the visit is sealed.
    """
    with seat.writing():
        row = open_sampling(seat, sampling_id)
        visit = open_inspection(seat, visit_of(seat, row).id)
        values = site_values(seat, row)
        if values is None:
            raise RuleBroken(N_("No pH and no level of noise was read at this point."), field="ph")
        record = child_id(row.id, "measurement", values["parameter"])
        held = keeping.row_of(seat, "measurement", record)
        values["inspection"] = visit.id
        if held is not None:
            values = {name: one for name, one in values.items() if getattr(held, name) != one}
            if held.voided is not None:
                values["voided"] = None
        changes: list[Change] = [put("measurement", record, row.unit, **values)] if values else []
        if changes:
            seat.write(*changes)
    return record
