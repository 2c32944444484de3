"""A city's notebook, and cases written straight into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from models.store.seat import Seat
from tests.conftest import PASSPHRASE

CITY = "350600"
TO_PERFORMANCE = ("start", "investigation", "assessment", "consultation", "agreement")
TO_THE_END = (*TO_PERFORMANCE, "performance", "performed", "evaluation", "closed")


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Notebook]:
    """An open notebook of the city whose person may do all that the city may."""
    person = new_id()
    book = Notebook.create(tmp_path / "city", PASSPHRASE, person=person, unit=CITY, cost=keys.FAST)
    book.write(
        put("officer", person, CITY, name="调度员01", certificate="FJ350600001", unit_code=CITY, role="city")
    )
    yield book
    book.close()


def damage_case(seat: Seat, unit: str, number: str = "", **fields: str) -> str:
    """A damage case of a unit without any step; its record id."""
    case = new_id()
    number = number or f"AJ-{case[-6:]}"
    seat.write(put("damage_case", case, unit, number=number, title=f"示例案{number}", **fields))
    return case


def step(seat: Seat, case: str, unit: str, name: str, on: str, to: str | None = None) -> str:
    """One step of a case; its record id."""
    record = new_id()
    seat.write(put("case_step", record, unit, case=case, step=name, on=on, to=to))
    return record


def started(seat: Seat, unit: str, *days: str, **fields: str) -> str:
    """A case whose steps, from the start on, were taken on these days; its record id."""
    case = damage_case(seat, unit, **fields)
    for name, day in zip(TO_THE_END, days, strict=False):
        step(seat, case, unit, name, day)
    return case


def closed(seat: Seat, unit: str, start: str, end: str, **fields: str) -> str:
    """A case that was started on one day and closed on another."""
    return started(seat, unit, *[start] * 8, end, **fields)


def agreed(seat: Seat, unit: str, start: str, agreement: str) -> str:
    """A case whose agreement was signed on a day and is not performed."""
    return started(seat, unit, *[start] * 4, agreement)
