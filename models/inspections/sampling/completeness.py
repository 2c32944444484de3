"""What a sampling record still lacks before its seal: pure, over what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from models.inspections.completeness import officers_missing
from models.inspections.known import Missing
from models.inspections.sampling import fields, rules
from models.language import N_, Words, listed
from models.law import limit_data
from models.law.judgement import plain

_RULES = {
    "J5": "GB 8978-1996 §5",
    "J7": "GB 8978-1996 §4.2.1",
    "J18": "GB 12348-2008 §5",
}


@dataclass(frozen=True, slots=True)
class Sampled:
    """All that is known of a sampling: rows, or anything with their attributes."""

    row: Any
    samples: Sequence[Any]
    officers: Mapping[str, Any]
    on: Any
    """The day of the sampling in China."""


def missing_of(known: Sampled) -> list[Missing]:
    """What is missing, in the order of the form."""
    row = known.row
    return [
        *officers_missing(row, known.officers, known.on),
        *_fields(row),
        *(_noise(row) if row.matter == "noise" else _samples(known)),
        *(_water(known) if row.matter == "water" else ()),
        *_signing(row),
        *_late(row),
    ]


def lateness(row: Any) -> int | None:
    """Ms from the end of a sampling to the first writing of its record; from its beginning while that is all
    that is known, None while neither is.
    """
    end = row.ended_at if row.ended_at is not None else row.began_at
    return None if end is None else row.made_at - end


def _fields(row: Any) -> Iterable[Missing]:
    for each in (*fields.COMMON, *fields.OWN.get(row.matter or "", ())):
        value = getattr(row, each.key)
        if not each.need or (value is not None and value != ""):
            continue
        yield Missing(
            "V11",
            N_("{name}: not written down."),
            each.key,
            blocking=each.need == fields.MUST,
            params={"name": Words(each.label)},
        )


def _samples(known: Sampled) -> Iterable[Missing]:
    if not known.samples:
        yield Missing("V11", N_("No sample is written down."), "samples")
    for sample in known.samples:
        for each in fields.OF_SAMPLE:
            value = getattr(sample, each.key)
            if not each.need or (value is not None and value != ""):
                continue
            yield Missing(
                "V11",
                N_("{number} {name}: not written down."),
                each.key,
                record=sample.id,
                blocking=each.need == fields.MUST,
                params={"number": sample.number or "", "name": Words(each.label)},
            )
    held = {sample.role for sample in known.samples}
    if known.samples and known.row.matter != "solid":
        for role, words in (
            ("parallel", N_("There is no parallel sample.")),
            ("field_blank", N_("There is no field blank.")),
        ):
            if role not in held:
                yield Missing("quality", words, "samples", blocking=False)


def _water(known: Sampled) -> Iterable[Missing]:
    row = known.row
    if row.sampled == "composite":
        for name, words in (
            ("portions", N_("Say how many portions were mixed.")),
            ("interval", N_("Say in which intervals the portions were taken.")),
        ):
            if not getattr(row, name):
                yield Missing("J5", words, name, basis=_RULES["J5"])
    if row.outlet != "workshop":
        found = dict.fromkeys(name for each in known.samples for name in rules.first_class(each.items))
        if found:
            yield Missing(
                "J7",
                N_("{items}: by GB 8978-1996 first-class pollutants are sampled at the workshop's outlet."),
                "outlet",
                basis=_RULES["J7"],
                blocking=False,
                params={"items": listed(found)},
            )


def _noise(row: Any) -> Iterable[Missing]:
    """J18: what makes a level worthless; the record keeps what was, so it does not stop the seal."""
    limits = limit_data.noise_rules()
    before, after = _number(row.calibration_before), _number(row.calibration_after)
    if before is not None and after is not None and abs(before - after) > limits.calibration:
        yield Missing(
            "J18",
            N_("Calibration before and after differs by {difference} dB, more than {most}: measure again."),
            "calibration_after",
            basis=_RULES["J18"],
            blocking=False,
            params={"difference": plain(abs(before - after)), "most": plain(limits.calibration)},
        )
    wind = _number(row.wind)
    if wind is not None and wind >= limits.wind:
        yield Missing(
            "J18",
            N_("Wind of {wind} m/s or more: measure again in calmer weather."),
            "wind",
            basis=_RULES["J18"],
            blocking=False,
            params={"wind": plain(limits.wind)},
        )
    if row.rain:
        yield Missing(
            "J18",
            N_("Rain, snow, thunder or lightning: measure again."),
            "rain",
            basis=_RULES["J18"],
            blocking=False,
        )


def _signing(row: Any) -> Iterable[Missing]:
    if not row.signed:
        yield Missing("V03", N_("Did the party sign, refuse, or was nobody there?"), "signed")
    if row.signed == "signed" and not row.signer:
        yield Missing("V03", N_("Who signed for the party?"), "signer")
    if row.signed == "refused" and not row.refusal_reason:
        yield Missing("V03", N_("Note why the party refused to sign."), "refusal_reason")
    if row.signed in ("refused", "absent") and not row.witness_name:
        yield Missing(
            "V03",
            N_("Name a witness, or note that there is none, since the party did not sign."),
            "witness_name",
        )


def _late(row: Any) -> Iterable[Missing]:
    late = lateness(row)
    if late is not None and late > fields.late_ms():
        yield Missing(
            "V11",
            N_("The record was begun {minutes} min after the sampling ended; the paper says so.")
            if row.ended_at is not None
            else N_("The record was begun {minutes} min after the sampling began; the paper says so."),
            "ended_at",
            blocking=False,
            params={"minutes": late // 60_000},
        )


def _number(text: str | None) -> Decimal | None:
    try:
        found = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None
