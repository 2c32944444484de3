"""Judging noise by GB 12348-2008, GB 22337-2008 and GB 12523: rules J17 to J20 on exact decimals.

Order (HJ 706-2014): a measured level that meets the limit needs no background (§6.1). Else the difference of
measured and background, rounded to whole dB (half to even, GB/T 8170), gives the correction (§5.2); the
corrected level is rounded to whole dB (§5.4) and compared, ≤ meeting the limit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from models.errors import BadInput
from models.language import N_
from models.law import limit_data as data
from models.law.judgement import Judgement, Reason, Sample, plain, reason, whole
from models.law.octave import octave_limits, with_bands
from models.law.readings import converted, read_value

UNIT = "dB(A)"
_PERIODS = {"day": "day", "昼": "day", "昼间": "day", "night": "night", "夜": "night", "夜间": "night"}
_PERIOD_NAMES = {"day": "昼间", "night": "夜间"}
_ZONE_WORDS = str.maketrans({"类": "", "區": "", "区": "", "a": "", "b": ""})


def judge_noise(sample: Sample) -> Judgement:
    """Judge a noise level by a standard of noise: verdict, excess in dB(A), and the reasons with their rules.

    Raises:
        BadInput: for a level, zone, period, room or kind that cannot be read.
    """
    standard = data.all_standards()[sample.standard]
    table = "表2" if sample.room or data.folded(sample.table).removeprefix("表") == "2" else "表1"
    measured = _level(sample.value, sample.unit)
    found = Judgement("undecidable", standard.code, table, "", "", result=plain(measured), unit=UNIT)
    stops = [*_period_problem(sample), *_invalid(sample, standard)]
    period = _period(sample)
    zone = data.folded(sample.zone).translate(_ZONE_WORDS)
    rows = [row for row in data.noise_rows() if row.standard == standard.code]
    if not rows:
        why = N_("The limits of {standard} are not kept here: look them up in the standard.")
        return replace(found, reasons=(reason(why, standard=standard.code), *stops))
    if all(not row.zone for row in rows):
        zone, table = "", "表1"
    elif not zone:
        stops.append(reason(N_("Give the acoustic zone, 0 to 4.")))
        return replace(found, reasons=tuple(stops))
    row = _row(rows, table, zone, sample.room)
    if not period:
        return replace(found, reasons=tuple(stops))
    limit, clause = _limit(row, period, sample)
    found = replace(
        found,
        clause=" ".join([table, *([f"{zone}类"] if zone else []), _PERIOD_NAMES[period]]) + clause,
        limit=plain(limit),
        limit_text=f"≤{plain(limit)} {UNIT}",
    )
    if sample.kind and period != "night":
        stops.append(reason(N_("Highest levels are limited by night only."), "J19"))
    if sample.bands and not row.room:
        why = N_("Octave bands are limited in rooms only: give the kind of room, A or B.")
        stops.append(reason(why))
    if stops:
        return replace(found, reasons=(*stops, *_notes(sample)))
    judged = _compared(replace(found, reasons=_notes(sample)), measured, limit, sample)
    bands = octave_limits(standard.code, zone, row.room, period) if not sample.kind else {}
    return with_bands(judged, sample.bands, bands) if bands else judged


def _level(text: str, unit: str = "") -> Decimal:
    reading = converted(read_value(text), unit or UNIT, UNIT)
    if reading.value is None or reading.sign or reading.value > 200:
        raise BadInput(
            N_("“{value}” is not a sound level. Write a number of dB(A), such as 58.4."), value=text
        )
    return reading.value


def _decibels(text: str) -> Decimal | None:
    return _level(text) if text.strip() else None


def _period(sample: Sample) -> str:
    given = sample.period.strip().casefold()
    if given and given not in _PERIODS:
        raise BadInput(N_("“{period}” is not a period. Use day or night."), period=sample.period)
    return _PERIODS[given] if given else _period_of_time(sample)


def _period_of_time(sample: Sample) -> str:
    if sample.taken_at is None:
        return ""
    rules = data.noise_rules()
    return "day" if rules.day_begins <= sample.taken_at < rules.night_begins else "night"


def _period_problem(sample: Sample) -> list[Reason]:
    period, by_time = _period(sample), _period_of_time(sample)
    if not period:
        return [reason(N_("Give the period (day, night) or the time of measurement."), "J20")]
    if by_time and by_time != period:
        return [
            reason(
                N_("The time of measurement lies in the other period: day is {begins}–{ends}. Correct one."),
                "J20",
                begins=data.noise_rules().day_begins.strftime("%H:%M"),
                ends=data.noise_rules().night_begins.strftime("%H:%M"),
            )
        ]
    return []


def _invalid(sample: Sample, standard: data.Standard) -> list[Reason]:
    """What makes the measurement worthless whatever its level (J18)."""
    rules = data.noise_rules()
    stops = []
    before, after = _decibels(sample.calibration_before), _decibels(sample.calibration_after)
    if before is not None and after is not None and abs(before - after) > rules.calibration:
        stops.append(
            reason(
                N_(
                    "Calibration before and after differs by {difference} dB, more than {most}: "
                    "the result is invalid."
                ),
                "J18",
                difference=plain(abs(before - after)),
                most=plain(rules.calibration),
            )
        )
    if sample.wind.strip() and (read_value(sample.wind).value or Decimal(0)) >= rules.wind:
        stops.append(
            reason(
                N_("Wind of {wind} m/s or more: the measurement is invalid."), "J18", wind=plain(rules.wind)
            )
        )
    if sample.rain:
        stops.append(reason(N_("Rain, snow, thunder or lightning: the measurement is invalid."), "J18"))
    if sample.sampled is None and standard.repealed is not None:
        why = N_("{standard} was in force only up to {day}: give the date of measurement.")
        stops.append(reason(why, standard=standard.code, day=standard.repealed))
    elif sample.sampled is not None and not (
        standard.in_force <= sample.sampled <= (standard.repealed or date.max)
    ):
        stops.append(reason(N_("{standard} was not in force on that day."), standard=standard.code))
    return stops


def _notes(sample: Sample) -> tuple[Reason, ...]:
    notes = []
    if not sample.calibration_before.strip() or not sample.calibration_after.strip():
        notes.append(reason(N_("Calibration before and after is not recorded: enter both values."), "J18"))
    if not sample.wind.strip() or sample.rain is None:
        notes.append(reason(N_("Weather is not recorded: enter wind and whether it rained."), "J18"))
    return tuple(notes)


def _row(rows: list[data.NoiseRow], table: str, zone: str, room: str) -> data.NoiseRow:
    wanted = room.strip().upper()
    zones = [row for row in rows if row.table == table]
    if zone not in {row.zone for row in zones}:
        raise BadInput(N_("“{zone}” is not an acoustic zone. Use 0, 1, 2, 3 or 4."), zone=zone)
    for row in zones:
        if row.zone == zone and row.room == (wanted if table == "表2" else ""):
            return row
    raise BadInput(N_("“{room}” is not a kind of room. Use A (for sleeping) or B (for the day)."), room=room)


def _limit(row: data.NoiseRow, period: str, sample: Sample) -> tuple[Decimal, str]:
    rules = data.noise_rules()
    limit = row.night if period == "night" else row.day
    clause = f" {row.room}类房间" if row.room else ""
    if sample.indoors and not row.room:
        limit -= rules.indoor_boundary
        clause += " 室内测量"
    if sample.kind == "frequent":
        return limit + (rules.frequent if row.zone else rules.occasional), f"{clause} 频发最大声级"
    if sample.kind == "occasional":
        return limit + rules.occasional, f"{clause} 偶发最大声级"
    if sample.kind:
        raise BadInput(
            N_("“{kind}” is not a kind of level. Use frequent or occasional, or leave it out."),
            kind=sample.kind,
        )
    return limit, clause


def _compared(found: Judgement, measured: Decimal, limit: Decimal, sample: Sample) -> Judgement:
    if measured <= limit:
        if sample.background.strip():
            return replace(found, verdict="ok")
        why = reason(N_("The measured level meets the limit, so no background is needed."), "J17")
        return replace(found, verdict="ok", reasons=(why, *found.reasons))
    if sample.kind:
        return _over_or_ok(found, whole(measured), limit)
    background = _decibels(sample.background)
    if background is None:
        why = reason(N_("Over the limit as measured: measure the background to correct it."), "J17")
        return replace(found, reasons=(why, *found.reasons))
    difference = whole(measured - background)
    rules = data.noise_rules()
    if difference > rules.no_correction_above:
        return _over_or_ok(found, whole(measured), limit)
    for low, high, correction in rules.corrections:
        if low <= difference <= high:
            corrected = whole(measured + correction)
            why = reason(
                N_(
                    "Measured {measured}, background {background}, difference {difference}: "
                    "corrected by {correction} dB."
                ),
                "J17",
                measured=plain(measured),
                background=plain(background),
                difference=plain(difference),
                correction=plain(correction),
            )
            return _over_or_ok(replace(found, reasons=(why, *found.reasons)), corrected, limit)
    why = reason(
        N_("The background is less than {least} dB below the measured level: lower it and measure again."),
        "J17",
        least=plain(min(low for low, _high, _correction in rules.corrections)),
    )
    return replace(found, reasons=(why, *found.reasons))


def _over_or_ok(found: Judgement, level: Decimal, limit: Decimal) -> Judgement:
    found = replace(found, result=plain(level))
    if level <= limit:
        return replace(found, verdict="ok")
    return replace(found, verdict="over", excess=plain(level - limit))
