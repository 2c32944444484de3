"""Limits by grade: municipal plants, surface water, livestock, hospitals, fugitive compounds, fume."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.law.checking_text import check_text
from models.law.graded import graded_parameters, graded_rows
from models.law.limits import Sample, grades, judge, parameters_in

PLANT, RIVER, FARM, HOSPITAL = "GB 18918-2002", "GB 3838-2002", "GB 18596-2001", "GB 18466-2005"

WORKED = [
    # (clause, parameter, value, fields, verdict, limit, times)
    ("GB 18918-2002 表1 一级A", "COD", "50", {"grade": "一级A"}, "ok", "50", ""),
    ("GB 18918-2002 表1 一级A", "COD", "60", {"grade": "一级A"}, "over", "50", "0.2"),
    ("GB 18918-2002 表1 一级B", "COD", "60", {"grade": "一级B"}, "ok", "60", ""),
    ("GB 18918-2002 §4.1.2.2 Ⅲ类水域", "COD", "66", {"water": "III"}, "over", "60", "0.1"),
    ("GB 18918-2002 §4.1.2.3 Ⅳ类水域", "COD", "66", {"water": "IV"}, "ok", "100", ""),
    ("GB 18918-2002 表1", "总氮", "18", {"grade": "一级A"}, "over", "15", "0.2"),
    ("GB 18918-2002 表1", "粪大肠菌群", "1500", {"grade": "一级A"}, "over", "1000", "0.5"),
    (
        "GB 18918-2002 表1 注② >12℃",
        "氨氮",
        "6",
        {"grade": "一级A", "temperature": "12.1"},
        "over",
        "5",
        "0.2",
    ),
    ("GB 18918-2002 表1 注② ≤12℃", "氨氮", "6", {"grade": "一级A", "temperature": "12"}, "ok", "8", ""),
    ("GB 18918-2002 表1 注②", "氨氮", "4", {"grade": "一级A"}, "ok", "5", ""),
    ("GB 18918-2002 表1 注②", "氨氮", "9", {"grade": "一级A"}, "over", "5", "0.8"),
    ("GB 18918-2002 表1 2005年前", "总磷", "0.8", {"grade": "一级A", "built": "2005-12-31"}, "ok", "1", ""),
    (
        "GB 18918-2002 表1 2006年起",
        "总磷",
        "0.8",
        {"grade": "一级A", "built": "2006-01-01"},
        "over",
        "0.5",
        "0.6",
    ),
    ("GB 18918-2002 表2", "烷基汞", "ND", {}, "ok", "不得检出", ""),
    ("GB 18918-2002 表3", "AOX", "1.5", {}, "over", "1.0", "0.5"),
    ("GB 3838-2002 表1 Ⅲ类", "氨氮", "1.2", {"grade": "Ⅲ类"}, "over", "1.0", "0.2"),
    ("GB 3838-2002 表1 Ⅴ类", "氨氮", "1.2", {"grade": "V"}, "ok", "2.0", ""),
    ("GB 3838-2002 表1 溶解氧", "DO", "5.0", {"grade": "III"}, "ok", "≥5", ""),
    ("GB 3838-2002 表1 溶解氧", "DO", "4.9", {"grade": "III"}, "over", "≥5", ""),
    ("GB 3838-2002 表1 河流", "TP", "0.25", {"water": "III", "category": "河流"}, "over", "0.2", "0.25"),
    ("GB 3838-2002 表1 湖库", "TP", "0.04", {"water": "III", "category": "湖库"}, "ok", "0.05", ""),
    ("GB 18596-2001 表5", "COD", "500", {}, "over", "400", "0.25"),
    ("GB 18596-2001 表5", "粪大肠菌群", "8000", {"unit": "个/L"}, "ok", "1000", ""),
    ("GB 18466-2005 表2", "COD", "100", {"grade": "预处理标准"}, "ok", "250", ""),
    ("GB 18466-2005 表2", "COD", "100", {"grade": "排放标准"}, "over", "60", "0.67"),
    ("GB 37822-2019 表A.1", "非甲烷总烃", "12", {"grade": "1h平均"}, "over", "10", "0.2"),
    ("GB 37822-2019 表A.1", "非甲烷总烃", "12", {"grade": "任意一次"}, "ok", "30", ""),
    ("GB 18483-2001 表2", "油烟", "3", {}, "over", "2.0", "0.5"),
]


@pytest.mark.parametrize(
    ("clause", "parameter", "value", "fields", "verdict", "limit", "times"),
    WORKED,
    ids=[f"{row[0]} {row[1]} {row[2]}" for row in WORKED],
)
def test_worked_examples(clause, parameter, value, fields, verdict, limit, times):
    standard = " ".join(clause.split()[:2])
    text, found = check_text(parameter, value, standard=standard, **fields)
    assert (found.verdict, found.limit, found.times) == (verdict, limit, times), text


@pytest.mark.parametrize(
    ("standard", "parameter", "value", "fields", "rule"),
    [
        (PLANT, "氨氮", "6", {"grade": "一级A"}, "J21"),
        (PLANT, "总磷", "0.8", {"grade": "一级A"}, "J8"),
        (PLANT, "COD", "10", {}, "J10"),
        (PLANT, "COD", "10", {"grade": "四级"}, "J10"),
        (PLANT, "总氮", "10", {"grade": "三级"}, ""),
        (PLANT, "苯", "10", {}, ""),
        (RIVER, "TP", "0.1", {"grade": "III"}, ""),
        (HOSPITAL, "氨氮", "10", {"grade": "预处理标准"}, ""),
        (FARM, "COD", "ND", {}, "J3"),
    ],
)
def test_what_cannot_be_judged_says_why(standard, parameter, value, fields, rule):
    found = judge(Sample(parameter=parameter, value=value, standard=standard, **fields))
    assert found.verdict == "undecidable"
    assert found.reasons[0].rule == rule
    assert found.lines()[0]


@given(st.sampled_from([row for row in graded_rows() if row.limit[0].isdigit() and "-" not in row.limit]))
def test_the_limit_itself_meets_every_limit(row):
    fields = {"grade": row.grade, "category": row.category, "built": row.built_from or row.built_until}
    sample = Sample(
        parameter=row.parameter, value=row.limit, standard=row.standard, temperature="20", **fields
    )
    assert judge(sample).verdict == "ok"


@pytest.mark.parametrize("standard", [PLANT, RIVER, FARM, HOSPITAL])
def test_what_a_standard_limits_is_what_its_tables_limit(standard):
    of_table: dict[str, set[str]] = {}
    for row in graded_rows():
        if row.standard == standard:
            of_table.setdefault(row.table, set()).add(row.parameter)
    assert {each.name for each in graded_parameters(standard)} == set().union(*of_table.values())
    for table, names in of_table.items():
        assert {each.name for each in graded_parameters(standard, table)} == names
    assert graded_parameters(standard, "表0") == graded_parameters("GB 0") == []


def test_the_lists_to_choose_from_hold_all_standards():
    assert grades()[:4] == ["1", "2", "3", "一级A"]
    assert {"COD", "溶解氧", "蛔虫卵"} <= {each.name for each in parameters_in("water")}
    assert {"SO2", "油烟"} <= {each.name for each in parameters_in("air")}
