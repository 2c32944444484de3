"""A case that reached its performance."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from models.cases.collaboration import verbs
from models.store.change import new_id, put
from models.store.notebook import Notebook

STEPS = (
    ("start", "2021-03-10"),
    ("investigation", "2021-03-15"),
    ("assessment", "2021-04-01"),
    ("consultation", "2021-05-01"),
    ("agreement", "2021-05-20"),
    ("performance", "2021-06-01"),
)


@dataclass
class Case:
    """A damage case in a notebook."""

    book: Notebook
    id: str
    unit: str = "350602"

    def set(self, **fields: object) -> None:
        """Facts of the case."""
        self.book.write(put("damage_case", self.id, self.unit, **fields))

    def step(self, step: str, on: str, to: str | None = None) -> None:
        """A step with its legal date."""
        self.book.write(put("case_step", new_id(), self.unit, case=self.id, step=step, on=on, to=to))

    def reach(self, stage: str) -> None:
        """All steps until a stage."""
        for step, on in STEPS:
            self.step(step, on)
            if step == stage:
                return

    def deliberate(self, stage: str = "assessment", **fields: object) -> str:
        """A deliberation with both bodies, who both came."""
        values: dict[str, object] = {
            "held_on": "2021-04-15",
            "invited": "natural_resources,town",
            "came": "natural_resources,town",
        }
        return verbs.deliberate(self.book, self.id, stage=stage, **{**values, **fields})

    def supervise(self, authority: str = "court", stage: str = "assessment", **fields: object) -> str:
        """A letter of invitation."""
        values: dict[str, object] = {"way": "invitation", "on": "2021-04-15"}
        return verbs.supervise(self.book, self.id, authority=authority, stage=stage, **{**values, **fields})


def a_case(book: Notebook, **fields: object) -> Case:
    """A damage case without a step."""
    found = Case(book, new_id())
    values = {"number": "PC-1", "title": "示例企业03污染案", "party": "示例企业03"}
    found.set(**{**values, **fields})
    return found


@pytest.fixture
def case(notebook: Notebook) -> Case:
    """A damage case of unit 350602 without a step."""
    return a_case(notebook)
