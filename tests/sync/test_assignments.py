"""Assignments and draws between notebooks: who is given one gets it, who may not read a draw does not."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import RuleBroken
from models.inspections import queries as inspections
from models.planning import assignments, draws, queries, verbs
from models.planning.repeating import repeat
from models.planning.rules import quarter_of
from models.planning.tables import AssignmentReply, DrawNotice, SpotDraw
from models.registry.days import today
from models.store.change import new_id, put
from models.store.notebook import Notebook
from sync.client import synchronise
from sync.server.central import Central

from .conftest import QUICK, UNIT, MakeNotebook, meet


@pytest.fixture
def team(enrolled: MakeNotebook) -> tuple[Notebook, Notebook, Notebook]:
    """A dispatcher and two officers, who know of each other and of a site."""
    dispatcher = enrolled("调度员01", role="dispatcher")
    first, second = enrolled("执法员01"), enrolled("执法员02")
    for number in range(4):
        dispatcher.write(put("site", new_id(), UNIT, name=f"示例企业{number:02d}", unit_code=UNIT))
    meet(dispatcher, first, second)
    meet(dispatcher, first, second)
    return dispatcher, first, second


def sites(book: Notebook) -> list[str]:
    return [row.id for row in queries.sites_in(book, UNIT)]


def given(book: Notebook, first: Notebook, second: Notebook, **more: Any) -> str:
    return assignments.assign(
        book,
        **{
            "site_id": sites(book)[0],
            "first_officer": first.person,
            "second_officer": second.person,
            "origin": "plan",
            "purpose": "核查台账",
            "due": "2099-12-31",
            "approval_number": "示例批〔2026〕1号",
            **more,
        },
    )


def settled(*books: Notebook) -> None:
    """Synchronise, with nothing put aside by the server."""
    for book in books:
        outcome = synchronise(book, pace=QUICK)
        assert (outcome.ok, outcome.put_aside) == (True, 0), [each.text() for each in outcome.problems]


def state(book: Notebook, record: str) -> str:
    return queries.stands(book, [record])[record].state


def test_an_assignment_reaches_the_officers_is_begun_and_the_dispatcher_sees_it(team) -> None:
    dispatcher, first, second = team
    record = given(dispatcher, first, second)
    settled(dispatcher, first, second)
    for book in (first, second):
        (line,) = inspections.today(book).assigned
        assert line.site_name == "示例企业00"
        assert queries.assignments_of(book, [line.id])[line.id].purpose == "核查台账"
    assignments.begin(second, line.id)
    settled(second, dispatcher, first)
    assert [state(book, record) for book in team] == ["begun"] * 3
    assert inspections.today(first).assigned == []
    with pytest.raises(RuleBroken):
        assignments.recall(dispatcher, record, why="x")


def test_one_that_is_declined_comes_back_and_goes_to_others(team, enrolled: MakeNotebook) -> None:
    dispatcher, first, second = team
    record = given(dispatcher, first, second)
    settled(dispatcher, first)
    assignments.decline(first, record, why="与该企业有利害关系")
    settled(first, dispatcher)
    assert state(dispatcher, record) == "declined"
    third = enrolled("执法员03")
    settled(third, dispatcher)
    anew = assignments.assign_anew(
        dispatcher,
        record,
        first_officer=third.person,
        second_officer=second.person,
        due="2099-12-31",
        why="回避",
    )
    settled(dispatcher, first, second, third)
    assert [state(book, record) for book in team] == ["replaced"] * 3
    assert [len(inspections.today(book).assigned) for book in (first, second, third)] == [0, 1, 1]
    assert state(third, anew) == "waiting"


def test_one_is_handed_on_and_the_colleague_begins_it(team, enrolled: MakeNotebook) -> None:
    dispatcher, first, second = team
    third = enrolled("执法员03")
    settled(dispatcher, first, second, third)
    record = given(dispatcher, first, second)
    settled(dispatcher, first)
    assignments.hand_on(first, record, to=third.person, why="出差")
    settled(first, third)
    (line,) = inspections.today(third).assigned
    assignments.begin(third, line.id)
    settled(third, dispatcher)
    assert state(dispatcher, record) == "begun"
    with dispatcher:
        (reply,) = AssignmentReply.select()
    assert (reply.kind, reply.to, reply.reason) == ("handed_on", third.person, "出差")


def test_a_recalled_one_cannot_be_begun_once_the_officer_has_heard_of_it(team) -> None:
    dispatcher, first, second = team
    record = given(dispatcher, first, second)
    settled(dispatcher, first)
    assignments.recall(dispatcher, record, why="合并检查")
    settled(dispatcher, first)
    (line,) = inspections.today(first).assigned
    assert queries.recalled(first, [line.id]) == {line.id}
    with pytest.raises(RuleBroken):
        assignments.begin(first, line.id)


def test_a_draw_is_secret_until_it_is_published_and_anyone_of_the_unit_repeats_it_then(
    team, enrolled: MakeNotebook, central: Central, tmp_path
) -> None:
    dispatcher, first, second = team
    auditor = enrolled("审计员01", role="auditor")
    for site in sites(dispatcher):
        verbs.classify(dispatcher, site, category="key", basis="名录")
    record = draws.prepare(
        dispatcher, category="key", period=quarter_of(today(dispatcher)), items="A", count=2
    )
    draws.draw(dispatcher, record, seed="3 9 17", seed_source="演示彩票")
    settled(dispatcher, first, second, auditor)
    with central:
        assert SpotDraw.get_by_id(record).sealed
    for book in (first, second):
        with book:
            assert SpotDraw.get_or_none(SpotDraw.id == record) is None
        assert inspections.today(book).assigned == []
    with auditor:
        assert SpotDraw.get_by_id(record).result
    draws.issue(
        dispatcher, record, due="2099-12-31", purpose="抽查", approval_number="示例批〔2026〕2号", count=1
    )
    settled(dispatcher, first)
    (line,) = inspections.today(first).assigned
    assignments.begin(first, line.id)
    settled(first, dispatcher)
    with pytest.raises(RuleBroken) as broken:
        draws.publish(dispatcher, record)
    assert broken.value.field == "early"
    notice = draws.publish(dispatcher, record, early="第二家已停产，改期检查")
    settled(dispatcher, second)
    with second:
        row = DrawNotice.get_by_id(notice)
        assert SpotDraw.get_or_none(SpotDraw.id == record) is None
    draws.export(second, row.id, path=str(tmp_path / "draw.json"))
    assert repeat(tmp_path / "draw.json").same


def test_a_sealed_draw_is_not_drawn_again_by_another_who_may(
    team, enrolled: MakeNotebook, central: Central
) -> None:
    dispatcher, *_others = team
    head = enrolled("负责人01", role="county_head")
    for site in sites(dispatcher):
        verbs.classify(dispatcher, site, category="key", basis="名录")
    record = draws.prepare(dispatcher, category="key", period=quarter_of(today(dispatcher)), items="A")
    settled(dispatcher, head)
    draws.draw(dispatcher, record)
    draws.draw(head, record)  # without knowing of the other: the server takes the first and says so
    settled(dispatcher)
    with central:
        result = SpotDraw.get_by_id(record).result
    assert synchronise(head, pace=QUICK).put_aside > 0
    with central:
        assert SpotDraw.get_by_id(record).result == result
    settled(dispatcher)
    with pytest.raises(RuleBroken, match="两台电脑"):
        draws.issue(dispatcher, record, due="2099-12-31", purpose="抽查", approval_number="示例批〔2026〕2号")
    draws.annul(dispatcher, record, why="两人同时抽取")
