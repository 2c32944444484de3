"""Water samples are judged by GB 8978-1996 as the standard and the rules J1 to J9 say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.errors import BadInput
from models.language import use_language
from models.law import limit_data
from models.law.checking_text import check_text
from models.law.limits import (
    Sample,
    categories,
    grade_for,
    judge,
    pack_reasons,
    parameters,
    standards,
    table_for,
    tables,
    unpack_reasons,
)

WHOLE = {
    "grade": "1",
    "category": "其他",
    "point": "总排口",
    "sampling": "composite",
    "built": date(2005, 1, 1),
}


def water(parameter: str, value: str, **fields):
    """Judge a sample with everything told that is not given."""
    return judge(Sample(parameter=parameter, value=value, **{**WHOLE, **fields}))


def rules(judgement) -> set[str]:
    return {one.rule for one in judgement.reasons}


def test_cod_of_240_is_1_point_4_times_over_the_first_grade():
    found = water("COD", "240")
    assert (found.verdict, found.times, found.limit_text) == ("over", "1.4", "≤100 mg/L")
    assert (found.standard, found.clause) == ("GB 8978-1996", "表4 一级 其他")
    assert found.reasons == ()


@pytest.mark.parametrize(
    ("parameter", "category", "limits"),
    [
        ("pH", "一切", ("6-9", "6-9", "6-9")),
        ("色度", "一切", ("50", "80", "")),
        ("SS", "边远砂金选矿", ("70", "800", "")),
        ("SS", "其他", ("70", "150", "400")),
        ("BOD5", "酒精", ("20", "100", "600")),
        ("COD", "石油化工", ("60", "120", "500")),
        ("COD", "皮革", ("100", "300", "1000")),
        ("COD", "其他", ("100", "150", "500")),
        ("石油类", "一切", ("5", "10", "20")),
        ("动植物油", "一切", ("10", "15", "100")),
        ("总氰化合物", "一切", ("0.5", "0.5", "1.0")),
        ("氨氮", "石油化工", ("15", "50", "")),
        ("氨氮", "其他", ("15", "25", "")),
        ("氟化物", "黄磷", ("10", "15", "20")),
        ("磷酸盐", "一切", ("0.5", "1.0", "")),
        ("LAS", "一切", ("5.0", "10", "20")),
        ("总锰", "合成脂肪酸", ("2.0", "5.0", "5.0")),
        ("乐果", "一切", ("不得检出", "1.0", "2.0")),
        ("四氯化碳", "一切", ("0.03", "0.06", "0.5")),
        ("2,4,6-三氯酚", "一切", ("0.6", "0.8", "1.0")),
        ("总硒", "一切", ("0.1", "0.2", "0.5")),
        ("粪大肠菌群", "传染病结核病医院", ("100", "500", "1000")),
        ("总余氯", "传染病结核病医院", ("<0.5", ">6.5", ">5")),
        ("TOC", "苎麻脱胶", ("20", "60", "")),
    ],
)
def test_table_4_holds_the_figures_of_the_standard(parameter, category, limits):
    found = [water(parameter, "1", category=category, grade=grade).limit for grade in "123"]
    assert tuple(found) == limits


@pytest.mark.parametrize(
    ("parameter", "limit"),
    [
        ("总汞", "0.05"), ("烷基汞", "不得检出"), ("总镉", "0.1"), ("总铬", "1.5"), ("六价铬", "0.5"),
        ("总砷", "0.5"), ("总铅", "1.0"), ("总镍", "1.0"), ("苯并(a)芘", "0.00003"), ("总铍", "0.005"),
        ("总银", "0.5"), ("总α放射性", "1"), ("总β放射性", "10"),
    ],
)  # fmt: skip
def test_table_1_holds_the_first_class_pollutants(parameter, limit):
    found = water(parameter, "0.001", point="车间排口", grade="")
    assert (found.limit, found.clause) == (limit, "表1")
    assert len([row for row in limit_data.rows() if row.table == "表1"]) == 13


def test_j1_a_value_equal_to_the_limit_meets_it():
    assert water("COD", "100").verdict == "ok"
    assert water("COD", "100.001").verdict == "over"
    assert water("COD", "100.001").times == "0.00001"


@pytest.mark.parametrize(
    ("value", "times"),
    [("101", "0.01"), ("100.5", "0.005"), ("112.5", "0.12"), ("113.5", "0.14"), ("300", "2")],
)
def test_multiples_have_two_decimals_half_to_even(value, times):
    assert water("COD", value).times == times


def test_j2_ph_has_no_multiple_at_either_end():
    for value in ("5.99", "9.04"):
        found = water("pH", value)
        assert (found.verdict, found.times) == ("over", "")
        assert "J2" in rules(found)
    assert water("pH", "6").verdict == water("pH值", "9.0", unit="无量纲").verdict == "ok"


@pytest.mark.parametrize("value", ["<0.004", "＜0.004", "0.004L", "ND(0.004)", "未检出（0.004）"])
def test_j3_not_detected_below_the_limit_meets_it(value):
    assert water("六价铬", value, point="车间").verdict == "ok"


@pytest.mark.parametrize("value", ["ND", "未检出", "<DL", "nd"])
def test_j3_not_detected_needs_a_detection_limit(value):
    assert water("六价铬", value, point="车间").verdict == "undecidable"
    assert water("六价铬", value, point="车间", detection_limit="0.004").verdict == "ok"


def test_j3_a_detection_limit_above_the_limit_says_nothing():
    found = water("六价铬", "<0.6", point="车间")
    assert found.verdict == "undecidable"
    assert "J3" in rules(found)
    assert "0.6" in found.lines()[0]


def test_a_number_below_the_detection_limit_counts_as_not_detected():
    found = water("六价铬", "0.001", detection_limit="0.004", point="车间")
    assert (found.verdict, found.result) == ("ok", "<0.004")


def test_what_must_not_be_detected():
    assert water("乐果", "ND").verdict == "ok"
    assert water("乐果", "0.01").verdict == "over"
    assert water("乐果", "0.01").times == ""
    assert water("乐果", "0").verdict == "undecidable"


@pytest.mark.parametrize(
    ("value", "verdict"), [("0.4", "ok"), ("0.5", "over"), ("<0.5", "ok"), ("0.6", "over")]
)
def test_residual_chlorine_after_dechlorination_is_below_half(value, verdict):
    assert water("余氯", value, category="医院(>=50床)等含病原体污水").verdict == verdict


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("3.1", "ok"), ("3", "over"), ("0.2", "over"), ("<0.03", "over"), ("<4", "undecidable")],
)
def test_residual_chlorine_of_second_grade_has_a_least_value(value, verdict):
    found = water("总余氯", value, category="医院(>=50床)等含病原体污水", grade="2")
    assert (found.verdict, found.times) == (verdict, "")


def test_j4_units_are_converted():
    assert (
        water("六价铬", "600", unit="μg/L", point="车间").times == water("六价铬", "0.6", point="车间").times
    )
    hospital = {"category": "传染病结核病医院", "grade": "1"}
    assert water("粪大肠菌群", "24", unit="MPN/100mL", **hospital).times == "1.4"
    assert water("粪大肠菌群", "2.4×10²", unit="个/L", **hospital).times == "1.4"


@pytest.mark.parametrize(
    ("unit", "said"), [("MPN/L", "cannot be compared"), ("mg", "not known"), ("dB(A)", "cannot")]
)
def test_a_wrong_unit_is_refused(unit, said):
    with pytest.raises(BadInput, match=said):
        water("COD", "240", unit=unit)


def test_j5_and_j6_instant_samples_may_be_judged_by_the_measures_of_their_day():
    assert "J5" in rules(water("COD", "240", sampling=""))
    found = water("COD", "240", sampling="instant", sampled=date(2021, 11, 30))
    assert "《环境行政处罚办法》第三十四条、第三十七条" in found.reasons[0].text()
    found = water("COD", "240", sampling="instant", sampled=date(2026, 9, 1))
    assert "《生态环境行政处罚办法》第二十九条" in found.reasons[0].text()


@pytest.mark.parametrize("value", ["1.0", "2.0", "<0.03"])
@pytest.mark.parametrize("point", ["总排口", ""])
def test_j7_first_class_pollutants_are_not_judged_at_the_total_outlet(value, point):
    found = water("总铬", value, point=point)
    assert (found.verdict, found.times) == ("undecidable", "")
    assert found.reasons[0].rule == "J7"


def test_j7_total_chromium_at_the_workshop_is_judged():
    assert water("总铬", "2.0", point="车间处理设施排口").times == "0.33"


def test_j7_second_class_pollutants_are_not_judged_at_a_workshop():
    assert water("COD", "240", point="车间排口").verdict == "undecidable"
    assert water("COD", "240", point="").verdict == "over"


def test_j8_the_building_date_chooses_the_table():
    assert table_for("COD", date(1997, 12, 31)) == "表2"
    assert table_for("COD", date(1998, 1, 1)) == table_for("COD", None) == "表4"
    assert table_for("总铬", date(1997, 12, 31)) == "表1"
    assert table_for("总氮", None) == ""
    old = water("BOD5", "25", built=date(1997, 1, 1))
    assert (old.verdict, old.clause) == ("ok", "表2 一级 其他")
    assert water("BOD5", "25").verdict == "over"
    assert "J8" in rules(water("COD", "240", built=None))


def test_j8_a_row_of_table_2_that_is_not_kept_is_not_guessed():
    found = water("SS", "25", built=date(1997, 1, 1), category="城镇二级污水处理厂")
    assert found.verdict == "undecidable"
    assert "look it up" in found.lines()[0]


@pytest.mark.parametrize(
    ("receiving", "grade"),
    [("III", 1), ("Ⅲ类", 1), ("二类海域", 1), ("IV", 2), ("V类", 2), ("sea_3", 2), ("纳管", 3), ("I", None),
     ("Ⅱ类", None), ("III_protected", None), ("sea_1", None)],
)  # fmt: skip
def test_j9_the_receiving_water_gives_the_grade(receiving, grade):
    assert grade_for(receiving)[0] == grade
    found = water("COD", "110", grade="", water=receiving)
    expected = {1: "over", 2: "ok", 3: "ok", None: "undecidable"}[grade]
    assert found.verdict == expected
    if grade is None:
        assert "forbidden" in found.lines()[0]


def test_without_grade_or_water_nothing_is_judged():
    found = water("COD", "240", grade="")
    assert (found.verdict, found.reasons[0].rule) == ("undecidable", "J9")


def test_a_blank_limit_is_no_limit_and_not_met():
    found = water("氨氮", "80", grade="3")
    assert (found.verdict, found.limit) == ("undecidable", "")
    assert "no limit" in found.lines()[0]


def test_total_phosphorus_is_not_in_the_standard():
    found = water("总磷", "5")
    assert found.verdict == "undecidable"
    assert "磷酸盐" in found.lines()[0]
    assert water("TN", "5").verdict == water("泡沫", "5").verdict == "undecidable"


def test_what_the_standard_has_but_we_could_not_read_is_not_called_unlimited():
    found = water("彩色显影剂", "5")
    assert found.verdict == "undecidable"
    assert "look it up in the standard" in found.lines()[0]


def test_the_category_is_asked_for_and_never_guessed_from_a_slip():
    assert "石油化工" in water("COD", "90", category="").lines()[0]
    assert water("COD", "90", category="石油化了").verdict == "undecidable"
    named_elsewhere = water("COD", "90", category="黄磷")
    assert named_elsewhere.verdict == "ok"
    assert "其他" in named_elsewhere.lines()[0]


@pytest.mark.parametrize("name", ["COD", "化学需氧量", "CODCr", "CODcr", "cod_cr", "化学需氧量（CODCr）"])
def test_parameters_go_by_their_aliases(name):
    assert water(name, "240").times == "1.4"


def test_no_two_parameters_share_an_alias():
    names = limit_data._parameters_file()["parameter"]
    folded = [{limit_data.folded(n) for n in (p["name"], p["zh"], p["en"], *p["aliases"])} for p in names]
    assert sum(map(len, folded)) == len(set().union(*folded))
    assert {row.parameter for row in limit_data.rows()} <= set(limit_data.all_parameters())


@pytest.mark.parametrize(
    ("field", "value"),
    [("grade", "4"), ("water", "云"), ("table", "表9"), ("standard", "GB 1"), ("unit", "斤")],
)
def test_what_cannot_be_read_is_refused(field, value):
    fields = {"grade": ""} if field == "water" else {}
    with pytest.raises(BadInput):
        water("COD", "240", **{**fields, field: value})


def test_more_than_the_methods_range():
    assert water("COD", ">200").verdict == "over"
    assert water("COD", ">50").verdict == "undecidable"


decimals = st.decimals(0, 100_000, places=3)
NUMERIC = [row for row in limit_data.rows() if row.grades[0] and row.parameter != "pH"]


def full(row, value: str, grade: int):
    return water(
        row.parameter,
        value,
        category=row.category,
        grade=str(grade),
        point="车间" if row.table == "表1" else "总排口",
        built=date(1990, 1, 1) if row.table == "表2" else date(2005, 1, 1),
    )


@given(st.sampled_from(NUMERIC), st.integers(1, 3), decimals, decimals)
def test_more_of_a_pollutant_is_never_judged_better(row, grade, one, other):
    less, more = sorted((one, other))
    if row.parameter == "总余氯" and grade > 1:
        less, more = more, less
    before, after = full(row, str(less), grade), full(row, str(more), grade)
    if before.verdict == "over":
        assert after.verdict == "over"
    if before.times:
        assert Decimal(after.times) >= Decimal(before.times)


@given(st.sampled_from(NUMERIC), st.integers(1, 3), decimals)
def test_the_verdict_is_ok_exactly_within_the_limit(row, grade, value):
    limit = row.grades[grade - 1]
    found = full(row, str(value), grade)
    assert found.limit == limit
    if not limit or limit == "不得检出":
        assert found.verdict != "ok"
    elif limit[0] not in "<>":
        assert (found.verdict == "ok") == (value <= Decimal(limit))
        assert (found.verdict == "over") == (value > Decimal(limit)) == bool(found.times)


@given(st.sampled_from(NUMERIC), st.integers(1, 3), decimals)
def test_not_detected_is_ok_only_where_the_detection_limit_is_within_the_limit(row, grade, detection):
    limit = row.grades[grade - 1]
    verdict = full(row, f"<{detection}", grade).verdict
    if limit and limit[0].isdigit():
        assert verdict == ("ok" if detection <= Decimal(limit) else "undecidable")
    assert full(row, "ND", grade).verdict == ("ok" if limit == "不得检出" else "undecidable")


MILLIGRAMS = [row for row in NUMERIC if row.unit == "mg/L"]


@given(st.sampled_from(MILLIGRAMS), decimals)
@example(next(row for row in MILLIGRAMS if row.parameter == "苯并(a)芘"), Decimal("0.000"))
def test_the_unit_does_not_change_the_judgement(row, value):
    def in_unit(text: str, unit: str):
        return judge(
            Sample(
                parameter=row.parameter,
                value=text,
                unit=unit,
                category=row.category,
                grade="2",
                point="车间" if row.table == "表1" else "总排口",
            )
        )

    # The point is moved, no digit is added or taken: 0.000 mg/L is 0 μg/L, and not 0.000 μg/L.
    milli = in_unit(str(value), "mg/L")
    assert in_unit(f"{value.scaleb(3):f}", "μg/L") == milli
    assert in_unit(f"{value.scaleb(-3):f}", "g/L") == milli


def test_reasons_survive_the_record_and_speak_the_readers_language():
    found = water("六价铬", "<0.6", point="车间")
    again = unpack_reasons(pack_reasons(found.reasons))
    assert again == found.reasons
    assert unpack_reasons("") == ()
    english = again[0].text()
    use_language("zh")
    assert "无法判定" in again[0].text()
    assert english.isascii()


def test_the_pickers_offer_what_the_tables_hold():
    assert next(one.code for one in standards("water")) == "GB 8978-1996"
    assert [one.code for one in standards("noise")] == [
        "GB 12348-2008",
        "GB 22337-2008",
        "GB 12523-2011",
        "GB 12523-2025",
    ]
    assert [one.name for one in tables("GB 8978-1996")] == ["表1", "表2", "表4"]
    assert [one.name for one in parameters("GB 8978-1996", "表1")][:2] == ["总汞", "烷基汞"]
    assert len(parameters("GB 8978-1996", "表4")) == 56 - 2  # the two of film processing are not kept
    assert categories("表4", "COD")[-1] == "其他"
    assert categories("表4", "石油类") == []
    assert parameters("GB 0") == tables("GB 0") == []


def test_j8_a_table_that_does_not_limit_it_is_named_and_the_right_one_taken():
    found = water("COD", "240", table="表1")
    assert (found.clause, found.verdict) == ("表4 一级 其他", "over")
    assert "COD is limited by 表4, which was taken." in found.lines()
    first = water("总铬", "1", table="4", point="车间")
    assert (first.clause, first.verdict) == ("表1", "ok")
    assert "总铬 is limited by 表1, which was taken." in first.lines()
    assert table_for("nothing that is known", None) == ""
    assert table_for("SO2", None) == "", "known, and not limited in water"


def test_j6_an_instant_sample_needs_its_day():
    found = water("COD", "240", sampling="instant")
    assert [(each.rule, each.msgid) for each in found.reasons] == [
        ("J6", "Instant sample: give the date of sampling for its legal basis.")
    ]


def test_the_command_line_prints_verdict_limit_and_reasons():
    text, found = check_text("COD", "240", grade="1", category="其他")
    lines = text.splitlines()
    assert lines[0] == "COD 240 mg/L: over the limit, exceeding it 1.4 times"
    assert lines[1] == "GB 8978-1996 表4 一级 其他 ≤100 mg/L (the general standard)"
    assert all(line.startswith("- ") for line in lines[2:])
    assert found.as_dict()["times"] == "1.4"
    use_language("zh")
    assert check_text("COD", "240", grade="1", category="其他")[0].startswith(
        "COD 240 mg/L：超标，超标 1.4 倍"
    )
