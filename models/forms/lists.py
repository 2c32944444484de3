"""The lists that a form looks up in files beside it: CSV, XML and GeoJSON.

ODK XForms, "Secondary Instances - External". Collect looks for them among the form's media; here they lie
in the form's folder.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from models.errors import BadInput
from models.forms import guard
from models.forms.markup import inner_text, local, parse_xml
from models.forms.model import Branch, Item, ItemList
from models.forms.search import files_searched, list_of
from models.forms.tree import ATTRIBUTE
from models.language import N_

LAST_SAVED = "jr://instance/last-saved"
"""The source that is the filling of this form before this one."""
DEEPEST = 30
"""Elements within elements of a list."""
_INSTANCE = re.compile(r"<(?:\w+:)?instance\b([^>]*)>")
_ATTRIBUTE = re.compile(r"""\b(id|src)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def lists_beside(document: str, folder: Path) -> tuple[ItemList, ...]:
    """The lists that an XForm names and that lie in a folder.

    Raises:
        BadInput: one of them is there and cannot be read, or is too large.
    """
    found: list[ItemList] = []
    for match in _INSTANCE.finditer(document):
        named = {key: one or two for key, one, two in _ATTRIBUTE.findall(match[1])}
        source = named.get("src", "")
        path = folder / file_of(source)
        if source and source != LAST_SAVED and file_of(source) and path.is_file():
            found.append(replace(_read(path), name=named.get("id", ""), source=source))
    for source in dict.fromkeys(files_searched(document)):
        path = folder / file_of(source)
        if file_of(source) and path.is_file() and all(each.source != source for each in found):
            found.append(replace(_read(path), name=list_of(source), source=source))
    return tuple(found)


def file_of(source: str) -> str:
    """The file's name in a source such as jr://file-csv/fruits.csv: never a path out of the folder."""
    name = source.rsplit("/", 1)[-1]
    return "" if name in {".", ".."} or "\\" in name or ":" in name or "\x00" in name else name


def item_list(name: str, root: Element) -> ItemList:
    """The list that an element holds: its children are the rows, theirs the columns; else a tree."""
    top, row = local(root.tag), local(root[0].tag) if len(root) else "item"
    if not _is_table(root, row):
        return ItemList(name, root=top, row=row, tree=_branch(root))
    items = (
        Item((*_attributes(each), *((local(column.tag), inner_text(column)) for column in each)))
        for each in root
    )
    return ItemList(name, tuple(items), root=top, row=row)


def _is_table(root: Element, row: str) -> bool:
    """Whether rows of one name hold columns that hold nothing, each once a row."""
    if root.attrib:
        return False
    for each in root:
        names = [local(column.tag) for column in each]
        flat = all(len(column) == 0 and not column.attrib for column in each)
        if local(each.tag) != row or not flat or len(set(names)) < len(names) or not names:
            return False
    return True


def _attributes(element: Element) -> tuple[tuple[str, str], ...]:
    return tuple((ATTRIBUTE + local(name), value) for name, value in element.items())


def _branch(element: Element, depth: int = 0) -> Branch:
    if depth > DEEPEST:
        raise BadInput(N_("A list is nested more than {most} deep."), most=DEEPEST)
    return Branch(
        local(element.tag),
        (element.text or "").strip() if len(element) else inner_text(element),
        _attributes(element),
        tuple(_branch(each, depth + 1) for each in element),
    )


def _read(path: Path) -> ItemList:
    data = guard.read_bytes(path)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        found = ItemList("", tuple(_csv_items(_text(data), path.name)))
    elif suffix == ".geojson":
        found = ItemList("", tuple(_features(data, path.name)))
    elif suffix == ".xml":
        top = parse_xml(data, N_("The list {file} cannot be read: {reason}"), file=path.name)
        guard.check_elements(top, path.name)
        found = item_list("", top)
    else:
        raise BadInput(
            N_("The list {file} is of a kind that forms do not use; give a .csv, .xml or .geojson file."),
            file=path.name,
        )
    guard.check_items(found.items, path.name)
    return found


def _text(data: bytes) -> str:
    """A CSV's text: UTF-8, or the GB 18030 of a Chinese spreadsheet program."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _csv_items(text: str, name: str) -> Iterator[Item]:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
        columns = [column.strip() for column in next(rows, [])]
        for row in rows:
            if any(row):  # a cell that is not there is blank, one without a column is no cell
                cells = [cell.strip() for cell in row[: len(columns)]]
                cells += [""] * (len(columns) - len(cells))
                yield Item(tuple(zip(columns, cells, strict=True)))
    except csv.Error as error:
        raise BadInput(
            N_("The list {file} cannot be read at row {row}: {reason}"),
            file=name,
            row=rows.line_num,
            reason=str(error),
        ) from error


def _delimiter(text: str) -> str:
    """What stands between the cells: the first of comma, semicolon and tab that the header has."""
    header = text.partition("\n")[0]
    return next((mark for mark in ",;\t" if mark in header), ",")


def _features(data: bytes, name: str) -> Iterator[Item]:
    """The features of a GeoJSON collection (RFC 7946): properties, id, and geometry as ODK writes it."""
    try:
        found = json.loads(data)
        if found.get("type") != "FeatureCollection":
            raise TypeError("FeatureCollection")
        features = found["features"]
        for feature in features:
            properties = feature.get("properties") or {}
            columns = {str(key): _plain(value) for key, value in properties.items() if value is not None}
            if feature.get("id") is not None:
                columns["id"] = _plain(feature["id"])
            columns["geometry"] = _geometry(feature.get("geometry") or {})
            yield Item(tuple(columns.items()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(
            N_("The list {file} cannot be read: {reason}"),
            file=name,
            reason=f"{type(error).__name__} {error}",
        ) from error


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _geometry(geometry: Mapping[str, Any]) -> str:
    """Latitude, longitude, altitude, accuracy; semicolons between the points of a line or outer ring."""
    given: Any = geometry.get("coordinates")
    match geometry.get("type"):
        case "Point":
            return _point(given)
        case "LineString":
            return "; ".join(map(_point, given))
        case "Polygon":
            return "; ".join(map(_point, given[0]))
    return ""


def _point(given: Any) -> str:
    longitude, latitude, *more = given
    altitude = more[0] if more else 0
    return f"{_plain(latitude)} {_plain(longitude)} {_plain(altitude)} 0"
