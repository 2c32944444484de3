"""The procedure as a pure machine over dated steps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cases.damage import stages
from models.cases.damage.stages import Progress, after, next_steps, progress
from models.language import translate


@dataclass
class Step:
    """A step as `progress` reads it."""

    id: str
    step: str | None
    on: str | None
    to: str | None = None


def taken(*names: str) -> list[Step]:
    """Steps on following days."""
    return [Step(f"{count:03d}", name, f"2021-03-{count + 1:02d}") for count, name in enumerate(names)]


WHOLE = (
    "start",
    "investigation",
    "assessment",
    "consultation",
    "agreement",
    "confirmation",
    "performance",
    "performed",
    "evaluation",
    "closed",
)


@pytest.mark.requirement("R029")
def test_the_eight_stages_have_exactly_the_words_of_the_flow_chart():
    words = [translate(stages.NAMES[key]) for key in stages.STAGES]
    assert words == ["启动", "调查", "专家评估", "磋商", "达成磋商协议", "司法确认", "履行", "修复评估"]


def test_a_case_goes_through_all_eight_to_its_closing():
    at = progress(taken(*WHOLE))
    assert at.done
    assert [stage for stage, _day in at.entered] == list(stages.STAGES)
    assert at.odd == ()


@pytest.mark.requirement("R029")
def test_judicial_confirmation_may_be_passed_over():
    at = progress(taken(*[name for name in WHOLE if name != "confirmation"]))
    assert at.done


@pytest.mark.requirement("R006", "R007")
def test_a_signed_agreement_awaits_performance_until_it_is_performed():
    names = WHOLE[:5]
    assert progress(taken(*names)).standing == "awaiting"
    assert progress(taken(*WHOLE[:7])).standing == "awaiting"
    assert progress(taken(*WHOLE[:8])).standing == "other"
    assert progress(taken(*WHOLE[:9])).standing == "other"
    assert progress(taken(*WHOLE)).standing == "done"


@pytest.mark.requirement("R001")
def test_a_case_stands_on_each_day_where_its_steps_had_brought_it():
    steps = taken(*WHOLE)
    assert not progress(steps, "2021-02-28").started
    assert progress(steps, "2021-03-01").stage == "start"
    assert progress(steps, "2021-03-04").stage == "consultation"
    assert not progress(steps, "2021-03-09").done
    assert progress(steps, "2021-03-10").done


def test_going_back_from_the_agreement_undoes_it():
    steps = [*taken(*WHOLE[:5]), Step("9", "back", "2021-04-01", "consultation")]
    at = progress(steps)
    assert (at.stage, at.agreed, at.standing) == ("consultation", False, "other")


def test_papers_of_a_stage_gone_back_to_count_from_that_day_on():
    steps = [*taken(*WHOLE[:4]), Step("9", "back", "2021-04-01", "assessment")]
    at = progress(steps)
    assert at.redone_since("assessment") == "2021-04-01"
    assert at.redone_since("consultation") == "2021-04-01"
    assert at.redone_since("investigation") == "2021-03-01"


def test_a_failed_consultation_leads_to_a_suit_a_judgment_and_performance_without_an_agreement():
    at = progress(taken(*WHOLE[:4], "failed", "suit", "judgment", "performance"))
    assert (at.stage, at.agreed, at.standing) == ("performance", False, "other")


def test_steps_of_two_laptops_that_do_not_follow_are_left_out_and_named():
    steps = taken("start", "investigation", "assessment")
    steps.append(Step("other", "investigation", "2021-03-02", None))
    at = progress(steps)
    assert at.stage == "assessment"
    assert at.odd == ("other",)


NAMES = st.sampled_from([*stages.STEPS, "nonsense"])
DAYS = st.integers(1, 28).map(lambda number: f"2021-03-{number:02d}")
RANDOM = st.lists(
    st.tuples(NAMES, DAYS, st.sampled_from([None, *stages.STAGES])).map(
        lambda parts: (parts[0], parts[1], parts[2])
    ),
    max_size=25,
)


@given(RANDOM, st.randoms())
def test_where_a_case_stands_never_depends_on_the_order_in_which_its_steps_came(parts, random):
    steps = [Step(f"{count:03d}", *each) for count, each in enumerate(parts)]
    shuffled = list(steps)
    random.shuffle(shuffled)
    assert progress(steps) == progress(shuffled)


@given(RANDOM)
def test_every_started_case_is_in_exactly_one_class_and_nothing_follows_its_end(parts):
    at = Progress()
    for name, day, to in sorted(parts, key=lambda each: each[1]):
        before = at
        try:
            at = after(at, name, day, to)
        except ValueError:
            continue
        assert not before.ended
        assert name in next_steps(before)
        assert at.standing in ("done", "awaiting", "other")
        assert at.stage in stages.STAGES
        if at.awaiting:
            assert stages.STAGES.index(at.stage) >= stages.STAGES.index("agreement")
    if at.ended:
        assert next_steps(at) == ()


def test_every_step_that_requires_papers_names_known_ones():
    for step in stages.STEPS:
        for group in stages.required(step):
            assert group
            assert set(group) <= set(stages.papers())


@pytest.mark.requirement("R032")
def test_every_stage_says_what_is_next_and_who_takes_part():
    for each in stages.stages():
        assert each.guide
        assert each.who
    assert [each.key for each in stages.stages()] == list(stages.STAGES)
