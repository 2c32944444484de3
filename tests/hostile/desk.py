"""A plain home with one visit that has one of everything, for typing into; and a sealed one beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import models.areas  # noqa: F401
from models.inspections import verbs
from models.inspections.items import items_of
from models.registry import verbs as registry
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.hostile.world import PASSPHRASE, UNIT


@dataclass(frozen=True, slots=True)
class Desk:
    """Where things are."""

    home: Path
    folder: Path
    visit: str
    sealed: str
    finding: str
    measurement: str
    evidence: str
    statement: str

    def open(self) -> Notebook:
        """The notebook; close it."""
        return Notebook.open(self.folder, PASSPHRASE)


def make_desk(home: Path) -> Desk:
    """A closed notebook with a visit that is open, and one that is sealed."""
    folder = home / "notebooks" / "first"
    person = new_id()
    book = Notebook.create(folder, PASSPHRASE, person=person, unit=UNIT, cost=keys.FAST)
    own: dict[str, Any] = {"certificate": "FJ350602001", "unit_code": UNIT, "role": "officer", "active": True}
    book.write(put("officer", person, UNIT, name="执法员01", **own))
    second = registry.add_officer(book, "执法员02", certificate="FJ350602002")
    site = registry.add_site(book, "示例企业03", address="示例路3号")
    made = {"site_id": site, "first_officer": person, "second_officer": second, "checklists": "A"}
    visit, sealed = verbs.begin(book, **made), verbs.begin(book, **made)
    item = next(iter(items_of("A")))
    finding = verbs.find(book, visit, item, "示例问题")
    water = {"medium": "water", "parameter": "COD", "value": "120", "unit_of_value": "mg/L"}
    measurement = verbs.measure(book, visit, **water)
    photo = home / "photo.txt"
    photo.write_text("示例", encoding="utf-8")
    evidence = verbs.take_in(book, visit, photo, kind="electronic", item=item)
    statement = verbs.add_statement(book, visit, "witness", "示例", name="示例人03")
    for each in items_of("A"):
        verbs.answer(book, sealed, each, "ok")
    verbs.edit(
        book,
        sealed,
        shown_certificates=True,
        told_rights=True,
        avoidance="none",
        situation="正常",
        present=True,
        contact_name="示例人03",
        signed="signed",
        approval_number="示例批〔2026〕1号",
        notice_number="示例通〔2026〕1号",
    )
    verbs.finish(book, sealed)
    verbs.seal_inspection(book, sealed)
    book.close()
    return Desk(home, folder, visit, sealed, finding, measurement, evidence, statement)
