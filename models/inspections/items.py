"""The checklists that come with the program, in all their versions, as the items that an inspection answers.

They are XLSForms in Markdown (`checklists/*.md`). An inspection opens at once because only their survey
table is read here, list by list when it is asked, in about a millisecond and from the one source, instead of
compiling each through pyxform (which `models.forms` does where a form's expressions are needed).

An inspection keeps the version of each list with which it began (`Inspection.checklist_versions`); former
versions stay in the package. The bureau's own folder (`use_lists`) may bring newer versions and new lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from models.errors import BadInput
from models.language import N_, current_language
from models.packs import MISSING, UNKNOWN, read_toml

if TYPE_CHECKING:
    from models.inspections.tables import Inspection

FOLDER = Path(__file__).parent / "checklists"
_CODE = re.compile(r"[A-Z]\d{2}")
_LIST_CODE = re.compile(r"[A-FH-Z]")  # G is the grid's own list, which no inspection can choose
_VERSION = re.compile(r"[0-9A-Za-z.\-]+")
_ENGLISH = re.compile(r"::\s*(english|en\b)", re.IGNORECASE)
_EVERY_KIND = "*"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to look at, answered 未发现问题, 发现问题 or 不涉及."""

    code: str
    zh: str
    en: str
    how_zh: str
    how_en: str
    evidence_zh: str
    evidence_en: str
    star: bool
    """Whether it may lead to sealing up, detention or a damage case (★)."""
    basis_key: str
    """Key of `models.law.bases`."""
    measure: str
    """"water", "air" or "noise" where values are measured for it; else empty."""

    @property
    def title(self) -> str:
        """What to look at, in the reader's language."""
        return (self.en or self.zh) if current_language() == "en" else self.zh

    @property
    def how(self) -> str:
        """How to look, in the reader's language."""
        return (self.how_en or self.how_zh) if current_language() == "en" else self.how_zh

    @property
    def evidence(self) -> str:
        """Which evidence to keep, in the reader's language; empty where the list says none."""
        return (self.evidence_en or self.evidence_zh) if current_language() == "en" else self.evidence_zh


@dataclass(frozen=True, slots=True)
class Checklist:
    """One version of a group of items: A before entry, C permit, W water, N noise, …"""

    code: str
    zh: str
    en: str
    version: str
    path: Path
    kinds: tuple[str, ...] = ()
    """Words in the kind of a site for which it is proposed; "*" for every site."""

    @property
    def title(self) -> str:
        """The name of the checklist, in the reader's language."""
        return (self.en or self.zh) if current_language() == "en" else self.zh

    @property
    def items(self) -> Mapping[str, ChecklistItem]:
        """By code, in the order of the form; read when it is first asked."""
        return read(self.path)


def checklist(code: str, version: str = "") -> Checklist | None:
    """The newest version of a checklist, or a certain one; None where there is none."""
    known = _lists().get(code, ())
    if not version:
        return known[-1] if known else None
    return next((one for one in known if one.version == version), None)


def checklists() -> tuple[Checklist, ...]:
    """All checklists in their newest versions, in the order in which they are offered."""
    return tuple(known[-1] for known in _lists().values())


def versions(code: str) -> tuple[Checklist, ...]:
    """All versions of a checklist, the oldest first; none for an unknown code."""
    return _lists().get(code, ())


def proposed(kind: str | None) -> str:
    """The codes of the lists that suit a kind of site (行业), as an inspection keeps them: "A,C,W"."""
    words = kind or ""
    return ",".join(
        one.code for one in checklists() if any(each == _EVERY_KIND or each in words for each in one.kinds)
    )


def items_of(codes: str | None) -> dict[str, ChecklistItem]:
    """The newest items of checklists joined by commas, in their order; unknown codes are left out."""
    return _items(known for code in (codes or "").split(",") if (known := checklist(code)) is not None)


# -- of an inspection ----------------------------------------------------------------------------------------


def lists_of(visit: Inspection) -> list[Checklist]:
    """The checklists of an inspection, each in the version with which it began; unknown codes are left out.

    An inspection that was begun without versions was begun by a program that knew only the first ones; one
    that is not begun yet has the newest. A version that this program does not have is shown as its newest,
    and `unknown_versions` says so.
    """
    kept = read_versions(visit.checklist_versions)
    old = visit.began_at is not None and not kept
    found = []
    for code in (visit.checklists or "").split(","):
        known = versions(code)
        if not known:
            continue
        fallback = known[0] if old else known[-1]
        found.append(next((one for one in known if one.version == kept.get(code)), fallback))
    return found


def visit_items(visit: Inspection) -> dict[str, ChecklistItem]:
    """The items of an inspection by code, in order, as its own versions of the lists have them."""
    return _items(lists_of(visit))


def unknown_versions(visit: Inspection) -> list[tuple[str, str]]:
    """(code, version) of lists with which an inspection began and that this program does not have."""
    kept = read_versions(visit.checklist_versions)
    codes = [code for code in (visit.checklists or "").split(",") if code]
    return [(code, kept.get(code, "")) for code in codes if checklist(code, kept.get(code, "")) is None]


def stamped(codes: str, visit: Inspection | None = None) -> str:
    """The versions of the lists as an inspection keeps them: "A:2026.11.2,C:2026.11.1".

    Args:
        codes: codes joined by commas.
        visit: an inspection that was begun; its lists keep their versions. Others get the newest.
    """
    kept: dict[str, str] = {}
    if visit is not None and visit.began_at is not None:
        kept = {one.code: one.version for one in lists_of(visit)} | read_versions(visit.checklist_versions)
    newest = {one.code: one.version for one in checklists()}
    named = [(code, kept.get(code) or newest.get(code)) for code in codes.split(",")]
    return ",".join(f"{code}:{version}" for code, version in named if version)


def read_versions(text: str | None) -> dict[str, str]:
    """ "A:2026.11.2,C:2026.11.1" as a mapping; what is not of that form is left out."""
    pairs = (part.partition(":") for part in (text or "").split(","))
    return {code: version for code, colon, version in pairs if code and colon and version}


def _items(lists: Iterable[Checklist]) -> dict[str, ChecklistItem]:
    found: dict[str, ChecklistItem] = {}
    for one in lists:
        found.update(one.items)
    return found


# -- reading -------------------------------------------------------------------------------------------------

_user_folders: tuple[Path, ...] = ()


def use_lists(*folders: Path) -> None:
    """Add the bureau's folders of checklists to ours, for this process: newer versions and further lists.

    Raises:
        BadInput: naming the file and what is wrong; the lists in use stay as they were.
    """
    for known in _read_lists(folders).values():
        for one in known:
            _refuse_unfit(one)
    global _user_folders
    _user_folders = folders


def _lists() -> dict[str, tuple[Checklist, ...]]:
    return _read_lists(_user_folders)


@lru_cache(maxsize=4)
def _read_lists(folders: tuple[Path, ...]) -> dict[str, tuple[Checklist, ...]]:
    """All versions by code, the oldest first: ours, then those of each folder in turn."""
    found: dict[str, tuple[Checklist, ...]] = {}
    for folder in (FOLDER, *folders):
        index = folder / "index.toml"
        rows = read_toml(index).get("checklist", [])
        for row in rows if isinstance(rows, list) else [rows]:
            for one in _of_row(row, index):
                known = found.get(one.code, ())
                if any(each.version == one.version for each in known):
                    raise BadInput(
                        N_("{file}, {code}: version {version} is there already. Give the new one its own."),
                        file=str(index),
                        code=one.code,
                        version=one.version,
                    )
                found[one.code] = (*known, one)
    return found


def _of_row(row: Any, index: Path) -> list[Checklist]:
    """The versions that one entry of an index names, the oldest first."""
    code = _text(row, "code", index, "?")
    if not _LIST_CODE.fullmatch(code):
        raise BadInput(
            N_("{file}: “{code}” cannot be a checklist's code. Use one capital letter other than G."),
            file=str(index),
            code=code,
        )
    zh, en = _text(row, "zh", index, code), str(row.get("en", ""))
    kinds, earlier = row.get("kinds", []), row.get("earlier", [])
    for name, value in (("kinds", kinds), ("earlier", earlier)):
        if not isinstance(value, list):
            raise BadInput(UNKNOWN, file=str(index), key=code, what=name)
    found = []
    for each in (*earlier, row):
        version = _text(each, "version", index, code)
        if not _VERSION.fullmatch(version):
            raise BadInput(
                N_("{file}, {code}: “{version}” is no version. Use digits, letters and full stops."),
                file=str(index),
                code=code,
                version=version,
            )
        path = index.parent / _text(each, "file", index, code)
        found.append(Checklist(code, zh, en, version, path, tuple(str(one) for one in kinds)))
    return found


def _text(row: Any, name: str, index: Path, code: str) -> str:
    value = row.get(name) if isinstance(row, dict) else None
    if not isinstance(value, str) or not value:
        raise BadInput(MISSING, file=str(index), key=code, what=name)
    return value


def _refuse_unfit(one: Checklist) -> None:
    """Refuse a list whose items are not those of its code.

    Raises:
        BadInput: its file is not there or cannot be read, it has no items, or one belongs to another list.
    """
    try:
        codes = list(one.items)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            N_("{file} cannot be read as a checklist: {error}"), file=str(one.path), error=str(error)
        ) from error
    strange = [code for code in codes if code[0] != one.code]
    if strange or not codes:
        raise BadInput(
            N_("{file}: its items are to be {code}01, {code}02, … and there must be some (found: {found})."),
            file=str(one.path),
            code=one.code,
            found=", ".join(strange) or "-",
        )


@lru_cache(maxsize=256)
def read(path: Path) -> Mapping[str, ChecklistItem]:
    """Read the items of one XLSForm in Markdown: its select_one questions that are named by a code."""
    sheets = tables(path.read_text("utf-8"))
    items: dict[str, ChecklistItem] = {}
    for row in sheets.get("survey", []):
        code = row.get("name", "")
        if not row.get("type", "").startswith("select_one") or not _CODE.fullmatch(code):
            continue
        zh, en = _texts(row, "label")
        how_zh, how_en = _texts(row, "hint")
        evidence_zh, evidence_en = _texts(row, "guidance_hint")
        items[code] = ChecklistItem(
            code=code,
            zh=zh,
            en=en,
            how_zh=how_zh,
            how_en=how_en,
            evidence_zh=evidence_zh,
            evidence_en=evidence_en,
            star=row.get("bind::qc:key") == "yes",
            basis_key=code,
            measure=row.get("bind::qc:measure", ""),
        )
    return MappingProxyType(items)


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
