"""Taking lists in from CSV or XLSX, all or nothing: sites, officers, and by `take_in` any kind of record.

Sites and officers are also given out again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, RuleBroken
from models.language import N_, listed, translate
from models.registry import sheets, verbs
from models.registry import units as facts
from models.registry.rules import folded_header, guarded_cell
from models.registry.tables import Officer, Site
from models.store.change import Change, new_id, put
from models.store.durable import write_whole

if TYPE_CHECKING:
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one cell of a file, and what to do."""

    row: int
    """As the spreadsheet shows it, from 1."""
    column: str
    """The header of the column as the file has it; empty when the whole row is meant."""
    value: str
    msgid: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence in the reader's language."""
        return translate(self.msgid).format(**self.params)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import read, what it wrote, and what was wrong."""

    rows: int
    """Rows read, without the header."""
    written: int
    """Records written: all rows, or none when there were errors and not only the good rows were asked for."""
    errors: tuple[RowError, ...]
    unknown_columns: tuple[str, ...] = ()
    """Headers that nothing is taken from."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of a file become records of one kind."""

    kind: str
    columns: Mapping[str, str]
    """Header, as people write it, to field; "name" must be among the fields."""
    headers: str
    """Headers to name where the file has none (Chinese data)."""
    key: str
    """The field whose column is blamed for a row that stands twice."""
    known: Mapping[str, str]
    """What `identity` gives for the records that there are, with their names."""
    checked: Callable[[dict[str, Any]], dict[str, Any]]
    """The fields as they are kept; raises `RuleBroken` naming the field that is wrong."""
    identity: Callable[[Mapping[str, Any]], str | None] | None = None
    """What two records never share; the value of `key` unless given."""
    owner: str = ""
    """Unit that owns the records; the `unit_code` of each unless given."""


def import_sites(seat: Seat, path: Path, *, only_good_rows: bool = False) -> ImportReport:
    """Take a list of sites in.

    All rows or none, in one write, unless `only_good_rows` is asked for. Rows that stand twice in the file
    or are in the register already are errors that name the other: by their credit code, or, where a place has
    none, by unit, name and address.

    Raises:
        BadInput: the file cannot be read or has no column for the name. RuleBroken: the role may not.
    """
    verbs.allow_site_change(seat)
    with seat:
        shown = (Site.code, Site.name, Site.unit_code, Site.address)
        standing = Site.select(*shown).where(Site.voided.is_null(), Site.name.is_null(False))
        rows: Any = standing.dicts()
        known = {_same_site(row): row["name"] for row in rows}
    plan = Plan(
        "site",
        facts.columns("site"),
        "单位名称、统一社会信用代码、辖区、地址",
        "code",
        known,
        verbs.checked_site,
        _same_site,
    )
    return take_in(seat, path, plan, only_good_rows=only_good_rows)


def _same_site(fields: Mapping[str, Any]) -> str:
    """What two sites never share; also what a row that stands twice is called."""
    place = (facts.label_of(fields.get("unit_code")), fields["name"], fields.get("address"))
    return fields.get("code") or " ".join(each for each in place if each)


def import_officers(seat: Seat, path: Path, *, only_good_rows: bool = False) -> ImportReport:
    """Take a list of officers in; certificate numbers are the key. Otherwise as `import_sites`.

    Raises:
        BadInput: the file cannot be read or has no column for the name. RuleBroken: the role may not.
    """
    with seat:
        standing = Officer.select(Officer.certificate, Officer.name)
        standing = standing.where(Officer.certificate.is_null(False), Officer.voided.is_null())
        pairs: Any = standing.tuples()
        known: dict[str, str] = dict(pairs)

    def checked(values: dict[str, Any]) -> dict[str, Any]:
        values = verbs.checked_officer({"role": "officer", "active": True, **values})
        verbs.allow_officer_change(seat, values["role"])
        return values

    plan = Plan(
        "officer",
        facts.columns("officer"),
        "姓名、执法证号、单位、角色",
        "certificate",
        known,
        checked,
    )
    return take_in(seat, path, plan, only_good_rows=only_good_rows)


def take_in(seat: Seat, path: Path, plan: Plan, *, only_good_rows: bool = False) -> ImportReport:
    """Take a list in as the plan says: all rows or none, in one write, unless `only_good_rows` is asked for.

    Raises:
        BadInput: the file cannot be read or has no column for the name.
    """
    table = sheets.rows(path)
    header = next(table, None)
    if header is None:
        raise BadInput(N_("{name} is empty."), name=path.name)
    titles = [cell.text for cell in header[1]]
    fields = _fields(titles, plan, path.name)
    unknown = tuple(title for title, name in zip(titles, fields, strict=True) if title and name is None)
    changes: list[Change] = []
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    count = 0
    for number, cells in table:
        count += 1
        found = _row(number, cells, titles, fields, {"unit_code": seat.unit}, plan.checked)
        if isinstance(found, RowError):
            errors.append(found)
            continue
        value = plan.identity(found) if plan.identity else found.get(plan.key)
        if value:
            clash = _clash(value, seen, plan.known)
            if clash is not None:
                msgid, params = clash
                title = titles[fields.index(plan.key if found.get(plan.key) else "name")]
                errors.append(RowError(number, title, value, msgid, params))
                continue
            seen[value] = number
        changes.append(put(plan.kind, new_id(), plan.owner or found["unit_code"], **found))
    if not count:
        raise BadInput(N_("{name} has a header but no rows."), name=path.name)
    if errors and not only_good_rows:
        changes = []
    if changes:
        seat.write(*changes)
    return ImportReport(count, len(changes), tuple(errors), unknown)


def _fields(titles: list[str], plan: Plan, name: str) -> list[str | None]:
    """The field of each column, by the known headers.

    Raises:
        BadInput: no column holds the name, or two columns mean the same.
    """
    aliases = {folded_header(alias): field for alias, field in plan.columns.items()}
    fields = [aliases.get(folded_header(title)) if title else None for title in titles]
    if "name" not in fields:
        raise BadInput(
            N_("No column of {file} is the name. The first row must be headers, such as {headers}."),
            file=name,
            headers=plan.headers,
        )
    for each in fields:
        if each is not None and fields.count(each) > 1:
            same = [title for title, name in zip(titles, fields, strict=True) if name == each]
            raise BadInput(
                N_("The columns {columns} of {file} mean the same. Keep one of them."),
                columns=listed(same),
                file=name,
            )
    return fields


def _row(
    number: int,
    cells: list[sheets.Cell],
    titles: list[str],
    fields: list[str | None],
    defaults: dict[str, Any],
    checked: Callable[[dict[str, Any]], dict[str, Any]],
) -> dict[str, Any] | RowError:
    values = dict(defaults)
    for title, field_name, cell in zip(titles, fields, cells, strict=False):
        if field_name is None or not cell.text:
            continue
        if cell.fault:
            return RowError(number, title, cell.text, cell.fault)
        text = cell.text
        if text.startswith("'") and guarded_cell(text[1:]) == text:
            text = text[1:]  # the guard of an earlier export
        values[field_name] = text
    try:
        return checked({"name": "", **values})
    except RuleBroken as error:
        title = titles[fields.index(error.field)] if error.field in fields else ""
        return RowError(number, title, str(values.get(error.field, "")), error.msgid, error.params)


def _clash(value: str, seen: dict[str, int], known: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    if value in seen:
        return N_("{value} stands in row {row} already. Keep one of the two rows."), {
            "value": value,
            "row": seen[value],
        }
    if value in known:
        return N_("{value} is in the register already: {name}. Correct it there and take the row out."), {
            "value": value,
            "name": known[value],
        }
    return None


def export_sites(seat: Seat, path: Path) -> int:
    """Write the register of sites as CSV that opens in spreadsheet programs. Returns the number of sites."""
    with seat:
        rows = list(Site.select().where(Site.voided.is_null()).order_by(Site.unit_code, Site.name, Site.id))
    return _export(path, "site", verbs.SITE_FIELDS, rows)


def export_officers(seat: Seat, path: Path) -> int:
    """Write the register of officers as CSV. Returns the number of officers."""
    with seat:
        rows = list(
            Officer.select().where(Officer.voided.is_null()).order_by(Officer.unit_code, Officer.name)
        )
    names = ("name", "certificate", "unit_code", "role", "phone", "certificate_until")
    return _export(path, "officer", names, rows)


def _export(path: Path, kind: str, names: Iterable[str], rows: list[Any]) -> int:
    names = tuple(names)
    titles = {field: alias for alias, field in reversed(facts.columns(kind).items()) if not alias.isascii()}
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([titles[name] for name in names])
    for row in rows:
        writer.writerow([guarded_cell(getattr(row, name) or "") for name in names])
    write_whole(path, text.getvalue().encode("utf-8-sig"))
    return len(rows)
