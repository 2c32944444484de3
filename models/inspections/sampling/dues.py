"""The running limits of sampling: telling the party the results, samples that must reach a laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.inspections.sampling.custody import hold_until
from models.inspections.sampling.sheets import tell_due
from models.inspections.sampling.tables import LabReport, Sample, Sampling
from models.inspections.sampling.verbs import custody_rows
from models.language import _
from models.law.bases import basis_text
from models.law.due import Due
from models.registry.days import day_of
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat


def dues(seat: Seat) -> list[Due]:
    """Every limit that runs, in the order of the records."""
    with seat:
        reports = list(LabReport.select().where(LabReport.voided.is_null(), LabReport.told_on.is_null()))
        samples = list(Sample.select().where(Sample.voided.is_null(), Sample.hold_hours.is_null(False)))
    found = []
    for report in reports:
        one = tell_due(seat, report)
        if one is not None:
            about = " ".join(part for part in (report.number, report.site_name) if part)
            found.append(
                Due(
                    "tell_result",
                    "lab_report",
                    report.id,
                    about,
                    one[1].title,
                    one[0],
                    one[1].basis,
                    one[1].mark,
                )
            )
    return found + [due for each in samples if (due := _of_sample(seat, each)) is not None]


def _of_sample(seat: Seat, row: Sample) -> Due | None:
    until = hold_until(row)
    if until is None or any(each.action in ("received", "opened") for each in custody_rows(seat, row.id)):
        return None
    with seat:
        sampling = by_id(Sampling, row.sampling or "")
    if sampling is None or sampling.voided is not None:
        return None
    try:
        day = day_of(until)
    except (ValueError, OverflowError, OSError):  # a time that no verb of ours wrote
        return None
    about = f"{row.number or ''} {sampling.site_name or ''}".strip()
    return Due(
        "sample_hold",
        "sample",
        row.id,
        about,
        _("Bring the sample to the laboratory"),
        day,
        basis_text("V11", day),
    )
