"""Penalty cases out to a file and in from one."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.cases.penalty import exchange, files, queries, rules, shape, verbs
from models.errors import BadInput, RuleBroken
from models.store.change import put

HEADERS = "立案号,案由,当事人名称,发现日,立案日期,罚款金额（元）,处理结果\n"
GOOD = '漳环罚立〔2026〕7号,未批先建,示例纸业05,2026-03-01,2026年3月5日,"12,345.60",给予行政处罚\n'


@pytest.fixture(autouse=True)
def _own_words() -> Iterator[None]:
    yield
    shape.SHAPE.use()


def sheet(tmp_path: Path, text: str, name: str = "cases.csv") -> Path:
    """A file with that text."""
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.requirement("R037")
@pytest.mark.parametrize("name", ["out.csv", "out.json"])
def test_what_is_given_out_comes_in_again_and_changes_nothing(notebook, desk, case, tmp_path, name):
    verbs.edit(notebook, case, party_address="=cmd|' /C calc'!A0", opinion="'-引号", source="monitor")
    desk.decided(case, fine_cents=1_234_560)
    target = tmp_path / name
    assert verbs.export_cases(notebook, [case], target) == 1
    taken = verbs.import_cases(notebook, target)
    assert (taken.rows, taken.written, taken.unchanged, taken.errors) == (1, 0, 1, ())
    assert taken.unknown_columns == ()


@pytest.mark.requirement("R037")
def test_no_cell_of_a_csv_acts_as_a_formula(notebook, desk, case, tmp_path):
    verbs.edit(notebook, case, party_address="=cmd|' /C calc'!A0", party_phone="+86 596 1234567")
    target = tmp_path / "out.csv"
    verbs.export_cases(notebook, [case], target)
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    with target.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["住址"] == "'=cmd|' /C calc'!A0"
    assert row["联系电话"].startswith("'+")
    assert not [cell for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]


@pytest.mark.requirement("R035", "R037")
def test_the_screening_goes_out_in_words(notebook, desk, case, tmp_path):
    verbs.screen(notebook, case, result="not_applicable", reason="仅台账不全", on="2026-09-08")
    target = tmp_path / "out.json"
    verbs.export_cases(notebook, [case], target)
    (row,) = json.loads(target.read_text("utf-8"))["案件"]
    assert row["赔偿启动条件筛查结果"] == "不涉及生态环境损害"
    assert row["筛查理由"] == "仅台账不全"


@pytest.mark.requirement("R037")
def test_a_second_import_changes_nothing_and_a_changed_file_changes_what_it_says(notebook, tmp_path):
    path = sheet(tmp_path, HEADERS + GOOD)
    assert verbs.import_cases(notebook, path).made == 1
    again = verbs.import_cases(notebook, path)
    assert (again.made, again.changed, again.unchanged) == (0, 0, 1)
    row = queries.by_number(notebook, "漳环罚立〔2026〕7号")
    assert row is not None
    assert (row.filed_on, row.fine_cents, row.outcome) == ("2026-03-05", 1_234_560, "penalty")
    changed = GOOD.replace("示例纸业05", "示例纸业06").replace("给予行政处罚", "")
    assert verbs.import_cases(notebook, sheet(tmp_path, HEADERS + changed)).changed == 1
    now = queries.penalty_case(notebook, row.id)
    assert now is not None
    assert (now.party, now.outcome) == ("示例纸业06", "penalty")


@pytest.mark.requirement("R037")
@pytest.mark.parametrize(
    ("bad", "column"),
    [
        ("漳8,未批先建,企业,2026-03-99,2026-03-05,1,", "发现日"),
        ("漳8,未批先建,企业,2026-03-01,2026-02-05,1,", "立案日期"),
        ("漳8,未批先建,企业,2026-03-01,2026-03-05,一万,", "罚款金额（元）"),
        ("漳8,未批先建,企业,2026-03-01,2026-03-05,1,不予处罚", "处理结果"),
        ("漳8,=1+1,企业,2026-03-01,2026-03-05,1,", "案由"),
        ("漳8,未批先建,,2026-03-01,2026-03-05,1,", "当事人名称"),
        (",未批先建,企业,2026-03-01,2026-03-05,1,", "立案号"),
        (GOOD.strip(), "立案号"),
    ],
)
def test_a_wrong_row_is_named_and_the_good_ones_are_not_lost(notebook, tmp_path, bad, column):
    path = sheet(tmp_path, HEADERS + GOOD + bad + "\n")
    taken = verbs.import_cases(notebook, path)
    (error,) = taken.errors
    assert (error.row, error.column, taken.written) == (3, column, 0)
    assert error.message
    assert queries.cases(notebook) == []
    assert verbs.import_cases(notebook, path, good_rows=True).made == 1
    assert [row.title for row in queries.cases(notebook)] == ["未批先建"]


@pytest.mark.requirement("R037")
def test_amounts_in_ten_thousands_are_not_taken_for_yuan(notebook, tmp_path):
    text = "立案号,案由,当事人,罚款金额（万元）\n漳9,未批先建,企业,3.2\n"
    verbs.import_cases(notebook, sheet(tmp_path, text))
    row = queries.by_number(notebook, "漳9")
    assert row is not None
    assert row.fine_cents == 3_200_000


@pytest.mark.requirement("R037")
def test_a_formula_in_a_spreadsheet_is_not_trusted(notebook, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["立案号", "案由", "当事人"])
    book.active.append(["漳10", '=HYPERLINK("http://x")', "企业"])
    book.save(tmp_path / "cases.xlsx")
    (error,) = verbs.import_cases(notebook, tmp_path / "cases.xlsx").errors
    assert "公式" in error.message


@pytest.mark.requirement("R037")
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cases.csv", b"\xff\xff\xff\x00\x01"),
        ("cases.csv", b""),
        ("cases.csv", "案由,当事人\n甲,乙\n".encode()),
        ("cases.csv", "立案号,案号,案由\n1,2,3\n".encode()),
        ("cases.csv", HEADERS.encode()),
        ("cases.xls", b"\xd0\xcf\x11\xe0 old"),
        ("cases.json", b"{"),
        ("cases.json", b"[" * 100_000),
        ("cases.json", b"[1, 2]"),
        ("cases.json", b"[]"),
        ("cases.json", b'{"other": []}'),
        ("cases.json", '[{"立案号": NaN}]'.encode()),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(notebook, tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput) as caught:
        verbs.import_cases(notebook, tmp_path / name)
    assert caught.value.text()
    assert queries.cases(notebook) == []


def test_a_file_that_is_not_there_is_refused(notebook, tmp_path):
    for name in ("none.csv", "none.json"):
        with pytest.raises(BadInput):
            verbs.import_cases(notebook, tmp_path / name)


@pytest.mark.requirement("R037")
def test_json_amounts_keep_their_digits(notebook, tmp_path):
    text = '[{"立案号": "漳11", "案由": "甲", "当事人": "乙", "罚款": 1234567890.07}]'
    verbs.import_cases(notebook, sheet(tmp_path, text, "cases.json"))
    row = queries.by_number(notebook, "漳11")
    assert row is not None
    assert row.fine_cents == 123_456_789_007


def test_json_values_that_are_no_text_are_named(notebook, tmp_path):
    text = '[{"立案号": "漳11", "案由": ["甲"], "当事人": "乙"}]'
    (error,) = verbs.import_cases(notebook, sheet(tmp_path, text, "cases.json")).errors
    assert (error.row, error.column) == (1, "案由")


@pytest.mark.requirement("R035", "R037")
def test_a_case_that_is_closed_there_stays_open_here_until_it_is_screened(notebook, tmp_path):
    text = "立案号,案由,当事人,立案日期,结案日期\n漳12,甲,乙,2026-03-05,2026-04-05\n"
    path = sheet(tmp_path, text)
    assert verbs.import_cases(notebook, path).held_open == ("漳12",)
    row = queries.by_number(notebook, "漳12")
    assert row is not None
    assert rules.state(row) == "filed"
    verbs.screen(notebook, row.id, result="not_applicable", reason="仅台账不全", on="2026-04-06")
    taken = verbs.import_cases(notebook, path)
    assert (taken.changed, taken.held_open) == (1, ())
    now = queries.penalty_case(notebook, row.id)
    assert now is not None
    assert now.closed_on == "2026-04-05"


def test_a_case_of_another_unit_or_a_withdrawn_one_is_not_overwritten(notebook, tmp_path):
    text = "立案号,案由,当事人,辖区\n漳13,甲,乙,{unit}\n"
    verbs.import_cases(notebook, sheet(tmp_path, text.format(unit="龙文区")))
    row = queries.by_number(notebook, "漳13")
    assert row is not None
    assert row.unit == "350603"
    for unit in ("芗城区", "厦门市"):
        (error,) = verbs.import_cases(notebook, sheet(tmp_path, text.format(unit=unit))).errors
        assert error.column == "辖区"
    verbs.withdraw(notebook, row.id, why="误登记")
    (error,) = verbs.import_cases(notebook, sheet(tmp_path, text.format(unit="龙文区"))).errors
    assert "误登记" in error.message


@pytest.mark.requirement("R037")
def test_the_bureau_names_its_own_columns(notebook, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    words = '[columns]\nnumber = ["AJBH"]\n[values.outcome]\npenalty = ["01"]\n[json]\ncases = "data"\n'
    (own / "exchange.toml").write_text(words, "utf-8")
    shape.SHAPE.use(own)
    text = "AJBH,案由,当事人,处理结果\n漳14,甲,乙,01\n"
    assert verbs.import_cases(notebook, sheet(tmp_path, text)).made == 1
    (row,) = queries.cases(notebook)
    assert row.outcome == "penalty"
    verbs.export_cases(notebook, [row.id], tmp_path / "out.json")
    (given_out,) = json.loads((tmp_path / "out.json").read_text("utf-8"))["data"]
    assert (given_out["AJBH"], given_out["处理结果"]) == ("漳14", "01")


@pytest.mark.parametrize(
    "words",
    [
        "columns = 1",
        "[columns]\nnumber = []",
        '[columns]\nnothing = ["X"]',
        '[columns]\nnumber = ["案由"]',
        "[values]\noutcome = 1",
        "not toml",
    ],
)
def test_a_wrong_file_of_columns_is_refused_and_ours_stays(tmp_path, words):
    (tmp_path / "exchange.toml").write_text(words, "utf-8")
    with pytest.raises(BadInput):
        shape.SHAPE.use(tmp_path)
    assert shape.shape().columns["number"][0] == "立案号"


def test_an_export_overwrites_nothing_and_knows_its_two_kinds(notebook, case, tmp_path):
    (tmp_path / "there.csv").write_text("mine")
    for name in ("there.csv", "out.xlsx"):
        with pytest.raises(BadInput):
            verbs.export_cases(notebook, [case], tmp_path / name)
    with pytest.raises(BadInput):
        verbs.export_cases(notebook, [case], tmp_path / "no folder" / "out.csv")
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_a_person_takes_a_file_in_and_finds_what_is_wrong_beside_it(notebook, tmp_path):
    path = sheet(tmp_path, HEADERS + GOOD + "漳8,未批先建,,2026-03-01,2026-03-05,1,\n")
    with pytest.raises(RuleBroken) as caught:
        files.take_in(notebook, path=str(path))
    assert "cases-问题清单.csv" in caught.value.text()
    listed = (tmp_path / "cases-问题清单.csv").read_text("utf-8-sig")
    assert "当事人名称" in listed
    assert queries.cases(notebook) == []
    files.take_in(notebook, path=str(path), good_rows=True)
    assert len(queries.cases(notebook)) == 1


def test_a_person_gives_out_the_cases_of_some_days(notebook, desk, case, tmp_path):
    desk.file(filed_on="2026-10-01")
    files.give_out(notebook, path=str(tmp_path / "all.csv"))
    files.give_out(notebook, path=str(tmp_path / "some.csv"), since="2026-09-07", until="2026-09-07")
    files.give_out_one(notebook, case, path=str(tmp_path / "one.csv"))
    counts = [
        len((tmp_path / f"{name}.csv").read_text("utf-8-sig").splitlines()) for name in ("all", "some", "one")
    ]
    assert counts == [3, 2, 2]
    with pytest.raises(RuleBroken):
        files.give_out(notebook, path=str(tmp_path / "none.csv"), since="2026-11-01")


def test_who_may_not_handle_or_read_cases_exchanges_none(notebook, case, tmp_path):
    path = sheet(tmp_path, HEADERS + GOOD)
    notebook.write(put("officer", notebook.person, notebook.unit, role="grid_worker"))
    with pytest.raises(RuleBroken):
        verbs.import_cases(notebook, path)
    with pytest.raises(RuleBroken):
        verbs.export_cases(notebook, [case], tmp_path / "out.csv")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.text(max_size=40), st.text(st.sampled_from("'=+-@a \n"), max_size=12))
def test_any_text_comes_back_as_it_was_kept(notebook, tmp_path_factory, title, act):
    folder = tmp_path_factory.mktemp("exchange")
    case = verbs.file(notebook, title=f"案{title}", party="企业", found_on="2026-09-01", act=act)
    for name in ("out.csv", "out.json"):
        verbs.export_cases(notebook, [case], folder / name)
        taken = exchange.import_cases(notebook, folder / name)
        assert (taken.unchanged, taken.errors) == (1, ())


def test_a_long_account_of_the_facts_goes_by_json(notebook, tmp_path):
    case = verbs.file(notebook, title="案", party="企业", found_on="2026-09-01", act="长" * 5000)
    for name, errors in (("out.json", 0), ("out.csv", 1)):
        verbs.export_cases(notebook, [case], tmp_path / name)
        assert len(verbs.import_cases(notebook, tmp_path / name).errors) == errors
