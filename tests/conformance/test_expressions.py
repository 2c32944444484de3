"""Every expression case gives what the specification, or ODK Collect, says it gives."""

from __future__ import annotations

import re

import pytest

from models.forms.filling import Filling
from models.forms.xform import read_xform
from tests.conformance.expressions import Case, cases

CASES = tuple(cases())
PROPERTIES = {"username": "lin", "deviceid": "qingcha:1"}


def _value(case: Case) -> str:
    """What the node keeps once the expression is reckoned."""
    filling = Filling(
        read_xform(case.document()),
        case.answers(),
        language=case.language,
        clock=lambda: case.clock,
        properties=PROPERTIES,
    )
    assert not filling.problems(), [problem.text() for problem in filling.problems()]
    return filling.value(case.at)


@pytest.mark.parametrize(
    "case", [each for each in CASES if not each.error], ids=lambda c: f"{c.topic}: {c.expr}"
)
def test_gives(case: Case) -> None:
    assert _value(case) == case.text, case.source


@pytest.mark.parametrize("case", [each for each in CASES if each.error], ids=lambda c: f"{c.topic}: {c.expr}")
def test_is_refused_with_a_sentence(case: Case) -> None:
    filling = Filling(read_xform(case.document()), case.answers(), clock=lambda: case.clock)
    place = re.sub(r"\[\d+\]", "", case.at)
    found = [problem for problem in filling.problems() if re.sub(r"\[\d+\]", "", problem.path) == place]
    assert found, case.source
    assert all(problem.text() for problem in found)


def test_there_are_five_hundred_cases_and_no_two_alike() -> None:
    seen: dict[tuple[object, ...], Case] = {}
    for case in CASES:
        assert case.meaning not in seen, case
        seen[case.meaning] = case
    assert len(seen) >= 500
