"""The monthly bulletin on paper: drafted, then sealed as it was; its tables and charts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document

from models.documents import shelf
from models.documents.paper import Bars, Grid, Paper, preview
from models.errors import RuleBroken
from models.language import use_language
from models.oversight import dispatch
from models.registry.sealing import seal_record
from models.registry.units import county_level
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.conftest import PASSPHRASE
from tests.models.oversight.conftest import CITY, agreed, closed, started

MONTH = "2021-04"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Notebook]:
    """A city's notebook with four cases of two units."""
    person = new_id()
    book = Notebook.create(tmp_path / "city", PASSPHRASE, person=person, unit=CITY, cost=keys.FAST)
    book.write(put("officer", person, CITY, name="调度员01", unit_code=CITY, role="city"))
    closed(book, "350602", "2021-02-01", "2021-04-20")
    agreed(book, "350602", "2021-03-01", "2021-04-10")
    started(book, "350602", "2021-04-05")
    started(book, "350681", "2021-04-06")
    yield book
    book.close()


def made(city: Notebook, which: str = MONTH, kind: str = "bulletin_month") -> Paper:
    return shelf.paper(city, kind, which, "bulletin")


def text(value: Paper) -> str:
    return "\n".join(preview(value, 4000))


@pytest.mark.requirement("R019")
def test_a_draft_says_that_it_is_one_and_an_issued_bulletin_carries_seal_and_code(city: Notebook):
    draft = made(city)
    assert draft.qr_text == ""
    assert "草稿" in draft.promise
    assert "拟稿人签名" in text(draft)
    record = dispatch.issue(city, MONTH, on="2021-05-06")
    sealed = made(city)
    assert sealed == made(city, record, "bulletin")
    assert sealed.qr_text
    assert city.key_id in sealed.seal_note
    assert "通报自签封后未改动" in sealed.promise
    assert "拟稿人签名" not in text(sealed)
    assert "印发日期：2021年5月6日" in text(sealed)
    assert "签发人：调度员01" in text(sealed)
    data = shelf.written(city, "bulletin", record, "bulletin", ".docx")
    assert isinstance(data, bytes)
    foot = Document(io.BytesIO(data)).sections[0].footer
    assert [part.content_type for part in foot.part.related_parts.values()] == ["image/png"]


@pytest.mark.requirement("R019")
def test_an_issued_bulletin_stays_as_it_was_though_cases_move(city: Notebook):
    dispatch.issue(city, MONTH, on="2021-05-06")
    before = made(city)
    started(city, "350603", "2021-04-07")
    assert made(city).blocks == before.blocks


@pytest.mark.requirement("R019", "R020")
def test_its_tables_and_charts_show_every_unit_and_department(city: Notebook):
    value = made(city)
    grids = {block.heading[:2]: block for block in value.blocks if isinstance(block, Grid)}
    units = {row[1]: row for row in grids["表一"].rows}
    assert list(units) == [unit.name for unit in county_level()]
    assert units["芗城区"][2:8] == ("3", "1", "1", "1", "1", "33.33%")
    assert units["龙文区"][7] == "-"
    assert len(grids["表三"].rows) > 5
    by_unit, by_month = (block for block in value.blocks if isinstance(block, Bars))
    assert {row.label: (row.number, row.parts) for row in by_unit.rows if row.number} == {
        "芗城区": (3, (1, 1, 1)),
        "龙海区": (1, (0, 0, 1)),
    }
    assert [(row.label, row.number) for row in by_month.rows if row.number] == [
        ("2021-02 启动", 1),
        ("2021-03 启动", 1),
        ("2021-04 启动", 2),
        ("2021-04 办结", 1),
    ]
    assert all(sum(row.parts) == row.number for chart in (by_unit, by_month) for row in chart.rows)
    assert all(block.rows for block in value.blocks if isinstance(block, Grid)), "no empty table is printed"


def test_it_is_chinese_whoever_reads_and_another_month_than_one_is_refused(city: Notebook):
    use_language("en")
    english = made(city)
    use_language("zh")
    assert english == made(city)
    with pytest.raises(RuleBroken):
        made(city, "2021-13")


def test_two_bulletins_of_one_month_name_each_other(city: Notebook):
    first = dispatch.issue(city, MONTH, on="2021-05-06")
    assert "另有通报" not in text(made(city))
    other, number = new_id(), "TB-202104-ZZZZZ"
    city.write(put("bulletin", other, CITY, month=MONTH, number=number, issued_on="2021-05-07"))
    seal_record(city, "bulletin", other, CITY, number, None, [other], 0, lambda *_: b"{}", None)
    assert number in text(made(city, first, "bulletin"))
