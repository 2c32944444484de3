"""That the list of mistakes fits the product, and that some of them are noticed; `make mutants` tries all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .mutant import Mutant
from .mutant_list import MUTANTS
from .mutants import ROOT, applied, tried
from .template import Template


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_each_mistake_can_be_made(mutant: Mutant) -> None:
    with applied(mutant):
        pass


def test_every_rule_has_one() -> None:
    assert {each.rule for each in MUTANTS} == {f"R{number}" for number in range(1, 17)}
    assert len({each.name for each in MUTANTS}) == len(MUTANTS) >= 25


def test_each_test_that_is_there_for_a_mistake_is_there() -> None:
    """Else pytest ends as it does where nothing was collected, and only `make mutants` would see it."""
    for named in {test for mutant in MUTANTS for test in mutant.tests}:
        file, _, name = named.partition("::")
        assert f"def {name}" in (ROOT / file).read_text("utf-8"), named


def test_the_page_on_testing_lists_every_mistake() -> None:
    page = (ROOT / "docs/testing.md").read_text("utf-8")
    listed = re.findall(r"^\| (R\d+) \| (.+?) \| .+ \|$", page, re.MULTILINE)
    assert listed == [(each.rule, each.name) for each in MUTANTS]


@pytest.mark.parametrize("mutant", [each for each in MUTANTS if each.seed], ids=lambda each: each.name)
def test_a_mistake_is_noticed(shop: tuple[Template, Path], mutant: Mutant) -> None:
    verdict = tried(mutant, *shop, most=1, first=mutant.seed)
    assert verdict.why
