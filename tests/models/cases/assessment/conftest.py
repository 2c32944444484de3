"""A started case and a pool of nine to draw from."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from models.cases.assessment import verbs
from models.registry.rules import credit_check_character
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.models.registry.experts.conftest import an_expert

CODE = "91350602MA0000003"
CODE += credit_check_character(CODE)
COUNTIES = ("350602", "350603", "350604", "350605", "350622", "350623", "350624", "350626", "350627")
SAID: dict[str, object] = {
    "commissioned_by": "漳州市芗城生态环境局",
    "matter": "水体损害的确认和量化",
    "materials": "监测报告、勘查笔录",
    "surveyed_on": "2021-04-10",
    "surveyed_place": "示例河段",
    "damage": "示例河段水质超过基线。",
    "causation": "排放与损害存在因果关系。",
    "formula": "虚拟治理成本法：排放量×单位治理成本×系数",
    "parameters": "1000吨×50元×2",
    "parameter_source": "GB/T 39793.2-2020",
    "total_cents": 10_000_000,
    "restoration_mode": "fish_release",
    "restoration_amount": "鲢鱼苗 2万尾",
    "restoration_place": "九龙江示例段",
    "restoration_term": "2021年7月底前",
    "dissent": "无",
    "dated_on": "2021-04-20",
}


@dataclass
class Assessment:
    """A case at its assessment, and the pool."""

    book: Notebook
    case: str
    experts: list[str]

    def draw(self, **fields: object) -> str:
        """Three drawn by a fixed seed."""
        values: dict[str, object] = {"on": "2021-04-05", "count": 3, "seed": "种子"}
        return verbs.draw(self.book, self.case, **{**values, **fields})

    def opine(self, draw: str, **fields: object) -> str:
        """A complete opinion."""
        values = {"no_conflict": True, "signed": True, **SAID}
        return verbs.opine(self.book, draw, **{**values, **fields})

    def step(self, step: str, on: str, to: str | None = None) -> None:
        """A further step of the case."""
        self.book.write(put("case_step", new_id(), self.book.unit, case=self.case, step=step, on=on, to=to))

    def set(self, **fields: object) -> None:
        """Facts of the case."""
        self.book.write(put("damage_case", self.case, self.book.unit, **fields))


@pytest.fixture
def assessment(notebook: Notebook) -> Assessment:
    """A case of 示例印染企业03 that reached its assessment on 2021-04-01, and nine experts of the court's."""
    notebook.write(put("officer", notebook.person, notebook.unit, role="city"))
    experts = [
        an_expert(
            notebook,
            f"专家0{number}",
            employer=f"示例研究所0{number}",
            fields="water" if number % 2 else "forestry,environment",
            unit_code=county,
        )
        for number, county in enumerate(COUNTIES, 1)
    ]
    case = new_id()
    found = Assessment(notebook, case, experts)
    found.set(
        number="PC-1",
        title="示例印染企业03污染案",
        party="示例印染企业03",
        party_code=CODE,
        party_person="示例人03",
        method="experts",
        occurred_on="2021-03-01",
        lead_officer=notebook.person,
    )
    for step, on in (("start", "2021-03-10"), ("investigation", "2021-03-15"), ("assessment", "2021-04-01")):
        found.step(step, on)
    return found
