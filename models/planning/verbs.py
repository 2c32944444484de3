"""What a person does with the classes of sites (特殊污染源、重点、一般、关停)."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import BadInput, RuleBroken
from models.inspections.rules import child_id
from models.language import N_, translate
from models.planning import queries, rules
from models.planning.tables import SiteClass
from models.registry import files, keeping, sheets
from models.registry import queries as registry
from models.registry.days import today
from models.registry.rules import folded_header, guarded_cell, tidy_line
from models.registry.tables import Site
from models.registry.typed import read_choice
from models.store.change import put, restore

if TYPE_CHECKING:
    from models.store.seat import Seat

_CHOICES = {"category": tuple(dict(rules.CLASSES)), "reasons": tuple(dict(rules.SPECIAL))}
_COLUMNS = {
    "name": ("单位名称", "名称", "企业名称", "监管对象", "name"),
    "code": ("统一社会信用代码", "信用代码", "code"),
    "category": ("类别", "分类", "级别", "class", "category"),
    "reasons": ("理由", "原因", "reasons"),
    "basis": ("依据", "名录", "文件", "basis"),
}


def classify(
    seat: Seat,
    site_id: str,
    *,
    category: str,
    year: int | None = None,
    reasons: str | None = None,
    basis: str | None = None,
) -> str:
    """Say how closely a site is watched from a year on.

    Args:
        category: one of `rules.CLASSES`.
        year: this year unless given.
        reasons: of a special source, at least one of `rules.SPECIAL`, comma-joined.
        basis: the list or document; for a closed site why it is closed.

    Returns:
        The record id, which follows from site and year.

    Raises:
        RuleBroken: no such site, a special source without its reason, a year that is not near, or the person
            may not.
    """
    keeping.allow(seat, "site_class")
    year = year or today(seat).year
    if abs(year - today(seat).year) > 5:
        raise RuleBroken(N_("{year} is not near: give a year as 2026."), field="year", year=year)
    if category == "special" and not reasons:
        raise RuleBroken(
            N_("Say what makes it a special source."), field="reasons", basis=rules.SPECIAL_BASIS
        )
    if category == "closed":
        keeping.need_text(basis, "basis")
    with seat.writing():
        site = keeping.standing(seat, "site", site_id)
        record = child_id(site_id, "site_class", str(year))
        values = keeping.tidy(
            "site_class",
            {
                "site": site_id,
                "site_name": site.name,
                "year": year,
                "category": category,
                "reasons": reasons if category == "special" else None,
                "basis": basis,
            },
            _CHOICES,
        )
        held = keeping.row_of(seat, "site_class", record)
        keeping.allow_unit(seat, "site_class", site.unit)
        changes = [put("site_class", record, site.unit, **values)]
        if held is not None and held.voided is not None:
            changes.insert(0, restore("site_class", record, site.unit))
        seat.write(*changes)
        return record


def withdraw_class(seat: Seat, record_id: str, *, why: str) -> None:
    """Take a class back with the reason; the class of the year before counts again.

    Raises:
        RuleBroken: no reason, no such record, or the person may not.
    """
    keeping.withdraw(seat, "site_class", record_id, why)


def import_classes(seat: Seat, *, path: str, year: int | None = None) -> None:
    """Take in the yearly list of a bureau: a .csv or .xlsx with a column for name or code, and for the class.

    All rows or none.

    Raises:
        RuleBroken: the file cannot be read, or a row is wrong: it is named with what is wrong in it.
    """
    keeping.allow(seat, "site_class")
    try:
        rows = list(sheets.rows(Path(path).expanduser()))
    except BadInput as error:
        raise RuleBroken(error.msgid, field="path", **error.params) from error
    if not rows:
        raise RuleBroken(N_("{name} is empty."), field="path", name=Path(path).name)
    fields = [_field(cell.text) for cell in rows[0][1]]
    if "category" not in fields or not {"name", "code"} & set(fields):
        raise RuleBroken(
            N_("The first row must name the columns: 单位名称 or 统一社会信用代码, and 类别."), field="path"
        )
    with seat.writing():
        for number, cells in rows[1:]:
            told = {
                name: cell.text
                for name, cell in zip(fields, cells, strict=False)
                if name and cell.text.strip()
            }
            if not told:
                continue
            try:
                classify(
                    seat,
                    _site_of(seat, told),
                    category=read_choice(told.get("category", ""), "category", rules.CLASSES),
                    year=year,
                    reasons=_reasons(told.get("reasons", "")),
                    basis=told.get("basis"),
                )
            except RuleBroken as error:
                raise RuleBroken(
                    N_("Row {row}: {why}"), field="path", basis=error.basis, row=number, why=error.text()
                ) from error


def _field(title: str) -> str:
    folded = folded_header(title)
    return next((name for name, words in _COLUMNS.items() if folded in map(folded_header, words)), "")


def _reasons(text: str) -> str:
    parts = [each for each in text.replace("，", ",").replace("、", ",").split(",") if each.strip()]
    return ",".join(dict.fromkeys(read_choice(each, "reasons", rules.SPECIAL) for each in parts))


def _site_of(seat: Seat, told: dict[str, str]) -> str:
    if told.get("code"):
        found = registry.site_by_code(seat, told["code"])
        if found is not None:
            return str(found.id)
    name = tidy_line(told.get("name", "")).strip()
    with seat:
        rows = list(Site.select().where(Site.name == name, Site.voided.is_null()).limit(2)) if name else []
    if len(rows) != 1:
        raise RuleBroken(
            N_("{name}: there are {count} such sites in the register. Give the credit code."),
            field="name",
            name=told.get("code") or name,
            count=len(rows),
        )
    return str(rows[0].id)


def export_classes(seat: Seat, *, path: str) -> None:
    """Write the classes of this year as a CSV file that `import_classes` takes.

    Raises:
        RuleBroken: the file cannot be written.
    """
    year = today(seat).year
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["单位名称", "统一社会信用代码", "类别", "理由", "依据"])
    for row in sorted(queries.classes(seat, year).values(), key=_by_name):
        site = keeping.row_of(seat, "site", row.site or "")
        cells = (
            row.site_name,
            site.code if site is not None else "",
            translate(dict(rules.CLASSES).get(row.category or "", row.category or "")),
            "、".join(
                translate(dict(rules.SPECIAL).get(each, each)) for each in (row.reasons or "").split(",")
            ),
            row.basis,
        )
        writer.writerow([guarded_cell(each or "") for each in cells])
    target = Path(path).expanduser()
    try:
        files.put_out(seat, target / "site-classes.csv" if target.is_dir() else target, _bom(text))
    except BadInput as error:
        raise RuleBroken(error.msgid, field="path", **error.params) from error


def _bom(text: io.StringIO) -> bytes:
    return ("\ufeff" + text.getvalue()).encode()


def _by_name(row: SiteClass) -> tuple[str, str]:
    return row.site_name or "", row.id
