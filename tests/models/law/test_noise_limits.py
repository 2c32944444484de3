"""Noise is judged by GB 12348-2008 with background, calibration and weather (J17 to J20)."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.law import limits
from models.law.checking_text import check_text
from models.law.limits import Sample, judge, zones

GOOD = {
    "zone": "3",
    "period": "night",
    "calibration_before": "93.8",
    "calibration_after": "93.9",
    "wind": "1.2",
    "rain": False,
}


def noise(value: str, **fields):
    """Judge a level measured well, by night in zone 3 (limit 55)."""
    return judge(Sample(parameter="噪声", value=value, **{**GOOD, **fields}))


def test_zone_3_by_night_with_background_is_2_over():
    found = noise("58.4", background="52.1")
    assert (found.verdict, found.excess, found.result, found.times) == ("over", "2", "57", "")
    assert (found.standard, found.clause, found.limit_text) == ("GB 12348-2008", "表1 3类 夜间", "≤55 dB(A)")
    assert "difference 6: corrected by -1" in found.lines()[0]


@pytest.mark.parametrize(
    ("measured", "background", "result"),
    [
        ("60", "49", "60"),  # 11: none
        ("60.4", "49.9", "59"),  # 10.5 rounds to 10: −1
        ("60", "50", "59"),
        ("60", "54", "59"),
        ("60", "55", "58"),
        ("60", "56", "58"),
        ("60", "57", "57"),
        ("60.5", "58", ""),  # 2.5 rounds to 2
        ("60", "58", ""),
        ("60", "63", ""),
    ],
)
def test_j17_the_background_corrects(measured, background, result):
    found = noise(measured, background=background)
    if result:
        assert (found.verdict, found.result) == ("over", result)
    else:
        assert (found.verdict, found.reasons[0].rule) == ("undecidable", "J17")


def test_j17_a_correction_can_bring_a_level_within_the_limit():
    assert noise("56.2", background="51").verdict == "ok"


def test_j17_over_the_limit_without_background_is_not_judged():
    assert noise("55.4").verdict == "undecidable"


def test_j17_within_the_limit_no_background_is_needed():
    assert noise("55").verdict == noise("54.9", background="54").verdict == "ok"


@pytest.mark.parametrize(
    ("zone", "day", "night"), [("0", 50, 40), ("1", 55, 45), ("2", 60, 50), ("3", 65, 55), ("4", 70, 55)]
)
@pytest.mark.parametrize("standard", ["GB 12348-2008", "GB 22337-2008"])
def test_boundary_limits_by_zone_and_period(standard, zone, day, night):
    for period, limit in (("day", day), ("night", night)):
        fields = {"zone": zone, "period": period, "standard": standard, "background": "20"}
        assert noise(str(limit), **fields).verdict == "ok"
        over = noise(str(limit + 1), **fields)
        assert (over.verdict, over.excess) == ("over", "1")
    assert zones() == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("zone", "room", "day", "night"),
    [("0", "A", 40, 30), ("0", "B", 40, 30), ("1", "A", 40, 30), ("1", "B", 45, 35), ("2", "A", 45, 35),
     ("3", "B", 50, 40), ("4", "B", 50, 40)],
)  # fmt: skip
def test_indoor_limits_of_structure_borne_noise(zone, room, day, night):
    assert noise("20", zone=zone, room=room, period="day").limit == str(day)
    assert noise("20", zone=zone, room=room, period="night").limit == str(night)


def test_j18_calibration_apart_by_more_than_half_a_decibel_is_invalid():
    assert noise("70", background="50", calibration_after="94.3").verdict == "over"
    found = noise("70", background="50", calibration_after="94.4")
    assert (found.verdict, found.reasons[0].rule) == ("undecidable", "J18")
    assert noise("40", calibration_after="94.4").verdict == "undecidable"


@pytest.mark.parametrize("weather", [{"wind": "5"}, {"wind": "7.1"}, {"rain": True}])
def test_j18_wind_and_rain_make_it_invalid(weather):
    assert noise("40", **weather).verdict == "undecidable"


def test_j18_what_is_not_recorded_is_asked_for():
    found = noise("40", calibration_before="", wind="")
    assert found.verdict == "ok"
    assert len(found.reasons) == 3


def test_j19_highest_levels_by_night_and_indoor_boundaries():
    assert noise("65", kind="frequent").verdict == "ok"
    assert noise("66", kind="frequent").excess == "1"
    assert noise("70", kind="occasional").verdict == "ok"
    assert noise("71", kind="occasional").verdict == "over"
    assert noise("66", kind="frequent", period="day").verdict == "undecidable"
    assert noise("40", indoors=True).limit == "45"


@pytest.mark.parametrize(
    ("at", "limit"),
    [(time(6), "65"), (time(21, 59), "65"), (time(22), "55"), (time(5, 59), "55"), (time(0), "55")],
)
def test_j20_the_time_gives_the_period(at, limit):
    assert noise("40", period="", taken_at=at).limit == limit


def test_j20_a_period_against_the_clock_is_not_judged():
    assert noise("40", period="day", taken_at=time(23)).verdict == "undecidable"
    assert noise("40", period="").verdict == "undecidable"


def test_construction_has_one_limit_in_every_zone_until_2025():
    site = {"standard": "GB 12523-2011", "zone": "", "sampled": date(2025, 12, 31)}
    assert noise("71", **site, period="day", background="50").excess == "1"
    assert noise("55", **site).clause == "表1 夜间"
    assert noise("70", **site, kind="frequent").verdict == "ok"
    assert noise("71", **site, kind="occasional").verdict == "over"
    assert noise("40", **{**site, "sampled": date(2026, 1, 1)}).verdict == "undecidable"
    assert noise("40", **{**site, "sampled": None}).verdict == "undecidable"


def test_limits_of_construction_noise_from_2026_are_not_guessed():
    found = noise("90", standard="GB 12523-2025", sampled=date(2026, 9, 1))
    assert found.verdict == "undecidable"
    assert "look them up" in found.lines()[0]


def test_the_standards_code_may_be_written_without_spaces():
    assert noise("40", standard="gb22337-2008").standard == "GB 22337-2008"


def test_without_zone_nothing_is_judged():
    assert noise("40", zone="").verdict == "undecidable"
    assert noise("40", zone="3类").verdict == "ok"


def test_before_the_standard_nothing_is_judged():
    assert noise("40", sampled=date(2008, 9, 30)).verdict == "undecidable"


@pytest.mark.parametrize(
    "fields",
    [{"zone": "7"}, {"period": "dawn"}, {"room": "C"}, {"kind": "loud"}, {"background": "ND"},
     {"unit": "mg/L"}, {"standard": "GB 1"}],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(fields):
    with pytest.raises(BadInput):
        noise("60", **fields)


@pytest.mark.parametrize("value", ["loud", "<30", "ND", "580", ""])
def test_what_is_no_level_is_refused(value):
    with pytest.raises(BadInput):
        noise(value)


def test_the_loudest_level_that_can_be_read_is_judged():
    found = noise("200", background="100")
    assert (found.verdict, found.excess) == ("over", "145")


def test_a_value_that_nobody_reads_of_what_is_not_limited_needs_no_reading():
    found = judge(Sample(parameter="COD", value="much", standard="GB 12348-2008"))
    assert found.lines() == ["GB 12348-2008 has no limit for COD."]


def test_solid_waste_has_no_limits_here():
    assert limits.of_solid().verdict == "undecidable"
    assert limits.of_solid().lines() == [
        "No limits of solid waste or soil are kept here: take them from the standard that applies."
    ]


def test_noise_is_all_that_its_standards_limit():
    for standard in limits.standards("noise"):
        assert [each.name for each in limits.parameters(standard.code)] == ["噪声"]


def test_a_pollutant_of_water_is_not_judged_as_noise():
    found = judge(Sample(parameter="COD", value="60", standard="GB 12348-2008", zone="3", period="day"))
    assert (found.verdict, len(found.reasons)) == ("undecidable", 1)


levels = st.decimals(20, 120, places=1)


@given(levels, levels, levels)
def test_a_louder_level_is_never_judged_better_once_over(one, other, background):
    quieter, louder = sorted((one, other))
    if noise(str(quieter), background=str(background)).verdict == "over":
        assert noise(str(louder), background=str(background)).verdict == "over"


@given(levels, levels)
def test_a_level_well_above_the_limit_is_never_ok(measured, background):
    found = noise(str(measured), background=str(background))
    if measured > Decimal("58.5"):  # 3 dB is the largest correction, 0.5 dB the rounding
        assert found.verdict != "ok"
    if found.verdict == "over":
        assert Decimal(found.excess) == Decimal(found.result) - 55 > 0


def test_the_command_line_says_by_how_much():
    text, _found = check_text("noise", "58.4", **GOOD, background="52.1")
    assert text.splitlines()[0] == "noise 58.4 dB(A): over the limit, by 2 dB(A)"
