"""Assigning: who may be given an inspection and who may give it, the yearly cap, and what officers answer."""

from __future__ import annotations

from datetime import date

import pytest

from models.errors import RuleBroken
from models.inspections import queries as inspections
from models.inspections import verbs as visits
from models.planning import assignments, queries, rules, verbs
from models.planning.tables import Assignment
from models.registry import keeping
from models.store.change import new_id, put
from models.store.clock import Clock
from tests.conftest import UNIT
from tests.models.planning.conftest import NOW, Office, add_officer

DAY_MS = 24 * 3_600_000


def given(office: Office, **more) -> str:
    return assignments.assign(
        office.book,
        **{
            "site_id": office.sites[10],
            "first_officer": office.officers[0],
            "second_officer": office.officers[1],
            "origin": "plan",
            "purpose": "核查排污许可证执行情况",
            "due": "2026-11-30",
            "approval_number": "示例批〔2026〕1号",
            "notice_number": "示例通〔2026〕1号",
            **more,
        },
    )


def refused(verb, field: str) -> RuleBroken:
    with pytest.raises(RuleBroken) as broken:
        verb()
    assert broken.value.field == field, broken.value.text()
    return broken.value


def state(office: Office, record: str) -> str:
    return queries.stands(office.book, [record])[record].state


def become(office: Office, person: str) -> None:
    office.book.person = person


def later(office: Office, days: int) -> None:
    now = NOW + days * DAY_MS
    office.book.clock = Clock(lambda: now, lambda: now, lambda: "boot", lambda _ms: 480)


def test_it_comes_to_its_officers_with_everything_filled_and_begins(office: Office):
    record = given(office, checklists="A,W")
    row = keeping.kept(office.book, "assignment", record)
    assert (row.purpose, row.counted, row.covert) == ("核查排污许可证执行情况", True, False)
    become(office, office.officers[1])
    (line,) = inspections.today(office.book).assigned
    assert (line.id, line.due, line.site_name) == (row.inspection, "2026-11-30", "示例企业10")
    assignments.begin(office.book, row.inspection)
    visit = inspections.inspection(office.book, row.inspection)
    assert visit.began_at == NOW
    assert visit.assigned is False
    assert (visit.checklists, visit.approval_number, visit.notice_number, visit.source) == (
        "A,W",
        "示例批〔2026〕1号",
        "示例通〔2026〕1号",
        "routine",
    )
    first, second = office.officers[:2]
    assert (visit.first_officer, visit.second_officer, visit.recorder) == (first, second, first)
    assert state(office, record) == "begun"


def test_an_officer_sees_what_is_theirs_a_dispatcher_all(office: Office):
    given(office)
    assert len(inspections.today(office.book).assigned) == 1
    become(office, office.officers[2])
    assert inspections.today(office.book).assigned == []
    become(office, office.officers[0])
    assert len(inspections.today(office.book).assigned) == 1


@pytest.mark.requirement("R090")
@pytest.mark.parametrize(
    "role", ["grid_worker", "grid_worker,officer", "expert", "readonly", "dispatcher", "nobody"]
)
def test_a_grid_worker_or_third_party_is_never_given_an_inspection(office: Office, role: str):
    other = add_officer(office.book, 40, role=role)
    for place in ("first_officer", "second_officer"):
        broken = refused(lambda place=place: given(office, **{place: other}), place)
        assert broken.basis == "国办发〔2024〕54号"
    with office.book:
        assert Assignment.select().count() == 0


@pytest.mark.parametrize("role", ["officer", "lead", "grid_worker", "grid_worker,dispatcher", "expert"])
def test_who_may_not_assign_gives_none(office: Office, role: str):
    office.book.write(put("officer", office.book.person, UNIT, role=role))
    refused(lambda: given(office), "role")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"certificate_until": "2026-11-29"}, "second_officer"),
        ({"certificate": ""}, "second_officer"),
        ({"active": False}, "second_officer"),
        ({"certificate": f"FJ{UNIT}011"}, "second_officer"),
    ],
)
def test_both_hold_their_own_certificate_valid_on_the_day(office: Office, fields, field):
    other = add_officer(office.book, 41, **fields)
    refused(lambda: given(office, second_officer=other), field)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"second_officer": ""}, "second_officer"),
        ({"purpose": " "}, "purpose"),
        ({"approval_number": ""}, "approval_number"),
        ({"due": "2026-11-17"}, "due"),
        ({"due": "下周"}, "due"),
        ({"origin": "whim"}, "origin"),
        ({"checklists": "A,Z"}, "checklists"),
        ({"site_id": new_id()}, "site"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(office: Office, fields, field):
    refused(lambda: given(office, **fields), field)


def test_checklists_are_proposed_from_the_last_visit(office: Office):
    office.book.write(put("officer", office.book.person, UNIT, role="officer,dispatcher"))
    visits.begin(
        office.book,
        site_id=office.sites[10],
        first_officer=office.officers[0],
        second_officer=office.officers[1],
        checklists="A,C,N",
    )
    record = given(office)
    row = keeping.kept(office.book, "assignment", record)
    assert inspections.inspection(office.book, row.inspection).checklists == "A,C,N"


# -- the yearly cap ---------------------------------------------------------------------------------------


def test_the_yearly_cap_of_a_site_holds_and_says_its_source(office: Office):
    given(office)
    given(office)
    broken = refused(lambda: given(office), "site_id")
    assert broken.basis.startswith("国办发〔2024〕54号")
    assert broken.basis.endswith("[D]")
    assert broken.params["count"] == 2
    given(office, site_id=office.sites[0])
    given(office, due="2027-01-15")  # of the next year


@pytest.mark.parametrize(
    ("origin", "covert", "counted"),
    [
        ("plan", False, True),
        ("campaign", False, True),
        ("draw", False, True),
        ("complaint", False, False),
        ("passed_on", False, False),
        ("recheck", False, False),
        ("plan", True, False),
    ],
)
def test_complaints_what_is_passed_on_rechecks_and_covert_checks_do_not_count(
    office, origin, covert, counted
):
    assert rules.is_counted(origin, date(2026, 11, 18), covert=covert) is counted
    given(office)
    given(office)
    if counted:
        refused(lambda: given(office, origin=origin, covert=covert), "site_id")
    else:
        for _ in range(3):
            given(office, origin=origin, covert=covert)
        assert queries.visits(office.book, office.sites, 2026)[office.sites[10]] == 2


def test_what_officers_began_by_themselves_counts_and_what_was_recalled_does_not(office: Office):
    office.book.write(put("officer", office.book.person, UNIT, role="officer,dispatcher"))
    site, (first, second) = office.sites[10], office.officers[:2]
    for source in ("routine", "complaint"):
        visits.begin(office.book, site_id=site, first_officer=first, second_officer=second, source=source)
    assert queries.visits(office.book, [site], 2026)[site] == 1
    record = given(office)
    assert queries.visits(office.book, [site], 2026)[site] == 2
    assignments.recall(office.book, record, why="合并检查")
    assert queries.visits(office.book, [site], 2026)[site] == 1
    assert queries.visits(office.book, [site], 2025)[site] == 0


def test_a_key_site_has_its_own_cap(office: Office):
    for _ in range(4):
        given(office, site_id=office.sites[0])
    refused(lambda: given(office, site_id=office.sites[0]), "site_id")
    verbs.classify(office.book, office.sites[10], category="key")
    for _ in range(4):
        given(office)


# -- what officers answer, and the dispatcher does then -----------------------------------------------------


def test_an_officer_declines_with_a_reason_and_it_is_assigned_anew(office: Office):
    record, dispatcher = given(office), office.book.person
    become(office, office.officers[2])
    refused(lambda: assignments.decline(office.book, record, why="出差"), "assignment")
    become(office, office.officers[0])
    refused(lambda: assignments.decline(office.book, record, why=" "), "why")
    assignments.decline(office.book, record, why="与该企业有利害关系，申请回避")
    assert state(office, record) == "declined"
    assert inspections.today(office.book).assigned == []
    become(office, dispatcher)
    (due,) = [each for each in queries.dues(office.book) if each.record == record]
    assert "退回" in due.what
    anew = assignments.assign_anew(
        office.book,
        record,
        first_officer=office.officers[2],
        second_officer=office.officers[1],
        due="2026-12-05",
        why="回避",
    )
    assert (state(office, record), state(office, anew)) == ("replaced", "waiting")
    row = keeping.kept(office.book, "assignment", anew)
    assert (row.replaces, row.purpose, row.approval_number) == (
        record,
        "核查排污许可证执行情况",
        "示例批〔2026〕1号",
    )


def test_an_officer_hands_it_on_to_a_colleague_who_may(office: Office):
    record, book = given(office), office.book
    worker = add_officer(book, 50, role="grid_worker")
    lapsed = add_officer(book, 51, certificate_until="2026-11-20")
    become(office, office.officers[0])
    for other in (worker, lapsed, office.officers[1], office.officers[0], new_id()):
        refused(lambda other=other: assignments.hand_on(book, record, to=other, why="出差"), "to")
    assignments.hand_on(book, record, to=office.officers[3], why="出差")
    row = keeping.kept(book, "assignment", record)
    visit = inspections.inspection(book, row.inspection)
    assert (visit.first_officer, visit.second_officer) == (office.officers[3], office.officers[1])
    refused(lambda: assignments.begin(book, row.inspection), "assignment")
    become(office, office.officers[3])
    assignments.begin(book, row.inspection)
    assert queries.stands(book, [record])[record].reply.reason == "出差"


def test_what_was_recalled_cannot_be_begun_and_what_was_begun_cannot_be_recalled(office: Office):
    first, second, dispatcher = given(office), given(office), office.book.person
    assignments.recall(office.book, first, why="合并检查")
    rows = [keeping.kept(office.book, "assignment", each) for each in (first, second)]
    assert queries.recalled(office.book, [row.inspection for row in rows]) == {rows[0].inspection}
    become(office, office.officers[0])
    refused(lambda: assignments.begin(office.book, rows[0].inspection), "assignment")
    assignments.begin(office.book, rows[1].inspection)
    for verb in (assignments.decline, assignments.recall):
        become(office, office.officers[0] if verb is assignments.decline else dispatcher)
        refused(lambda verb=verb: verb(office.book, second, why="x"), "assignment")


def test_the_dispatcher_sees_first_what_is_overdue_and_as_a_time_limit_what_came_back(office: Office):
    late, soon, dispatcher = given(office), given(office, due="2026-12-20"), office.book.person
    assert state(office, late) == "waiting"
    later(office, 20)
    assert (state(office, late), state(office, soon)) == ("overdue", "waiting")
    assert queries.open_ids(office.book) == [late, soon]
    assert [each.due for each in inspections.today(office.book).assigned] == ["2026-11-30", "2026-12-20"]
    assert queries.dues(office.book) == []
    anew = assignments.assign_anew(
        office.book,
        late,
        first_officer=office.officers[2],
        second_officer=office.officers[3],
        due="2026-12-15",
        why="逾期未检查",
    )
    assert (state(office, late), state(office, anew)) == ("replaced", "waiting")
    become(office, office.officers[2])
    assignments.decline(office.book, anew, why="出差")
    assert queries.dues(office.book) == []
    become(office, dispatcher)
    assert [(each.record, each.due_on.isoformat()) for each in queries.dues(office.book)] == [
        (anew, "2026-12-15")
    ]


@pytest.mark.parametrize(
    ("number", "steps", "after"),
    [
        ("漳环检通〔2026〕15号", 2, "漳环检通〔2026〕17号"),
        ("漳环检通〔2026〕099号", 1, "漳环检通〔2026〕100号"),
        ("无号", 3, "无号"),
        ("7", 0, "7"),
    ],
)
def test_notice_numbers_count_on(number: str, steps: int, after: str):
    assert rules.number_after(number, steps) == after
