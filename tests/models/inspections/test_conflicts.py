"""Settling a conflict is a verb with rules: both sides stay in the history, a sealed visit stays as it is."""

from __future__ import annotations

import pytest

from models.errors import RuleBroken
from models.inspections import conflicts, verbs
from models.registry import verbs as registry
from models.store import keys
from models.store.change import new_id, put
from models.store.entry import Arrival
from models.store.notebook import Notebook
from tests.visits import fill

UNIT = "350602"


@pytest.fixture
def visit(notebook, officers, tmp_path) -> str:
    """An inspection whose situation was written on two laptops at once."""
    site = registry.add_site(notebook, "示例企业03")
    first, second = officers
    visit = verbs.begin(notebook, site_id=site, first_officer=first, second_officer=second, checklists="A,W")
    other = Notebook.create(tmp_path / "other", "另一个-口令-99", person=second, unit=UNIT, cost=keys.FAST)
    with notebook:
        other.receive([Arrival(row.entry()) for row in notebook.journal.in_order()])
    other.write(put("inspection", visit, UNIT, situation="乙"))
    verbs.edit(notebook, visit, situation="甲")
    with other:
        theirs = [Arrival(row.entry()) for row in other.journal.in_order() if row.own]
    notebook.receive(theirs)
    other.close()
    return visit


def test_both_sides_are_shown_and_the_settled_value_replaces_them(notebook, visit):
    found = conflicts.sides(notebook, "inspection", visit, "situation")
    assert {side.value for side in found} == {"甲", "乙"}
    conflicts.settle(notebook, "inspection", visit, "situation", "丙")
    assert [side.value for side in conflicts.sides(notebook, "inspection", visit, "situation")] == ["丙"]
    with notebook:
        told = [past.new for past in notebook.journal.history(visit) if past.field == "situation"]
    assert sorted(told[:2]) == ["乙", "甲"]
    assert told[-1] == "丙"


def test_a_sealed_visit_stays_as_it_is(notebook, visit):
    conflicts.settle(notebook, "inspection", visit, "situation", "丙")
    fill(notebook, visit)
    verbs.finish(notebook, visit)
    verbs.seal_inspection(notebook, visit)
    with pytest.raises(RuleBroken, match="签封"):
        conflicts.settle(notebook, "inspection", visit, "situation", "丁")


def test_a_record_that_is_not_there_is_told(notebook):
    with pytest.raises(RuleBroken):
        conflicts.settle(notebook, "inspection", new_id(), "situation", "丙")
