"""The lists from which a person picks standard, table, pollutant and category hold what the tables hold."""

from __future__ import annotations

from models.law import limit_data, limits
from models.law.air_data import air_rows, boiler_rows
from models.law.graded import graded_rows
from models.law.limits import categories, of_solid, parameters, standards, waters


def test_every_standard_is_offered_and_those_of_a_medium_alone() -> None:
    every = limit_data.all_standards()
    assert [each.code for each in standards()] == list(every)
    for medium in ("water", "air", "noise"):
        assert [each.code for each in standards(medium)] == [
            code for code, each in every.items() if each.medium == medium
        ]
    assert standards("soil") == []


def test_what_each_standard_limits_is_what_stands_in_its_rows() -> None:
    rows = {
        "GB 8978-1996": [(row.table, row.parameter) for row in limit_data.rows()],
        "GB 16297-1996": [("", row.parameter) for row in air_rows()],
        "GB 13271-2014": [("", row.parameter) for row in boiler_rows()],
        **{
            code: [(row.table, row.parameter) for row in graded_rows() if row.standard == code]
            for code in {row.standard for row in graded_rows()}
        },
    }
    for standard, told in rows.items():
        assert {each.name for each in parameters(standard)} == {name for _table, name in told}, standard
        for table in {table for table, _name in told if table}:
            of_table = {name for each, name in told if each == table}
            assert {each.name for each in parameters(standard, table)} == of_table, (standard, table)


def test_the_categories_are_those_of_the_table() -> None:
    assert categories("表4", "氨氮") == ["医药原料药/染料/石油化工", "其他"]
    assert categories("表1", "COD") == categories("表4", "nothing that is known") == []
    assert categories("表4", "pH") == [], "one limit for all"


def test_the_receiving_waters_come_with_their_grades() -> None:
    assert {each.key: each.grade for each in waters()} == {
        "I": 0,
        "II": 0,
        "III_protected": 0,
        "III": 1,
        "IV": 2,
        "V": 2,
        "sea_1": 0,
        "sea_2": 1,
        "sea_3": 2,
        "sewer": 3,
    }


def test_solid_waste_has_nothing_but_its_reason() -> None:
    told = of_solid().as_dict()
    assert told.pop("verdict") == "undecidable"
    assert len(told.pop("reasons")) == 1
    assert set(told.values()) == {""}
    assert limits.NOISE == "噪声"
