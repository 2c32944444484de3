"""Which limit comes first: permit, local standard, industry, general; and that it is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.law import limit_data, local
from models.law.choosing import OwnLimit, checked_limit, choose
from models.law.judgement import Sample
from models.law.limits import judge

DAY = date(2026, 9, 1)
COD = {
    "parameter": "COD",
    "unit": "mg/L",
    "sampling": "instant",
    "sampled": DAY,
    "category": "其他",
    "water": "III",
}
PERMIT = OwnLimit("permit", "91350602MA0000003X001P", "COD", "60", "mg/L")


def cod(value: str, **more) -> Sample:
    return Sample(value=value, **{**COD, **more})


@pytest.fixture
def bureau(tmp_path: Path):
    """Makes the bureau's file of local limits, and takes it out of use again."""

    def use(*rows: str) -> None:
        head = "standard,clause,medium,parameter,category,limit,unit,from,until,source\n"
        (tmp_path / "local_limits.csv").write_text(
            head + "".join(f"{row}\n" for row in rows), encoding="utf-8"
        )
        local.LOCAL_LIMITS.use(tmp_path)

    yield use
    local.LOCAL_LIMITS.use()


def said(found) -> str:
    return " ".join(each.text() for each in found.reasons)


def test_the_permit_comes_before_everything_and_cites_the_code():
    found = choose(cod("80"), (PERMIT,), "dyeing")
    assert (found.verdict, found.source, found.limit, found.times) == ("over", "permit", "60", "0.33")
    assert found.standard == "排污许可证 91350602MA0000003X001P"
    assert "第一百八十一条" in said(found)


def test_before_the_code_was_in_force_its_article_is_not_cited():
    assert "生态环境法典" not in said(choose(cod("80", sampled=date(2026, 8, 14)), (PERMIT,)))


@pytest.mark.parametrize(
    ("day", "source"), [("2026-01-01", "permit"), ("2026-12-31", "permit"), ("2027-01-01", "general")]
)
def test_a_permit_holds_from_its_first_to_its_last_day(day: str, source: str):
    own = OwnLimit("permit", "P", "COD", "60", "mg/L", since=date(2026, 1, 1), until=date(2026, 12, 31))
    assert choose(cod("80", sampled=date.fromisoformat(day)), (own,)).source == source


def test_a_limit_of_the_outlet_comes_before_one_of_all_outlets():
    at = OwnLimit("permit", "P", "COD", "200", "mg/L", outlet="DW002")
    assert choose(cod("80", point="DW002 总排口"), (PERMIT, at)).limit == "200"
    assert choose(cod("80", point="DW001 总排口"), (PERMIT, at)).limit == "60"


def test_where_only_other_outlets_are_limited_the_outlet_is_asked_for():
    at = OwnLimit("permit", "P", "COD", "200", "mg/L", outlet="DW002")
    found = choose(cod("80"), (at,))
    assert (found.verdict, found.limit) == ("undecidable", "")
    assert "DW002" in said(found)


def test_two_limits_that_say_different_things_decide_nothing():
    other = OwnLimit("permit", "P2", "COD", "100", "mg/L")
    assert choose(cod("80"), (PERMIT, other)).verdict == "undecidable"
    assert choose(cod("120"), (PERMIT, other)).verdict == "over"


def test_of_limits_that_disagree_each_is_named_and_no_multiple_is_left():
    other = OwnLimit("permit", "P2", "COD", "100", "mg/L", outlet="", clause="表3", category="烧碱")
    found = choose(cod("80"), (PERMIT, other))
    assert found.as_dict() == {
        **dict.fromkeys(("times", "excess", "clause"), ""),
        "verdict": "undecidable",
        "standard": "排污许可证 91350602MA0000003X001P",
        "limit": "60",
        "limit_text": "≤60 mg/L",
        "result": "80",
        "unit": "mg/L",
        "source": "permit",
        "reasons": found.as_dict()["reasons"],
    }
    assert found.lines() == [
        "There are several limits for this (≤60 mg/L, ≤100 mg/L): withdraw those that do not hold."
    ]
    assert choose(cod("80"), (other,)).clause == "表3 烧碱"


def test_what_is_asked_names_the_pollutant_and_its_outlets():
    outlets = [
        OwnLimit("permit", "P", "COD", "200", "mg/L", outlet=each) for each in ("DW002", "DW003", "DW002")
    ]
    found = choose(cod("80"), outlets)
    assert found.lines() == [
        "The permit limits COD at DW002, DW003 only: say at which outlet this was taken."
    ]
    assert (found.standard, found.clause, found.source) == ("", "", "")
    with pytest.raises(BadInput):
        choose(cod("much"), outlets)
    with pytest.raises(BadInput):
        choose(cod("5", detection_limit="some"), outlets)


def test_the_permit_limits_what_no_standard_knows():
    own = OwnLimit("permit", "P", "三氯蔗糖", "2", "mg/L")
    found = choose(cod("3", parameter="三氯蔗糖"), (own,))
    assert (found.verdict, found.times, found.standard) == ("over", "0.5", "排污许可证 P")
    assert choose(cod("ND", parameter="三氯蔗糖"), (own,)).verdict == "undecidable"
    assert choose(cod("3", parameter="三氯蔗糖", unit=""), (own,)).result == "3", "in the limit's unit"


def test_what_a_local_standard_says_is_said_by_its_name(bureau):
    bureau(
        "DB35/示例-1,表1,water,COD,制浆造纸,50,mg/L,,,示例来源",
        "DB35/示例-2,表2,water,COD,,90,mg/L,,,示例来源",
    )
    found = choose(cod("80", category="制浆造纸"))
    assert (found.source, found.verdict) == ("local", "undecidable"), "one says over, the other not"
    found = choose(cod("95", category="制浆造纸"))
    assert (found.standard, found.clause, found.limit) == ("DB35/示例-1", "表1 制浆造纸", "50")
    assert found.lines() == ["Judged by the local standard DB35/示例-1, which comes before national ones."]
    other = choose(cod("95", category="电镀"))
    assert (other.standard, other.clause) == ("DB35/示例-2", "表2 一切")


def test_a_local_standard_whose_figures_the_bureau_has_filled_in_is_known(bureau):
    """For what it does not limit, the general standard stands without a warning."""
    assert choose(cod("80"), (), "pulp").verdict == "undecidable"
    bureau("DB35/9,表1,water,SS,制浆造纸,30,mg/L,,,示例来源")
    assert choose(cod("80"), (), "pulp").verdict == "undecidable"
    bureau("DB35/1310-2013,表1,water,SS,制浆造纸,30,mg/L,,,示例来源")
    assert choose(cod("80"), (), "pulp").verdict == "ok"


def test_a_local_standard_of_a_pollutant_holds_in_every_industry():
    nmhc = {"parameter": "非甲烷总烃", "unit": "mg/m3", "standard": "GB 37822-2019", "grade": "1h平均"}
    found = choose(Sample(value="5", **nmhc))
    assert (found.verdict, "DB35/1782-2018" in said(found)) == ("undecidable", True)
    assert "DB35/1782-2018" not in said(
        choose(Sample(value="5", **(nmhc | {"parameter": "苯", "standard": ""})))
    )


def test_an_industry_that_is_not_named_is_none():
    assert choose(cod("80")) == choose(cod("80"), (), "") == choose(cod("80"), (), "no such key")
    assert choose(cod("80"), (), "boiler").source == "general", "it has a standard of air only"
    known = choose(cod("80"), (), "pulp")
    assert known.verdict == "undecidable"
    assert "DB35/1310-2013" in said(known)


def test_a_limit_in_another_unit_is_converted():
    own = OwnLimit("permit", "P", "挥发酚", "300", "μg/L")
    found = choose(Sample(parameter="挥发酚", value="0.4", unit="mg/L", sampled=DAY), (own,))
    assert (found.verdict, found.result) == ("over", "400")


def test_a_limit_of_waste_water_is_none_of_exhaust_gas():
    own = OwnLimit("permit", "P", "氟化物", "1", "mg/L", medium="water")
    found = choose(
        Sample(parameter="氟化物", value="8", unit="mg/m3", standard="GB 16297-1996", sampled=DAY), (own,)
    )
    assert found.source == "general"


def test_a_standard_that_a_person_picked_stands_and_the_permit_is_named():
    found = choose(cod("80", standard="GB 8978-1996"), (PERMIT,), chosen=True)
    assert (found.source, found.limit) == ("chosen", "100")
    assert PERMIT.name in said(found)


def test_the_local_standard_comes_before_industry_and_general(bureau):
    bureau("DB35/示例-1,表1,water,COD,一切,50,mg/L,2020-01-01,,示例来源 第3页")
    found = choose(cod("80"), (), "municipal_plant")
    assert (found.source, found.limit, found.standard) == ("local", "50", "DB35/示例-1")
    assert choose(cod("80"), (PERMIT,)).source == "permit"
    assert choose(cod("80", sampled=date(2019, 12, 31))).source == "general"


def test_rows_of_another_trade_are_not_taken(bureau):
    bureau("DB35/示例-1,表1,water,COD,制浆造纸,50,mg/L,,,示例来源")
    assert choose(cod("80")).source == "general"
    assert choose(cod("80", category="制浆造纸")).source == "local"
    assert choose(cod("80"), (), "pulp").source == "local"


@pytest.mark.parametrize(
    "row",
    [
        "DB35/示例-1,表1,water,COD,一切,50,mg/L,,,",
        "DB35/示例-1,,water,COD,一切,50,mg/L,,,示例来源",
        "DB35/示例-1,表1,水体,COD,一切,50,mg/L,,,示例来源",
        "DB35/示例-1,表1,water,COD,一切,五十,mg/L,,,示例来源",
        "DB35/示例-1,表1,water,COD,一切,50,mg,,,示例来源",
        "DB35/示例-1,表1,water,COD,一切,50,mg/L,去年,,示例来源",
    ],
)
def test_a_row_without_source_or_sense_is_refused_by_its_number(bureau, row: str):
    with pytest.raises(BadInput) as refused:
        bureau(row)
    name = refused.value.params["name"]
    value = dict(zip(local.COLUMNS, row.split(","), strict=True))[name]
    assert refused.value.text() == f"local_limits.csv, row 2: “{value}” cannot stand under {name}."


def test_a_row_holds_from_its_first_to_its_last_day(bureau):
    bureau("DB35/示例-1,表1,water,COD,一切,50,mg/L,2020-01-01,2020-12-31,示例来源 第3页")
    (row,) = local.local_limits()
    assert row == local.LocalLimit(
        OwnLimit(
            *("local", "DB35/示例-1", "COD", "50", "mg/L", "", "一切", "表1", "water"),
            date(2020, 1, 1),
            date(2020, 12, 31),
        ),
        "示例来源 第3页",
    )
    days = {"2019-12-31": "general", "2020-01-01": "local", "2020-12-31": "local", "2021-01-01": "general"}
    for day, source in days.items():
        assert choose(cod("80", sampled=date.fromisoformat(day))).source == source, day


def test_a_file_of_local_limits_that_is_none_is_refused(tmp_path: Path):
    path = tmp_path / "local_limits.csv"
    with pytest.raises(BadInput, match=r"local_limits\.csv is no CSV file in UTF-8"):
        local.read_local(path)
    path.write_bytes("标准".encode("gb18030"))
    with pytest.raises(BadInput, match=r"local_limits\.csv is no CSV file in UTF-8: 'utf-8' codec"):
        local.read_local(path)
    path.write_text("standard,clause,medium,parameter,category,limit,unit,from,until\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"local_limits\.csv: the column source is missing"):
        local.read_local(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="the column standard is missing"):
        local.read_local(path)


def test_a_file_as_a_spreadsheet_saves_it_is_read(tmp_path: Path):
    """With a mark of byte order, Windows' ends of lines, and lines of commas below."""
    path = tmp_path / "local_limits.csv"
    row = "DB35/示例-1,表1,water,COD,一切,50,mg/L,,,示例来源"
    path.write_text(f"{','.join(local.COLUMNS)}\r\n{row}\r\n{',' * 9}\r\n", encoding="utf-8-sig", newline="")
    (found,) = local.read_local(path)
    assert (found.own.name, found.text_source) == ("DB35/示例-1", "示例来源")


def test_none_of_our_own_rows_of_local_standards_was_made_up():
    assert local.read_local(limit_data.FOLDER / "local_limits.csv") == []
    assert {each.code.partition("/")[0] for each in limit_data.local_standards()} == {"DB35"}


def test_a_local_standard_known_by_title_takes_within_back_and_leaves_over():
    """DB35 is stricter than the national standard: what is over by that is over by it, too."""
    ok = choose(cod("80"), (), "pulp")
    assert (ok.verdict, ok.source) == ("undecidable", "general")
    assert "DB35/1310-2013" in said(ok)
    over = choose(cod("180"), (), "pulp")
    assert (over.verdict, over.times) == ("over", "0.8")
    assert "DB35/1310-2013" in said(over)


def test_an_industry_has_its_own_standard():
    """GB 18466-2005 表2: COD 60 mg/L for direct discharge, 250 for pretreatment."""
    found = choose(cod("80", grade="排放标准", water=""), (), "hospital")
    assert (found.standard, found.source, found.verdict, found.times) == (
        "GB 18466-2005",
        "industry",
        "over",
        "0.33",
    )
    assert "医疗机构" in said(found)


def test_an_industry_whose_standard_is_not_kept_is_not_judged_by_the_general_one():
    found = choose(cod("800"), (), "dyeing")
    assert (found.verdict, found.standard, found.source, found.times) == (
        "undecidable",
        "GB 4287-2012",
        "industry",
        "",
    )


def test_what_the_industry_does_not_limit_the_general_standard_does():
    """GB 18596-2001 has no limit for copper; GB 8978-1996 表4 一级: 0.5 mg/L."""
    found = choose(
        Sample(parameter="总铜", value="0.6", unit="mg/L", water="III", sampling="instant", sampled=DAY),
        (),
        "livestock",
    )
    assert (found.verdict, found.standard, found.source) == ("over", "GB 8978-1996", "general")
    assert found.lines()[-1] == (
        "GB 18596-2001 of this industry has no limit for 总铜: the general standard was taken."
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        *((each, each) for each in ("60", "6-9", "<0.5", ">3", "≥6", "不得检出", "0.00003")),
        *((each, "6-9") for each in ("6～9", "6~9", "6–9", "6—9", " 6 - 9 ")),
        ("≤60", "60"),
        ("≤ 60", "60"),
        ("＜0.5", "<0.5"),
        ("＞3", ">3"),
    ],
)
def test_limits_are_taken_as_they_are_written(text: str, kept: str):
    assert checked_limit(text) == kept


@pytest.mark.parametrize("text", ["", "约60", "60mg", "9-6-3", "-5", "1e3", "六十"])
def test_other_words_are_no_limits(text: str):
    with pytest.raises(BadInput):
        checked_limit(text)


# -- one unit of the last digit ----------------------------------------------------------------------------

CLOSE = "The value lies within one unit of its last digit ({unit}) of the limit."
WATER = st.builds(
    lambda whole, places: f"{whole / 10**places:.{places}f}", st.integers(0, 300_000), st.integers(0, 3)
)
NOISE = st.builds(lambda tenths: f"{tenths / 10:.1f}", st.integers(300, 900))


def neighbours(value: str) -> list[str]:
    from decimal import Decimal

    exact = Decimal(value)
    unit = Decimal(1).scaleb(int(exact.as_tuple().exponent))
    return [format(each, "f") for each in (exact - unit, exact + unit) if each >= 0]


@given(
    WATER,
    st.sampled_from(["COD", "pH", "总氰化合物", "总铬", "粪大肠菌群"]),
    st.sampled_from(["III", "IV", "sewer"]),
)
def test_no_verdict_of_water_flips_within_one_unit_without_a_word(value: str, parameter: str, water: str):
    unit = {"pH": "", "粪大肠菌群": "个/L"}.get(parameter, "mg/L")
    sample = Sample(
        parameter=parameter,
        value=value,
        unit=unit,
        water=water,
        category="其他",
        point="workshop" if parameter == "总铬" else "",
        sampling="composite",
    )
    _told(sample, judge)
    _told(
        sample, lambda one: choose(one, (OwnLimit("permit", "P", parameter, "60" if unit else "6-9", unit),))
    )


@given(
    NOISE,
    st.sampled_from(["0", "2", "4"]),
    st.sampled_from(["day", "night"]),
    st.sampled_from(["", "40.0", "55.3"]),
)
def test_no_verdict_of_noise_flips_within_one_unit_without_a_word(
    value: str, zone: str, period: str, background: str
):
    """HJ 706-2014 rounds to whole dB: 60.5 is 60 and 60.6 is 61, and the reasons say that it is close."""
    _told(
        Sample(parameter="噪声", value=value, zone=zone, period=period, background=background, sampled=DAY),
        judge,
    )


def _told(sample: Sample, by) -> None:
    from dataclasses import replace

    found = by(sample)
    for value in neighbours(sample.value):
        if by(replace(sample, value=value)).verdict != found.verdict:
            assert CLOSE in {each.msgid for each in found.reasons}


def test_all_names_of_a_parameter_have_one_key() -> None:
    """In whatever medium; a name that no table knows is itself, without blanks and capitals."""
    names = ("Hg", "总汞", "汞", "汞及其化合物")
    assert {limit_data.parameter_key(name) for name in names} == {"汞及其化合物"}
    assert {limit_data.parameter_key(name) for name in ("COD", "化学需氧量")} == {"COD"}
    assert limit_data.parameter_key("自定 Xy") == "自定xy"
