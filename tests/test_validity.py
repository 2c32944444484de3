"""Each of the thirty rules is held somewhere and by a test; the page says where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.inspections.validity import NUMBERS, rules
from tests.requirements import Held, held
from tests.validity import MARKER, PAGE, page, problems


@pytest.fixture(scope="module")
def ours() -> list[Held]:
    """What the tests of this repository hold."""
    return held(marker=MARKER)


def test_every_rule_is_held_in_the_code_and_by_a_test(ours):
    assert tuple(rules()) == NUMBERS
    assert problems(rules(), ours) == []


def test_the_page_is_what_the_tests_say(ours):
    assert PAGE.read_text("utf-8") == page(rules(), ours), "run python -m tests.validity"


def test_what_is_missing_between_rules_code_and_tests_is_named(ours):
    known = dict(rules())
    del known["V30"]
    known["V01"] = replace(known["V01"], enforced=("models.inspections.completeness:nothing",))
    known["V02"] = replace(known["V02"], reason="none")
    known["V03"] = replace(known["V03"], enforced=())
    said = problems(known, [each for each in ours if each.number != "V04"] + [Held("V31", "x", "test_x")])
    assert [sentence[:3] for sentence in said] == ["V30", "V31", "V01", "V02", "V03", "V04"]
