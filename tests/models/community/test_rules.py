"""The quorum at its whole-number edges, limits of a patrol, levels of grids, what is personal data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.community import choices, rules
from models.community.facts import departments, grid_items, instruments
from models.errors import RuleBroken


@dataclass
class Person:
    party_member: bool | None


def members(party: int, others: int) -> list[Person]:
    return [Person(True)] * party + [Person(False)] * others


@pytest.mark.requirement("R065")
@pytest.mark.parametrize(
    ("party", "others", "ok", "missing"),
    [
        (0, 0, False, 1),
        (1, 0, True, 0),
        (0, 1, False, 1),
        (1, 1, True, 0),
        (2, 3, False, 1),
        (3, 2, True, 0),
        (3, 3, True, 0),
        (3, 4, False, 1),
        (1, 6, False, 3),
    ],
)
def test_half_party_members_is_enough_and_one_less_is_not(party, others, ok, missing):
    found = rules.party_quorum(members(party, others), 50)
    assert (found.count, found.party, found.ok, found.missing) == (party + others, party, ok, missing)


@pytest.mark.requirement("R065")
@given(party=st.integers(0, 400), others=st.integers(0, 400), percent=st.integers(0, 100))
def test_the_quorum_is_the_exact_fraction_and_what_is_missing_just_closes_it(party, others, percent):
    found = rules.party_quorum(members(party, others), percent)
    if party + others == 0:
        assert (found.ok, found.missing) == (False, 1)
        return
    share = Fraction(percent, 100)
    assert found.ok == (Fraction(party, party + others) >= share)
    assert found.ok == (found.missing == 0)
    assert rules.party_quorum(members(party + found.missing, others - found.missing), percent).ok
    if found.missing:
        less = found.missing - 1
        assert not rules.party_quorum(members(party + less, others - less), percent).ok


def test_a_member_of_whom_nobody_said_it_is_no_party_member():
    assert rules.party_quorum([Person(None), Person(True)], 50).party == 1


@pytest.mark.requirement("R062")
def test_the_rate_of_founding_is_never_rounded_up_to_all():
    assert rules.FoundingRate(0, 0).rate is None
    assert rules.FoundingRate(0, 0).percent == "–"
    assert rules.FoundingRate(1999, 2000).percent == "99.9%"
    assert rules.FoundingRate(2000, 2000).percent == "100%"
    assert rules.FoundingRate(1, 2).rate == 0.5


@pytest.mark.requirement("R076", "R063")
def test_a_grid_stands_directly_under_the_level_above():
    order = choices.values(choices.LEVELS)
    assert order == ("city", "county", "street", "community", "grid")
    for place, level in enumerate(order):
        for above in (None, *order):
            right = above is None if place == 0 else above == order[place - 1]
            if right:
                rules.refuse_superior(level, above)
            else:
                with pytest.raises(RuleBroken):
                    rules.refuse_superior(level, above)


@pytest.mark.requirement("R069", "R064", "R071", "R072", "R061")
def test_the_lists_are_those_of_the_notice():
    assert len(choices.ACTIONS) == 7
    assert len(choices.CATEGORIES) == 4
    assert choices.values(choices.CLASSES)[:3] == ("sewage", "greening", "waste_sorting")
    assert len(choices.FOUR_PARTIES) == 4
    notice = instruments()["committee_notice"]
    assert notice.issued_on is not None
    assert notice.issued_on.isoformat() == "2021-11-29"
    assert len(notice.by) == 3
    assert len(notice.duties) == 4
    assert notice.source


@pytest.mark.requirement("R069")
def test_the_checklist_has_fifteen_items_each_with_limit_and_way_up():
    items = grid_items()
    assert list(items) == [f"G{number:02}" for number in range(1, 16)] == list(choices.values(choices.ITEMS))
    for item in items.values():
        assert item.most in rules.MOST
        assert set(item.objects) <= set(choices.values(choices.OBJECTS))
        assert set(item.departments) <= set(departments())
        assert item.problem_class in ("", *choices.values(choices.CLASSES))
        assert bool(item.departments) == bool(item.when_zh)
        assert item.asked.zh
        assert item.asked.en
        assert item.asked.how_zh
        assert item.asked.how_en
    must = [code for code, item in items.items() if item.must_report]
    assert must == ["G04", "G11", "G12"] == [code for code, item in items.items() if item.asked.star]
    assert items["G11"].hands_off
    assert items["G04"].stay_out
    assert (items["G05"].after, items["G09"].after) == (3, 2)


def allowed(code: str | None, **doing: str) -> bool:
    done = {"action": "patrol", "outcome": "none", "manner": "outside", "whom": "resident", **doing}
    try:
        rules.refuse_beyond(grid_items()[code] if code else None, **done)
    except RuleBroken as error:
        broken = error
    else:
        return True
    assert broken.field in ("action", "outcome", "manner", "item")
    assert code is None or "国办发〔2024〕54号" in broken.basis
    return False


@pytest.mark.requirement("R067", "R069")
@pytest.mark.parametrize("code", list(grid_items()))
def test_no_patrol_goes_beyond_the_limit_of_its_item(code):
    item = grid_items()[code]
    limit = rules.MOST.index(item.most)
    kept = "reported" if item.must_report else "none"
    assert allowed(code, outcome="dissuaded") == (limit >= 2 and not item.must_report)
    assert allowed(code, outcome="stopped") == (limit >= 3 and not item.must_report)
    assert allowed(code, action="stop", outcome=kept) == (limit >= 3)
    assert allowed(code, action="coordinate", outcome=kept) == (limit >= 1)
    assert allowed(code, action="report", outcome="reported")
    assert allowed(code) == (not item.must_report)


@pytest.mark.requirement("R067")
def test_suspected_hazardous_waste_is_never_touched_and_premises_never_entered():
    assert allowed("G11", action="report", outcome="reported")
    assert not allowed("G11", action="report", outcome="reported", manner="handled")
    assert not allowed("G11", action="report", outcome="reported", manner="inside")
    assert allowed("G04", action="learn", outcome="reported", whom="shop")
    assert not allowed("G04", action="learn", outcome="reported", whom="shop", manner="inside")
    assert not allowed("G01", whom="shop", manner="inside")
    assert allowed("G01", whom="property", manner="inside")
    assert not allowed(None, manner="handled")


def test_without_an_item_nobody_is_dissuaded_or_stopped():
    assert allowed(None)
    assert allowed(None, outcome="reported")
    assert not allowed(None, outcome="dissuaded")
    assert not allowed(None, outcome="stopped")
    assert not allowed(None, action="stop")


@pytest.mark.requirement("R070")
@given(
    sent=st.none() | st.integers(0, 9),
    received=st.none() | st.integers(0, 9),
    closed=st.none() | st.just("2026-01-01"),
)
def test_the_state_of_a_report_is_that_of_its_last_step(sent, received, closed):
    @dataclass
    class Row:
        sent_at: int | None
        received_at: int | None
        closed_on: str | None

    expected = "waiting"
    for state, value in (("sent", sent), ("received", received), ("closed", closed)):
        expected = state if value is not None else expected
    assert rules.report_state(Row(sent, received, closed)) == expected


@given(item=st.sampled_from(list(grid_items().values())), running=st.integers(0, 6))
def test_what_was_found_often_enough_goes_upward(item, running):
    found = rules.escalates(item, running)
    if running == 0:
        assert not found
    elif item.must_report or item.at_once:
        assert found
    else:
        assert found == (item.after > 0 and running >= item.after)
    assert not found or rules.escalates(item, running + 1)


def test_a_repeat_limit_of_none_never_escalates():
    item = replace(grid_items()["G05"], after=0)
    assert not rules.escalates(item, 99)


def test_moments_are_read_as_china_says_them():
    assert rules.read_moment("14:30", "2026-11-23", "x") == 1795415400000
    assert rules.read_moment("２０２６-11-23 14:30", "2020-01-01", "x") == 1795415400000
    assert rules.moment_text(1795415400000) == "2026-11-23 14:30"
    assert rules.read_moment(5, "2026-11-23", "x") == 5
    assert rules.read_moment(None, "2026-11-23", "x") is None
    for wrong in ("25:00", "14.30", "", "2026-02-30 10:00", "下午"):
        with pytest.raises(RuleBroken) as broken:
            rules.read_moment(wrong, "2026-11-23", "first_seen_at")
        assert broken.value.field == "first_seen_at"


@pytest.mark.requirement("R089", "R072")
def test_names_numbers_and_doors_leave_the_public_text():
    names = rules.names_in("3栋2单元业主陈小明、示例物业公司，林女士")
    assert "陈小明" in names
    assert "示例物业公司" in names
    assert "林" not in names, "a single character would tear words apart"
    text = "陈小明（13800000000，35060219900101001X，a@b.cn）住3栋2单元501室，与示例物业公司约定每周清运"
    public = rules.without_personal_data(text, names)
    for secret in ("陈小明", "13800000000", "35060219900101001X", "a@b.cn", "501室", "3栋"):
        assert secret not in public
    assert "约定每周清运" in public
    rules.refuse_personal_data(public, names, "text")
    with pytest.raises(RuleBroken) as broken:
        rules.refuse_personal_data("请拨打13800000000", (), "text")
    assert broken.value.field == "text"
    rules.refuse_personal_data("共3000000000元", (), "text")


@pytest.mark.requirement("R089")
@given(
    name=st.text("陈林王小明芳伟", min_size=2, max_size=4),
    around=st.text("的与和约定每周，。", max_size=20),
)
def test_whatever_stands_around_a_name_it_is_gone(name, around):
    public = rules.without_personal_data(f"{around}{name}{around}{name}", rules.names_in(name))
    assert name not in public


@pytest.mark.parametrize("text", ["0001-01-01 00:00", "0000-01-01 00:00", "9999-12-32 00:00"])
def test_a_moment_outside_the_calendar_is_refused(text):
    with pytest.raises(RuleBroken):
        rules.read_moment(text, "2026-11-23", "at")


@pytest.mark.parametrize("ms", [-(10**17), 10**17, 253402300800000])
def test_a_moment_that_no_clock_shows_has_no_words(ms):
    assert rules.moment_text(ms) == ""


def test_every_item_rests_on_what_was_in_force_on_the_day():
    for day in (date(2021, 6, 1), date(2023, 9, 1), date(2026, 8, 14), date(2026, 8, 15)):
        assert all(item.basis(day) for item in grid_items().values())
    noise = grid_items()["G02"]
    assert "物业管理条例" in noise.basis(date(2022, 6, 4))
    assert "噪声污染防治法" in noise.basis(date(2022, 6, 5))
    assert "生态环境法典" in noise.basis(date(2026, 8, 15))


def test_every_item_says_which_evidence_to_keep():
    for item in grid_items().values():
        assert item.asked.evidence_zh
        assert item.asked.evidence_en
