"""Lists, the first screen, and two laptops at one visit."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import RuleBroken
from models.inspections import queries, verbs
from models.inspections.tables import Answer
from models.registry import verbs as registry
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from models.store.seat import Arrival
from tests.models.inspections.conftest import Visit

DAY = 86_400_000


@pytest.fixture
def three(visit: Visit) -> list[str]:
    """Three visits on three days, the newest first."""
    ids = [visit.id]
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row.began_at is not None
    for days, unit in ((1, "龙海区"), (2, "台商投资区")):
        site = registry.add_site(visit.notebook, f"示例食品企业{days}", unit_code=unit)
        ids.append(
            verbs.begin(
                visit.notebook,
                site_id=site,
                first_officer=visit.first,
                second_officer=visit.second,
                began_at=row.began_at - days * DAY,
            )
        )
    return ids


def test_visits_are_listed_newest_first_and_filtered(visit: Visit, three: list[str]) -> None:
    book = visit.notebook
    assert queries.inspection_ids(book) == three
    assert queries.inspection_ids(book, unit="ZZTSQ") == [three[2]]
    assert queries.inspection_ids(book, "slsp") == three[1:]
    assert queries.inspection_ids(book, "食品", unit="350604") == [three[1]]
    assert queries.inspection_ids(book, state="draft") == three
    assert queries.inspection_ids(book, state="sealed") == []
    assert queries.inspection_ids(book, state="assigned") == []
    row = queries.inspection(book, visit.id)
    assert row is not None
    assert row.began_at is not None
    assert queries.inspection_ids(book, since=row.began_at) == [visit.id]
    assert queries.inspection_ids(book, until=row.began_at) == three[1:]
    assert queries.inspection_ids(book, "没有这样的企业") == []


def test_withdrawn_visits_are_listed_only_when_asked_for(visit: Visit, three: list[str]) -> None:
    verbs.withdraw_inspection(visit.notebook, three[1], "误建")
    assert queries.inspection_ids(visit.notebook) == [three[0], three[2]]
    assert queries.inspection_ids(visit.notebook, state="draft") == [three[0], three[2]]
    assert queries.inspection_ids(visit.notebook, state="voided") == [three[1]]
    assert {row.id for row in queries.today(visit.notebook).drafts} == {three[0], three[2]}
    with pytest.raises(RuleBroken):
        verbs.edit(visit.notebook, three[1], situation="改")


def test_rows_come_in_the_order_of_the_ids_and_unknown_ids_are_left_out(
    visit: Visit, three: list[str]
) -> None:
    asked = [three[2], new_id(), three[0]]
    assert [row.id for row in queries.inspection_rows(visit.notebook, asked)] == [three[2], three[0]]


def test_the_first_screen_counts_what_is_unsent(visit: Visit, three: list[str]) -> None:
    day = queries.today(visit.notebook)
    assert (day.open_count, len(day.drafts), day.sealed_today) == (3, 3, 0)
    with visit.notebook:
        assert day.unsent == visit.notebook.journal.last(visit.notebook.device)[0]
    assert day.unsent_bytes > 0


def test_a_visit_that_is_not_there_is_one_sentence(notebook: Notebook) -> None:
    for query in (queries.sheet, queries.missing):
        with pytest.raises(RuleBroken):
            query(notebook, new_id())
    assert queries.inspection(notebook, new_id()) is None


@pytest.mark.validity("V18")
def test_the_history_of_an_item_holds_its_parts(visit: Visit) -> None:
    verbs.answer(visit.notebook, visit.id, "W01", "problem", "浑浊")
    verbs.answer(visit.notebook, visit.id, "W02", "ok")
    verbs.find(visit.notebook, visit.id, "W01", "排水口超标")
    fields = {(line.field, line.new) for line in queries.history_of_visit(visit.notebook, visit.id, "W01")}
    assert {("result", "problem"), ("note", "浑浊"), ("text", "排水口超标")} <= fields
    assert ("result", "ok") not in fields
    whole = queries.history_of_visit(visit.notebook, visit.id)
    assert [line.time for line in whole] == sorted(line.time for line in whole)


def pass_on(source: Notebook, target: Notebook) -> None:
    """Everything that one laptop wrote, on the other."""
    with source:
        entries = [row.entry() for row in source.journal.own_from(1)]
    assert target.receive([Arrival(entry) for entry in entries]) == []


def answers(book: Notebook) -> list[tuple[str, str | None, str | None, int]]:
    with book:
        return [(row.id, row.result, row.note, row.conflicts) for row in Answer.select().order_by(Answer.id)]


def test_two_laptops_that_answer_one_item_offline_meet_in_one_record(visit: Visit, tmp_path: Path) -> None:
    other = Notebook.create(
        tmp_path / "other", "青山绿水-2027", person=visit.second, unit="350602", cost=keys.FAST
    )
    try:
        visit.fill()
        pass_on(visit.notebook, other)
        verbs.answer(visit.notebook, visit.id, "W03", "na")
        verbs.answer(other, visit.id, "W03", "problem", "发现暗管")
        verbs.find(other, visit.id, "W03", "发现暗管")
        pass_on(visit.notebook, other)
        pass_on(other, visit.notebook)
        for book in (visit.notebook, other):
            (item,) = [each for each in queries.sheet(book, visit.id).items if each.code == "W03"]
            assert item.note == "发现暗管"
            assert item.answer is not None
            with book:
                values = {head.value for head in book.journal.heads(item.answer)["result"]}
            assert values == {"na", "problem"}
        mine, theirs = answers(visit.notebook), answers(other)
        assert mine == theirs
        assert [(note, conflicts) for _, _, note, conflicts in mine if conflicts] == [("发现暗管", 1)]
        with pytest.raises(RuleBroken, match="1"):
            verbs.seal_inspection(visit.notebook, visit.id)
    finally:
        other.close()


def test_two_laptops_never_make_one_number(visit: Visit, tmp_path: Path) -> None:
    other = Notebook.create(
        tmp_path / "other", "青山绿水-2027", person=visit.second, unit="350602", cost=keys.FAST
    )
    try:
        pass_on(visit.notebook, other)
        record = verbs.begin(
            other, site_id=visit.site, first_officer=visit.first, second_officer=visit.second
        )
        numbers = {row.number for row in queries.inspection_rows(other, [visit.id, record])}
        assert len(numbers) == 2
    finally:
        other.close()


def test_a_person_without_a_record_reads_nobodys_secret(visit: Visit) -> None:
    visit.notebook.write(put("complainant", new_id(), "350602", of=visit.id, name="示例举报人"), by="other")
    with pytest.raises(RuleBroken):
        queries.complainant(visit.notebook, visit.id)
