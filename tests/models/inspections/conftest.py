"""A visit to work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import pytest

from models.inspections import claims, photo, verbs
from models.inspections.items import items_of
from models.registry import verbs as registry
from models.registry.rules import credit_check_character
from models.store.notebook import Notebook

CODE = "91350602MA0000003"


@dataclass
class Visit:
    """An inspection, begun at 示例印染企业03 by two officers."""

    notebook: Notebook
    id: str
    site: str
    first: str
    second: str

    def fill(self) -> None:
        """Note all that the record needs."""
        for item in items_of("A,W"):
            verbs.answer(self.notebook, self.id, item, "ok")
        verbs.edit(
            self.notebook,
            self.id,
            shown_certificates=True,
            told_rights=True,
            avoidance="none",
            situation="现场检查时，该单位正常生产。",
            present=True,
            contact_name="示例人03",
            signed="signed",
            approval_number="示例批〔2026〕1号",
            notice_number="示例通〔2026〕1号",
        )


@pytest.fixture
def broken_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever looks like a photo cannot be opened, and no process is started to find that out."""

    def refuse(source: object) -> NoReturn:
        raise photo._unreadable()

    monkeypatch.setattr(claims, "facts", refuse)


@pytest.fixture
def site(notebook: Notebook) -> str:
    """A registered site with a credit code."""
    code = CODE + credit_check_character(CODE)
    return registry.add_site(notebook, "示例印染企业03", code=code, address="漳州市芗城区示例路3号")


@pytest.fixture
def visit(notebook: Notebook, officers: tuple[str, str], site: str) -> Visit:
    """A visit with checklists A and W, just begun."""
    first, second = officers
    inspection = verbs.begin(
        notebook, site_id=site, first_officer=first, second_officer=second, checklists="A,W"
    )
    return Visit(notebook, inspection, site, first, second)
