"""A damage case to restore."""

from __future__ import annotations

import pytest

from models.cases.restoration import verbs
from models.store.change import new_id, put
from models.store.notebook import Notebook

TITLE = "示例企业03污染案"


def a_case(
    book: Notebook, unit: str = "350602", site: str | None = None, title: str = "示例企业03污染案"
) -> str:
    """A started damage case."""
    case = new_id()
    number = f"PC-{case[-4:]}"
    book.write(
        put("damage_case", case, unit, number=number, title=title, occurred_on="2021-03-01", site=site)
    )
    book.write(put("case_step", new_id(), unit, case=case, step="start", on="2021-03-10"))
    return case


def a_release(book: Notebook, case: str, **fields: object) -> str:
    """A fish release that is begun."""
    values: dict[str, object] = {"planned_on": "2021-05-01", "why_off_site": "河道已自然恢复，无法就地修复。"}
    made = verbs.plan(book, case, mode="fish_release", plan="在九龙江放流。", **{**values, **fields})
    verbs.begin(book, made, on="2021-05-10")
    return made


@pytest.fixture
def case(notebook: Notebook) -> str:
    """A started damage case of unit 350602, with no site."""
    return a_case(notebook)


@pytest.fixture
def release(notebook: Notebook, case: str) -> str:
    """A fish release of that case, begun on 2021-05-10."""
    return a_release(notebook, case)
