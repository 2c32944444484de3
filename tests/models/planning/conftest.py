"""A dispatcher's notebook with officers, sites and classes, on a day of the fourth quarter of 2026."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from models.planning import verbs
from models.registry import verbs as registry
from models.store.change import new_id, put
from models.store.clock import Clock
from models.store.notebook import Notebook
from tests.conftest import UNIT

NOW = 1_795_000_000_000
"""2026-11-18 in China."""
TODAY = "2026-11-18"


@dataclass
class Office:
    """A notebook with those it plans for."""

    book: Notebook
    officers: list[str]
    sites: list[str]


def add_officer(book: Notebook, number: int, *, role: str = "officer", unit: str = UNIT, **more: Any) -> str:
    record = new_id()
    fields = {"name": f"执法员{number:02d}", "certificate": f"FJ{unit}{number:03d}", "unit_code": unit}
    book.write(put("officer", record, unit, **{**fields, "role": role, "active": True, **more}))
    return record


@pytest.fixture
def office(notebook: Notebook) -> Office:
    """Six officers and twelve sites: eight key ones, two special ones, a general and a closed one."""
    notebook.clock = Clock(lambda: NOW, lambda: NOW, lambda: "boot", lambda _ms: 480)
    notebook.write(put("officer", notebook.person, UNIT, role="dispatcher"))
    officers = [add_officer(notebook, number) for number in range(11, 17)]
    sites = [
        registry.add_site(notebook, f"示例企业{number:02d}", address="示例路1号") for number in range(12)
    ]
    for each in sites[:8]:
        verbs.classify(notebook, each, category="key", basis="2026年重点排污单位名录")
    for each in sites[8:10]:
        verbs.classify(notebook, each, category="special", reasons="punished")
    verbs.classify(notebook, sites[11], category="closed", basis="2025年关停")
    return Office(notebook, officers, sites)
