"""A reason asks who types and states what was not known on paper; both speak of the same parameters."""

from __future__ import annotations

import re

import pytest

from models.language import in_chinese
from models.law import limits
from models.law.asking import PROMPTS, fields_asked, statement
from models.law.judgement import Sample, pack_reasons, reason
from tests.test_messages import extracted

ASKING = re.compile(
    r"\b(Give|Choose|State whether|Sample there|look (it|them) up|measure again|enter|fill in)\b"
)


def test_every_prompt_is_one_that_the_rules_say() -> None:
    rules = {message for message, path in extracted().items() if path.startswith("models/law/")}
    assert sorted(set(PROMPTS) - rules) == []


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_statement_has_no_parameter_that_its_prompt_has_not_and_asks_nothing(prompt: str) -> None:
    said = PROMPTS[prompt].statement
    assert set(re.findall(r"{(\w+)}", said)) <= set(re.findall(r"{(\w+)}", prompt))
    assert not ASKING.search(said)
    assert "请" not in in_chinese(
        lambda: statement(reason(prompt, **dict.fromkeys(re.findall(r"{(\w+)}", prompt), "x")))
    )


def test_reasons_that_are_given_for_an_undecidable_value_are_known_here() -> None:
    """Whatever of the reasons of real judgements asks for something has its field and its statement."""
    samples = [
        Sample(parameter="COD", value="120"),
        Sample(parameter="COD", value="120", grade="1", category="不存在的"),
        Sample(parameter="总铬", value="2"),
        Sample(parameter="SO2", value="5", unit="kg/h"),
        Sample(parameter="SO2", value="5", unit="mg/m3", fuel="煤"),
        Sample(parameter="噪声", value="70"),
        Sample(parameter="氨氮", value="6", standard="GB 18918-2002"),
    ]
    found = [each for one in samples for each in limits.judge(one).reasons]
    assert {each.msgid for each in found if ASKING.search(each.msgid)} <= set(PROMPTS)
    assert {"water", "category", "point", "stack", "zone"} <= set(fields_asked(found))
    kept = limits.unpack_reasons(pack_reasons(tuple(found)))  # as they lie in records
    assert fields_asked(kept) == fields_asked(found)


def test_a_reason_is_stated_with_its_parameters_and_one_that_asks_nothing_as_it_is() -> None:
    assert statement(reason("Give the fuel: {known}.", known="煤、油")) == (
        "The fuel of the boiler is not known (煤、油)."
    )
    assert statement(reason("Bands of {bands} Hz.", "J1", bands="63")) == "Bands of 63 Hz."
    assert fields_asked([reason("Give the fuel: {known}.", known="x"), reason("Bands.")]) == ["fuel"]
