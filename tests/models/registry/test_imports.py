"""Lists of sites and officers from real files, in the encodings and shapes that bureaus have."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import BadInput
from models.registry import imports, queries, sheets, verbs
from models.store.notebook import Notebook

Code = Callable[[int], str]
HEADER = "序号,单位名称,统一社会信用代码,所属县区,生产地址,法定代表人,联系电话,排污许可证编号"


def lines(code: Code, count: int) -> str:
    rows = [
        f"{n},示例企业{n:02d}股份有限公司,{code(n)},芗城区,示例路{n}号,示例人{n:02d},0596-00000{n:02d},"
        for n in range(1, count + 1)
    ]
    return "\r\n".join([HEADER, *rows]) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv_list_is_read_in_every_usual_encoding(
    notebook: Notebook, tmp_path: Path, credit_code: Code, encoding: str
) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes(lines(credit_code, 12).encode(encoding))
    report = imports.import_sites(notebook, path)
    assert (report.rows, report.written, report.errors) == (12, 12, ())
    assert report.unknown_columns == ("序号",)
    site = queries.site_by_code(notebook, credit_code(7))
    assert site is not None
    assert (site.name, site.unit_code, site.legal_person) == ("示例企业07股份有限公司", "350602", "示例人07")


def test_characters_outside_gbk_survive_gb18030(notebook: Notebook, tmp_path: Path) -> None:
    name = "示例㐂𠮷企业" + "漳" * 54
    path = tmp_path / "list.csv"
    path.write_bytes(f"企业名称\n{name}\n".encode("gb18030"))
    imports.import_sites(notebook, path)
    assert [row.name for row in queries.find_sites(notebook, "")] == [name]


def test_one_bad_row_writes_nothing_and_is_named(
    notebook: Notebook, tmp_path: Path, credit_code: Code
) -> None:
    text = lines(credit_code, 5).replace(credit_code(4), "91350602MA00000040")
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")
    report = imports.import_sites(notebook, path)
    assert (report.rows, report.written) == (5, 0)
    assert queries.find_sites(notebook, "") == []
    (error,) = report.errors
    assert (error.row, error.column, error.value) == (5, "统一社会信用代码", "91350602MA00000040")
    assert "91350602MA00000040" in error.message


def test_good_rows_alone_go_in_only_when_asked_for(
    notebook: Notebook, tmp_path: Path, credit_code: Code
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(lines(credit_code, 5).replace("示例企业02股份有限公司", ""), "utf-8")
    report = imports.import_sites(notebook, path, only_good_rows=True)
    assert (report.written, [error.row for error in report.errors]) == (4, [3])
    assert len(queries.find_sites(notebook, "")) == 4


def test_a_code_twice_in_the_file_or_in_the_register_names_the_other(
    notebook: Notebook, tmp_path: Path, credit_code: Code
) -> None:
    verbs.add_site(notebook, "示例旧企业01", code=credit_code(1))
    path = tmp_path / "list.csv"
    path.write_text(lines(credit_code, 3).replace(credit_code(3), credit_code(2)), "utf-8")
    report = imports.import_sites(notebook, path)
    assert [error.row for error in report.errors] == [2, 4]
    assert "示例旧企业01" in report.errors[0].message
    assert report.errors[1].params["row"] == 3


def test_a_list_that_is_taken_in_twice_makes_no_site_twice(
    notebook: Notebook, tmp_path: Path, credit_code: Code
) -> None:
    path = tmp_path / "sites.csv"
    lines = [
        "单位名称,统一社会信用代码,地址",
        f"示例印染企业,{credit_code(1)},示例路1号",
        "示例加油站,,示例路2号",
    ]
    path.write_text("\n".join([*lines, "示例加油站,,示例路3号", ""]), encoding="utf-8")
    assert imports.import_sites(notebook, path).written == 3
    again = imports.import_sites(notebook, path, only_good_rows=True)
    assert again.written == 0
    assert [(error.row, error.column) for error in again.errors] == [
        (2, "统一社会信用代码"),
        (3, "单位名称"),
        (4, "单位名称"),
    ]
    assert "示例路2号" in again.errors[1].message


def test_an_import_is_one_write(notebook: Notebook, tmp_path: Path, credit_code: Code) -> None:
    path = tmp_path / "list.csv"
    path.write_text(lines(credit_code, 30), "utf-8")
    commits: list[int] = []
    notebook.subscribe(lambda touched: commits.append(len(touched)))
    imports.import_sites(notebook, path)
    assert commits == [30]


def workbook(rows: list[list[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    return book


def test_a_workbook_is_read_from_its_first_visible_sheet(
    notebook: Notebook, tmp_path: Path, credit_code: Code
) -> None:
    book = workbook([["说明"], ["此页隐藏"]])
    book.worksheets[0].sheet_state = "hidden"
    sheet = book.create_sheet("名单")
    sheet.append(["监管对象名称*", "信用代码（18位）", "辖区", "联系电话"])
    sheet.append(["示例企业01", credit_code(1), "龙海市", 5960000000])
    sheet.append([None, None, None, None])
    sheet.append(["示例企业02", credit_code(2), "ZZGXQ", None])
    path = tmp_path / "名单.xlsx"
    book.save(path)
    report = imports.import_sites(notebook, path)
    assert (report.written, report.errors) == (2, ())
    site = queries.site_by_code(notebook, credit_code(1))
    assert site is not None
    assert (site.unit_code, site.phone) == ("350604", "5960000000")


def test_formulas_and_codes_typed_as_numbers_are_told_apart_from_text(
    notebook: Notebook, tmp_path: Path
) -> None:
    book = workbook(
        [["名称", "信用代码"], ['=CONCATENATE("示例",1)', ""], ["示例企业02", 913506020000000123]]
    )
    path = tmp_path / "list.xlsx"
    book.save(path)
    report = imports.import_sites(notebook, path)
    assert report.written == 0
    assert [(error.row, error.column) for error in report.errors] == [(2, "名称"), (3, "信用代码")]


def test_a_zip_bomb_and_a_document_type_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets.UNPACKED_LIMIT + 1))
    with pytest.raises(BadInput):
        list(sheets.rows(bomb))
    entity = tmp_path / "entity.xlsx"
    with zipfile.ZipFile(entity, "w") as parts:
        parts.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(BadInput):
        list(sheets.rows(entity))


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"\x80\x81\xff" * 9, b"PK\x03\x04damaged", b"\xd0\xcf\x11\xe0old", b"\0\0\0\0"],
)
def test_what_is_no_list_gives_one_sentence(notebook: Notebook, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        imports.import_sites(notebook, path)
    assert refused.value.text()


def test_a_list_without_a_name_column_says_which_headers_there_are(
    notebook: Notebook, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("地址,电话\n示例路,1\n", "utf-8")
    with pytest.raises(BadInput, match="单位名称"):
        imports.import_sites(notebook, path)


def test_two_columns_of_one_meaning_are_refused(notebook: Notebook, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("名称,单位名称\n示例企业01,示例企业02\n", "utf-8")
    with pytest.raises(BadInput, match="单位名称"):
        imports.import_sites(notebook, path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_reading_any_bytes_gives_rows_or_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    with suppress(BadInput):  # anything else fails the test
        for number, cells in sheets.rows(path):
            assert number >= 1
            assert any(cell.text for cell in cells)


def test_officers_come_in_with_certificates_and_roles(notebook: Notebook, tmp_path: Path) -> None:
    path = tmp_path / "人员.csv"
    path.write_bytes(
        "姓名,执法证号,单位,岗位,有效期至\n执法员02,FJ350602002,芗城区,执法人员,2027/6/30\n".encode("gbk")
    )
    report = imports.import_officers(notebook, path)
    assert (report.written, report.errors) == (1, ())
    (row,) = queries.find_officers(notebook, "执法员02")
    assert (row.certificate, row.role, row.certificate_until) == ("FJ350602002", "officer", "2027-06-30")


def test_an_officers_list_cannot_make_administrators(notebook: Notebook, tmp_path: Path) -> None:
    path = tmp_path / "人员.csv"
    path.write_text("姓名,角色\n示例人09,市级管理员\n", "utf-8")
    report = imports.import_officers(notebook, path)
    assert (report.written, report.errors[0].column) == (0, "角色")


def test_an_export_opens_as_text_and_comes_back_as_it_was(
    notebook: Notebook, tmp_path: Path, credit_code: Code
) -> None:
    verbs.add_site(notebook, "=HYPERLINK(1)示例", code=credit_code(1), contact="@示例人")
    path = tmp_path / "out.csv"
    assert imports.export_sites(notebook, path) == 1
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    cells = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    site = queries.site_by_code(notebook, credit_code(1))
    assert site is not None
    verbs.edit_site(notebook, site.id, code="")
    verbs.edit_site(notebook, site.id, name="示例企业00")
    report = imports.import_sites(notebook, path)
    assert report.written == 1
    again = queries.site_by_code(notebook, credit_code(1))
    assert again is not None
    assert (again.name, again.contact) == ("=HYPERLINK(1)示例", "@示例人")
