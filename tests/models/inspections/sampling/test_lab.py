"""A laboratory's file: columns in any order and name, every wrong cell named, twice is once, judged."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.dues import dues
from models.errors import BadInput, RuleBroken
from models.inspections import verbs as inspecting
from models.inspections.sampling import lab, lab_columns, queries, room
from models.inspections.sampling.lab_acts import OF_REPORTS, TAKING
from models.inspections.sampling.lab_file import read_file
from models.inspections.sampling.lab_template import write_template
from models.inspections.sampling.passing import pass_all
from models.inspections.sampling.sealing import seal_sampling
from models.inspections.sampling.sheets import result_sheet
from models.inspections.sampling.tables import LabReport
from models.language import in_chinese
from models.law import limits
from models.registry import sheets
from models.store.projection import Conflicted
from tests.visits import fill

from .conftest import Sampled

HEAD = [
    "样品编号",
    "监测项目",
    "结果",
    "单位",
    "检出限",
    "方法",
    "仪器",
    "报告编号",
    "报告日期",
    "检测机构",
    "CMA",
]
REPORT = ["示测〔2026〕9号", None, "示例检测有限公司", "181312345678"]


def day(sampled: Sampled) -> str:
    from models.registry.days import today

    return today(sampled.notebook).isoformat()


def number(sampled: Sampled, at: int = 0) -> str:
    row = queries.sample(sampled.notebook, sampled.samples[at])
    assert row is not None
    return str(row.number)


def row(sampled: Sampled, parameter: str, value: str, unit: str = "mg/L", at: int = 0) -> list[str]:
    report = [each or day(sampled) for each in REPORT]
    return [number(sampled, at), parameter, value, unit, "0.004", "HJ 828-2017", "示例分光光度计", *report]


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.fixture
def usual(sampled: Sampled, tmp_path: Path) -> Path:
    """COD of both samples and ammonia of the first."""
    rows = [
        HEAD,
        row(sampled, "化学需氧量", "240"),
        row(sampled, "氨氮", "8.52"),
        row(sampled, "CODCr", "238", at=1),
    ]
    return write_csv(tmp_path / "lab.csv", rows)


def results(sampled: Sampled) -> dict[tuple[str, str], tuple[str, str]]:
    view = queries.view(sampled.notebook, sampled.id)
    numbers = {each.id: each.number for each in view.samples}
    return {(numbers[each.sample], each.parameter): (each.value, each.verdict) for each in view.measurements}


def test_results_are_matched_to_bottles_and_judged(sampled: Sampled, usual: Path):
    seat = sampled.notebook
    done = lab.take_in_results(seat, usual)
    assert (done.rows, done.added, done.errors) == (3, 3, ())
    found = results(sampled)
    # COD needs its category of GB 8978-1996 表4: without it nothing is said, and why stands there
    assert found[(number(sampled), "化学需氧量")] == ("240", "undecidable")
    report = queries.reports_of(seat, sampled.visit)[0]
    assert (report.number, report.laboratory, report.cma) == (
        "示测〔2026〕9号",
        "示例检测有限公司",
        "181312345678",
    )
    (cod,) = [each for each in queries.results_of(seat, report.id) if each.parameter == "CODCr"]
    assert (cod.method, cod.sampled, cod.point) == ("HJ 828-2017", "instant", "总排口")
    assert any("其他" in each.text() for each in limits.unpack_reasons(cod.reasons))


def test_a_pollutant_without_category_has_its_verdict(sampled: Sampled, tmp_path: Path):
    """GB 8978-1996 表4, 总氰化合物, Ⅲ类水域 → 一级 0.5 mg/L."""
    rows = [HEAD, row(sampled, "总氰化合物", "0.8"), row(sampled, "挥发酚", "500", "μg/L")]
    lab.take_in_results(sampled.notebook, write_csv(tmp_path / "lab.csv", rows))
    view = queries.view(sampled.notebook, sampled.id)
    found = {each.parameter: (each.verdict, each.times, each.clause) for each in view.measurements}
    assert found == {"总氰化合物": ("over", "0.6", "表4 一级"), "挥发酚": ("ok", None, "表4 一级")}


def test_the_same_file_again_adds_nothing(sampled: Sampled, usual: Path):
    seat = sampled.notebook
    lab.take_in_results(seat, usual)
    before = seat.journal.head(seat.device) if hasattr(seat.journal, "head") else None
    done = lab.take_in_results(seat, usual)
    assert (done.added, done.corrected, done.same) == (0, 0, 3)
    assert len(results(sampled)) == 3
    assert before is None or seat.journal.head(seat.device) == before


def test_a_report_that_comes_again_in_another_file_is_no_conflict(
    sampled: Sampled, usual: Path, tmp_path: Path
):
    """The later file takes the place of the one before it; both stay in the history."""
    seat = sampled.notebook
    lab.take_in_results(seat, usual)
    for value in ("250", "260"):
        changed = write_csv(tmp_path / f"corrected{value}.csv", [HEAD, row(sampled, "COD", value)])
        lab.take_in_results(seat, changed)
    with seat:
        assert [(each.record, each.fields) for each in Conflicted.select()] == []
        (report,) = LabReport.select()
        entries = seat.journal.entries_of(report.id)
    assert report.file_sha256 == hashlib.sha256(changed.read_bytes()).hexdigest()
    files = [each for each in entries if each.parsed_head.k == "attach"]
    assert [("b" in each.parsed_body) for each in files] == [False, True, True]


def test_a_changed_result_is_a_correction_with_history(sampled: Sampled, usual: Path, tmp_path: Path):
    seat = sampled.notebook
    lab.take_in_results(seat, usual)
    changed = write_csv(tmp_path / "corrected.csv", [HEAD, row(sampled, "COD", "250")])
    done = lab.take_in_results(seat, changed)
    assert (done.added, done.corrected, done.same) == (0, 1, 0)
    (one,) = [each for each in queries.view(seat, sampled.id).measurements if each.value == "250"]
    with seat:
        past = [(each.old, each.new) for each in seat.journal.history(one.id) if each.field == "value"]
    assert past[-1] == ("240", "250")
    assert len(results(sampled)) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_of_spreadsheet_programs_in_china_are_read(sampled: Sampled, tmp_path: Path, encoding: str):
    path = write_csv(tmp_path / "lab.csv", [HEAD, row(sampled, "氨氮", "8.52")], encoding)
    assert lab.take_in_results(sampled.notebook, path).added == 1


def test_columns_stand_in_any_order_under_usual_names_and_particulars_above(sampled: Sampled, tmp_path: Path):
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["示例检测有限公司检测报告"])
    sheet.append(["报告编号：示测9", None, "检测机构：", "示例检测有限公司"])
    sheet.append(["CMA证书编号", "181312345678", "签发日期:" + day(sampled)])
    sheet.append([])
    sheet.append(["序号", "测定值", "检测项目", "样品编码", "计量单位", "方法依据"])
    sheet.append([1, 8.52, "氨氮", number(sampled), "mg/L", "HJ 535-2009"])
    sheet.append([2, 1e-05, "总汞", number(sampled), "mg/L", "HJ 694-2014"])
    path = tmp_path / "lab.xlsx"
    book.save(path)
    done = lab.take_in_results(sampled.notebook, path)
    assert (done.errors, done.added, done.unknown_columns) == ((), 2, ("序号",))
    assert {value for value, _verdict in results(sampled).values()} == {"8.52", "0.00001"}
    report = queries.reports_of(sampled.notebook, sampled.visit)[0]
    assert (report.number, report.reported_on) == ("示测9", day(sampled))


def errors_of(sampled: Sampled, path: Path) -> list[tuple[int, str]]:
    done = lab.take_in_results(sampled.notebook, path)
    assert (done.added, done.corrected, done.reports) == (0, 0, ())
    return [(each.row, each.column) for each in done.errors]


def test_every_wrong_row_is_named_and_nothing_is_half_taken_in(sampled: Sampled, tmp_path: Path):
    rows = [
        HEAD,
        row(sampled, "化学需氧量", "240"),
        ["CY-000000-20260101-XXXXX-01-01", *row(sampled, "氨氮", "1")[1:]],
        row(sampled, "氨氮", "约8"),
        row(sampled, "总氮", ""),
        row(sampled, "总铬", "0.1", "kg"),
        row(sampled, "COD", "241"),
        [*row(sampled, "总磷", "0.1")[:7], "", *row(sampled, "总磷", "0.1")[8:]],
        [*row(sampled, "总铜", "0.1")[:8], "昨天", *row(sampled, "总铜", "0.1")[9:]],
    ]
    assert errors_of(sampled, write_csv(tmp_path / "lab.csv", rows)) == [
        (3, "样品编号"),
        (4, "结果"),
        (5, "结果"),
        (6, "单位"),
        (7, "结果"),
        (8, "报告编号"),
        (9, "报告日期"),
    ]
    assert results(sampled) == {}
    assert queries.reports_of(sampled.notebook, sampled.visit) == []


@pytest.mark.parametrize("unit", ["mg/千克", "mg/kg", "mg/m3", "无量纲"])
def test_a_wrong_unit_stops_the_file_and_corrects_nothing_also_where_nothing_could_be_judged(
    sampled: Sampled, usual: Path, tmp_path: Path, unit: str
):
    """Ammonia has no verdict without its category (表4); its unit is looked at all the same."""
    lab.take_in_results(sampled.notebook, usual)
    before = results(sampled)
    rows = [HEAD, row(sampled, "化学需氧量", "241"), row(sampled, "氨氮", "3.2", unit)]
    assert errors_of(sampled, write_csv(tmp_path / "wrong.csv", rows)) == [(3, "单位")]
    assert results(sampled) == before
    (ammonia,) = [
        each for each in queries.view(sampled.notebook, sampled.id).measurements if each.parameter == "氨氮"
    ]
    with pytest.raises(BadInput, match=unit):
        lab.correct_result(sampled.notebook, ammonia.id, unit_of_value=unit)
    assert results(sampled) == before


def test_what_nothing_limits_keeps_its_own_unit(sampled: Sampled, tmp_path: Path):
    rows = [HEAD, row(sampled, "电导率", "850", "μS/cm"), row(sampled, "氨氮", "3200", "μg/L")]
    assert lab.take_in_results(sampled.notebook, write_csv(tmp_path / "lab.csv", rows)).added == 2


def test_all_that_a_file_lacks_is_said_at_once_each_once_with_its_title_and_rows(
    sampled: Sampled, tmp_path: Path
):
    """No CMA and no laboratory in the file, one method and one result empty: nothing hides behind another."""
    keep = [at for at, title in enumerate(HEAD) if title not in ("CMA", "检测机构")]
    full = [row(sampled, name, "1") for name in ("化学需氧量", "氨氮", "总磷", "总铬")]
    full[2][5] = ""
    full[3][2] = ""
    path = write_csv(tmp_path / "lab.csv", [[line[at] for at in keep] for line in [HEAD, *full]])
    done = lab.take_in_results(sampled.notebook, path)
    assert (done.added, done.wrong_rows) == (0, 4)
    said = in_chinese(lambda: lab.error_texts(done.errors))
    assert [each.partition("：")[0] for each in said] == [
        "第 2–5 行 检测机构、CMA编号",
        "第 4 行 方法",
        "第 5 行 结果",
    ]
    assert "报告编号：…" in said[0]
    assert all("cma" not in each for each in said)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_the_template_has_every_title_and_is_read_back(sampled: Sampled, tmp_path: Path, suffix: str):
    path = write_template(tmp_path / f"results{suffix}")
    table = sheets.rows_apart(path)
    assert [cell.text for cell in table[0][1]] == list(lab_columns.titles().values())
    assert len(table) == 2
    with pytest.raises(BadInput):  # the example is no result
        read_file(path)
    filled = {**lab_columns.example(), "row.sample": number(sampled), "report.reported_on": day(sampled)}
    lines = [
        [cell.text for cell in table[0][1]],
        *[list(one.values()) for one in (lab_columns.example(), filled)],
    ]
    done = lab.take_in_results(sampled.notebook, write_csv(tmp_path / "filled.csv", lines))
    assert (done.errors, done.rows, done.added, done.unknown_columns) == ((), 1, 1, ())
    with pytest.raises(BadInput):
        write_template(path)
    with pytest.raises(BadInput):
        write_template(tmp_path / "results.ods")


def test_english_headers_are_read_as_well(sampled: Sampled, tmp_path: Path):
    head = [
        "Sample number", "Parameter", "Result", "Unit", "Detection limit", "Method", "Instrument",
        "Report number", "Report date", "Laboratory", "CMA number",
    ]  # fmt: skip
    path = write_csv(tmp_path / "lab.csv", [head, row(sampled, "氨氮", "8.52")])
    done = lab.take_in_results(sampled.notebook, path)
    assert (done.errors, done.added, done.unknown_columns) == ((), 1, ())


def test_the_template_is_written_by_the_act_and_never_over_a_file(sampled: Sampled, tmp_path: Path):
    act = next(each for each in TAKING if each.name == "write_template")
    target = tmp_path / "out" / "results.csv"
    target.parent.mkdir()
    act.run(sampled.notebook, file=f"'{target}'")
    before = target.read_bytes()
    with pytest.raises(RuleBroken) as refused:
        act.run(sampled.notebook, file=str(target))
    assert (refused.value.field, target.read_bytes()) == ("file", before)


def test_the_refusal_on_the_screen_names_row_and_column(sampled: Sampled, tmp_path: Path):
    path = write_csv(tmp_path / "lab.csv", [HEAD, row(sampled, "氨氮", "约8")])
    with pytest.raises(BadInput) as refused:
        lab.import_or_refuse(sampled.notebook, path)
    assert "2" in refused.value.text()
    assert "结果" in refused.value.text()
    assert "约8" in refused.value.text()


def test_a_sample_of_another_visit_is_refused_where_one_is_meant(sampled: Sampled, usual: Path):
    done = lab.take_in_results(sampled.notebook, usual, inspection_id="another")
    assert {each.column for each in done.errors} == {"样品编号"}


def test_formulas_are_refused(sampled: Sampled, tmp_path: Path):
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    sheet.append([number(sampled), "氨氮", "=1+7", *row(sampled, "氨氮", "8")[3:]])
    path = tmp_path / "lab.xlsx"
    book.save(path)
    assert errors_of(sampled, path) == [(2, "结果")]


@pytest.mark.parametrize("kind", ["bomb", "entity", "noise", "empty", "truncated", "no headers"])
def test_hostile_and_damaged_files_are_refused_with_one_sentence(tmp_path: Path, kind: str):
    path = tmp_path / "lab.xlsx"
    if kind == "bomb":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in range(3):
                archive.writestr(f"xl/worksheets/sheet{part}.xml", b"\0" * (90 * 1024 * 1024))
    elif kind == "entity":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    elif kind == "noise":
        path.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 40)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "truncated":
        book = openpyxl.Workbook()
        book.save(path)
        path.write_bytes(path.read_bytes()[:-200])
    else:
        path = write_csv(tmp_path / "lab.csv", [["a", "b"], ["1", "2"]])
    with pytest.raises(BadInput) as refused:
        read_file(path)
    assert refused.value.text()


def test_the_party_is_to_be_told_and_then_was(sampled: Sampled, usual: Path):
    """生态环境行政处罚办法 (2023) art. 29: the results are told to the party (V11)."""
    seat = sampled.notebook
    (report,) = lab.take_in_results(seat, usual).reports
    running = [each for each in dues(seat) if each.key == "tell_result"]
    assert [(each.kind, each.record) for each in running] == [("lab_report", report)]
    assert running[0].due_on >= date.fromisoformat(day(sampled))
    with pytest.raises(RuleBroken) as refused:
        lab.tell_party(seat, report, on="2020-01-01", how="告知书1号")
    assert refused.value.field == "on"
    lab.tell_party(seat, report, on=day(sampled), how="告知书1号", to="示例人03")
    assert [each for each in dues(seat) if each.key == "tell_result"] == []


def test_a_sample_that_must_arrive_is_a_deadline_until_it_does(sampled: Sampled):
    seat = sampled.notebook
    assert {each.record for each in dues(seat) if each.key == "sample_hold"} == set(sampled.samples)
    pass_all(seat, sampled.id, "bagged", seal_number="F-1")
    pass_all(seat, sampled.id, "handed", to="收样员")
    pass_all(seat, sampled.id, "received", condition="whole", seal_number="F-1")
    assert [each for each in dues(seat) if each.key == "sample_hold"] == []


def test_what_a_report_lacks_is_named_until_it_is_added(sampled: Sampled, usual: Path):
    """环境行政处罚办法 2010 art. 35 (V12)."""
    seat = sampled.notebook
    (report,) = lab.take_in_results(seat, usual).reports
    kept = queries.reports_of(seat, sampled.visit)[0]
    found = lab.lacks_of(kept, queries.results_of(seat, report))
    assert found == [
        "who ordered it",
        "who compiled it",
        "who checked it",
        "who issued it",
        "stamp of the laboratory",
    ]
    lab.edit_report(
        seat, report, client="示例局", compiled_by="甲", checked_by="乙", issued_by="丙", stamped=True
    )
    kept = queries.reports_of(seat, sampled.visit)[0]
    assert lab.lacks_of(kept, queries.results_of(seat, report)) == []


def test_results_come_after_the_seal_of_the_visit(sampled: Sampled, usual: Path):
    from tests.visits import fill

    seat = sampled.notebook
    seal_sampling(seat, sampled.id)
    fill(seat, sampled.visit)
    inspecting.seal_inspection(seat, sampled.visit)
    done = lab.take_in_results(seat, usual)
    assert done.added == 3
    for each in queries.results_of(seat, done.reports[0]):
        assert each.inspection is None
        lab.correct_result(seat, each.id, value="9")
    # no laboratory took the samples over: their results hang in the air, and the chain says so
    view = queries.view(seat, sampled.id)
    assert [gap.msgid for gap in view.gaps(view.samples[0])] == [
        "There is a result, and no laboratory took the sample over."
    ]


def test_a_result_that_the_seal_covers_is_not_changed(sampled: Sampled, usual: Path, tmp_path: Path):
    from tests.visits import fill

    seat = sampled.notebook
    lab.take_in_results(seat, usual)
    seal_sampling(seat, sampled.id)
    fill(seat, sampled.visit)
    inspecting.seal_inspection(seat, sampled.visit)
    assert lab.take_in_results(seat, usual).same == 3
    changed = write_csv(tmp_path / "corrected.csv", [HEAD, row(sampled, "COD", "250")])
    assert errors_of(sampled, changed) == [(2, "结果")]


def test_a_withdrawn_report_can_come_again(sampled: Sampled, usual: Path):
    seat = sampled.notebook
    (report,) = lab.take_in_results(seat, usual).reports
    lab.withdraw_report(seat, report, "误导入")
    assert results(sampled) == {}
    assert lab.take_in_results(seat, usual).added == 3
    assert len(queries.reports_of(seat, sampled.visit)) == 1


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELL, min_size=11, max_size=11), max_size=4))
def test_no_row_is_lost_whatever_stands_in_it(tmp_path: Path, rows: list[list[str]]):
    """Each row that holds anything is a result or an error."""
    path = write_csv(tmp_path / "any.csv", [HEAD, *rows])
    held = len(list(sheets.rows(path))) - 1
    if not held:
        with pytest.raises(BadInput):
            read_file(path)
        return
    found = read_file(path)
    assert len({each.row for each in (*found.results, *found.errors)}) == held


def test_a_result_that_could_not_be_judged_is_judged_anew_once_its_category_is_known(
    sampled: Sampled, usual: Path
):
    """From the reason on its sheet, by the act that it names, to a verdict; what a report says stays."""
    seat = sampled.notebook
    (report,) = lab.take_in_results(seat, usual).reports
    cod = next(each for each in queries.results_of(seat, report) if each.value == "240")
    assert cod.verdict == "undecidable"
    asking = [fact for section in result_sheet(seat, cod.id).sections for fact in section.facts if fact.field]
    assert [(each.act, each.field, each.id) for each in asking] == [("judge_water", "category", cod.id)]
    act = next(each for each in OF_REPORTS if each.name == "judge_water")
    assert act.fits is not None
    assert act.fits(seat, cod.id)
    act.run(seat, cod.id, category="其他")
    again = next(each for each in queries.results_of(seat, report) if each.id == cod.id)
    assert (again.verdict, again.value, again.category) == ("over", "240", "其他")
    with pytest.raises(TypeError):
        act.run(seat, cod.id, fuel="煤")
    seal_sampling(seat, sampled.id)
    fill(seat, sampled.visit)
    inspecting.finish(seat, sampled.visit)
    inspecting.seal_inspection(seat, sampled.visit)
    with pytest.raises(RuleBroken):
        act.run(seat, cod.id, category="石油化工")


def test_the_list_of_reports_tells_what_was_not_judged(sampled: Sampled, usual: Path):
    """`0 of 3 over` alone would read as if all three were within their limits."""
    seat = sampled.notebook
    (report,) = lab.take_in_results(seat, usual).reports
    undecided = sum(each.verdict == "undecidable" for each in queries.results_of(seat, report))
    assert undecided
    (line,) = room.report_lines(seat, [report])
    assert f"{undecided} 项未能判定" in " ".join(getattr(cell, "text", cell) for cell in line.cells)
