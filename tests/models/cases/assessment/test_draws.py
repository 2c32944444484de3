"""Drawing experts for a case: who is kept out, what is kept, and whether it can be repeated."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.cases.assessment import drawing, queries, rules, verbs
from models.cases.assessment.room import ROOM
from models.cases.damage import queries as damage
from models.errors import RuleBroken
from models.registry.experts import verbs as pool
from models.store.change import new_id, put
from tests.models.cases.assessment.conftest import CODE, Assessment
from tests.models.registry.experts.conftest import an_expert

ALREADY_THERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


def refused(field: str) -> pytest.RaisesExc[RuleBroken]:
    """That a rule names the field."""
    return pytest.raises(RuleBroken, check=lambda error: error.field == field)


def row_of(given: Assessment, draw: str) -> queries.ExpertDraw:
    """The row of a draw."""
    row = queries.draw(given.book, draw)
    assert row is not None
    return row


@pytest.mark.requirement("R051")
def test_a_draw_keeps_all_that_is_needed_to_repeat_it(assessment: Assessment):
    draw = assessment.draw()
    row = row_of(assessment, draw)
    lines = (row.candidates or "").splitlines()

    assert row.algorithm == "qingcha-draw-1"
    assert row.list_hash == drawing.list_hash(lines)
    assert [drawing.id_of(each) for each in lines] == sorted(assessment.experts)
    assert queries.chosen(row) == queries.repeat(row) == drawing.choose("种子", lines, 3)
    assert queries.verify_draw(assessment.book, draw)
    assert row.drawn_by == assessment.book.person


@pytest.mark.requirement("R051")
def test_a_seed_is_made_where_none_is_given_and_differs_each_time(assessment: Assessment):
    first = row_of(assessment, assessment.draw(seed=None, count=1))
    second = row_of(assessment, assessment.draw(seed=" ", count=1, reason="补充"))

    assert first.seed != second.seed
    assert len(first.seed or "") == 32
    assert queries.holds(first)
    assert queries.holds(second)


@pytest.mark.requirement("R051")
@pytest.mark.parametrize(
    "change",
    [
        {"seed": "另一个"},
        {"count": 2},
        {"algorithm": "qingcha-draw-2"},
        {"list_hash": "0" * 64},
        {"candidates": ""},
    ],
)
def test_a_draw_whose_record_was_changed_does_not_verify(assessment: Assessment, change: dict[str, object]):
    draw = assessment.draw()
    assessment.book.write(put("expert_draw", draw, assessment.book.unit, **change))

    assert not queries.verify_draw(assessment.book, draw)
    assert f"draw:broken:{draw}" in [each.key for each in queries.lacking(assessment.book, assessment.case)]


@pytest.mark.requirement("R051")
@ALREADY_THERE
@given(change=st.sampled_from(["drop", "swap", "name", "chosen"]), place=st.integers(0, 8))
def test_a_changed_list_or_choice_does_not_verify(assessment: Assessment, change: str, place: int):
    draw = assessment.draw(reason="又一次", count=1)
    row = row_of(assessment, draw)
    lines = (row.candidates or "").splitlines()
    place %= len(lines)
    if change == "drop":
        lines.pop(place)
    elif change == "swap":
        lines = [*lines[place:], *lines[:place]] if place else lines[::-1]
    elif change == "name":
        lines[place] += "新"
    fields: dict[str, str] = {"candidates": "\n".join(lines)}
    if change == "chosen":
        other = next(each for each in map(drawing.id_of, lines) if each not in queries.chosen(row))
        fields = {"chosen": other}
    elif lines == (row.candidates or "").splitlines():
        fields = {"candidates": ""}
    assessment.book.write(put("expert_draw", draw, assessment.book.unit, **fields))

    assert not queries.verify_draw(assessment.book, draw)
    verbs.withdraw_draw(assessment.book, draw, why="试验")


@pytest.mark.requirement("R051")
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"employer": "示例印染企业03"}, "employer"),
        ({"employer": "示例印染企业03 研发中心"}, "employer"),
        ({"employer": "示例单位", "employer_code": CODE}, "code"),
        ({"name": "示例人03"}, "named"),
        ({"name": "执法员01"}, "named"),
    ],
)
def test_who_has_a_tie_is_never_chosen(assessment: Assessment, fields: dict[str, object], why: str):
    tied = an_expert(assessment.book, **{"name": "有关系者", **fields})

    row = row_of(assessment, assessment.draw(count=9))

    assert tied not in queries.chosen(row)
    assert [(each.id, each.why) for each in rules.exclusions(row.excluded)] == [(tied, why)]
    with refused("count"):
        assessment.draw(count=10, reason="再抽")


@pytest.mark.requirement("R051")
def test_site_and_clue_count_for_ties_as_well(assessment: Assessment):
    site, clue = new_id(), new_id()
    assessment.book.write(
        put("site", site, assessment.book.unit, name="示例污水处理厂07", legal_person="示例人07"),
        put("clue", clue, assessment.book.unit, checker="示例核查人"),
    )
    assessment.set(site=site, clue=clue)
    by_site = an_expert(assessment.book, "甲", employer="示例污水处理厂07")
    by_person = an_expert(assessment.book, "示例人07", employer="示例单位甲")
    by_clue = an_expert(assessment.book, "示例核查人", employer="示例单位乙")

    row = row_of(assessment, assessment.draw())

    assert {each.id for each in rules.exclusions(row.excluded)} == {by_site, by_person, by_clue}


@pytest.mark.requirement("R051")
def test_declared_ties_are_kept_and_keep_out(assessment: Assessment):
    row = row_of(assessment, assessment.draw(count=7, declared="专家01：亲属\n\n专家02: 曾任顾问"))

    kept_out = rules.exclusions(row.excluded)
    assert [(each.name, each.why, each.detail) for each in kept_out] == [
        ("专家01", "declared", "亲属"),
        ("专家02", "declared", "曾任顾问"),
    ]
    assert not {each.id for each in kept_out} & set(queries.chosen(row))


@pytest.mark.parametrize("declared", ["专家01", "专家01：", "无此人：亲属"])
def test_a_declared_tie_must_name_somebody_and_say_what(assessment: Assessment, declared: str):
    with refused("declared"):
        assessment.draw(declared=declared)


@given(
    st.lists(st.sampled_from(["甲研究所", "乙研究院", "示例印染企业03"]), min_size=1, max_size=8),
    st.sampled_from(["甲研究所", "示例印染企业03", ""]),
    st.text("0123456789", min_size=1, max_size=6),
)
def test_ties_are_kept_out_whatever_the_pool(employers: list[str], party: str, seed: str):
    concerned = rules.Concerned(organisations=(party,) if party else ())
    people = [rules.Person(f"{n:04}", f"人{n}", employer) for n, employer in enumerate(employers)]

    free = [each for each in people if rules.tie(each, concerned, {}) is None]
    lines = drawing.canonical(drawing.line(each.id, each.name, each.employer) for each in free)
    chosen = drawing.choose(seed, lines, len(lines))

    assert {each.employer for each in people if each.id in chosen} == set(employers) - {party}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("示例化工（漳州）有限公司", "示例化工(漳州) 有限公司", True),
        ("福建农林大学", "福建农林大学林学院", True),
        ("漳州市水利局", "漳州市水利设计院", False),
        ("水利局", "漳州市水利局", False),  # too short to tell
        ("", "", False),
    ],
)
def test_names_of_one_organisation_are_seen_through(one: str, other: str, same: bool):
    assert rules.same_organisation(one, other) == same
    assert rules.same_organisation(other, one) == same


@pytest.mark.requirement("R050", "R051")
def test_field_and_nearness_decide_who_is_on_the_list(assessment: Assessment):
    by_field = row_of(assessment, assessment.draw(field="water", count=5))
    near = row_of(assessment, assessment.draw(nearest=2, count=1, reason="就近"))
    elsewhere = row_of(assessment, assessment.draw(nearest=1, near="漳浦", count=1, reason="就近"))

    assert set(queries.chosen(by_field)) == set(assessment.experts[0::2])
    # of those not chosen yet, 龙文 alone lies within the two counties nearest to 芗城
    assert queries.chosen(near) == (assessment.experts[1],)
    assert queries.chosen(elsewhere) == (assessment.experts[5],)
    assert (near.near, elsewhere.near) == ("350602", "350623")
    assert [(each.id, each.why) for each in rules.exclusions(near.excluded)] == [
        (assessment.experts[0], "chosen")
    ]


@pytest.mark.requirement("R047")
def test_the_pool_is_that_of_the_day_of_the_draw(assessment: Assessment):
    pool.retire(assessment.book, assessment.experts[0], on="2021-04-05", why="调离")
    late = an_expert(assessment.book, "后来者", employer="示例单位", entered_on="2021-04-06")

    day_before = row_of(assessment, assessment.draw(on="2021-04-04", count=9))
    verbs.withdraw_draw(assessment.book, day_before.id, why="日期有误")
    day_of = row_of(assessment, assessment.draw(count=8, reason="更正日期"))

    assert assessment.experts[0] in queries.chosen(day_before)
    assert not {assessment.experts[0], late} & set(queries.chosen(day_of))


def test_a_further_draw_needs_a_reason_even_when_the_first_was_withdrawn(assessment: Assessment):
    first = assessment.draw()
    with refused("reason"):
        assessment.draw(seed="更好的种子")
    verbs.withdraw_draw(assessment.book, first, why="专家不能到场")
    with refused("reason"):
        assessment.draw(seed="更好的种子")

    second = assessment.draw(seed="更好的种子", reason="专家不能到场")

    assert [row.id for row in queries.draws_of(assessment.book, assessment.case)] == [second]
    every = queries.draws_of(assessment.book, assessment.case, withdrawn=True)
    assert [row.id for row in every] == [first, second]


def test_a_supplementary_draw_chooses_none_again(assessment: Assessment):
    first = row_of(assessment, assessment.draw())
    second = row_of(assessment, assessment.draw(count=6, reason="补充领域"))

    assert not set(queries.chosen(first)) & set(queries.chosen(second))
    with refused("count"):
        assessment.draw(count=1, reason="再补充")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 10}, "count"),
        ({"nearest": 0}, "nearest"),
        ({"near": "厦门", "nearest": 1}, "near"),
        ({"on": "2021-03-09"}, "on"),
        ({"on": "2999-01-01"}, "on"),
        ({"field": "mining"}, "field"),
        ({"near": "诏安"}, "nearest"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(
    assessment: Assessment, fields: dict[str, object], field: str
):
    with refused(field):
        assessment.draw(**fields)
    assert queries.draws_of(assessment.book, assessment.case, withdrawn=True) == []


def test_only_an_open_case_draws_experts(assessment: Assessment):
    other = new_id()
    assessment.book.write(put("damage_case", other, assessment.book.unit, title="未启动"))
    with refused("case"):
        verbs.draw(assessment.book, other, on="2021-04-05", count=3)
    assessment.step("terminated", "2021-04-02")
    with refused("case"):
        assessment.draw()
    assert verbs.why_not_draw(assessment.book, assessment.case) is not None


@pytest.mark.requirement("R051")
def test_named_experts_need_a_reason_and_are_checked_for_ties(assessment: Assessment):
    tied = an_expert(assessment.book, "示例人03", employer="示例单位")
    given, book, case = assessment, assessment.book, assessment.case
    with refused("reason"):
        verbs.name_experts(book, case, on="2021-04-05", experts=given.experts[:3], reason=" ")
    with refused("experts"):
        verbs.name_experts(book, case, on="2021-04-05", experts=[tied], reason="只此一人")
    with refused("experts"):
        verbs.name_experts(book, case, on="2021-04-05", experts=[new_id()], reason="只此一人")
    with refused("experts"):
        verbs.name_experts(book, case, on="2021-04-05", experts=["", ""], reason="只此一人")

    draw = verbs.name_experts(book, case, on="2021-04-05", experts=given.experts[:3], reason="专业所限")

    row = row_of(given, draw)
    assert (row.how, row.seed, queries.chosen(row)) == ("named", None, tuple(given.experts[:3]))
    assert queries.verify_draw(book, draw)
    with pytest.raises(ValueError, match="None"):
        queries.repeat(row)
    book.write(put("expert_draw", draw, book.unit, chosen=tied))
    assert not queries.verify_draw(book, draw)


def test_a_grid_worker_draws_nobody(assessment: Assessment):
    assessment.book.write(put("officer", assessment.book.person, assessment.book.unit, role="grid_worker"))

    with refused("role"):
        assessment.draw()


@pytest.mark.parametrize("where", ["case", "clue"])
def test_who_approved_by_record_and_is_in_the_pool_is_kept_out(assessment: Assessment, where: str) -> None:
    book, head, clue = assessment.book, new_id(), new_id()
    book.write(put("officer", head, book.unit, name="专家01", role="lead"))
    if where == "case":
        assessment.set(approver=head)
    else:
        book.write(put("clue", clue, book.unit, approver=head))
        assessment.set(clue=clue)
    case = damage.damage_case(book, assessment.case)
    assert case is not None
    found = queries.candidates(book, case, date(2021, 4, 5))
    assert [each.name for each in found.excluded] == ["专家01"]


@pytest.mark.parametrize("day", ["乱写", "2021-13-45"])
def test_a_day_of_the_violation_that_no_verb_wrote_stops_no_form(assessment: Assessment, day: str) -> None:
    assessment.set(occurred_on=day)
    act = ROOM.act("draw_experts")
    assert act is not None
    assert act.preset is not None
    assert act.preset(assessment.book, assessment.case)["count"]
