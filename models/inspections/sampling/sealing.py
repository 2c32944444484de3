"""The seal of a sampling record: made at the site over the record, its samples and their collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections import canonical
from models.inspections.amending import changes_of, count_of, write_amendment
from models.inspections.completeness import refuse_incomplete
from models.inspections.sampling import fields, queries, rules
from models.inspections.sampling.completeness import lateness
from models.inspections.sampling.verbs import checked, open_sampling, samples_of
from models.inspections.writing import refuse_who_may_not_inspect
from models.language import N_
from models.registry import keeping
from models.registry.numbers import device_tag
from models.registry.sealing import Sealed, frame, seal_of, seal_record, tidied
from models.registry.tables import Officer
from models.store.seat import Place

if TYPE_CHECKING:
    from models.inspections.sampling.tables import Sampling
    from models.store.seat import Seat

SCHEMA = "qingcha-sampling-1"
_OF_STORE = {"unit", "made_at", "changed_at", "device", "conflicts", "sealed", "voided"}


def seal_sampling(seat: Seat, sampling_id: str, *, host: str | None = None) -> Sealed:
    """Seal a sampling record whose form is complete.

    Args:
        host: address of the server that the QR code leads to, as for an inspection.

    Raises:
        RuleBroken: something the record needs is missing, it has an unsettled conflict, or is sealed already.
    """
    with seat.writing():
        row = open_sampling(seat, sampling_id)
        refuse_incomplete(queries.missing(seat, row.id))
        samples = samples_of(seat, row.id)
        count = row.conflicts + sum(each.conflicts for each in samples)
        if count:
            raise RuleBroken(
                N_("Fields written differently on two laptops: {count}. Settle them first, under Sync."),
                field="conflicts",
                count=count,
            )

        def content(place: Place, moment: int) -> bytes:
            return canonical.encode(tidied(sampling_record(seat, row, place, moment)))

        covered = [row.id, *_sample_ids(seat, row.id)]
        return seal_record(
            seat,
            "sampling",
            row.id,
            row.unit,
            row.number,
            row.site_code,
            covered,
            len(samples),
            content,
            host,
        )


def amend_sampling(
    seat: Seat, sampling_id: str, why: str, *, host: str | None = None, **given: Any
) -> Sealed:
    """Correct or add to a sealed sampling record by a new sealed record that names its seal.

    Args:
        why: the reason.
        given: fields of the record with what they should have said.

    Raises:
        RuleBroken: it is not sealed (correct it instead), there is no reason, or a value is not possible.
    """
    refuse_who_may_not_inspect(seat)
    with seat.writing():
        row: Sampling = keeping.standing(seat, "sampling", sampling_id)
        if not row.sealed:
            raise RuleBroken(N_("It is not sealed yet: correct it directly."), field="sampling")
        why = keeping.need_text(why, "why")
        keeping.allow_unit(seat, "amendment", row.unit)
        changes = changes_of(row, checked(seat, row, given))
        count = count_of(seat, row.id) + 1
        # "-B1" is too long beside the tag of another device: 34 characters fit into the code
        suffix = f"-B{count}" if seat.device == row.device else f"-{device_tag(seat.device)}{count}"
        return write_amendment(seat, row, f"{row.number}{suffix}", changes, why, host)


def _sample_ids(seat: Seat, sampling_id: str) -> list[str]:
    """Withdrawn ones too: their entries are covered as well."""
    from models.inspections.sampling.tables import Sample

    with seat:
        query: Any = Sample.select(Sample.id).where(Sample.sampling == sampling_id).order_by(Sample.id)
        return [record for (record,) in query.tuples()]


def sampling_record(seat: Seat, row: Sampling, place: Place, moment: int) -> dict[str, Any]:
    """What is sealed of a sampling, within J1: times in ms, values as decimal text with their units."""
    samples = samples_of(seat, row.id)
    with seat:
        people = [row.first_officer, row.second_officer]
        officers = {each.id: each for each in Officer.select().where(Officer.id.in_(people))}
    skipped = {"id", "number", "matter", "inspection", "first_officer", "second_officer"}
    own = {
        name: getattr(row, name)
        for name in row._meta.sorted_field_names
        if name not in _OF_STORE | skipped and getattr(row, name) is not None
    }
    return {
        **frame(seat, SCHEMA, row.id, row.number, place, moment),
        "after": place.after,
        "inspection": row.inspection,
        "matter": row.matter,
        "symbol_sign": rules.symbol_of(row.symbol),
        "inspectors": [
            {
                "id": each,
                "name": officers[each].name if each in officers else None,
                "certificate": officers[each].certificate if each in officers else None,
            }
            for each in people
            if each
        ],
        "record": own,
        "units": {name: bound.unit for name, bound in fields.bounds().items() if name in own},
        "written": {"first_at": row.made_at, "after_end_ms": lateness(row)},
        "samples": [_sample(each) for each in samples],
        "demo": bool(seat.demo),
        "supersedes": None,
    }


def _sample(row: Any) -> dict[str, Any]:
    return {
        "written_at": row.made_at,
        **{
            name: getattr(row, name)
            for name in row._meta.sorted_field_names
            if name not in _OF_STORE | {"sampling"} and getattr(row, name) is not None
        },
    }


def stated_of_visit(seat: Seat, inspection_id: str) -> list[dict[str, Any]]:
    """What the seal of an inspection says of its sampling records: numbers and digests of their seals."""
    found = []
    for row in queries.of_visit(seat, inspection_id):
        seal = seal_of(seat, row.id) if row.sealed else None
        found.append(
            {
                "id": row.id,
                "number": row.number,
                "matter": row.matter,
                "point": row.point,
                "samples": [each.number for each in samples_of(seat, row.id)],
                "seal": row.sealed,
                "sha256": seal.sha256 if seal is not None else None,
            }
        )
    return found
