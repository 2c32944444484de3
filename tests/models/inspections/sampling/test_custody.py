"""The chain of a sample from bottle to laboratory: what is refused, what stands as a gap."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RuleBroken
from models.inspections.sampling import custody, queries, verbs
from models.inspections.sampling.passing import name_of, pass_all, pass_on
from models.inspections.sampling.sealing import seal_sampling

from .conftest import HOUR, Sampled

MINUTE = 60_000


def events(sampled: Sampled, at: int = 0) -> list:
    return verbs.custody_rows(sampled.notebook, sampled.samples[at])


def gaps(sampled: Sampled, at: int = 0) -> list[str]:
    view = queries.view(sampled.notebook, sampled.id)
    return [each.msgid for each in view.gaps(view.samples[at])]


def refused(sampled: Sampled, action: str, **given) -> str:
    with pytest.raises(RuleBroken) as broken:
        pass_on(sampled.notebook, sampled.samples[0], action, **given)
    return broken.value.field


def whole_way(sampled: Sampled) -> None:
    seat, sample = sampled.notebook, sampled.samples[0]
    pass_on(seat, sample, "bagged", seal_number="F-0001")
    pass_on(seat, sample, "handed", to="送样员甲")
    pass_on(seat, sample, "received", condition="whole", seal_number="f 0001")
    pass_on(seat, sample, "handed", to="实验室收样员")
    pass_on(seat, sample, "received", condition="whole", seal_number="F-0001")
    pass_on(seat, sample, "opened", condition="whole", seal_number="F-0001")


def test_the_whole_way_has_two_hands_at_each_step_and_no_gap(sampled: Sampled):
    whole_way(sampled)
    seat = sampled.notebook
    hands = [(name_of(seat, each.by or ""), name_of(seat, each.to or "")) for each in events(sampled)]
    assert hands == [
        ("执法员01", ""),
        ("执法员01", ""),
        ("执法员01", "送样员甲"),
        ("执法员01", "送样员甲"),
        ("送样员甲", "实验室收样员"),
        ("送样员甲", "实验室收样员"),
        ("实验室收样员", ""),
    ]
    assert {each.count for each in events(sampled)} == {2}
    assert gaps(sampled) == []
    row = queries.sample(seat, sampled.samples[0])
    assert custody.standing_of(row, events(sampled), seat.clock.wall_ms()) == "opened"


def test_it_cannot_be_taken_over_before_it_was_handed_over(sampled: Sampled):
    assert refused(sampled, "received", by="甲", to="乙", condition="whole") == "action"
    assert refused(sampled, "opened", condition="whole") == "action"
    assert len(events(sampled)) == 1


def test_there_are_not_more_bottles_than_were_collected(sampled: Sampled):
    assert refused(sampled, "handed", to="送样员甲", count=3) == "count"
    pass_on(sampled.notebook, sampled.samples[0], "handed", to="送样员甲", count=1)
    assert refused(sampled, "received", condition="whole", count=2) == "count"


def test_a_bottle_that_is_lost_is_a_gap(sampled: Sampled):
    seat, sample = sampled.notebook, sampled.samples[0]
    pass_on(seat, sample, "bagged", seal_number="F-1")
    pass_on(seat, sample, "handed", to="送样员甲")
    pass_on(seat, sample, "received", condition="leaking", seal_number="F-1", count=1)
    assert gaps(sampled) == ["Bottles: {before} became {after}.", "A bottle leaked or was broken."]


def test_a_bag_has_a_seal_number_and_an_unsealed_hand_over_is_a_gap(sampled: Sampled):
    assert refused(sampled, "bagged") == "seal_number"
    pass_on(sampled.notebook, sampled.samples[0], "handed", to="送样员甲")
    assert gaps(sampled) == ["It was handed over without a sealed bag."]


def test_who_does_not_have_it_cannot_hand_it_over(sampled: Sampled):
    assert refused(sampled, "handed", by="路人", to="送样员甲") == "by"
    assert refused(sampled, "handed", to="执法员01") == "to"
    assert refused(sampled, "handed") == "to"
    pass_on(sampled.notebook, sampled.samples[0], "handed", to="送样员甲")
    assert refused(sampled, "received", by="路人", condition="whole") == "by"


def test_another_hand_than_it_was_given_to_is_a_gap(sampled: Sampled):
    seat, sample = sampled.notebook, sampled.samples[0]
    pass_on(seat, sample, "bagged", seal_number="F-1")
    pass_on(seat, sample, "handed", to="送样员甲")
    pass_on(seat, sample, "received", to="送样员乙", condition="whole", seal_number="F-1")
    assert gaps(sampled) == ["Another took it over than it was handed to."]


def test_another_seal_is_said_to_be_one(sampled: Sampled):
    seat, sample = sampled.notebook, sampled.samples[0]
    pass_on(seat, sample, "bagged", seal_number="F-1")
    pass_on(seat, sample, "handed", to="送样员甲")
    assert refused(sampled, "received", condition="whole", seal_number="F-2") == "seal_number"
    assert refused(sampled, "received", condition="whole") == "seal_number"
    pass_on(seat, sample, "received", condition="broken", seal_number="F-2")
    assert gaps(sampled) == ["The seal was broken or another one."]


def test_what_was_held_too_long_is_taken_over_only_as_that(sampled: Sampled):
    seat, sample = sampled.notebook, sampled.samples[0]
    verbs.edit_sample(seat, sample, hold_hours="0.5")
    pass_on(seat, sample, "bagged", seal_number="F-1")
    pass_on(seat, sample, "handed", to="送样员甲")
    assert refused(sampled, "received", condition="whole", seal_number="F-1") == "condition"
    row = queries.sample(seat, sample)
    assert custody.standing_of(row, events(sampled), seat.clock.wall_ms()) == "late"
    pass_on(seat, sample, "received", condition="expired", seal_number="F-1")
    assert gaps(sampled) == ["It came after its time was over."]


def test_a_step_is_not_earlier_than_the_one_before_and_not_ahead(sampled: Sampled):
    seat = sampled.notebook
    assert refused(sampled, "bagged", seal_number="F-1", at=sampled.began - MINUTE) == "at"
    assert refused(sampled, "bagged", seal_number="F-1", at=seat.clock.wall_ms() + HOUR) == "at"


def test_all_samples_go_together_or_none(sampled: Sampled):
    seat = sampled.notebook
    pass_all(seat, sampled.id, "bagged", seal_number="F-1")
    pass_on(seat, sampled.samples[1], "handed", to="送样员甲")
    with pytest.raises(RuleBroken):
        pass_all(seat, sampled.id, "handed", to="送样员乙")
    assert [each.action for each in events(sampled)] == ["collected", "bagged"]


def test_the_way_goes_on_after_every_seal(sampled: Sampled):
    from models.inspections import verbs as inspecting
    from tests.visits import fill

    seat = sampled.notebook
    pass_all(seat, sampled.id, "bagged", seal_number="F-1")
    seal_sampling(seat, sampled.id)
    fill(seat, sampled.visit)
    inspecting.seal_inspection(seat, sampled.visit)
    pass_all(seat, sampled.id, "handed", to="实验室收样员")
    kept = events(sampled)
    assert [each.inspection for each in kept] == [sampled.visit, sampled.visit, None]


def test_a_sample_on_its_way_keeps_its_bottles(sampled: Sampled):
    seat, sample = sampled.notebook, sampled.samples[0]
    verbs.edit_sample(seat, sample, bottles=3)
    assert events(sampled)[0].count == 3
    pass_on(seat, sample, "bagged", seal_number="F-1")
    with pytest.raises(RuleBroken) as broken:
        verbs.edit_sample(seat, sample, bottles=4)
    assert broken.value.field == "bottles"


STEP = st.builds(
    SimpleNamespace,
    action=st.sampled_from([*custody._AFTER, "lost", None]),
    by=st.sampled_from(["a", "b", None]),
    to=st.sampled_from(["a", "b", None]),
    at=st.integers(0, 10**13) | st.none(),
    count=st.integers(-3, 5) | st.none(),
    seal_number=st.sampled_from(["F1", "F2", None]),
    condition=st.sampled_from(["whole", "broken", "x", None]),
)


@given(st.lists(STEP, max_size=6), st.sampled_from(["24", "0", "x", None]))
def test_a_chain_that_no_verb_of_ours_wrote_is_told_and_never_fails(chain: list, hold: str | None):
    sample = SimpleNamespace(number="S", bottles=2, taken_at=5, hold_hours=hold)
    for gap in custody.gaps_of(sample, chain, reported=True):
        assert gap.text
    assert custody.standing_of(sample, chain, 10**12) in custody.STANDINGS


@given(st.lists(st.sampled_from(list(custody._AFTER)[1:]), max_size=7))
def test_only_a_chain_without_a_gap_of_order_can_be_written(actions: list[str]):
    """Whatever is accepted step by step has no gap but those that were said aloud."""
    sample = SimpleNamespace(number="S", bottles=2, taken_at=0, hold_hours=None)
    fields: set[str] = set()
    chain = [
        SimpleNamespace(action="collected", by="a", to=None, at=0, count=2, seal_number=None, condition=None)
    ]
    for place, action in enumerate(actions, 1):
        holder = custody.holder_of(chain, str)
        other = "b" if holder == "a" else "a"
        by, to = (holder, other) if action in ("handed", "received") else (holder, "")
        seal = "F1" if action == "bagged" else custody.bag_seal(chain)
        step = custody.Step(action, place * MINUTE, by, to, 2, seal, "whole")
        try:
            custody.refuse_impossible(sample, chain, step, str)
        except RuleBroken as broken:
            fields.add(broken.field)
            continue
        chain.append(
            SimpleNamespace(
                action=action, by=by, to=to or None, at=step.at, count=2, seal_number=seal, condition="whole"
            )
        )
    told = {gap.msgid for gap in custody.gaps_of(sample, chain)}
    assert fields <= {"action"}
    assert told <= {"It was handed over without a sealed bag."}
