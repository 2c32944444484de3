"""What the papers say of a covert check and of a copy that was compared with its original."""

from __future__ import annotations

from pathlib import Path

from models.documents import evidence_list, record_paper
from models.inspections import verbs
from models.store.notebook import Notebook

TOLD = "请过目确认"
COVERT = "本次检查为暗查，检查时未表明身份"


def said(notebook: Notebook, visit: str) -> str:
    return "".join(line.strip() for line in record_paper.preview(notebook, visit, 80))


def test_a_covert_check_says_so_and_asks_nobody_for_a_confirmation(notebook: Notebook, visit: str) -> None:
    assert TOLD in said(notebook, visit)
    assert COVERT not in said(notebook, visit)
    verbs.edit(
        notebook, visit, covert=True, shown_certificates=None, told_rights=None, avoidance=None, present=None
    )
    words = said(notebook, visit)
    assert TOLD not in words
    assert words.count(COVERT) == 2  # where the telling stands, and among the remarks
    verbs.edit(notebook, visit, covert=False)
    assert TOLD in said(notebook, visit)


def test_a_compared_copy_names_who_compared_it_and_when(
    notebook: Notebook, visit: str, tmp_path: Path
) -> None:
    path = tmp_path / "台账.txt"
    path.write_text("台账", "utf-8")
    verbs.take_in(
        notebook,
        visit,
        path,
        kind="documentary",
        form="copy",
        compared_by="执法员01",
        compared_on="2026-11-23",
    )
    words = "".join(line.strip() for line in evidence_list.preview(notebook, visit, 120))
    assert "与原件核对无误" in words
    assert "2026-11-23" in words
