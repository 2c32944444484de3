"""Octave bands of structure-borne noise indoors (GB 12348-2008, GB 22337-2008), in dB by band and period."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from models.errors import BadInput
from models.language import N_, listed
from models.law.judgement import Judgement, Reason, plain, reason
from models.law.limit_data import FOLDER

BANDS = ("31.5", "63", "125", "250", "500")
"""Middle frequencies in Hz."""
_PAIR = re.compile(r"(31\.5|63|125|250|500)[:=](\d{1,3}(?:\.\d{1,2})?)")


@lru_cache(maxsize=1)
def _rows() -> dict[tuple[str, str, str, str], dict[str, Decimal]]:
    with (FOLDER / "octave.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["standard"], row["zone"], row["room"], row["period"]): {
                band: Decimal(row[band]) for band in BANDS
            }
            for row in csv.DictReader(file)
        }


def octave_limits(standard: str, zone: str, room: str, period: str) -> Mapping[str, Decimal]:
    """The limits by band; empty where the standard has none."""
    return _rows().get((standard, zone, room, period), {})


def read_bands(text: str) -> dict[str, Decimal]:
    """Levels by band from "31.5:70, 63:58".

    Raises:
        BadInput: it is not written so, or a band stands twice.
    """
    found: dict[str, Decimal] = {}
    for part in re.split(r"[,，;；、\s]+", text.strip().replace("：", ":")):
        if not part:
            continue
        pair = _PAIR.fullmatch(part)
        if pair is None or pair[1] in found:
            raise BadInput(
                N_("“{value}” is no level of a band. Write 31.5:70, 63:58, 125:47, 250:38, 500:33."),
                value=part,
            )
        found[pair[1]] = Decimal(pair[2])
    return found


def with_bands(found: Judgement, text: str, limits: Mapping[str, Decimal]) -> Judgement:
    """The judgement of the level together with its bands: a band over its limit is enough to be over.

    Args:
        text: the levels as written; empty where none were measured.
        limits: by band.

    Raises:
        BadInput: the levels cannot be read.
    """
    levels = read_bands(text)
    if not levels:
        why = N_("Indoors the octave bands {bands} Hz are limited, too: enter their levels.")
        return replace(found, reasons=(*found.reasons, reason(why, bands=listed(BANDS))))
    notes: list[Reason] = []
    over = False
    for band, level in levels.items():
        limit = limits[band]
        if level > limit:
            over = True
            why = N_("Band {band} Hz: {level} dB, over the limit of {limit} dB by {excess}.")
            notes.append(
                reason(why, band=band, level=plain(level), limit=plain(limit), excess=plain(level - limit))
            )
        else:
            why = N_("Band {band} Hz: {level} dB, within {limit} dB.")
            notes.append(reason(why, band=band, level=plain(level), limit=plain(limit)))
    absent = [band for band in BANDS if band not in levels]
    if absent:
        notes.append(reason(N_("Bands without a level: {bands} Hz."), bands=listed(absent)))
    if found.verdict == "undecidable":  # what stops the level stops its bands
        return replace(found, reasons=(*found.reasons, *notes))
    if over:
        return replace(
            found, verdict="over", clause=f"{found.clause} 倍频带", reasons=(*notes, *found.reasons)
        )
    if absent and found.verdict == "ok":
        return replace(found, verdict="undecidable", reasons=(*notes[-1:], *notes[:-1], *found.reasons))
    return replace(found, reasons=(*found.reasons, *notes))
