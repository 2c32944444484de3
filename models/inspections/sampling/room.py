"""The room of sampling: records, samples on their way, reports of laboratories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from models.inspections.sampling import queries, rules
from models.inspections.sampling.acts import ACTS
from models.inspections.sampling.sheets import (
    moment,
    report_cell,
    report_sheet,
    result_sheet,
    sample_sheet,
    sampling_sheet,
    standing_cell,
    state_cell,
)
from models.inspections.sampling.tables import LabReport, Sample, Sampling
from models.inspections.sampling.verbs import custody_rows
from models.inspections.standards.room_parts import ACTS as LIMIT_ACTS
from models.inspections.standards.room_parts import limit_sheet
from models.language import N_, _, translate
from models.listing import find, lines, rows_of
from models.rooms import Cell, Column, Line, Listing, Room

if TYPE_CHECKING:
    from models.store.seat import Seat

__all__ = ["ACTS", "ROOM"]


def find_samplings(seat: Seat, text: str) -> list[str]:
    """Sampling records that the text finds, by themselves or by their visit; the newest first."""
    order = (Sampling.began_at.desc(), Sampling.id.desc())
    return find(seat, Sampling, "sampling", text, order, {"inspection": "inspection"})


def sampling_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of sampling records."""
    rows = rows_of(seat, Sampling, ids)

    def cells(row: Any) -> tuple[Cell | str, ...]:
        return (
            rules.symbol_of(row.symbol),
            f"{row.site_name or ''} {row.point or ''}".strip(),
            state_cell(seat, row),
            translate(rules.MATTERS.get(row.matter or "", "")),
            moment(row.began_at),
            Cell(row.number or "", "quiet"),
        )

    return lines(ids, rows, cells)


def find_samples(seat: Seat, text: str) -> list[str]:
    """Samples that the text finds, by themselves or by their record; the newest first."""
    return find(
        seat, Sample, "sample", text, (Sample.taken_at.desc(), Sample.id.desc()), {"sampling": "sampling"}
    )


def sample_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of samples."""
    rows = rows_of(seat, Sample, ids)
    of = rows_of(seat, Sampling, (row.sampling for row in rows.values()))

    def cells(row: Any) -> tuple[Cell | str, ...]:
        sampling = of.get(row.sampling)
        return (
            row.number or "",
            f"{row.name or ''} {row.items or ''}".strip(),
            standing_cell(seat, row, custody_rows(seat, row.id)),
            moment(row.taken_at),
            (sampling.site_name or "") if sampling is not None else "",
        )

    return lines(ids, rows, cells)


def find_reports(seat: Seat, text: str) -> list[str]:
    """Reports that the text finds; those of which the party was not told first."""
    order = (LabReport.told_on.is_null(False), LabReport.reported_on.desc(), LabReport.id.desc())
    return find(seat, LabReport, "lab_report", text, order, {"inspection": "inspection"})


def _outcome(results: Sequence[Any], over: int) -> str:
    """How many are over; what was not judged is not within the limits and is told too."""
    undecided = sum(1 for each in results if each.verdict == "undecidable")
    if undecided:
        words = _("{over} of {count} over, {undecided} not judged")
        return words.format(over=over, count=len(results), undecided=undecided)
    return _("{over} of {count} over").format(over=over, count=len(results))


def report_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Rows of reports."""
    rows = rows_of(seat, LabReport, ids)

    def cells(row: Any) -> tuple[Cell | str, ...]:
        results = queries.results_of(seat, row.id)
        over = sum(1 for each in results if each.verdict == "over")
        return (
            row.number or "",
            row.site_name or "",
            Cell(_outcome(results, over), "bad" if over else ""),
            report_cell(row),
            row.reported_on or "",
            row.laboratory or "",
        )

    return lines(ids, rows, cells)


def summary(seat: Seat) -> str:
    """What is under way: samples that did not arrive, reports of which nobody was told."""
    with seat:
        untold = LabReport.select().where(LabReport.voided.is_null(), LabReport.told_on.is_null()).count()
        open_ = Sampling.select().where(Sampling.voided.is_null(), Sampling.sealed.is_null()).count()
    return _("records not sealed: {open} · reports the party was not told of: {untold}").format(
        open=open_, untold=untold
    )


ROOM = Room(
    name="sampling",
    title=N_("Sampling"),
    listings=(
        Listing(
            "records",
            N_("Sampling records"),
            "sampling",
            (
                Column("", 2),
                Column(N_("Site and point"), 0),
                Column(N_("State"), 12),
                Column(N_("What is sampled"), 14, from_width=90),
                Column(N_("Sampling began"), 16, from_width=76),
                Column(N_("Number"), 30, from_width=130),
            ),
            find_samplings,
            sampling_lines,
            N_("No sampling yet. Open an inspection and press z there."),
        ),
        Listing(
            "samples",
            N_("Samples"),
            "sample",
            (
                Column(N_("Number"), 30),
                Column(N_("Sample"), 0),
                Column(N_("Where it is"), 16),
                Column(N_("Taken at"), 16, from_width=96),
                Column(N_("Site"), 24, from_width=120),
            ),
            find_samples,
            sample_lines,
            N_("No sample yet. Add samples to a sampling record."),
        ),
        Listing(
            "reports",
            N_("Reports of laboratories"),
            "lab_report",
            (
                Column(N_("Number"), 18),
                Column(N_("Site"), 0),
                Column(N_("Results"), 16),
                Column(N_("Party told"), 22),
                Column(N_("Day of the report"), 12, from_width=96),
                Column(N_("Laboratory"), 24, from_width=124),
            ),
            find_reports,
            report_lines,
            N_("No report yet. Take in a laboratory's file with n."),
        ),
    ),
    sheets={
        "sampling": sampling_sheet,
        "sample": sample_sheet,
        "lab_report": report_sheet,
        "measurement": result_sheet,
        "permit_limit": limit_sheet,
    },
    acts=(*ACTS, *LIMIT_ACTS),
    summary=summary,
)
