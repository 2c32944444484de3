"""A notebook of the city's bureau with a provincial round on the ground."""

from __future__ import annotations

import pytest

from models.oversight.rounds import verbs
from models.store.change import put
from models.store.notebook import Notebook


@pytest.fixture
def city(notebook: Notebook) -> Notebook:
    """The notebook, its person of the role of the city."""
    notebook.write(put("officer", notebook.person, "350602", role="city"))
    return notebook


@pytest.fixture
def on_ground(city: Notebook) -> str:
    """A provincial round from 2021-11-20 to 2021-12-10."""
    return verbs.open_round(
        city,
        name="第二轮省生态环境保护例行督察",
        level="province",
        batch="第二批",
        began_on="2021-11-20",
        ended_on="2021-12-10",
    )
