"""Opinions: what they must say, what a case lacks without them, and who still owes one."""

from __future__ import annotations

from datetime import date

import pytest

from models.cases.assessment import queries, rules, verbs
from models.errors import RuleBroken
from models.registry.experts import verbs as pool
from models.store.change import new_id, put
from tests.models.cases.assessment.conftest import SAID, Assessment


def refused(field: str) -> pytest.RaisesExc[RuleBroken]:
    """That a rule names the field."""
    return pytest.raises(RuleBroken, check=lambda error: error.field == field)


def keys(given: Assessment, *, blocking: bool | None = None) -> list[str]:
    """What the case lacks, by key."""
    found = queries.lacking(given.book, given.case)
    return [each.key for each in found if blocking is None or each.blocking == blocking]


@pytest.mark.requirement("R051")
def test_an_opinion_keeps_its_experts_as_they_were(assessment: Assessment):
    draw = assessment.draw()
    opinion = assessment.opine(draw)
    row = queries.draw(assessment.book, draw)
    assert row is not None
    chosen = queries.chosen(row)
    pool.edit(assessment.book, chosen[0], employer="调动后的单位")

    experts = queries.experts_of(assessment.book, [opinion])[opinion]

    assert tuple(each.expert for each in experts) == chosen
    assert {each.title for each in experts} == {"高级工程师"}
    assert {each.source for each in experts} == {"court"}
    assert all((each.employer or "").startswith("示例研究所") for each in experts)
    assert all(each.no_conflict and each.signed_on == "2021-04-20" for each in experts)
    assert [each.id for each in queries.opinions_of(assessment.book, assessment.case)] == [opinion]


@pytest.mark.requirement("R051")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((name, None) for name in rules.NEEDED),
        *((name, " ") for name in rules.NEEDED if name != "total_cents"),
    ],
)
def test_nothing_that_an_opinion_must_say_may_be_missing(
    assessment: Assessment, field: str, value: str | None
):
    draw = assessment.draw()
    with refused(field):
        assessment.opine(draw, **{field: value})
    assert queries.opinions_of(assessment.book, assessment.case) == []


@pytest.mark.parametrize("field", ["no_conflict", "signed"])
def test_statement_and_signatures_are_demanded(assessment: Assessment, field: str):
    with refused(field):
        assessment.opine(assessment.draw(), **{field: False})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"dated_on": "2021-04-04"}, "dated_on"),
        ({"dated_on": "2999-01-01"}, "dated_on"),
        ({"surveyed_on": "2021-04-21"}, "surveyed_on"),
        ({"total_cents": -1}, "total_cents"),
        ({"restoration_mode": "prayer"}, "restoration_mode"),
    ],
)
def test_what_is_not_possible_is_refused(assessment: Assessment, fields: dict[str, object], field: str):
    with refused(field):
        assessment.opine(assessment.draw(), **fields)


def test_the_day_of_the_draw_and_of_the_survey_are_in_time(assessment: Assessment):
    assert assessment.opine(assessment.draw(), dated_on="2021-04-05", surveyed_on="2021-04-05")


def test_a_draw_has_one_opinion_until_that_is_withdrawn(assessment: Assessment):
    draw = assessment.draw()
    first = assessment.opine(draw)
    with refused("draw"):
        assessment.opine(draw)
    with refused("why"):
        verbs.withdraw_draw(assessment.book, draw, why="想重抽")

    verbs.withdraw_opinion(assessment.book, first, why="计算有误")

    second = assessment.opine(draw, total_cents=9_000_000)
    assert [each.id for each in queries.opinions_of(assessment.book, assessment.case)] == [second]


def test_one_opinion_rests_on_all_draws_that_wait(assessment: Assessment):
    first = assessment.draw(field="water", count=2)
    assessment.draw(field="environment", count=1, reason="补充领域")

    opinion = assessment.opine(first)

    assert len(queries.experts_of(assessment.book, [opinion])[opinion]) == 3
    assert keys(assessment) == []


def test_after_going_back_the_old_opinion_no_longer_counts(assessment: Assessment):
    draw = assessment.draw()
    assessment.opine(draw)
    assessment.step("consultation", "2021-05-01")
    assert keys(assessment) == []
    assessment.step("back", "2021-05-10", to="assessment")

    assert keys(assessment) == ["opinion:none"]
    assessment.opine(draw, surveyed_on="2021-05-12", dated_on="2021-05-12")
    assert keys(assessment) == []


def test_a_correction_changes_what_it_names_and_empties_nothing(assessment: Assessment):
    opinion = assessment.opine(assessment.draw())
    with refused("causation"):
        verbs.edit_opinion(assessment.book, opinion, causation="")
    with refused("dated_on"):
        verbs.edit_opinion(assessment.book, opinion, dated_on="2021-04-04")

    verbs.edit_opinion(assessment.book, opinion, total_cents=12_000_000, dissent="一人认为系数偏高")

    row = queries.opinion(assessment.book, opinion)
    assert row is not None
    assert (row.total_cents, row.dissent, row.causation) == (
        12_000_000,
        "一人认为系数偏高",
        SAID["causation"],
    )


@pytest.mark.requirement("R051")
def test_a_case_with_experts_lacks_first_a_draw_then_an_opinion(assessment: Assessment):
    assert keys(assessment, blocking=True) == ["draw:none"]
    draw = assessment.draw()
    assert keys(assessment, blocking=True) == ["opinion:none"]
    opinion = assessment.opine(draw)
    assert keys(assessment) == []

    someone = queries.experts_of(assessment.book, [opinion])[opinion][0].id
    verbs.correct_statement(assessment.book, someone, no_conflict=False, signed_on="2021-04-20")
    assert keys(assessment, blocking=True) == [f"no_conflict:{someone}"]
    verbs.correct_statement(assessment.book, someone, no_conflict=True, signed_on=None)
    assert keys(assessment, blocking=True) == [f"signed:{someone}"]
    with refused("signed_on"):
        verbs.correct_statement(assessment.book, someone, no_conflict=True, signed_on="2999-01-01")
    verbs.correct_statement(assessment.book, someone, no_conflict=True, signed_on="2021-04-21")
    assert keys(assessment) == []


def test_a_tie_that_comes_to_light_later_is_blocking(assessment: Assessment):
    draw = assessment.draw()
    assessment.opine(draw)
    row = queries.draw(assessment.book, draw)
    assert row is not None
    tied = queries.chosen(row)[0]
    expert = next(n for n, each in enumerate(assessment.experts, 1) if each == tied)

    assessment.set(party=f"示例研究所0{expert}")

    assert keys(assessment, blocking=True) == [f"tie:{tied}"]


@pytest.mark.parametrize(("count", "odd"), [(1, False), (2, False), (3, True), (4, False), (5, True)])
def test_an_even_or_small_number_is_shown_and_blocks_nothing(assessment: Assessment, count: int, odd: bool):
    assessment.opine(assessment.draw(count=count))

    assert keys(assessment, blocking=False) == ([] if odd else ["experts:odd"])
    assert keys(assessment, blocking=True) == []


def test_a_draw_without_its_opinion_is_shown(assessment: Assessment):
    assessment.opine(assessment.draw())
    later = assessment.draw(on="2021-04-25", count=2, reason="复核")

    assert keys(assessment) == [f"opinion:draw:{later}"]


@pytest.mark.parametrize("method", ["appraisal", "combined", None])
def test_other_methods_ask_for_no_experts(assessment: Assessment, method: str | None):
    assessment.set(method=method)

    assert keys(assessment) == []
    assert queries.lacking(assessment.book, new_id()) == []


def test_the_load_is_what_an_expert_still_owes_on_the_day(assessment: Assessment):
    draw = assessment.draw()
    row = queries.draw(assessment.book, draw)
    assert row is not None
    chosen = set(queries.chosen(row))
    assessment.opine(draw)

    def owed(day: str) -> set[str]:
        found = queries.load(assessment.book, date.fromisoformat(day))
        assert set(found.values()) <= {1}
        return set(found)

    assert [owed(day) for day in ("2021-04-04", "2021-04-05", "2021-04-19", "2021-04-20")] == [
        set(),
        chosen,
        chosen,
        set(),
    ]


def test_an_ended_case_owes_nothing(assessment: Assessment):
    assessment.draw()
    assessment.step("terminated", "2021-04-30")

    assert queries.load(assessment.book, date(2021, 4, 29)).total() == 3
    assert queries.load(assessment.book, date(2021, 4, 30)).total() == 0


def test_an_expert_may_write_an_opinion_but_not_draw(assessment: Assessment):
    draw = assessment.draw()
    book = assessment.book
    book.write(put("officer", book.person, book.unit, role="expert"))

    assert assessment.opine(draw)
    with refused("role"):
        assessment.draw(reason="自己抽")


def test_an_expert_changes_no_opinion_of_others_but_their_own(assessment: Assessment):
    opinion = assessment.opine(assessment.draw())
    book, writer = assessment.book, assessment.book.person
    stated = queries.experts_of(book, [opinion])[opinion][0]
    other = new_id()
    book.write(put("officer", other, book.unit, name="别的专家", role="expert"))
    book.person = other
    for act in (
        lambda: verbs.edit_opinion(book, opinion, dissent="有"),
        lambda: verbs.correct_statement(book, stated.id, no_conflict=False),
        lambda: verbs.withdraw_opinion(book, opinion, why="误"),
    ):
        with refused("opinion"):
            act()
    book.write(put("officer", other, book.unit, name=stated.name))
    verbs.edit_opinion(book, opinion, dissent="本人另有意见")
    book.person = writer
    verbs.withdraw_opinion(book, opinion, why="误")
