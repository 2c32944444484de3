"""A head's notebook with cases and a restoration to spend on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import pytest

from models.cases.fund import verbs
from models.cases.restoration import verbs as restoring
from models.store.change import new_id, put
from models.store.notebook import Notebook

UNIT = "350602"


@dataclass
class Books:
    """The fund's books as a head keeps them."""

    notebook: Notebook
    damage: str
    penalty: str
    restoration: str

    def __post_init__(self) -> None:
        self._vouchers = (f"票{number:04}" for number in count(1))

    def compensation(self, cents: int, on: str, **fields: str) -> str:
        """Compensation that comes in."""
        values = {"source": "agreed", "payer": "示例企业03", "voucher": next(self._vouchers), **fields}
        return verbs.receive(self.notebook, self.damage, cents=cents, on=on, **values)

    def fine(self, cents: int, on: str, **fields: str) -> str:
        """A fine that comes in."""
        values = {"source": "fine", "payer": "示例企业03", "voucher": next(self._vouchers), **fields}
        return verbs.receive(self.notebook, self.penalty, cents=cents, on=on, **values)

    def own(self, cents: int, on: str, **fields: str) -> str:
        """What the party restored itself."""
        values = {"payer": "示例企业03", "voucher": next(self._vouchers), **fields}
        return verbs.note_self_restoration(self.notebook, self.damage, cents=cents, on=on, **values)

    def spend(self, cents: int, on: str, ledger: str = "compensation", **fields: str) -> str:
        """Money spent on the restoration."""
        values = {"purpose": "restoration", "payee": "示例苗圃", "voucher": next(self._vouchers), **fields}
        return verbs.spend(self.notebook, self.restoration, ledger=ledger, cents=cents, on=on, **values)


def books_in(notebook: Notebook) -> Books:
    """Make the person a head, and a damage case, a penalty case and a restoration."""
    damage, penalty = new_id(), new_id()
    notebook.write(
        put("officer", notebook.person, UNIT, role="lead"),
        put("damage_case", damage, UNIT, number="PC-01", title="示例企业03污染案"),
        put("penalty_case", penalty, UNIT, number="CF-01", title="示例企业03处罚案"),
    )
    restoration = restoring.plan(
        notebook, damage, mode="in_place", plan="清淤", planned_on="2021-05-01", restorer="示例企业03"
    )
    return Books(notebook, damage, penalty, restoration)


@pytest.fixture
def books(notebook: Notebook) -> Books:
    """The books, still empty."""
    return books_in(notebook)
