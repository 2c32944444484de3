"""Communities, grids, committees and members, as of any day."""

from __future__ import annotations

from datetime import date

import pytest

from models.community import queries, verbs
from models.community.sheets import committee_sheet, community_sheet, member_sheet
from models.errors import RuleBroken
from models.registry.keeping import row_of

DAY = date(2021, 12, 31)


@pytest.mark.requirement("R062")
def test_the_rate_of_founding_follows_the_legal_dates(quarter):
    book = quarter.book
    second = verbs.add_community(book, name="示例二社区", street="东铺头街道", founded_on="2021-12-20")
    quarter.committee(1, 0, founded_on="2021-12-10")
    for day, founded, communities in (
        (date(2000, 12, 31), 0, 0),
        (date(2021, 12, 9), 0, 1),
        (date(2021, 12, 10), 1, 1),
        (date(2021, 12, 20), 1, 2),
    ):
        rate = queries.founding_rate(book, day)
        assert (rate.founded, rate.communities) == (founded, communities), day
    other = verbs.found_committee(book, second, founded_on="2022-01-05")
    assert queries.founding_rate(book, date(2022, 1, 4)).percent == "50%"
    assert queries.founding_rate(book, date(2022, 1, 5)).percent == "100%"
    verbs.dissolve_committee(book, other, on="2022-06-01", why="社区撤并")
    assert queries.founding_rate(book, date(2022, 5, 31)).rate == 1
    assert queries.founding_rate(book, date(2022, 6, 1)).founded == 1
    verbs.merge_community(book, second, on="2022-07-01", into=quarter.community)
    assert queries.founding_rate(book, date(2022, 6, 30)).communities == 2
    assert queries.founding_rate(book, date(2022, 7, 1)).percent == "100%"
    assert queries.founding_rate(book, date(2022, 1, 5)).percent == "100%", "the past does not change"


@pytest.mark.requirement("R065")
def test_the_quorum_follows_who_comes_and_goes(quarter):
    book = quarter.book
    committee = quarter.committee(1, 1)
    assert queries.quorum_of(book, committee, DAY).ok
    verbs.add_member(book, committee, name="后来者", categories="owners_rep", joined_on="2022-03-01")
    assert queries.quorum_of(book, committee, date(2022, 2, 28)).ok
    short = queries.quorum_of(book, committee, date(2022, 3, 1))
    assert (short.ok, short.missing) == (False, 1)
    (first,) = [row for row in queries.members_of(book, committee) if row.name == "委员01"]
    verbs.member_leaves(book, first.id, on="2022-04-01")
    assert not queries.quorum_of(book, committee, date(2022, 3, 31)).ok
    assert queries.quorum_of(book, committee, date(2022, 4, 1)).ok
    assert not queries.quorum_of(book, committee, date(2021, 12, 9)).ok, "nobody was in office yet"


@pytest.mark.requirement("R065")
def test_the_share_is_demanded_from_the_day_of_the_notice_on(quarter):
    assert queries.percent_on(date(2021, 11, 28)) == 0
    assert queries.percent_on(date(2021, 11, 29)) == 50
    committee = quarter.committee(0, 2, founded_on="2021-11-28")
    assert queries.quorum_of(quarter.book, committee, date(2021, 11, 28)).ok
    assert not queries.quorum_of(quarter.book, committee, date(2021, 11, 29)).ok


@pytest.mark.requirement("R065", "R061")
def test_a_committee_that_is_short_shows_it_in_red_with_the_notice(quarter):
    committee = quarter.committee(1, 2)
    sheet = committee_sheet(quarter.book, committee)
    assert sheet.state.part == "bad"
    values = [fact.value for section in sheet.sections for fact in section.facts]
    assert "2021-11-29" in values
    assert any("民政局" in value and "城市管理局" in value and "生态环境局" in value for value in values)
    (state,) = queries.committees(quarter.book, date(2022, 1, 1))
    assert (state.quorum.party, state.quorum.count, state.percent) == (1, 3, 50)


@pytest.mark.requirement("R063")
def test_a_committee_is_led_by_the_residents_committee_under_its_street(quarter):
    committee = quarter.committee(1, 0)
    assert row_of(quarter.book, "committee", committee).led_by == "示例社区居民委员会"
    facts = [
        fact.value for section in committee_sheet(quarter.book, committee).sections for fact in section.facts
    ]
    assert "东铺头街道" in facts


@pytest.mark.requirement("R062")
def test_a_community_has_one_committee_at_a_time(quarter):
    book = quarter.book
    first = quarter.committee(1, 0)
    with pytest.raises(RuleBroken) as broken:
        verbs.found_committee(book, quarter.community, founded_on="2022-01-01")
    assert broken.value.field == "founded_on"
    verbs.dissolve_committee(book, first, on="2026-01-10", why="换届")
    with pytest.raises(RuleBroken):
        verbs.found_committee(book, quarter.community, founded_on="2026-01-09")
    verbs.found_committee(book, quarter.community, founded_on="2026-01-10")
    assert len(queries.committees(book, date(2026, 1, 9))) == 1
    assert len(queries.committees(book, date(2026, 1, 10))) == 1


@pytest.mark.requirement("R064", "R074")
def test_one_person_has_several_roles(quarter, become):
    book = quarter.book
    committee = quarter.committee(1, 0)
    keeper = book.person
    worker = become("grid_worker")
    book.person = keeper
    verbs.edit_grid(book, quarter.grid, worker=worker)
    member = verbs.add_member(
        book,
        committee,
        name="示例网格员",
        categories="two_committees,grid_worker,resident",
        officer=worker,
        party_member=True,
        expertise="环境工程",
    )
    roles = queries.roles_of_person(book, worker, DAY)
    assert len(roles) == 3
    facts = [fact.value for section in member_sheet(book, member).sections for fact in section.facts]
    assert set(roles) <= set(facts)
    with pytest.raises(RuleBroken):
        verbs.add_member(book, committee, name="别名", categories="resident", officer=worker)
    with pytest.raises(RuleBroken):
        verbs.add_member(book, committee, name="示例网格员", categories="owners_rep")


@pytest.mark.requirement("R064")
@pytest.mark.parametrize("categories", ["", "boss", "resident,boss"])
def test_a_member_is_of_the_four_categories(quarter, categories):
    committee = quarter.committee(1, 0)
    with pytest.raises(RuleBroken) as broken:
        verbs.add_member(quarter.book, committee, name="某某", categories=categories)
    assert broken.value.field == "categories"


def test_a_member_may_come_back(quarter):
    committee = quarter.committee(1, 0)
    member = verbs.add_member(quarter.book, committee, name="回来者", categories="resident")
    verbs.member_leaves(quarter.book, member, on="2022-01-01")
    with pytest.raises(RuleBroken):
        verbs.add_member(
            quarter.book, committee, name="回来者", categories="resident", joined_on="2021-12-31"
        )
    verbs.add_member(quarter.book, committee, name="回来者", categories="resident", joined_on="2022-01-01")
    with pytest.raises(RuleBroken) as broken:
        verbs.member_leaves(quarter.book, member, on="2022-02-01")
    assert broken.value.field == "on"


@pytest.mark.requirement("R076", "R063")
def test_the_chain_of_grids_goes_up_to_the_city(quarter):
    chain = queries.chain(quarter.book, quarter.grid)
    assert [row.level for row in chain] == ["grid", "community", "street", "county", "city"]
    assert [row.id for row in chain] == list(reversed(quarter.grids))


@pytest.mark.requirement("R076")
def test_a_grid_skips_no_level_and_its_code_is_its_own(quarter):
    book = quarter.book
    with pytest.raises(RuleBroken) as broken:
        verbs.add_grid(book, code="X1", name="跳级", level="grid", superior=quarter.grids[2])
    assert broken.value.field == "superior"
    with pytest.raises(RuleBroken) as broken:
        verbs.add_grid(book, code=" 3506-02001001-01 ", name="重码", level="grid", superior=quarter.grids[3])
    assert broken.value.field == "code"
    with pytest.raises(RuleBroken) as broken:
        verbs.add_grid(book, code="X2", name="无社区", level="community", superior=quarter.grids[2])
    assert broken.value.field == "community"
    with pytest.raises(RuleBroken):
        verbs.edit_grid(book, quarter.grids[3], level="street", superior=quarter.grids[1])
    with pytest.raises(RuleBroken):
        verbs.withdraw_grid(book, quarter.grids[3], why="误录")
    verbs.withdraw_grid(book, quarter.grid, why="误录")
    assert queries.grids_under(book, quarter.grids[3]) == []


@pytest.mark.requirement("R068", "R073")
def test_covenants_and_participants_are_kept_with_the_community(quarter):
    book = quarter.book
    verbs.adopt_covenant(
        book, quarter.community, title="噪声公约", text="晚十点后安静", adopted_on="2022-01-01"
    )
    for kind in ("residents_committee", "social", "volunteers"):
        verbs.add_participant(book, quarter.community, kind=kind, name=f"示例{kind}")
    with pytest.raises(RuleBroken):
        verbs.add_participant(book, quarter.community, kind="army", name="示例")
    with pytest.raises(RuleBroken) as broken:
        verbs.add_participant(
            book,
            quarter.community,
            kind="social",
            name="示例",
            since_on="2022-02-02",
            until_on="2022-02-01",
        )
    assert broken.value.field == "until_on"
    opened = {
        fact.kind for section in community_sheet(book, quarter.community).sections for fact in section.facts
    }
    assert {"covenant", "participant", "grid"} <= opened


def test_days_to_come_are_refused_but_for_the_end_of_a_term(quarter):
    book = quarter.book
    with pytest.raises(RuleBroken) as broken:
        verbs.found_committee(book, quarter.community, founded_on=quarter.day(-1))
    assert broken.value.field == "founded_on"
    verbs.found_committee(book, quarter.community, founded_on=quarter.today, term_until=quarter.day(-700))


def test_names_are_not_entered_twice_and_what_has_a_committee_is_not_withdrawn(quarter):
    book = quarter.book
    with pytest.raises(RuleBroken) as broken:
        verbs.add_community(book, name=" 示例社区 ", street="东铺头街道")
    assert broken.value.field == "name"
    verbs.add_community(book, name="示例社区", street="西桥街道")
    with pytest.raises(RuleBroken):
        verbs.withdraw_community(book, quarter.community, why="误录")
    committee = quarter.committee(1, 0)
    with pytest.raises(RuleBroken):
        verbs.withdraw(book, committee, kind="committee", why="误录")


@pytest.mark.parametrize("role", ["grid_worker", "officer", "readonly", "expert"])
def test_the_register_is_kept_by_those_with_the_right(quarter, become, role):
    become(role)
    attempts = [
        lambda: verbs.add_community(quarter.book, name="某社区", street="某街道"),
        lambda: verbs.add_grid(quarter.book, code="9", name="某", level="city"),
        lambda: verbs.found_committee(quarter.book, quarter.community, founded_on="2022-01-01"),
        lambda: verbs.merge_community(quarter.book, quarter.community, on="2022-01-01"),
    ]
    for attempt in attempts:
        with pytest.raises(RuleBroken) as broken:
            attempt()
        assert broken.value.field == "role"
