"""Worked examples of mixed waste water, octave bands indoors, and sources built before 1998; with clause."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.law.judgement import Sample
from models.law.limits import judge
from models.law.mixing import mixed_limit
from models.law.octave import octave_limits, read_bands

ROOM = {"parameter": "噪声", "room": "A", "zone": "2", "background": "30.0"}
GOOD = "31.5:79, 63:63, 125:52, 250:44, 500:38"


@pytest.mark.parametrize(
    ("parts", "limit"),
    [
        ("100:1:1", "100"),
        ("100:1:1,200:1:1", "150"),
        ("100:2.5:300, 150:4:80", "114.9533"),  # (75000 + 48000) / (750 + 320)
        ("60：1：3；120：1：1", "75"),
    ],
)
def test_j11_the_limit_of_a_mixture(parts: str, limit: str):
    """GB 8978-1996 附录A: C = ΣCiQiYi/ΣQiYi."""
    assert mixed_limit(parts) == Decimal(limit)


@pytest.mark.parametrize(("value", "verdict"), [("150", "ok"), ("151", "over")])
def test_j11_a_mixture_is_judged_by_its_own_limit(value: str, verdict: str):
    found = judge(
        Sample(parameter="COD", value=value, unit="mg/L", mixed="100:1:1,200:1:1", sampling="composite")
    )
    assert (found.verdict, found.clause, found.limit) == (verdict, "表4 附录A", "150")
    assert "J11" in {each.rule for each in found.reasons}


@pytest.mark.parametrize("parts", ["100", "100:1", "100:1:1:1", "a:1:1", "100:0:1", "100:1:-1"])
def test_j11_a_mixture_that_cannot_be_read_is_refused(parts: str):
    with pytest.raises(BadInput):
        judge(Sample(parameter="COD", value="100", mixed=parts))


def test_j11_ph_is_not_mixed():
    with pytest.raises(BadInput):
        judge(Sample(parameter="pH", value="7", mixed="6:1:1"))


@given(
    st.lists(st.tuples(st.integers(1, 1000), st.integers(1, 99), st.integers(1, 99)), min_size=1, max_size=5)
)
def test_j11_a_mixture_lies_between_its_parts(parts: list[tuple[int, int, int]]):
    limit = mixed_limit(",".join(":".join(map(str, each)) for each in parts))
    assert min(each[0] for each in parts) <= limit <= max(each[0] for each in parts)


@pytest.mark.parametrize(
    ("zone", "room", "period", "limits"),
    [
        ("0", "A", "day", "76 59 48 39 34"),
        ("0", "B", "night", "69 51 39 30 24"),
        ("1", "A", "day", "76 59 48 39 34"),
        ("1", "B", "day", "79 63 52 44 38"),
        ("1", "B", "night", "72 55 43 35 29"),
        ("3", "A", "night", "72 55 43 35 29"),
        ("4", "B", "day", "82 67 56 49 43"),
        ("2", "B", "night", "76 59 48 39 34"),
    ],
)
@pytest.mark.parametrize("standard", ["GB 12348-2008", "GB 22337-2008"])
def test_limits_of_the_bands(standard: str, zone: str, room: str, period: str, limits: str):
    found = octave_limits(standard, zone, room, period)
    assert " ".join(str(each) for each in found.values()) == limits


def test_indoors_the_level_and_every_band_meet_their_limits():
    """GB 12348-2008 表2, zone 2, room A by day: 45 dB(A); bands 79 63 52 44 38."""
    found = judge(Sample(value="45.0", period="day", bands=GOOD, **ROOM))
    assert (found.verdict, found.clause) == ("ok", "表2 2类 昼间 A类房间")


def test_one_band_over_is_over():
    found = judge(Sample(value="40.0", period="day", bands=GOOD.replace("250:44", "250:46"), **ROOM))
    assert (found.verdict, found.clause) == ("over", "表2 2类 昼间 A类房间 倍频带")
    assert dict(found.reasons[3].params)["excess"] == "2"


def test_a_band_that_was_not_measured_leaves_it_open():
    found = judge(Sample(value="40.0", period="day", bands="63:50", **ROOM))
    assert found.verdict == "undecidable"
    assert "31.5" in str(found.reasons[0].params)


def test_without_bands_it_is_said_that_they_are_limited_too():
    found = judge(Sample(value="40.0", period="day", **ROOM))
    assert found.verdict == "ok"
    assert any("octave" in each.msgid for each in found.reasons)


def test_bands_of_a_level_that_cannot_be_judged_are_told_and_decide_nothing():
    found = judge(
        Sample(
            **(ROOM | {"background": ""}), value="47", period="day", bands=GOOD.replace("250:44", "250:60")
        )
    )
    assert found.verdict == "undecidable", "over as measured, without background"
    assert any("Band 250 Hz: 60 dB, over the limit of 44 dB by 16" in line for line in found.lines())
    assert "倍频带" not in found.clause


def test_bands_out_of_doors_are_not_judged():
    found = judge(Sample(parameter="噪声", value="55", zone="2", period="day", bands="63:50"))
    assert found.verdict == "undecidable"


def test_a_worthless_measurement_has_no_bands_over():
    found = judge(
        Sample(value="40.0", period="day", wind="6", bands=GOOD.replace("250:44", "250:60"), **ROOM)
    )
    assert found.verdict == "undecidable"


def test_bands_are_read_with_whatever_stands_between_them():
    assert read_bands(", 63:58 ；；31.5：70.25,\n500=33") == {
        "63": Decimal(58),
        "31.5": Decimal("70.25"),
        "500": Decimal(33),
    }
    assert read_bands("") == read_bands(" , ") == {}


@pytest.mark.parametrize("text", ["1000:50", "63", "63:x", "63:50,63:51", "63-50"])
def test_bands_that_cannot_be_read_are_refused(text: str):
    with pytest.raises(BadInput):
        read_bands(text)


BEFORE = {"built": date(1997, 12, 31), "water": "III", "sampling": "composite", "point": "总排口"}


@pytest.mark.parametrize(
    ("parameter", "category", "value", "verdict", "limit"),
    [
        ("色度", "染料", "60", "over", "50"),
        ("SS", "其他", "71", "over", "70"),
        ("SS", "采矿选矿选煤", "100", "ok", "100"),
        ("BOD5", "其他", "31", "over", "30"),
        ("COD", "石油化工", "101", "over", "100"),
        ("COD", "其他", "101", "over", "100"),
        ("石油类", "", "11", "over", "10"),
        ("动植物油", "", "20", "ok", "20"),
        ("总氰化合物", "电影洗片", "0.6", "over", "0.5"),
    ],
)
def test_what_was_built_before_1998_is_judged_by_table_2(
    parameter: str, category: str, value: str, verdict: str, limit: str
):
    """GB 8978-1996 表2."""
    found = judge(Sample(parameter=parameter, value=value, category=category, **BEFORE))
    assert (found.verdict, found.limit, found.clause.split()[0]) == (verdict, limit, "表2")


@pytest.mark.parametrize(
    ("parameter", "category"), [("氨氮", "其他"), ("总氰化合物", "其他"), ("SS", "城镇二级污水处理厂")]
)
def test_what_our_source_does_not_give_of_table_2_is_not_judged(parameter: str, category: str):
    found = judge(Sample(parameter=parameter, value="1", category=category, **BEFORE))
    assert found.verdict == "undecidable"
    assert found.reasons[0].rule == "J8"
