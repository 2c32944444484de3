"""A filled form for other programs: ODK submission XML, JSON, GeoJSON; tables of CSV are in export_csv.py.

The XML is what ODK Collect sends (OpenRosa form submission; ODK XForms, "Instance" and "Metadata"). JSON has
the shape of ODK Central's OData with all repeats expanded. What is not relevant is no part of a submission
(ODK XForms, "Bind Attributes", `relevant`): absent in XML, null in JSON, empty in CSV.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.forms import values
from models.forms.export_csv import csv_bytes, table_names, tables
from models.forms.export_tree import Entry, column_name, key_of, whole
from models.forms.filling import Filling
from models.forms.geometry import accuracies, geometry
from models.forms.model import Field
from models.language import N_

_OPENROSA = "http://openrosa.org/xforms"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_EXACT = 2**53  # beyond it a reader that takes numbers as doubles is off (RFC 8259 §6)

Json = dict[str, Any]


def files(filling: Filling, target: Path, *, bom: bool = False) -> dict[Path, bytes]:
    """What to write where, by the target's suffix: .xml, .json and .geojson are one file, .csv one a table.

    The table of a repeat goes beside that of the form: out.csv, out-points.csv. `bom` marks CSV as UTF-8 for
    Excel.

    Raises:
        BadInput: the suffix is another.
    """
    suffix = target.suffix.lower()
    if suffix not in {".xml", ".csv", ".json", ".geojson"}:
        raise BadInput(
            N_("Answers are written as .xml, .csv, .json or .geojson; “{suffix}” is none of them."),
            suffix=target.suffix,
        )
    root = whole(filling)
    if suffix == ".csv":
        names = table_names(root.field, target.stem)
        return {
            target.with_name(names[path]): csv_bytes(rows, bom=bom) for path, rows in tables(root).items()
        }
    if suffix == ".xml":
        return {target: submission(filling, root).encode()}
    found = nested(root) if suffix == ".json" else features(root)
    return {target: json.dumps(found, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"}


# --- XML ----------------------------------------------------------------------------------------------------


def submission(filling: Filling, root: Entry | None = None, *, orx: bool = False) -> str:
    """The submission document: an element a relevant field, a repeat's once a round, blanks empty.

    Every answer stands as it is kept (several choices with blanks between), a character that XML cannot hold
    as U+FFFD. With `orx` the meta block is in the OpenRosa namespace, for a form that has it there.
    """
    form = filling.form
    spaces = {f"xmlns:{prefix}": uri for prefix, uri in form.namespaces}
    if orx:
        spaces["xmlns:orx"] = _OPENROSA
    named = {"id": form.id, "version": form.version, **spaces}
    root = root or whole(filling)
    written = "".join(f' {name}="{_escaped(text)}"' for name, text in named.items() if text)
    written += _attributes(root)
    inner = "".join(_elements(root, form.root.path + "/meta" if orx else ""))
    name = form.root.name
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{written}>{inner}</{name}>\n'


def _elements(above: Entry, prefixed: str) -> Iterator[str]:
    for entry in above.children:
        if entry.relevant:
            is_meta = prefixed and f"{entry.field.path}/".startswith(prefixed + "/")
            name = f"orx:{entry.field.name}" if is_meta else entry.field.name
            opened = name + _attributes(entry)
            inner = _escaped(entry.text) + "".join(_elements(entry, prefixed))
            yield f"<{opened}>{inner}</{name}>" if inner else f"<{opened}/>"


def _attributes(entry: Entry) -> str:
    """The attributes of an element, blank ones too: they are retained (ODK XForms, "Primary Instance")."""
    return "".join(
        f' {each.field.prefix}{":" * bool(each.field.prefix)}{each.field.name[1:]}="{_escaped(each.text)}"'
        for each in entry.attributes
    )


def _escaped(text: str) -> str:
    """Text for an element or an attribute, such that a parser gives the very same back."""
    text = _NOT_XML.sub("\ufffd", text)
    for character, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, written)
    return text.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")


# --- JSON ---------------------------------------------------------------------------------------------------


def nested(root: Entry) -> Json:
    """The answers as an object: groups within it as objects, repeats as lists, blank and hidden ones null.

    `__id` is the instanceID, and a round's its path under that, as in the KEY column of CSV. A whole or
    decimal number is a JSON number where a double holds exactly it, else text. A place is a GeoJSON
    geometry as in ODK Central's OData; a known accuracy is a foreign member of it (RFC 7946 §6.1).
    """
    key = key_of(root)
    return {"__id": key, **_object(root, root, key)}


def _object(entry: Entry, root: Entry, key: str) -> Json:
    found: Json = {child.name: [] for child in entry.field.children}
    for child in entry.children:
        if child.field.kind == "repeat":
            identity = {"__id": key + child.path[len(root.path) :]}
            found[child.field.name].append({**identity, **_object(child, root, key)})
        elif child.field.kind == "group":
            found[child.field.name] = _object(child, root, key)
        else:
            found[child.field.name] = _value(child.field, child.text) if child.relevant else None
    return found


def _value(field: Field, text: str) -> Json | str | int | float | None:
    place = geometry(field.type, text)
    if place is not None:
        known = accuracies(field.type, text)
        return {**place, "properties": known} if known else place
    return _number(field, text) if text else None


def _number(field: Field, text: str) -> str | int | float:
    if field.type == "int" and values.fits("int", text) and abs(int(text)) <= _MOST_EXACT:
        return int(text)
    if field.type == "decimal" and values.fits("decimal", text):
        number = float(text)
        if abs(number) <= _MOST_EXACT and Decimal(repr(number)) == Decimal(text):
            return number
    return text


# --- GeoJSON ------------------------------------------------------------------------------------------------


def features(root: Entry) -> Json:
    """A FeatureCollection (RFC 7946): one Feature for each place that is answered.

    Its `id` is the path under the instanceID. Its properties are all other answers of its round, of the
    rounds around it and of the form, by their names as in CSV; another place among them is text. Rings run
    counterclockwise.
    """
    return {"type": "FeatureCollection", "features": list(_features(root, root, key_of(root), {}))}


def _features(row: Entry, root: Entry, key: str, around: Mapping[str, Any]) -> Iterator[Json]:
    """The features of a table's row, then of the rounds within it."""
    own = [entry for entry in row.row() if entry.field.kind not in {"repeat", "note"}]
    properties = dict(around)
    for entry in own:
        shown = _number(entry.field, entry.text) if entry.relevant and entry.text else None
        properties[column_name(entry.field, root.field)] = shown
    for entry in own:
        place = geometry(entry.field.type, entry.text, right_handed=True) if entry.relevant else None
        if place is not None:
            name = column_name(entry.field, root.field)
            rest = {other: value for other, value in properties.items() if other != name}
            known = accuracies(entry.field.type, entry.text)
            yield {
                "type": "Feature",
                "id": key + entry.path[len(root.path) :],
                "geometry": place,
                "properties": {**rest, **{f"{name}-{word}": value for word, value in known.items()}},
            }
    for each in row.row():
        if each.field.kind == "repeat":
            yield from _features(each, root, key, properties)
