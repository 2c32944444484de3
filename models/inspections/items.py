"""The checklists that come with the program, as the items that an inspection answers.

They are XLSForms in Markdown (`checklists/*.md`). An inspection opens at once because only their survey
table is read here, in about a millisecond and from the one source, instead of compiling each through pyxform
(which `models.forms` does where a form's expressions are needed).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from models.language import current_language

FOLDER = Path(__file__).parent / "checklists"
_CODE = re.compile(r"[A-Z]\d{2}")
_ENGLISH = re.compile(r"::\s*(english|en\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to look at, answered 未发现问题, 发现问题 or 不涉及."""

    code: str
    zh: str
    en: str
    how_zh: str
    how_en: str
    star: bool
    """Whether it may lead to sealing up, detention or a damage case (★)."""
    basis_key: str
    """Key of `models.law.bases`."""
    measure: str
    """"water" or "noise" where values are measured for it; else empty."""

    @property
    def title(self) -> str:
        """What to look at, in the reader's language."""
        return (self.en or self.zh) if current_language() == "en" else self.zh

    @property
    def how(self) -> str:
        """How to look and what to keep, in the reader's language."""
        return (self.how_en or self.how_zh) if current_language() == "en" else self.how_zh


@dataclass(frozen=True, slots=True)
class Checklist:
    """A group of items: A before entry, C permit, W water, N noise, …"""

    code: str
    zh: str
    en: str
    version: str
    path: Path
    items: dict[str, ChecklistItem] = field(default_factory=dict)
    """By code, in the order of the form."""

    @property
    def title(self) -> str:
        """The name of the checklist, in the reader's language."""
        return (self.en or self.zh) if current_language() == "en" else self.zh


def checklist(code: str) -> Checklist | None:
    """The checklist of a code; None where there is none."""
    return _all().get(code)


def checklists() -> tuple[Checklist, ...]:
    """All checklists that come with the program, in the order in which they are offered."""
    return tuple(_all().values())


def items_of(codes: str | None) -> dict[str, ChecklistItem]:
    """The items of checklists joined by commas, in their order; unknown codes are left out."""
    found: dict[str, ChecklistItem] = {}
    for code in (codes or "").split(","):
        known = checklist(code)
        if known is not None:
            found.update(known.items)
    return found


@lru_cache(maxsize=1)
def _all() -> dict[str, Checklist]:
    listed = tomllib.loads((FOLDER / "index.toml").read_text("utf-8"))["checklist"]
    return {
        each["code"]: Checklist(
            each["code"],
            each["zh"],
            each["en"],
            each["version"],
            FOLDER / each["file"],
            read(FOLDER / each["file"]),
        )
        for each in listed
    }


def read(path: Path) -> dict[str, ChecklistItem]:
    """Read the items of one XLSForm in Markdown: its select_one questions that are named by a code."""
    sheets = tables(path.read_text("utf-8"))
    items: dict[str, ChecklistItem] = {}
    for row in sheets.get("survey", []):
        code = row.get("name", "")
        if not row.get("type", "").startswith("select_one") or not _CODE.fullmatch(code):
            continue
        zh, en = _texts(row, "label")
        how_zh, how_en = _texts(row, "hint")
        items[code] = ChecklistItem(
            code=code,
            zh=zh,
            en=en,
            how_zh=how_zh,
            how_en=how_en,
            star=row.get("bind::qc:key") == "yes",
            basis_key=code,
            measure=row.get("bind::qc:measure", ""),
        )
    return items


def tables(text: str) -> dict[str, list[dict[str, str]]]:
    """The sheets of an XLSForm in Markdown: `| survey |` opens one, the next row names its columns."""
    sheets: dict[str, list[dict[str, str]]] = {}
    rows: list[dict[str, str]] | None = None
    header: list[str] | None = None
    for line in text.splitlines():
        if not line.strip().startswith("|"):
            continue
        cells = [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if cells and cells[0]:
            rows, header = sheets.setdefault(cells[0], []), None
        elif rows is None or not any(cells) or all(set(cell) <= {"-", ":"} for cell in cells):
            continue
        elif header is None:
            header = cells[1:]
        else:
            rows.append({name: cell for name, cell in zip(header, cells[1:], strict=False) if name and cell})
    return sheets


def _texts(row: dict[str, str], name: str) -> tuple[str, str]:
    chinese = english = ""
    for column, value in row.items():
        if column == name or column.startswith(f"{name}::"):
            if _ENGLISH.search(column):
                english = value
            else:
                chinese = value
    return chinese, english
