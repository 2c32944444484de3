"""Reports upward: never lost, never twice, first seen kept all the way up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from models.cases.damage import queries as damage
from models.community import complaints, patrols, queries, reports, rules, verbs
from models.community.tables import UpwardReport
from models.community.work_sheets import report_sheet
from models.errors import RuleBroken
from models.registry.days import day_of
from models.registry.keeping import row_of
from models.store import keys
from models.store.change import new_id, put
from models.store.clock import Clock, now_ms
from models.store.entry import Arrival
from models.store.notebook import Notebook

UNIT = "350602"


def find(quarter, **values):
    given = {"grid": quarter.grid, "on": quarter.today, "whom": "common_area", "item": "G12"}
    done = {"action": "report", "outcome": "reported", "result": "河水发白，有死鱼", **values}
    return patrols.patrol(quarter.book, **{**given, **done})


@pytest.mark.requirement("R070")
def test_a_report_goes_to_the_next_grid_above_with_the_time_first_seen(quarter, become):
    become("grid_worker")
    patrol = find(quarter)
    record = reports.report_patrol(quarter.book, patrol)
    row = row_of(quarter.book, "upward_report", record)
    assert (row.from_grid, row.to_grid) == (quarter.grids[4], quarter.grids[3])
    assert row.first_seen_at == row_of(quarter.book, "patrol", patrol).first_seen_at
    assert (row.sent_at, row.received_at, row.what) == (None, None, "河水发白，有死鱼")
    assert rules.report_state(row) == "waiting"
    assert row.community == quarter.community


@pytest.mark.requirement("R070")
def test_it_is_sent_and_received_and_closed_once_and_in_this_order(quarter):
    book = quarter.book
    record = reports.report_patrol(book, find(quarter))
    seen = row_of(book, "upward_report", record).first_seen_at
    with pytest.raises(RuleBroken):
        reports.close(book, record, on=quarter.today, result="已处置")
    with pytest.raises(RuleBroken) as broken:
        reports.send(book, record, way="file", at=seen - 1)
    assert broken.value.field == "at"
    reports.send(book, record, way="file", at=seen + 1)
    with pytest.raises(RuleBroken):
        reports.send(book, record, way="phone")
    with pytest.raises(RuleBroken) as broken:
        reports.receive(book, record, by="上级网格长", at=seen)
    assert broken.value.field == "at", "not before it was sent"
    reports.receive(book, record, by="上级网格长", at=seen + 1)
    with pytest.raises(RuleBroken):
        reports.receive(book, record, by="另一人")
    with pytest.raises(RuleBroken) as broken:
        reports.close(book, record, on=quarter.day(1), result="已处置")
    assert broken.value.field == "on"
    reports.close(book, record, on=quarter.today, result="已处置")
    row = row_of(book, "upward_report", record)
    assert (row.first_seen_at, row.received_by, rules.report_state(row)) == (seen, "上级网格长", "closed")
    for late in (
        lambda: reports.receive(book, record, by="某"),
        lambda: reports.close(book, record, on=quarter.today, result="再办结"),
        lambda: reports.withdraw_report(book, record, why="误报"),
    ):
        with pytest.raises(RuleBroken):
            late()


@pytest.mark.requirement("R070")
def test_what_was_received_without_a_note_of_its_sending_was_sent(quarter):
    record = reports.report_patrol(quarter.book, find(quarter))
    reports.receive(quarter.book, record, by="网格长")
    row = row_of(quarter.book, "upward_report", record)
    assert row.sent_at == row.received_at


@pytest.mark.requirement("R070")
def test_the_same_is_not_reported_twice_to_one_superior_while_it_is_open(quarter):
    book, patrol = quarter.book, find(quarter)
    first = reports.report_patrol(book, patrol)
    with pytest.raises(RuleBroken) as broken:
        reports.report_patrol(book, patrol)
    assert row_of(book, "upward_report", first).number in broken.value.text()
    reports.report_patrol(book, patrol, to_grid=quarter.grids[2])
    reports.report_patrol(book, patrol, to_department="ecology")
    with pytest.raises(RuleBroken):
        reports.report_patrol(book, patrol, to_department="ecology")
    reports.receive(book, first, by="网格长")
    reports.close(book, first, on=quarter.today, result="未解决")
    second = reports.report_patrol(book, patrol)
    assert second != first
    assert len(queries.reports_of(book, patrol=patrol)) == 4


@pytest.mark.requirement("R070")
def test_after_a_withdrawal_it_can_be_reported_anew(quarter):
    patrol = find(quarter)
    first = reports.report_patrol(quarter.book, patrol)
    reports.withdraw_report(quarter.book, first, why="误报")
    second = reports.report_patrol(quarter.book, patrol)
    assert second != first
    assert [row.id for row in queries.reports_of(quarter.book, patrol=patrol)] == [second]


@pytest.mark.requirement("R070", "R076")
def test_only_grids_above_and_known_departments_are_reported_to(quarter):
    book, patrol = quarter.book, find(quarter)
    beside = verbs.add_grid(book, code="35060299", name="另一街道", level="street", superior=quarter.grids[1])
    for wrong in (
        {"to_grid": beside},
        {"to_grid": quarter.grid},
        {"to_department": "army"},
        {"to_grid": quarter.grids[3], "to_department": "ecology"},
    ):
        with pytest.raises(RuleBroken) as broken:
            reports.report_patrol(book, patrol, **wrong)
        assert broken.value.field in wrong
    with pytest.raises(RuleBroken) as broken:
        reports.report(book, from_grid=quarter.grids[0], what="示例")
    assert broken.value.field == "to_department"
    reports.report(book, from_grid=quarter.grids[0], what="示例", to_department="ecology")


@pytest.mark.requirement("R070", "R076")
def test_it_is_passed_on_level_by_level_and_first_seen_stays(quarter):
    book = quarter.book
    record = reports.report_patrol(book, find(quarter))
    seen = row_of(book, "upward_report", record).first_seen_at
    with pytest.raises(RuleBroken):
        reports.pass_on(book, record)
    for above in reversed(quarter.grids[:3]):
        reports.receive(book, record, by="网格长")
        record = reports.pass_on(book, record)
        row = row_of(book, "upward_report", record)
        assert (row.to_grid, row.first_seen_at, row.community) == (above, seen, quarter.community)
    reports.receive(book, record, by="市级网格")
    with pytest.raises(RuleBroken) as broken:
        reports.pass_on(book, record)
    assert broken.value.field == "to_department"
    last = reports.pass_on(book, record, to_department="ecology")
    opened = {fact.id for section in report_sheet(book, last).sections for fact in section.facts}
    assert record in opened


@pytest.mark.requirement("R070", "R029")
def test_a_received_report_becomes_one_clue(quarter):
    book = quarter.book
    record = reports.report_patrol(book, find(quarter, place="示例河段"), to_department="ecology")
    with pytest.raises(RuleBroken):
        reports.make_clue(book, record)
    reports.receive(book, record, by="生态环境局")
    clue = reports.make_clue(book, record, party="示例工厂")
    (row,) = damage.clues_of(book, upward_report=record)
    assert (row.id, row.description, row.place, row.party) == (
        clue,
        "河水发白，有死鱼",
        "示例河段",
        "示例工厂",
    )
    assert row.received_on == quarter.today
    with pytest.raises(RuleBroken):
        reports.make_clue(book, record)
    assert row_of(book, "upward_report", record).clue == clue


def test_a_grid_worker_makes_no_clue(quarter, become):
    record = reports.report_patrol(quarter.book, find(quarter))
    reports.receive(quarter.book, record, by="网格长")
    become("grid_worker")
    with pytest.raises(RuleBroken) as broken:
        reports.make_clue(quarter.book, record)
    assert broken.value.field == "role"
    assert row_of(quarter.book, "upward_report", record).clue is None


@pytest.mark.requirement("R070", "R089")
def test_a_complaint_is_reported_from_the_day_it_came_without_who_brought_it(quarter):
    book = quarter.book
    complaint = complaints.register_complaint(
        book,
        quarter.community,
        about="夜间焚烧垃圾",
        received_on=quarter.day(2),
        reporter_name="陈小明",
        grid=quarter.grid,
    )
    row = row_of(book, "upward_report", reports.report_complaint(book, complaint))
    assert day_of(row.first_seen_at).isoformat() == quarter.day(2)
    assert "陈小明" not in f"{row.what}{row.place}"


def test_what_was_never_seen_yet_or_has_no_words_is_not_reported(quarter):
    now = quarter.book.clock.wall_ms()
    with pytest.raises(RuleBroken) as broken:
        reports.report(quarter.book, from_grid=quarter.grid, what="示例", first_seen_at=now + 3_600_000)
    assert broken.value.field == "first_seen_at"
    with pytest.raises(RuleBroken) as broken:
        reports.report(quarter.book, from_grid=quarter.grid, what=" ")
    assert broken.value.field == "what"


def carry(source: Notebook, target: Notebook, after: int = 0) -> int:
    """Bring what the source has after its n-th entry; how many it has."""
    with source:
        rows = list(source.journal.in_order(after))
    assert target.receive([Arrival(row.entry()) for row in rows]) == []
    return rows[-1].n if rows else after


def everything(book: Notebook) -> list[UpwardReport]:
    with book:
        return list(UpwardReport.select().order_by(UpwardReport.id))


def standing(book: Notebook) -> list[UpwardReport]:
    with book:
        return list(UpwardReport.select().where(UpwardReport.voided.is_null()).order_by(UpwardReport.id))


@pytest.mark.requirement("R070", "R084")
def test_two_laptops_that_report_one_thing_offline_have_made_one_report(quarter, tmp_path):
    book = quarter.book
    patrol = find(quarter)
    other = Notebook.create(tmp_path / "other", "另一个-口令-99", person=new_id(), unit=UNIT, cost=keys.FAST)
    try:
        carry(book, other)
        ids = {reports.report_patrol(each, patrol) for each in (book, other)}
        assert len(ids) == 1
        for _ in range(2):  # what arrives twice is there once
            carry(book, other)
            carry(other, book)
        rows = [standing(each) for each in (book, other)]
        assert [len(each) for each in rows] == [1, 1]
        assert rows[0][0].first_seen_at == rows[1][0].first_seen_at
        assert rows[0][0].conflicts == rows[1][0].conflicts
        with pytest.raises(RuleBroken):
            reports.report_patrol(other, patrol)
    finally:
        other.close()


@dataclass
class Laptops:
    """Two notebooks of one person, that know the same chain of grids; made once, as that takes a second."""

    folder: Path
    books: tuple[Notebook, Notebook]
    grids: tuple[str, ...]
    carried: list[int]

    @classmethod
    def make(cls, folder: Path) -> Laptops:
        """Both, with the chain in the first one."""
        person, began, seconds = new_id(), now_ms(), count()
        clock = Clock(wall_ms=lambda: began + 1000 * next(seconds))  # what came later is later, in every run
        first, second = (
            Notebook.create(
                folder / name, "青山绿水-2026", person=person, unit=UNIT, cost=keys.FAST, clock=clock
            )
            for name in ("a", "b")
        )
        first.write(put("officer", person, UNIT, name="示例", role="county_head,officer", unit_code=UNIT))
        place = verbs.add_community(first, name="示例社区", street="示例街道")
        above: str | None = None
        grids: list[str] = []
        for number, level in enumerate(("city", "county", "street", "community", "grid")):
            where = place if number > 2 else None
            above = verbs.add_grid(
                first, code=f"G{number}", name=level, level=level, superior=above, community=where
            )
            grids.append(above)
        return cls(folder, (first, second), tuple(grids), [0, 0])

    def exchange(self, source: int) -> None:
        """Bring what is new on one to the other."""
        target = 1 - source
        self.carried[source] = carry(self.books[source], self.books[target], self.carried[source])


@pytest.fixture(scope="module", autouse=True)
def _laptops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    Upward.laptops = Laptops.make(tmp_path_factory.mktemp("laptops"))
    yield
    for book in Upward.laptops.books:
        book.close()


class Upward(RuleBasedStateMachine):
    """Any order of reporting, sending, receiving, passing on, closing, withdrawing, on two laptops."""

    laptops: ClassVar[Laptops]

    @initialize()
    def begin(self) -> None:
        laptops = self.laptops
        self.books = laptops.books
        self.today = day_of(self.books[0].clock.wall_ms()).isoformat()
        self.sources = [
            patrols.patrol(
                self.books[0],
                grid=laptops.grids[-1],
                on=self.today,
                whom="common_area",
                item="G12",
                action="report",
                outcome="reported",
                result=f"问题{number}",
            )
            for number in range(2)
        ]
        for source in (0, 1):
            laptops.exchange(source)
        self.earlier = {row.id for row in everything(self.books[0])}
        assert self.earlier == {row.id for row in everything(self.books[1])}
        self.made: dict[str, int] = {}
        """Every report that was made since, with the time first seen that it was made with."""
        self.own: tuple[set[str], set[str]] = (set(), set())
        """Those that each laptop made."""
        self.targets: tuple[dict[str, str], ...] = (
            {},
            {"to_department": "ecology"},
            {"to_grid": laptops.grids[2]},
        )

    def pick(self, data: st.DataObject, book: Notebook) -> str | None:
        known = {row.id for row in standing(book)}
        ids = [record for record in self.made if record in known]  # in the order of making: ids are random
        return data.draw(st.sampled_from(ids)) if ids else None

    @rule(laptop=st.integers(0, 1), source=st.integers(0, 1), data=st.data())
    def report(self, laptop: int, source: int, data: st.DataObject) -> None:
        book = self.books[laptop]
        target = data.draw(st.sampled_from(self.targets))
        try:
            record = reports.report_patrol(book, self.sources[source], **target)
        except RuleBroken as error:
            refusal = error
        else:
            self.remember(book, record)
            return
        assert refusal.field in ("to_grid", "to_department")

    def remember(self, book: Notebook, record: str) -> None:
        self.own[self.books.index(book)].add(record)
        seen = row_of(book, "upward_report", record).first_seen_at
        assert self.made.setdefault(record, seen) == seen

    @rule(laptop=st.integers(0, 1), data=st.data())
    def go_on(self, laptop: int, data: st.DataObject) -> None:
        book = self.books[laptop]
        record = self.pick(data, book)
        if record is None:
            return
        step = data.draw(st.sampled_from(["send", "receive", "pass_on", "close", "withdraw"]))
        before = row_of(book, "upward_report", record)
        try:
            if step == "send":
                reports.send(book, record, way="file")
            elif step == "receive":
                reports.receive(book, record, by="网格长")
            elif step == "pass_on":
                self.remember(book, reports.pass_on(book, record))
            elif step == "close":
                reports.close(book, record, on=self.today, result="已处置")
            else:
                reports.withdraw_report(book, record, why="误报")
        except RuleBroken:
            after = row_of(book, "upward_report", record)
            assert (after.sent_at, after.received_at, after.closed_on, after.voided) == (
                before.sent_at,
                before.received_at,
                before.closed_on,
                before.voided,
            )

    @rule(source=st.integers(0, 1))
    def exchange(self, source: int) -> None:
        self.laptops.exchange(source)

    @invariant()
    def none_is_lost_and_none_is_doubled(self) -> None:
        for book, own in zip(getattr(self, "books", ()), getattr(self, "own", ()), strict=True):
            rows = [row for row in everything(book) if row.id not in self.earlier]
            assert own <= {row.id for row in rows} <= set(self.made)
            for row in rows:
                assert row.first_seen_at == self.made[row.id]
            still_open = [row.key for row in rows if row.voided is None and not row.closed_on]
            assert len(still_open) == len(set(still_open))


Upward.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestUpward = pytest.mark.requirement("R070")(Upward.TestCase)
