"""What screens, papers and other areas ask about sampling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from models.inspections.basis import basis_text
from models.inspections.known import Missing
from models.inspections.sampling import completeness
from models.inspections.sampling.custody import Gap, gaps_of
from models.inspections.sampling.tables import LabReport, Sample, Sampling
from models.inspections.sampling.verbs import custody_rows, samples_of
from models.inspections.tables import Amendment, Custody, Measurement
from models.language import N_
from models.registry import keeping
from models.registry.days import local
from models.registry.tables import Officer
from models.store.lookup import by_id, children

if TYPE_CHECKING:
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class SamplingView:
    """One sampling record with all that hangs on it."""

    row: Sampling
    samples: list[Sample]
    custody: dict[str, list[Custody]]
    """Events by sample id, in the order of their time."""
    officers: dict[str, Officer]
    amendments: list[Amendment]
    measurements: list[Measurement]
    """Read on site, or reported by a laboratory."""
    corrections: int
    """How often a field that held something was changed."""

    def gaps(self, sample: Sample) -> list[Gap]:
        """What breaks the chain of a sample."""
        reported = any(each.sample == sample.id for each in self.measurements)
        return gaps_of(sample, self.custody[sample.id], reported=reported)


def view(seat: Seat, sampling_id: str) -> SamplingView:
    """A sampling record as screens and papers show it.

    Raises:
        RuleBroken: there is no such record.
    """
    row: Sampling = keeping.kept(seat, "sampling", sampling_id)
    with seat:
        samples = children(Sample, "sampling", row.id)
        held = {each.id: custody_rows(seat, each.id) for each in samples}
        ids = {row.first_officer, row.second_officer}
        ids |= {each for events in held.values() for one in events for each in (one.by, one.to)}
        wanted = [each for each in ids if each]
        officers = {each.id: each for each in Officer.select().where(Officer.id.in_(wanted))}
        measured = children(Measurement, "sampling", row.id)
        past = seat.journal.history(row.id)
        amended = list(Amendment.select().where(Amendment.of == row.id).order_by(Amendment.number))
    changes = sum(1 for each in past if each.kind == "set" and each.old not in (None, ""))
    return SamplingView(row, samples, held, officers, amended, measured, changes)


def missing(seat: Seat, sampling_id: str) -> list[Missing]:
    """What a sampling record still lacks, each with its field and its basis on the day of the sampling.

    Raises:
        RuleBroken: there is no such record.
    """
    row: Sampling = keeping.kept(seat, "sampling", sampling_id)
    with seat:
        ids = [each for each in (row.first_officer, row.second_officer) if each]
        officers = {each.id: each for each in Officer.select().where(Officer.id.in_(ids))}
    on = local(row.began_at if row.began_at is not None else row.made_at).date()
    known = completeness.Sampled(row, samples_of(seat, row.id), officers, on)
    return [
        replace(each, basis=basis_text(each.rule, on)) if each.rule.startswith("V") else each
        for each in completeness.missing_of(known)
    ]


def missing_of_visit(seat: Seat, inspection_id: str) -> list[Missing]:
    """What the sampling records of a visit lack: each is sealed at the site, before the visit is."""
    found = []
    for row in of_visit(seat, inspection_id):
        if row.sealed:
            continue
        lacks = [each for each in missing(seat, row.id) if each.blocking]
        words, params = N_("Sampling record {number} is not sealed."), {"number": row.number or ""}
        if lacks:
            words = N_("Sampling record {number} is not complete; things that are missing: {count}.")
            params["count"] = str(len(lacks))
        found.append(Missing("V11", words, "sampling", record=row.id, kind="sampling", params=params))
    return found


def of_visit(seat: Seat, inspection_id: str) -> list[Sampling]:
    """The standing sampling records of an inspection, in the order of their making."""
    with seat:
        return children(Sampling, "inspection", inspection_id)


def reports_of(seat: Seat, inspection_id: str) -> list[LabReport]:
    """The standing laboratory reports of an inspection."""
    with seat:
        return children(LabReport, "inspection", inspection_id)


def results_of(seat: Seat, report_id: str) -> list[Measurement]:
    """The measurements of a report, in the order of their making."""
    with seat:
        return children(Measurement, "report", report_id)


def sample(seat: Seat, sample_id: str) -> Sample | None:
    """A sample, withdrawn or not."""
    with seat:
        return by_id(Sample, sample_id)


def sample_numbered(seat: Seat, number: str) -> Sample | None:
    """The standing sample with that number; None where there is none, or more than one."""
    wanted = number.strip().upper()
    with seat:
        found: list[Any] = list(
            Sample.select().where(Sample.number == wanted, Sample.voided.is_null()).limit(2)
        )
    return found[0] if len(found) == 1 else None
