"""Notebooks made in bulk, through the same `write` as an officer's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import models.areas  # noqa: F401
from models.store import keys
from models.store.change import Change, new_id, put
from models.store.notebook import Notebook

PASSPHRASE = "qingshanlvshui2026"
UNIT = "350602"
BEGAN = 1_790_000_000_000


def new_book(folder: Path, certificate: str = "FJ350602001") -> Notebook:
    """A notebook of an officer with that certificate, and another one."""
    person = new_id()
    book = Notebook.create(folder, PASSPHRASE, person=person, unit=UNIT, cost=keys.FAST)
    for number, officer, bears in ((1, person, certificate), (2, new_id(), "FJ350602002")):
        book.write(
            put(
                "officer",
                officer,
                UNIT,
                name=f"执法员{number:02d}",
                certificate=bears,
                unit_code=UNIT,
                role="officer",
                active=True,
            )
        )
    return book


def visits(person: str, count: int) -> Iterator[Change]:
    """New inspections, each with what a begun one holds."""
    for n in range(count):
        yield put(
            "inspection",
            new_id(),
            UNIT,
            number=f"{UNIT}-20261123-{n:06d}",
            site_name=f"示例企业{n % 500:03d}有限公司",
            place=f"漳州市芗城区示例路{n % 97}号",
            first_officer=person,
            checklists="A,W",
            source="routine",
            state="draft",
            began_at=BEGAN + n * 60_000,
        )


def fill(book: Notebook, count: int, *, at_once: int = 5000) -> None:
    """So many inspections, some thousands in a transaction."""
    made = visits(book.person, count)
    while some := list(islice(made, at_once)):
        book.write(*some)


def fill_answers(book: Notebook, count: int, *, at_once: int = 5000) -> None:
    """So many answers on visits of fifty items, one in ten with a note: what a notebook mostly holds."""
    made = answers(count)
    while some := list(islice(made, at_once)):
        book.write(*some)


def answers(count: int) -> Iterator[Change]:
    """New answers."""
    visit = ""
    for n in range(count):
        if n % 50 == 0:
            visit = new_id()
        fields = (
            {"result": "problem", "note": f"第{n}号暗管位于东侧围堰之下"} if n % 10 == 0 else {"result": "ok"}
        )
        yield put(
            "answer",
            new_id(),
            UNIT,
            inspection=visit,
            checklist="W",
            item=f"W{n % 50:02d}",
            repeat=1,
            **fields,
        )
