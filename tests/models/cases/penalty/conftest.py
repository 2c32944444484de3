"""A desk at which penalty cases are filed and led to where a test needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from models.cases.damage.tables import DamageCase
from models.cases.penalty import queries, verbs
from models.cases.penalty.tables import PenaltyCase
from models.registry.days import day_of
from models.store.change import new_id, put
from models.store.notebook import Notebook


@dataclass
class Desk:
    """A notebook and short ways to lead a case on."""

    notebook: Notebook

    def file(self, **fields: Any) -> str:
        """A case of 示例印染企业03, found on 2026-09-01, on file from 2026-09-07 unless said otherwise."""
        values = {
            "title": "超标排放水污染物",
            "party": "示例印染企业03",
            "found_on": "2026-09-01",
            "occurred_on": "2026-09-01",
            "filed_on": "2026-09-07",
            "act": "废水化学需氧量超标排放",
            **fields,
        }
        return verbs.file(self.notebook, **values)

    def ready(self, case: str) -> None:
        """Lead a case to where it can be decided from 2026-09-22 on: notice served, rights given up."""
        verbs.serve_notice(self.notebook, case, on="2026-09-20", number="漳环罚告〔2026〕1号")
        verbs.note_waiver(self.notebook, case, on="2026-09-21")

    def decided(self, case: str, *, fine_cents: int = 5_000_000) -> None:
        """Lead a case to its decision, served on 2026-09-23."""
        self.ready(case)
        verbs.decide(self.notebook, case, on="2026-09-22", outcome="penalty", fine_cents=fine_cents)
        verbs.serve_decision(self.notebook, case, on="2026-09-23")

    def start(self, case: str, on: str = "2026-09-08") -> str:
        """Screen a case with the result "start"; the screening's id."""
        return verbs.screen(
            self.notebook, case, result="start", ground="serious", reason="河道水质明显下降", on=on
        )

    def row(self, case: str) -> PenaltyCase:
        """The case as it is kept."""
        found = queries.penalty_case(self.notebook, case)
        assert found is not None
        return found

    def damage_case(self, *steps: tuple[str, str], **fields: str) -> str:
        """A damage case with steps and their days."""
        case = new_id()
        self.notebook.write(put("damage_case", case, "350602", **fields))
        for step, on in steps:
            self.notebook.write(put("case_step", new_id(), "350602", case=case, step=step, on=on))
        with self.notebook:
            assert DamageCase.get_by_id(case)
        return case

    def ahead(self, days: int) -> str:
        """The day so many days after today."""
        return (day_of(self.notebook.clock.wall_ms()) + timedelta(days=days)).isoformat()


@pytest.fixture
def desk(notebook: Notebook) -> Desk:
    """The desk of 执法员01 in 芗城区."""
    return Desk(notebook)


@pytest.fixture
def case(desk: Desk) -> str:
    """A penalty case on file."""
    return desk.file()
