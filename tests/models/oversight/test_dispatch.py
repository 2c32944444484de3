"""The monthly bulletin: drafted from the records, issued month by month, sealed and never changed."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from models.errors import RuleBroken
from models.inspections import canonical
from models.language import use_language
from models.law.parameters import PARAMETERS
from models.oversight import dispatch, queries, rules, verbs, wording
from models.oversight.figures import city_figures
from models.oversight.room import ROOM
from models.registry import keeping
from models.registry.queries import GRANTED_UNITS
from models.registry.sealing import seal_of, seal_record, sealed_bytes
from models.registry.units import county_level, label_of
from models.store import sealing as lines
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.models.oversight.conftest import CITY, agreed, closed, started, step

MONTHS = [f"2021-{month:02d}" for month in range(4, 12)]


def issue_all(city: Notebook, months: list[str] = MONTHS) -> dict[str, str]:
    """Issue the bulletins of some months, each on the last day of its month; record ids by month."""
    return {month: dispatch.issue(city, month, on=rules.last_day(month).isoformat()) for month in months}


@pytest.mark.requirement("R019")
def test_from_april_to_november_2021_there_are_eight_bulletins(city: Notebook) -> None:
    issued = issue_all(city)
    assert city_figures(city, date(2021, 11, 30)).bulletins == 8
    assert city_figures(city, date(2021, 11, 29)).bulletins == 7
    assert city_figures(city, date(2021, 4, 29)).bulletins == 0
    assert dispatch.paper(city, issued["2021-11"]).title == "2021年第8期 生态环境损害赔偿工作月度调度通报"
    assert dispatch.next_month(city) == "2021-12"


@pytest.mark.parametrize(
    ("month", "on", "words"),
    [
        ("2021-03", "2021-03-31", "2021-04"),
        ("2021-04", "2021-04-29", "2021-04-30"),
        ("2021-05", "2021-05-31", "2021-04"),
        ("2021-13", "2021-12-31", "2021-13"),
        ("2099-01", "2099-01-31", "2099-01-31"),
    ],
)
@pytest.mark.requirement("R019")
def test_no_bulletin_comes_too_early_or_out_of_turn(city: Notebook, month: str, on: str, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        dispatch.issue(city, month, on=on)
    assert dispatch.issued_months(city) == {}


def test_a_month_has_one_bulletin_and_a_later_month_comes_later(city: Notebook) -> None:
    dispatch.issue(city, "2021-04", on="2021-06-10")
    with pytest.raises(RuleBroken, match="2021-06-10"):
        dispatch.issue(city, "2021-04", on="2021-06-11")
    with pytest.raises(RuleBroken, match="2021-06-10"):
        dispatch.issue(city, "2021-05", on="2021-05-31")
    dispatch.issue(city, "2021-05", on="2021-06-10")
    with pytest.raises(RuleBroken, match="2021-06"):
        dispatch.issue(city, "2021-07", on="2021-07-31")


def test_only_who_dispatches_issues(notebook: Notebook) -> None:
    with pytest.raises(RuleBroken) as caught:
        dispatch.issue(notebook, "2021-04", on="2021-04-30")
    assert caught.value.field == "role"


@pytest.mark.requirement("R019")
def test_what_was_issued_stays_though_cases_move_later(city: Notebook) -> None:
    case = agreed(city, "350602", "2021-04-02", "2021-04-20")
    record = dispatch.issue(city, "2021-04", on="2021-04-30", social="媒体报道2篇")
    before = dispatch.paper(city, record)
    step(city, case, "350602", "back", "2021-04-21", to="consultation")
    closed(city, "350603", "2021-04-05", "2021-04-06")
    after = dispatch.paper(city, record)
    assert after == before
    assert after.table["figures"]["started"] == 1
    assert after.table["figures"]["awaiting"] == 1
    assert "媒体报道2篇" in after.text
    now = city_figures(city, date(2021, 4, 30))
    assert (now.started, now.done, now.awaiting) == (2, 1, 0), "the figures of that day as they are known now"
    row = keeping.row_of(city, "bulletin", record)
    with pytest.raises(RuleBroken):
        keeping.change(city, row, "bulletin", {"text": "改"})
    with pytest.raises(RuleBroken):
        keeping.withdraw(city, "bulletin", record, "改")


@pytest.mark.requirement("R019")
def test_the_seal_is_over_the_exact_bytes_in_the_vault_and_verifies(city: Notebook) -> None:
    started(city, "350602", "2021-04-02")
    record = dispatch.issue(city, "2021-04", on="2021-04-30", host="127.0.0.1:8000")
    seal, data = seal_of(city, record), sealed_bytes(city, record)
    assert seal is not None
    assert data is not None
    assert hashlib.sha256(data).hexdigest() == seal.sha256
    assert lines.check(seal.qr_text, city.public_key_der)
    stated = canonical.decode(data)
    assert stated["schema"] == dispatch.SCHEMA
    assert stated["number"] == seal.number
    assert stated["bulletin"]["month"] == "2021-04"
    assert stated["issuer"] == "调度员01"
    paper = dispatch.paper(city, record)
    assert stated["tables"] == paper.table
    assert paper.seal == seal
    with city:
        entries = city.journal.entries_of(record)
    covers = next(each for each in entries if each.parsed_head.k == "seal").parsed_body["covers"]
    assert covers == [each.hash.hex() for each in entries if each.parsed_head.k != "seal"]


def test_a_refused_bulletin_leaves_nothing_behind(city: Notebook) -> None:
    with city:
        before = city.journal.last(city.device)
    with pytest.raises(RuleBroken):
        dispatch.issue(city, "2021-04", on="2021-04-30", host="主机")
    with city:
        assert city.journal.last(city.device) == before
    assert dispatch.next_month(city) == "2021-04"


@pytest.mark.requirement("R019", "R020", "R033")
def test_the_draft_tabulates_units_departments_and_difficulties(city: Notebook) -> None:
    case = started(city, "350602", "2021-04-02", number="AJ-01")
    closed(city, "350603", "2021-03-05", "2021-04-10")
    for raised, solved in (("2021-04-03", None), ("2021-04-04", "2021-04-30"), ("2021-05-01", None)):
        city.write(
            put(
                "case_issue",
                new_id(),
                "350602",
                case=case,
                stage="start",
                text=f"{raised}问题",
                person="示例人",
                raised_on=raised,
                solved_on=solved,
            )
        )
    task = verbs.add_task(
        city,
        year=2021,
        title="建立会商机制",
        lead="漳州市林业局",
        supporting="350602,漳州市水利局",
        set_on="2021-02-02",
        due_on="2021-04-29",
    )
    verbs.report_task(city, task, on="2021-04-20", text="已起草办法", reporter="ZZLYJ")
    table = dispatch.draft(city, "2021-04").table
    units = {row["code"]: row for row in table["units"]}
    assert len(units) == 16
    assert (units["350602"]["started_in_month"], units["350602"]["issues_open"]) == (1, 1)
    assert (units["350603"]["started_in_month"], units["350603"]["done_in_month"]) == (0, 1)
    assert units["350602"]["supports"] == 1
    departments = {row["code"]: row for row in table["departments"]}
    assert departments["ZZLYJ"]["tasks_overdue"] == 1
    assert departments["ZZLYJ"]["progress"] == "已起草办法"
    assert departments["ZZSLJ"]["supports"] == 1
    assert [bool(each["solved_on"]) for each in table["issues"]] == [False, True]
    assert canonical.decode(canonical.encode(table)) == table


def test_the_words_say_what_the_tables_say_in_chinese_whoever_reads(city: Notebook) -> None:
    use_language("en")
    closed(city, "350602", "2021-04-02", "2021-04-20")
    started(city, "350602", "2021-03-02")
    verbs.enter_ranking(city, as_of="2021-04-30", place=1, source="示例通报")
    words = dispatch.draft(city, "2021-04", social="培训1次").text
    assert "截至2021年4月30日，漳州市16个县（区）、开发区（投资区、高新区）中1个已启动" in words
    assert "全市共启动案件2件，其中办结1件，完成率50%；签订磋商协议待履行0件，其余在办1件" in words
    assert "完成率位列全省第1" in words
    assert "本月新启动1件，办结1件。" in words
    assert "社会效益：培训1次" in words
    assert "华安县" in words.split("尚未启动案件的单位")[1]


@pytest.mark.parametrize(
    ("number", "unit", "approx", "words"),
    [
        ("300000", "尾", "余", "30万余尾"),
        ("1358800", "粒", "=", "135.88万粒"),
        ("300", "米", "余", "300余米"),
        ("9999.5", "立方米", "约", "约9999.5立方米"),
    ],
)
@pytest.mark.requirement("R013")
def test_quantities_are_written_as_the_city_writes_them(
    number: str, unit: str, approx: str, words: str
) -> None:
    assert wording.quantity(Decimal(number), unit, approx) == words


def test_a_bulletin_may_have_words_of_its_own(city: Notebook) -> None:
    record = dispatch.issue(city, "2021-04", on="2021-05-01", text="本期通报如下：一切正常。")
    paper = dispatch.paper(city, "2021-04")
    assert (paper.id, paper.text, paper.issued_on) == (record, "本期通报如下：一切正常。", "2021-05-01")
    assert json.loads(keeping.row_of(city, "bulletin", record).figures)["as_of"] == "2021-04-30"


def test_of_two_bulletins_for_one_month_the_first_counts_and_the_other_is_shown(city: Notebook) -> None:
    first = dispatch.issue(city, "2021-04", on="2021-05-02")
    record = new_id()
    city.write(
        put("bulletin", record, CITY, month="2021-04", number="TB-202104-ZZZZZ", issued_on="2021-05-03")
    )
    assert dispatch.doubles(city, dispatch.paper(city, first)) == []
    seal_record(city, "bulletin", record, CITY, "TB-202104-ZZZZZ", None, [record], 0, lambda *_: b"{}", None)
    assert [row.id for row in dispatch.doubles(city, dispatch.paper(city, first))] == [record]
    assert dispatch.paper(city, "2021-04").id == first
    assert city_figures(city, date(2021, 5, 3)).bulletins == 1


def test_the_bureau_may_begin_later(city: Notebook, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "parameters.toml").write_text(
        '[bulletin_from_month]\nunit = "yyyymm"\n[[bulletin_from_month.versions]]\nvalue = 202610\n', "utf-8"
    )
    PARAMETERS.use(own)
    try:
        assert dispatch.next_month(city) == "2026-10"
        record = dispatch.issue(city, "2026-10", on="2026-10-31")
        assert dispatch.paper(city, record).count == 1
    finally:
        PARAMETERS.use()


def test_the_next_bulletin_is_due_only_once_bulletins_are_issued(
    city: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [each for each in queries.dues(city) if each.key == "bulletin"] == []
    dispatch.issue(city, "2021-04", on="2021-04-30")
    assert [each for each in queries.dues(city) if each.key == "bulletin"] == [], "it lapsed years ago"
    monkeypatch.setattr(queries, "LAPSED", timedelta.max)
    due = next(each for each in queries.dues(city) if each.key == "bulletin")
    assert (due.record, due.due_on) == ("2021-05", date(2021, 5, 31) + timedelta(days=10))


@pytest.mark.parametrize(
    ("typed", "month"),
    [("202111", "2021-11"), ("2021年11月", "2021-11"), ("2021/4", "2021-04"), ("2021.04", "2021-04")],
)
def test_months_are_read_as_people_write_them(typed: str, month: str) -> None:
    assert rules.read_month(typed) == month


def test_the_count_begins_anew_with_each_year() -> None:
    assert rules.bulletin_count("2021-04", "2021-04") == 1
    assert rules.bulletin_count("2021-11", "2021-04") == 8
    assert rules.bulletin_count("2022-01", "2021-04") == 1
    assert rules.bulletin_count("2022-12", "2021-04") == 12


def granted(city: Notebook, codes: list[str]) -> None:
    """Let the notebook be enrolled, with these units granted."""
    city.set_meta(**{GRANTED_UNITS: ",".join(codes)})


def test_a_bulletin_is_issued_only_where_all_units_are_held(city: Notebook) -> None:
    every = [CITY, *(unit.code for unit in county_level())]
    granted(city, every[:-1])
    with pytest.raises(RuleBroken, match=label_of(every[-1])):
        dispatch.issue(city, "2021-04", on="2021-04-30")
    board = ROOM.sheets["unit_board"](city, CITY)
    assert label_of(every[-1]) in [fact.value for section in board.sections for fact in section.facts]
    granted(city, ["350681" if code == "350604" else code for code in every])
    assert dispatch.issue(city, "2021-04", on="2021-04-30")


@pytest.mark.parametrize("month", ["0001-01", "9999-12"])
def test_the_draft_of_any_month_of_the_calendar_can_be_read(city: Notebook, month: str) -> None:
    assert ROOM.sheets["bulletin_month"](city, month).title
    act = ROOM.act("issue_bulletin")
    assert act is not None
    assert act.why_not is not None
    assert act.why_not(city, month)
