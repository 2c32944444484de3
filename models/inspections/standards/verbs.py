"""Entering the limits of a permit, one by one or from a list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, QingchaError, RuleBroken
from models.inspections.rules import child_id
from models.inspections.standards.tables import PermitLimit
from models.language import N_
from models.law import limit_data
from models.law.choosing import checked_limit
from models.law.readings import family_of
from models.registry import keeping, sheets
from models.registry.imports import ImportReport, RowError
from models.registry.rules import folded_header, guarded_cell, tidy_code, tidy_line
from models.registry.typed import read_day
from models.store.change import Change, put

if TYPE_CHECKING:
    from models.store.seat import Seat

_COLUMNS: dict[str, tuple[str, ...]] = {
    "permit_number": ("排污许可证编号", "许可证编号", "排污许可证", "permit", "permitnumber"),
    "outlet": ("排放口编号", "排放口", "排污口", "排放口名称", "outlet"),
    "medium": ("介质", "类别", "medium"),
    "parameter": ("污染物", "污染物种类", "污染因子", "项目", "监测项目", "parameter"),
    "limit": ("许可排放浓度限值", "许可限值", "许可浓度", "浓度限值", "限值", "limit"),
    "unit_of_limit": ("单位", "限值单位", "unit"),
    "since": ("有效期起", "有效期开始", "起始日期", "生效日期", "from", "since"),
    "until": ("有效期止", "有效期截止", "截止日期", "失效日期", "until"),
    "note": ("备注", "note"),
}
_MEDIA = {
    "water": "water",
    "废水": "water",
    "水": "water",
    "air": "air",
    "废气": "air",
    "气": "air",
    "noise": "noise",
    "噪声": "noise",
}


def add_limit(seat: Seat, site_id: str, **fields: Any) -> str:
    """Enter one limit of a site's permit. The same limit again is corrected, not doubled. Returns its id.

    Args:
        fields: fields of `PermitLimit`; the permit's number is the site's unless given.

    Raises:
        RuleBroken: there is no such site, a field is missing or not possible, or the person may not.
    """
    keeping.allow(seat, "permit_limit")
    with seat.writing():
        site = keeping.standing(seat, "site", site_id)
        values = checked({"permit_number": site.permit_number, **_told(fields)})
        record = _record_id(site_id, values)
        changes = _changes(seat, site, record, values)
        if changes:
            keeping.allow_unit(seat, "permit_limit", site.unit)
            seat.write(*changes)
    return record


def edit_limit(seat: Seat, limit_id: str, **fields: Any) -> None:
    """Correct a limit; its history keeps the old one.

    Raises:
        RuleBroken: as `add_limit`.
    """
    keeping.allow(seat, "permit_limit")
    with seat.writing():
        row = keeping.standing(seat, "permit_limit", limit_id)
        held = {name: getattr(row, name) for name in _COLUMNS}
        values = checked({**held, **fields})
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if changed:
            keeping.change(seat, row, "permit_limit", changed)


def withdraw_limit(seat: Seat, limit_id: str, why: str) -> None:
    """Take a limit back with a reason. Errors as `keeping.withdraw`."""
    keeping.withdraw(seat, "permit_limit", limit_id, why)


def import_limits(seat: Seat, site_id: str, path: Path) -> ImportReport:
    """Take a list of a permit's limits in: all rows, or when any is wrong, none. Again, it adds nothing.

    Raises:
        BadInput: the file cannot be read, or has no columns for pollutant and limit.
        RuleBroken: there is no such site, or the person may not.
    """
    keeping.allow(seat, "permit_limit")
    site = keeping.standing(seat, "site", site_id)
    table = sheets.rows_apart(path)
    if not table:
        raise BadInput(N_("{name} is empty."), name=path.name)
    titles = [cell.text for cell in table[0][1]]
    aliases = {folded_header(alias): name for name, all_ in _COLUMNS.items() for alias in all_}
    fields = [aliases.get(folded_header(title)) if title else None for title in titles]
    if not {"parameter", "limit"} <= set(fields):
        raise BadInput(
            N_(
                "No column of {file} is the pollutant or the limit. The first row must be headers: {headers}."
            ),
            file=path.name,
            headers="排放口编号、污染物、许可限值、单位、有效期起、有效期止",
        )
    errors: list[RowError] = []
    found: dict[str, dict[str, Any]] = {}
    for number, cells in table[1:]:
        row = _row(number, cells, fields, titles, site.permit_number)
        if isinstance(row, RowError):
            errors.append(row)
        else:
            found[_record_id(site_id, row)] = row
    unknown = tuple(title for title, name in zip(titles, fields, strict=True) if title and name is None)
    if errors:
        return ImportReport(len(table) - 1, 0, tuple(errors), unknown)
    with seat.writing():
        keeping.allow_unit(seat, "permit_limit", site.unit)
        changes = [one for record, row in found.items() for one in _changes(seat, site, record, row)]
        if changes:
            seat.write(*changes)
    return ImportReport(len(table) - 1, len(changes), (), unknown)


def _row(
    number: int, cells: list[sheets.Cell], fields: list[str | None], titles: list[str], permit: str | None
) -> dict[str, Any] | RowError:
    told: dict[str, Any] = {"permit_number": permit}
    for name, title, cell in zip(fields, titles, cells, strict=False):
        if name is None or not cell.text:
            continue
        if cell.fault:
            return RowError(number, title, cell.text, cell.fault)
        text = cell.text
        told[name] = text[1:] if text.startswith("'") and guarded_cell(text[1:]) == text else text
    try:
        return checked(told)
    except QingchaError as wrong:
        field = getattr(wrong, "field", "")
        title = titles[fields.index(field)] if field in fields else ""
        return RowError(number, title, str(told.get(field) or ""), wrong.msgid, wrong.params)


def checked(fields: dict[str, Any]) -> dict[str, Any]:
    """A limit's fields as they are kept.

    Raises:
        RuleBroken: naming the field and what to give instead.
    """
    values: dict[str, Any] = {
        name: tidy_line(value) if isinstance(value, str) else value for name, value in fields.items()
    }
    for name in ("permit_number", "parameter", "limit"):
        if not values.get(name):
            raise RuleBroken(N_("Fill this in."), field=name)
    known = limit_data.parameter_named(values["parameter"])
    values["parameter"] = known.name if known is not None else values["parameter"]
    try:
        values["limit"] = checked_limit(values["limit"])
    except BadInput as wrong:
        raise RuleBroken(wrong.msgid, field="limit", **wrong.params) from wrong
    unit = values.get("unit_of_limit") or ""
    if not family_of(unit) or (not unit and values["parameter"] != "pH"):
        raise RuleBroken(
            N_("“{value}” is no unit that can be compared: give one such as mg/L, mg/m3 or dB(A)."),
            field="unit_of_limit",
            value=unit,
        )
    if values.get("medium"):
        medium = _MEDIA.get(values["medium"])
        if medium is None:
            raise RuleBroken(N_("Say what it is a limit of: water, air or noise."), field="medium")
        values["medium"] = medium
    for name in ("since", "until"):
        if values.get(name):
            values[name] = read_day(values[name], name)
    if values.get("since") and values.get("until") and values["until"] < values["since"]:
        raise RuleBroken(N_("It ends before it begins."), field="until")
    return dict(keeping.tidy("permit_limit", {name: value or None for name, value in values.items()}))


def _told(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _record_id(site_id: str, values: dict[str, Any]) -> str:
    """The same limit has the same id on every device: by permit, outlet, pollutant and first day."""
    parts = (
        values["permit_number"],
        values.get("outlet") or "",
        values["parameter"],
        values.get("since") or "",
    )
    return child_id(site_id, "permit_limit", "/".join(tidy_code(str(part)) for part in parts))


def _changes(seat: Seat, site: Any, record: str, values: dict[str, Any]) -> list[Change]:
    held: PermitLimit | None = keeping.row_of(seat, "permit_limit", record)
    if held is None:
        return [put("permit_limit", record, site.unit, **{**values, "site": site.id})]
    changed = {name: value for name, value in values.items() if getattr(held, name) != value}
    if held.voided is not None:
        changed["voided"] = None
    return [put("permit_limit", record, site.unit, **changed)] if changed else []
