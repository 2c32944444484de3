"""A notebook whose person may keep the pool."""

from __future__ import annotations

import pytest

from models.registry.experts import verbs
from models.store.change import put
from models.store.notebook import Notebook


@pytest.fixture
def city(notebook: Notebook) -> Notebook:
    """The notebook in the hands of somebody of the city's bureau."""
    notebook.write(put("officer", notebook.person, notebook.unit, role="city"))
    return notebook


def an_expert(book: Notebook, name: str = "专家01", **fields: object) -> str:
    """An expert of the court's list, in forestry."""
    values: dict[str, object] = {
        "employer": "示例林业科学研究所",
        "title": "高级工程师",
        "fields": "forestry",
        "source": "court",
        "unit_code": "350602",
        "entered_on": "2020-01-01",
    }
    return verbs.add(book, name=name, **{**values, **fields})
