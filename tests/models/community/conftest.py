"""A community with its chain of grids, and persons of any role to work in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from models.community import verbs
from models.registry.days import day_of
from models.store.change import new_id, put
from models.store.notebook import Notebook

UNIT = "350602"
FOUNDED = "2021-12-10"


@dataclass
class Quarter:
    """示例社区 with the grids city, county, street, community and one at the bottom."""

    book: Notebook
    community: str
    grids: tuple[str, ...]
    """From the city's down."""

    @property
    def grid(self) -> str:
        """The grid at the bottom."""
        return self.grids[-1]

    @property
    def today(self) -> str:
        """Today in China."""
        return self.day(0)

    def day(self, ago: int) -> str:
        """So many days ago; the coming ones are negative."""
        return (day_of(self.book.clock.wall_ms()) - timedelta(days=ago)).isoformat()

    def committee(self, party: int, others: int, founded_on: str = FOUNDED) -> str:
        """A committee with so many members."""
        record = verbs.found_committee(self.book, self.community, founded_on=founded_on)
        for number in range(party + others):
            verbs.add_member(
                self.book, record, name=f"委员{number:02}", categories="resident", party_member=number < party
            )
        return record


@pytest.fixture
def become(notebook: Notebook) -> Callable[[str], str]:
    """Make who is unlocked a new person of a role (or of several, comma-joined); their record id."""

    def change(role: str) -> str:
        person = new_id()
        notebook.write(put("officer", person, UNIT, name=f"示例{role}", unit_code=UNIT, role=role))
        notebook.person = person
        return person

    return change


@pytest.fixture
def quarter(notebook: Notebook, become: Callable[[str], str]) -> Quarter:
    """The community, entered by a county head who is an officer too."""
    become("county_head,officer")
    community = verbs.add_community(notebook, name="示例社区", street="东铺头街道", founded_on="2001-01-01")
    above: str | None = None
    grids = []
    for level, code in (
        ("city", "3506"),
        ("county", "350602"),
        ("street", "350602001"),
        ("community", "350602001001"),
        ("grid", "35060200100101"),
    ):
        above = verbs.add_grid(
            notebook,
            code=code,
            name=f"{level}网格",
            level=level,
            superior=above,
            community=community if level in ("community", "grid") else None,
        )
        grids.append(above)
    return Quarter(notebook, community, tuple(grids))
