"""That the list of mistakes fits the product, and that some of them are noticed; `make mutants` tries all."""

from __future__ import annotations

from pathlib import Path

import pytest

from .mutant_list import MUTANTS, Mutant
from .mutants import applied, tried
from .template import Template


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_each_mistake_can_be_made(mutant: Mutant) -> None:
    with applied(mutant):
        pass


def test_every_rule_has_one() -> None:
    assert {each.rule for each in MUTANTS} == {f"R{number}" for number in range(1, 17)}
    assert len({each.name for each in MUTANTS}) == len(MUTANTS) >= 25


@pytest.mark.parametrize("mutant", [each for each in MUTANTS if each.seed], ids=lambda each: each.name)
def test_a_mistake_is_noticed(shop: tuple[Template, Path], mutant: Mutant) -> None:
    verdict = tried(mutant, *shop, most=1, first=mutant.seed)
    assert verdict.why
