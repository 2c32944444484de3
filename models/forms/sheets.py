"""An XLSForm's sheets as their author wrote them, put right before pyxform sees them."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

_STAND_IN = re.compile(r'<instance id="\$\{[^"]*\}">.*?</instance>', re.DOTALL)
SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")
_WIDE = str.maketrans("＄｛｝", "${}")
_PLAIN = {
    *("type", "name", "list_name", "list name", "appearance", "parameters"),
    *("default_language", "form_id", "id_string"),
}
"""Columns that hold no words of people."""
_EXTERNAL = "select_one_external"
_FROM_REPEAT = re.compile(r"\s*(?:select[ _]multiple|select all that apply(?: from)?)\s+(\$\{[^{}\s]+\})")


def straighten(book: Any) -> None:
    """Full-width letters and marks in headers, types and `${names}` become the ASCII ones that are meant.

    `select_one_external` becomes a plain select: its lists are searched as quickly here.
    """
    for name in SHEETS:
        rows: Sequence[dict[str, Any]] | None = getattr(book, name)
        if rows is None:
            continue
        setattr(book, name, [{_plain(key): _cell(key, value) for key, value in row.items()} for row in rows])
        headers = getattr(book, name + "_header")
        if headers:
            setattr(book, name + "_header", [{_plain(key): value for key, value in headers[0].items()}])
    _take_in_external(book)
    _stand_in_for_repeats(book)


def without_stand_ins(xform: str) -> str:
    """The XForm without the lists that `straighten` put into the choices."""
    return _STAND_IN.sub("", xform)


def survey_rows(book: Any) -> dict[str, int]:
    """Where each question, group and repeat stands in the survey sheet: path below the root to row."""
    found: dict[str, int] = {}
    around: list[str] = []
    for row, number in _numbered(book.survey):
        kind = " ".join(str(row.get("type", "")).replace("_", " ").split()).lower()
        name = str(row.get("name", "")).strip()
        if kind in {"end group", "end repeat", "end loop"}:
            del around[-1:]
            continue
        if name:
            found.setdefault("/".join([*around, name]), number)
        if kind in {"begin group", "begin repeat", "begin loop"}:
            around.append(name)
    return found


def entity_rows(book: Any) -> dict[str, int]:
    """Where each list stands in the entities sheet, by its name."""
    named = ("list_name", "list name", "dataset")
    return {
        str(row[key]).strip(): number
        for row, number in _numbered(book.entities or ())
        for key in named
        if key in row
    }


def odd_columns(book: Any) -> tuple[tuple[str, str], ...]:
    """Columns of the survey sheet that nothing reads and that look like one that is: as written, as meant."""
    found = []
    for header in (book.survey_header or [{}])[0]:
        name, _mark, rest = header.partition("::")
        plain = name.strip().lower().replace(" ", "_")
        if plain in _COLUMNS or plain in _GROUPS or (not rest and ":" in plain):
            continue
        meant = get_close_matches(plain, [*_COLUMNS, *_GROUPS], 1, 0.8)
        if meant:
            found.append((header.strip(), meant[0]))
    return tuple(found)


_READ = (
    "type name label hint guidance_hint image big-image audio video relevant relevance required "
    "required_message requiredmsg constraint constraint_message constraining_message calculation calculate "
    "default appearance parameters choice_filter repeat_count count trigger read_only readonly save_to "
    "autoplay rows command tag value caption compact_tag disabled query intent no_app_error_string "
    "noapperrorstring sms_field sms_option sms_separator sms_allow_media sms_date_format sms_datetime_format "
    "sms_response jr:count"
)
_COLUMNS = frozenset(_READ.split())
"""What pyxform reads of a survey sheet (XLSForm, "Reference table"; its aliases)."""
_GROUPS = frozenset({"media", "bind", "body", "instance", "control"})
"""Begin names of columns with :: in them."""


def unnamed_prefix(book: Any) -> str:
    """A column of the survey sheet whose prefix the settings name no namespace of; empty where none is."""
    rows = [{key.strip().lower(): value for key, value in row.items()} for row in book.settings or ()]
    named = {match for row in rows for match in _NAMESPACE.findall(str(row.get("namespaces", "")))}
    for header in (book.survey_header or [{}])[0]:
        match = _PREFIXED.match(header.strip())
        if match and match[1] not in named | _PREFIXES:
            return str(header.strip())
    return ""


_NAMESPACE = re.compile(r"([\w.-]+)\s*=")
_PREFIXED = re.compile(r"(?:bind|instance|body|control)::([\w.-]+):", re.IGNORECASE)
_PREFIXES = frozenset({"jr", "orx", "odk", "ev", "xsd", "h", "entities", "xml"})
"""Those that every XForm of pyxform declares."""


def row_of(book: Any, column: str, value: str, sheet: str = "survey", *, within: bool = False) -> int:
    """The number of the first row of a sheet with that value, or holding it; 0 where there is none."""
    for row, number in _numbered(getattr(book, sheet, None) or ()):
        cell = str(row.get(column, "")).strip()
        if cell == value or (within and value and value in cell):
            return number
    return 0


def has_column(book: Any, sheet: str, column: str) -> bool:
    """Whether a sheet has a column, its name written with _ or a blank."""
    headers = (getattr(book, sheet + "_header", None) or [{}])[0]
    return any(key.strip().lower().replace(" ", "_") == column for key in headers)


def sheet_with_twice(data: bytes, suffix: str, column: str) -> str:
    """The sheet whose header names a column twice; empty where none does, or it cannot be told."""
    headers = _headers_of_markdown(data) if suffix == ".md" else _headers_of_workbook(data)
    return next((sheet for sheet, names in headers if names.count(column) > 1), "")


def _headers_of_markdown(data: bytes) -> Iterator[tuple[str, list[str]]]:
    sheet = ""
    for line in data.decode("utf-8-sig", "replace").splitlines():
        first, *cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if first:
            sheet = first
        elif sheet and cells:
            yield sheet, cells
            sheet = ""


def _headers_of_workbook(data: bytes) -> Iterator[tuple[str, list[str]]]:
    from openpyxl import load_workbook  # loaded by pyxform already, when this is asked

    book = load_workbook(io.BytesIO(data), read_only=True)
    for sheet in book.worksheets:
        row = next(iter(sheet.iter_rows(max_row=1, values_only=True)), ())
        yield sheet.title, [str(cell).strip() for cell in row if cell is not None]


def first_select(book: Any) -> int:
    """The number of the first survey row that needs a list; 0 where there is none."""
    for row, number in _numbered(book.survey or ()):
        if str(row.get("type", "")).startswith(("select", "rank")):
            return number
    return 0


def _numbered(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[dict[str, Any], int]]:
    """Rows with their headers in lower case, counted as a spreadsheet counts them: below the header."""
    for number, row in enumerate(rows, 2):
        yield {key.strip().lower(): value for key, value in row.items()}, number


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).strip()


def _cell(column: str, value: Any) -> Any:
    if not isinstance(value, str) or value.isascii():
        return value
    column = _plain(column)
    if column in _PLAIN:
        return _plain(value)
    if "label" in column or "hint" in column or "message" in column:
        return value
    return value.translate(_WIDE)


def _take_in_external(book: Any) -> None:
    if book.external_choices is None:
        return
    book.choices = [*(book.choices or ()), *book.external_choices]
    headers = {**dict.fromkeys((book.choices_header or [{}])[0]), **book.external_choices_header[0]}
    book.choices_header = [headers]
    book.external_choices = book.external_choices_header = None
    for row in book.survey or ():
        kind = row.get("type")
        if isinstance(kind, str) and kind.strip().startswith(_EXTERNAL):
            row["type"] = kind.strip().replace(_EXTERNAL, "select_one", 1)


def _stand_in_for_repeats(book: Any) -> None:
    """A list of one choice for each `select_multiple ${question}`.

    pyxform (4.5) looks up the list of every select_multiple, also of one whose choices come from a repeat.
    """
    found = {
        match[1]: None for row in book.survey or () if (match := _FROM_REPEAT.match(str(row.get("type", ""))))
    }
    if not found:
        return
    columns = {"list_name": None, "name": None, "label": None}
    have = {key.strip().lower().replace(" ", "_"): key for key in (book.choices_header or [{}])[0]}
    named = [have.get(column, column) for column in columns]
    book.choices_header = [{**(book.choices_header or [{}])[0], **dict.fromkeys(named)}]
    book.choices = [
        *(book.choices or ()),
        *(dict(zip(named, (name, "stand-in", "stand-in"), strict=True)) for name in found),
    ]
