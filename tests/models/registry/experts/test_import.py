"""Lists of experts from a file: all rows or none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from models.errors import BadInput, RuleBroken
from models.registry.experts import queries
from models.registry.experts.imports import import_experts, import_list
from models.store.notebook import Notebook
from tests.models.registry.experts.conftest import an_expert

HEADER = "姓名,工作单位,职称,专业领域,来源,所在县区,联系电话,入库日期"
GOOD = [
    "专家01,示例林业科学研究所,高级工程师,林业,漳州中级人民法院生态环境技术专家库,芗城区,13800000001,2020-05-01",
    "专家02,示例水利设计院,水利高级工程师,水利、自然资源,市中院,龙海市,,2020/5/1",
    "专家03,漳州市示例生态环境局,正高级工程师,生态环境/海洋与渔业,生态环境系统,350624,,",
]


def a_file(folder: Path, *rows: str) -> Path:
    """A CSV file with these rows below the header."""
    path = folder / "专家库.csv"
    path.write_text("\n".join([HEADER, *rows]), "utf-8-sig")
    return path


@pytest.mark.requirement("R047", "R048", "R050")
def test_a_list_of_experts_is_taken_in(city: Notebook, tmp_path: Path):
    report = import_experts(city, a_file(tmp_path, *GOOD))

    assert (report.rows, report.written, report.errors) == (3, 3, ())
    rows = {row.name: row for row in queries.experts(city, date(2100, 1, 1))}
    assert [rows[f"专家0{number}"].fields for number in (1, 2, 3)] == [
        "forestry",
        "water,natural_resources",
        "environment,fisheries",
    ]
    assert [rows[f"专家0{number}"].source for number in (1, 2, 3)] == ["court", "court", "system"]
    assert [rows[f"专家0{number}"].unit_code for number in (1, 2, 3)] == ["350602", "350604", "350624"]
    assert {row.unit for row in rows.values()} == {"350600"}
    assert rows["专家02"].entered_on == "2020-05-01"


def test_a_spreadsheet_is_taken_in_as_well(city: Notebook, tmp_path: Path):
    book = openpyxl.Workbook()
    for row in (HEADER, *GOOD):
        book.active.append(row.split(","))
    book.save(tmp_path / "专家库.xlsx")

    assert import_experts(city, tmp_path / "专家库.xlsx").written == 3


@pytest.mark.requirement("R049")
def test_one_wrong_row_keeps_all_out_and_is_named(city: Notebook, tmp_path: Path):
    wrong = "专家04,漳州市示例生态环境局,工程师,生态环境,生态环境系统,芗城区,,"
    path = a_file(tmp_path, *GOOD, wrong)

    report = import_experts(city, path)

    assert report.written == 0
    assert [(error.row, error.msgid[:7]) for error in report.errors] == [(5, "Experts")]
    assert queries.experts(city, date(2100, 1, 1)) == []
    with pytest.raises(RuleBroken, match="第 5 行") as error:
        import_list(city, path=str(path))
    assert error.value.field == "path"
    import_list(city, path=str(path), only_good_rows=True)
    assert len(queries.experts(city, date(2100, 1, 1))) == 3


def test_who_stands_twice_or_is_in_the_pool_is_an_error(city: Notebook, tmp_path: Path):
    an_expert(city)
    report = import_experts(city, a_file(tmp_path, GOOD[0], GOOD[1], GOOD[1]))

    assert [(error.row, error.column) for error in report.errors] == [(2, "姓名"), (4, "姓名")]
    assert report.written == 0


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("专家04,示例所,总经理,林业,中院,芗城区,,", ""),
        ("专家04,示例所,工程师,矿业,中院,芗城区,,", "专业领域"),
        ("专家04,示例所,工程师,林业,省厅,芗城区,,", "来源"),
        ("专家04,示例所,工程师,林业,中院,厦门市,,", "所在县区"),
        ("专家04,,工程师,林业,中院,芗城区,,", "工作单位"),
        ("专家04,示例所,工程师,林业,中院,芗城区,,去年", "入库日期"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(city: Notebook, tmp_path: Path, row: str, column: str):
    report = import_experts(city, a_file(tmp_path, row))

    assert [(error.row, error.column) for error in report.errors] == [(2, column)]


def test_a_file_without_names_says_which_headers_it_needs(city: Notebook, tmp_path: Path):
    path = tmp_path / "list.csv"
    path.write_text("甲,乙\n1,2", "utf-8")
    with pytest.raises(BadInput, match="职称"):
        import_experts(city, path)


def test_an_officer_takes_no_list_in(notebook: Notebook, tmp_path: Path):
    with pytest.raises(RuleBroken) as error:
        import_experts(notebook, a_file(tmp_path, *GOOD))

    assert error.value.field == "role"
